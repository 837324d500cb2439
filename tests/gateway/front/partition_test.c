#include "gateway/front/body/body.h"
#include "gateway/front/guard.h"

#include "tests/auth/check.h"

#define HEAD_START                                                                                                     \
    "POST /v1/streams/clicks/record HTTP/1.1\r\nHost: a\r\nX-User: u\r\nX-User: v\r\nX-Empty:\r\nContent-Type: "
#define RAW     SPAN(HEAD_START "text/plain\r\n\r\n")
#define MEMBERS SPAN(HEAD_START "application/vnd.kinesis.v1+json; charset=utf-8\r\n\r\n")

/* As much of a ticket as a parser sees, with the room that the road takes for it. */
struct bench {
    struct ticket ticket;
    struct exchange exchange;
    struct front front;
    struct random random;
    struct stream_row stream;
};

static void bench_init(struct bench *b, struct span head, struct span query, struct span body,
                       struct partition_rule rule)
{
    *b = (struct bench){
        .stream = {
            .put = {.name = SPAN("clicks"), .stream_name = SPAN("clicks"), .record_bytes_max = RECORD_BYTES_DEFAULT},
            .partition = rule}};
    b->front.random = &b->random;
    b->exchange.body = body;
    b->ticket.front = &b->front;
    b->ticket.exchange = &b->exchange;
    b->ticket.stream = &b->stream;
    random_seed(&b->random, 1);
    assert_int_equal(guard_read(head, 16384, &b->exchange.head), GUARD_OK);
    assert_true(address_parse(SPAN("192.0.2.7"), &b->ticket.client));
    buf_init(&b->ticket.scratch, SIZE_MAX / 2);
    if (query.len + body.len != 0)
        assert_true(buf_reserve(&b->ticket.scratch, SCRATCH_BYTES(query.len + body.len)));
    assert_int_equal(query_parse(query, &b->ticket.scratch, &b->ticket.query).row, FAILURE_NONE);
}

#define RULE_JSON(pointer)                                                                                             \
    {                                                                                                                  \
        PARTITION_JSON, SPAN(pointer), true                                                                            \
    }

static const struct {
    const char *what;
    struct span head;
    const char *query, *body;
    struct partition_rule rule;
    const char *want; /* NULL: refused */
} rows[] = {
    {"the caller's own", RAW, "partitionKey=k", "x", {PARTITION_CLIENT_IP, SPAN(""), true}, "k"},
    {"a JSON string", RAW, "", "{\"user\":{\"id\":\"u1\"}}", RULE_JSON("/user/id"), "u1"},
    {"a JSON string, decoded", RAW, "", "{\"id\":\"a\\n\\u00e9\\/\"}", RULE_JSON("/id"), "a\n\303\251/"},
    {"a JSON number, by its text", RAW, "", "{\"id\":1.50e+2}", RULE_JSON("/id"), "1.50e+2"},
    {"a JSON boolean", RAW, "", "{\"id\":false}", RULE_JSON("/id"), "false"},
    {"the document itself", RAW, "", "7", RULE_JSON(""), "7"},
    {"a JSON null misses", RAW, "", "{\"id\":null}", RULE_JSON("/id"), NULL},
    {"a JSON object misses", RAW, "", "{\"id\":{}}", RULE_JSON("/id"), NULL},
    {"a JSON array misses", RAW, "", "{\"id\":[1]}", RULE_JSON("/id"), NULL},
    {"an empty string misses", RAW, "", "{\"id\":\"\"}", RULE_JSON("/id"), NULL},
    {"no such member", RAW, "", "{\"a\":1}", RULE_JSON("/id"), NULL},
    {"a body that is no JSON", RAW, "", "id=7", RULE_JSON("/id"), NULL},
    {"a body that is cut", RAW, "", "{\"id\":\"u1\"", RULE_JSON("/id"), NULL},
    {"no body", RAW, "", "", RULE_JSON("/id"), NULL},
    {"JSON within base64", MEMBERS, "", "{\"Data\":\"eyJpZCI6ImEifQ==\"}", RULE_JSON("/id"), "a"},
    {"JSON within base64, decoded", MEMBERS, "", "{\"Data\":\"eyJpZCI6ImFcbmIifQ==\"}", RULE_JSON("/id"), "a\nb"},
    {"base64 of something else", MEMBERS, "", "{\"Data\":\"AAAA\"}", RULE_JSON("/id"), NULL},
    {"a member before the rule", MEMBERS, "", "{\"Data\":\"AAAA\",\"PartitionKey\":\"m\"}", RULE_JSON("/id"), "m"},
    {"the first header of its name", RAW, "", "x", {PARTITION_HEADER, SPAN("x-user"), true}, "u"},
    {"an empty header misses", RAW, "", "x", {PARTITION_HEADER, SPAN("x-empty"), true}, NULL},
    {"no such header", RAW, "", "x", {PARTITION_HEADER, SPAN("x-other"), true}, NULL},
    {"a query parameter", RAW, "a=1&user=u+%31", "x", {PARTITION_QUERY, SPAN("user"), true}, "u 1"},
    {"no such query parameter", RAW, "a=1", "x", {PARTITION_QUERY, SPAN("user"), true}, NULL},
    {"the caller's address", RAW, "", "x", {PARTITION_CLIENT_IP, SPAN(""), true}, "192.0.2.7"},
};

