/* What stands round a record: as JSON that every reader takes, in the order of its contract. */
#include "gateway/front/envelope.h"

#include "tests/auth/check.h"
#include "tests/lib/failing_memory.h"
#include "tests/lib/fake_exchange.h"

#include <stdio.h>

#include <jansson.h>

#define MIB 1048576

static struct envelope_inputs inputs_of(const struct fake_exchange *e)
{
    return (struct envelope_inputs){
        .id = SPAN("id-1"),
        .request_id = SPAN("request-1"),
        .path = SPAN("/v1/streams/orders/record"),
        .content_type = SPAN("text/plain"),
        .headers = SPAN("user-agent,x-event"),
        .received_unix_ms = 1893553445678,
        .has_client = true,
        .client = address_from_ipv4((const uint8_t[]){192, 0, 2, 7}),
        .head = &e->exchange.head,
    };
}

static struct envelope_inputs begin(struct fake_exchange **e, const char *fields)
{
    *e = fake_request("POST /", fields, SPAN(""));
    return inputs_of(*e);
}

static void end(struct fake_exchange *e, struct envelope **envelope)
{
    envelope_free(envelope);
    fake_exchange_gone(e);
    fake_exchange_free(e);
}

static json_t *opened(const struct record *r)
{
    json_error_t error;
    json_t *json = json_loadb(r->data.ptr, r->data.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

    check(json != NULL, "%s in %.*s", error.text, (int)r->data.len, r->data.ptr);
    return json;
}

static struct record record_of(struct span data)
{
    return (struct record){.data = data, .data_bytes = data.len, .partition_key = SPAN("k")};
}

static struct failure wrap_in(struct envelope *e, size_t slice, size_t index, uint64_t bytes_max, struct record *r)
{
    struct failure f;
    size_t budget = slice;

    while (!envelope_wrap(e, index, bytes_max, &budget, r, &f))
        budget = slice;
    return f;
}

static struct failure wrap(struct envelope *e, size_t index, uint64_t bytes_max, struct record *r)
{
    return wrap_in(e, SIZE_MAX, index, bytes_max, r);
}

static void it_says_where_the_record_came_from(void **state)
{
    struct fake_exchange *e;
    struct envelope_inputs in = begin(&e, "User-Agent: a \"b\"\r\nX-Event: 1\r\nx-event: 2\r\nCookie: no\r\n");
    struct envelope *envelope = envelope_new(&in);
    struct record r = record_of(SPAN("hello\n"));

    (void)state;
    assert_int_equal(wrap(envelope, 0, MIB, &r).row, FAILURE_NONE);
    assert_true(span_is(r.data,
                        "{\"id\":\"id-1\",\"received_at\":\"2030-01-02T03:04:05.678Z\",\"request_id\":\"request-1\","
                        "\"remote_ip\":\"192.0.2.7\",\"method\":\"POST\",\"path\":\"/v1/streams/orders/record\","
                        "\"query\":\"\",\"content_type\":\"text/plain\",\"headers\":{\"user-agent\":\"a \\\"b\\\"\","
                        "\"x-event\":\"1, 2\"},\"body\":\"hello\\n\"}"));
    assert_true(r.data_bytes == r.data.len && !r.data_is_base64);
    assert_true(span_equal(envelope_data(envelope), r.data) && envelope_data(NULL).len == 0);
    end(e, &envelope);
}

static void the_query_has_no_credentials(void **state)
{
    static const struct {
        const char *query, *want;
    } rows[] = {
        {"", ""},
        {"a=1&key=secret&b=2", "a=1&b=2"},
        {"key=secret", ""},
        {"k%65y=secret&a", "a"},
        {"a=key&keys=1", "a=key&keys=1"},
        {"access_token=secret&&a=%zz", "a=%zz"},
        {"%zz=secret&a=1", "a=1"},
        {"a=\xff", "a=\xc3\xbf"},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct fake_exchange *e;
        struct envelope_inputs in = begin(&e, "");
        in.query = span_str(rows[i].query);
        in.content_type = SPAN("");
        struct envelope *envelope = envelope_new(&in);
        struct record r = record_of(SPAN(""));
        assert_int_equal(wrap(envelope, 0, MIB, &r).row, FAILURE_NONE);
        json_t *json = opened(&r);
        check(strcmp(json_string_value(json_object_get(json, "query")), rows[i].want) == 0, "%s", rows[i].query);
        assert_true(json_is_null(json_object_get(json, "content_type")));
        assert_int_equal(json_object_size(json_object_get(json, "headers")), 0);
        json_decref(json);
        end(e, &envelope);
    }
}

static void a_body_is_text_or_bytes(void **state)
{
    static const struct {
        struct span data;
        bool is_base64;
        const char *text, *base64;
    } rows[] = {
        {SPAN(""), false, "", NULL},
        {SPAN("\xc3\xa9\t"), false, "\xc3\xa9\t", NULL},
        {SPAN("\xff"), false, NULL, "/w=="},
        {SPAN("aGk="), true, "hi", NULL},
        {SPAN(""), true, "", NULL},
        {SPAN("/w=="), true, NULL, "/w=="},
        {SPAN("ab\xc3"), false, NULL, "YWLD"},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct fake_exchange *e;
        struct envelope_inputs in = begin(&e, "");
        struct envelope *envelope = envelope_new(&in);
        struct record r = record_of(rows[i].data);
        r.data_is_base64 = rows[i].is_base64;
        assert_int_equal(wrap(envelope, 0, MIB, &r).row, FAILURE_NONE);
        json_t *json = opened(&r);
        const char *text = json_string_value(json_object_get(json, "body"));
        const char *base64 = json_string_value(json_object_get(json, "body_base64"));
        check(span_equal(span_str(text), span_str(rows[i].text)) && (text == NULL) == (rows[i].text == NULL), "row %zu",
              i);
        check(span_equal(span_str(base64), span_str(rows[i].base64)) && (base64 == NULL) == (rows[i].base64 == NULL),
              "row %zu", i);
        json_decref(json);
        end(e, &envelope);
    }
}

static void a_batchs_records_have_ids_of_their_own(void **state)
{
    struct fake_exchange *e;
    struct envelope_inputs in = begin(&e, "");

    (void)state;
    in.is_batch = true;
    in.id = SPAN("a\"b");
    struct envelope *envelope = envelope_new(&in);
    for (size_t i = 9; i != 11; i++) {
        char want[32];
        struct record r = record_of(SPAN("x"));
        assert_int_equal(wrap(envelope, i, MIB, &r).row, FAILURE_NONE);
        json_t *json = opened(&r);
        snprintf(want, sizeof(want), "a\"b.%zu", i);
        assert_string_equal(json_string_value(json_object_get(json, "id")), want);
        json_decref(json);
    }
    end(e, &envelope);
}

static void the_whole_and_the_key_must_fit(void **state)
{
    struct fake_exchange *e;
    struct envelope_inputs in = begin(&e, "");
    struct envelope *envelope = envelope_new(&in);
    struct record r = record_of(SPAN("\"\x01"));

    (void)state;
    assert_int_equal(wrap(envelope, 0, MIB, &r).row, FAILURE_NONE);
    uint64_t bytes = r.data_bytes + 1;
    for (uint64_t max = bytes - 1; max <= bytes; max++) {
        r = record_of(SPAN("\"\x01"));
        struct failure f = wrap(envelope, 0, max, &r);
        assert_int_equal(f.row, max == bytes ? FAILURE_NONE : FAILURE_RECORD_TOO_LARGE);
        if (max < bytes)
            assert_true(f.bytes == bytes && f.bytes_max == max && r.data_bytes == 2);
    }
    end(e, &envelope);
}

static void slices_are_the_whole(void **state)
{
    static const struct {
        struct span data;
        bool is_base64;
    } rows[] = {
        {SPAN(""), false},
        {SPAN("a\xc3\xa9\xe2\x82\xac\"\n\x01\xf0\x9f\x98\x80z\xc3\xa9\xc3\xa9\xc3\xa9"), false},
        {SPAN("aaaaaaaaaaaaaaaaaaaaaaaaaaaa\xff"), false},
        {SPAN("\x80\x80\x80\x80\x80\x80\x80"), false},
        {SPAN("aaaaaaa\xf0\x9f\x98"), false},
        {SPAN("/////////////w=="), true},
        {SPAN("4oKs4oKs4oKs4oKs4oKs4oKsYQ=="), true},
    };
    struct fake_exchange *e;
    struct envelope_inputs in = begin(&e, "");
    struct envelope *whole = envelope_new(&in), *sliced = envelope_new(&in);

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++)
        for (size_t slice = 1; slice != 20; slice++) {
            struct record r = record_of(rows[i].data), s = r;
            r.data_is_base64 = s.data_is_base64 = rows[i].is_base64;
            assert_int_equal(wrap(whole, 0, MIB, &r).row, FAILURE_NONE);
            assert_int_equal(wrap_in(sliced, slice, 0, MIB, &s).row, FAILURE_NONE);
            check(span_equal(r.data, s.data), "row %zu in slices of %zu: %.*s", i, slice, (int)s.data.len, s.data.ptr);
        }
    envelope_free(&whole);
    end(e, &sliced);
}