static void a_key_comes_from_where_the_rule_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct bench b;
        bench_init(&b, rows[i].head, span_str(rows[i].query), span_str(rows[i].body), rows[i].rule);
        struct failure f = body_parse_record(&b.ticket);
        check(f.row == (rows[i].want != NULL ? FAILURE_NONE : FAILURE_ARGUMENT), "%s", rows[i].what);
        check(rows[i].want == NULL || span_is(b.ticket.put.record.partition_key, rows[i].want), "%s", rows[i].what);
        buf_clear(&b.ticket.scratch);
    }
}

static void what_is_found_must_be_a_partition_key(void **state)
{
    struct buf body;
    struct bench b;

    (void)state;
    for (size_t len = 250; len < 260; len++) {
        buf_init(&body, 4096);
        buf_append(&body, SPAN("{\"id\":\""));
        for (size_t i = 0; i < len; i++)
            buf_append_char(&body, 'x');
        buf_append(&body, SPAN("\"}"));
        bench_init(&b, RAW, SPAN(""), buf_span(&body), (struct partition_rule){PARTITION_JSON, SPAN("/id"), false});
        check((body_parse_record(&b.ticket).row == FAILURE_NONE) == (len <= 256), "%zu characters", len);
        buf_clear(&b.ticket.scratch);
        buf_clear(&body);
    }
}

static int find_again(struct bench *b)
{
    struct ticket *t = &b->ticket;

    return (int)ticket_find_partition_key(t, &t->put.record, t->partition_key, &t->scratch).row;
}

static void chance_is_what_remains_and_differs_each_time(void **state)
{
    static const struct partition_rule rules[] = {{PARTITION_RANDOM, SPAN(""), false},
                                                  {PARTITION_RANDOM, SPAN(""), true},
                                                  {PARTITION_JSON, SPAN("/id"), false},
                                                  {PARTITION_QUERY, SPAN("u"), false},
                                                  {PARTITION_HEADER, SPAN("x-empty"), false}};
    struct bench b;

    (void)state;
    for (size_t i = 0; i < LEN(rules); i++) {
        char first[16];
        bench_init(&b, RAW, SPAN(""), SPAN("x"), rules[i]);
        assert_int_equal(body_parse_record(&b.ticket).row, FAILURE_NONE);
        assert_int_equal(b.ticket.put.record.partition_key.len, sizeof(first));
        memcpy(first, b.ticket.put.record.partition_key.ptr, sizeof(first));
        assert_int_equal(find_again(&b), FAILURE_NONE);
        assert_memory_not_equal(first, b.ticket.put.record.partition_key.ptr, sizeof(first));
        buf_clear(&b.ticket.scratch);
    }
}

/* PutRecord's members with Data of {"a":"???","id":"\n…"}, its first '/' written as "\/", as many encoders do. */
static struct buf members_with_escapes(size_t id_len, struct buf *data)
{
    struct buf text, body;

    buf_init(&text, 4096);
    buf_init(data, 4096);
    buf_init(&body, 8192);
    buf_append(&text, SPAN("{\"a\":\"???\",\"id\":\"\\n"));
    for (size_t i = 1; i < id_len; i++)
        buf_append_char(&text, 'x');
    buf_append(&text, SPAN("\"}"));
    buf_append_base64(data, buf_span(&text));
    struct span rest, start = span_cut(buf_span(data), '/', &rest);
    buf_append(&body, SPAN("{\"Data\":\""));
    buf_append(&body, start);
    buf_append(&body, SPAN("\\/"));
    buf_append(&body, rest);
    buf_append(&body, SPAN("\"}"));
    buf_clear(&text);
    return body;
}

static void what_was_decoded_before_stays_where_it_is(void **state)
{
    (void)state;
    for (size_t id_len = 1; id_len <= 256; id_len++) {
        struct bench b;
        struct buf data, body = members_with_escapes(id_len, &data);
        bench_init(&b, MEMBERS, SPAN(""), buf_span(&body), (struct partition_rule)RULE_JSON("/id"));
        const char *before = b.ticket.scratch.ptr;
        assert_int_equal(body_parse_record(&b.ticket).row, FAILURE_NONE);
        check(b.ticket.scratch.ptr == before, "a key of %zu characters in a body of %zu bytes moves nothing", id_len,
              body.len);
        check(b.ticket.put.record.partition_key.len == id_len, "a key of %zu characters", id_len);
        check(span_equal(b.ticket.put.record.data, buf_span(&data)), "and its Data");
        buf_clear(&b.ticket.scratch);
        buf_clear(&data);
        buf_clear(&body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_comes_from_where_the_rule_says),
        cmocka_unit_test(what_is_found_must_be_a_partition_key),
        cmocka_unit_test(chance_is_what_remains_and_differs_each_time),
        cmocka_unit_test(what_was_decoded_before_stays_where_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