/* Also of what is copied: a thousand tiny records behind one long head are no tiny batch. */
static void what_is_read_and_copied_is_charged(void **state)
{
    static char text[MIB], query[32768];
    struct fake_exchange *e;
    struct envelope_inputs in = begin(&e, "");
    struct record r = record_of(span_of(text, sizeof(text)));
    size_t budget = 65536, calls = 1;
    struct failure f;

    (void)state;
    memset(text, 'a', sizeof(text));
    memset(query, 'q', sizeof(query));
    in.query = span_of(query, sizeof(query));
    struct envelope *envelope = envelope_new(&in);
    for (; !envelope_wrap(envelope, 0, 2 * MIB, &budget, &r, &f); calls++) {
        assert_int_equal(budget, 0);
        budget = 65536;
    }
    assert_in_range(calls, 2 * MIB / 65536, 2 * MIB / 65536 + 2);
    r = record_of(SPAN("x"));
    budget = 65536;
    assert_true(envelope_wrap(envelope, 0, MIB, &budget, &r, &f));
    assert_in_range(65536 - budget, 2048, 2100);
    end(e, &envelope);
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    for (unsigned nth = 1, failed = 1; failed; nth++) {
        struct fake_exchange *e;
        struct envelope_inputs in = begin(&e, "User-Agent: \xff\r\n");
        struct record r = record_of(SPAN("aGk="));
        in.query = SPAN("a=1&key=2");
        r.data_is_base64 = true;
        failing_memory_begin(nth);
        struct envelope *envelope = envelope_new(&in);
        struct failure f = {.row = FAILURE_OVERLOADED};
        if (envelope != NULL)
            f = wrap(envelope, 0, MIB, &r);
        failed = failing_memory_end();
        assert_int_equal(f.row, failed ? FAILURE_OVERLOADED : FAILURE_NONE);
        end(e, &envelope);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_where_the_record_came_from),
        cmocka_unit_test(the_query_has_no_credentials),
        cmocka_unit_test(a_body_is_text_or_bytes),
        cmocka_unit_test(a_batchs_records_have_ids_of_their_own),
        cmocka_unit_test(the_whole_and_the_key_must_fit),
        cmocka_unit_test(slices_are_the_whole),
        cmocka_unit_test(what_is_read_and_copied_is_charged),
        cmocka_unit_test(without_memory_it_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
