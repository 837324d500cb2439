#include "gateway/kinesis/put_encode.h"

#include "tests/auth/check.h"

#include <jansson.h>

#define ARN          "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks"
#define RECORDS_MAX  500
#define HASH_KEY_MAX "340282366920938463463374607431768211455"

static const struct stream_conf by_name = {.name = SPAN("clicks"), .stream_name = SPAN("clicks-prod")};
static const struct stream_conf by_arn = {.name = SPAN("clicks"), .stream_arn = SPAN(ARN)};

static void encode(const struct stream_conf *stream, const struct record *records, size_t len, struct buf *out)
{
    put_encode_begin(stream, out);
    for (size_t i = 0; i < len; i++)
        put_encode_next(&records[i], out);
    put_encode_end(out);
}

static void bodies_are_exactly_these(void **state)
{
    static const struct {
        const char *what;
        const struct stream_conf *stream;
        struct record records[3];
        size_t len;
        const char *want;
    } rows[] = {
        {"one by name",
         &by_name,
         {{.data = SPAN("hello"), .partition_key = SPAN("k")}},
         1,
         "{\"StreamName\":\"clicks-prod\",\"Records\":[{\"PartitionKey\":\"k\",\"Data\":\"aGVsbG8=\"}]}"},
        {"by ARN, and never by both",
         &by_arn,
         {{.data = SPAN("hello"), .partition_key = SPAN("k")}},
         1,
         "{\"StreamARN\":\"" ARN "\",\"Records\":[{\"PartitionKey\":\"k\",\"Data\":\"aGVsbG8=\"}]}"},
        {"some in their order, bytes or base64, with a hash key, and without what orders PutRecord",
         &by_name,
         {{.data = SPAN("x"), .partition_key = SPAN("["), .sequence_number_for_ordering = SPAN("1")},
          {.data = SPAN("AA+/"), .data_is_base64 = true, .data_bytes = 3, .partition_key = SPAN("\"\\\n\001\303\251/")},
          {.data = SPAN(""), .partition_key = SPAN("c"), .explicit_hash_key = SPAN(HASH_KEY_MAX)}},
         3,
         "{\"StreamName\":\"clicks-prod\",\"Records\":[{\"PartitionKey\":\"[\",\"Data\":\"eA==\"},"
         "{\"PartitionKey\":\"\\\"\\\\\\n\\u0001\303\251/\",\"Data\":\"AA+/\"},"
         "{\"PartitionKey\":\"c\",\"ExplicitHashKey\":\"" HASH_KEY_MAX "\",\"Data\":\"\"}]}"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct buf out;
        buf_init(&out, 1 << 16);
        encode(rows[i].stream, rows[i].records, rows[i].len, &out);
        check(!out.failed && span_is(buf_span(&out), rows[i].want), "%s: %.*s", rows[i].what, (int)out.len, out.ptr);
        buf_clear(&out);
    }
}

static bool is_text(const json_t *json, struct span want)
{
    return json_is_string(json) && span_equal(span_of(json_string_value(json), json_string_length(json)), want);
}

static bool is_record(const json_t *item, const struct record *r)
{
    char data[RECORDS_MAX];
    size_t data_len, members = r->explicit_hash_key.len != 0 ? 3 : 2;

    return json_object_size(item) == members && is_text(json_object_get(item, "PartitionKey"), r->partition_key) &&
           base64_decode(span_str(json_string_value(json_object_get(item, "Data"))), data, &data_len) &&
           span_equal(span_of(data, data_len), r->data) &&
           (members == 2 || is_text(json_object_get(item, "ExplicitHashKey"), r->explicit_hash_key));
}

static void five_hundred_records_are_what_jansson_reads(void **state)
{
    static struct record records[RECORDS_MAX];
    char bytes[RECORDS_MAX], keys[RECORDS_MAX];
    struct buf out;

    (void)state;
    for (size_t i = 0; i < RECORDS_MAX; i++) {
        bytes[i] = (char)(i * 7);
        keys[i] = (char)(1 + i % 127);
        records[i] = (struct record){.data = span_of(bytes, i), .data_bytes = i, .partition_key = span_of(keys + i, 1)};
        if (i % 3 == 0)
            records[i].explicit_hash_key = SPAN(HASH_KEY_MAX);
    }
    buf_init(&out, 1 << 20);
    encode(&by_name, records, RECORDS_MAX, &out);
    assert_false(out.failed);
    json_t *body = json_loadb(out.ptr, out.len, JSON_REJECT_DUPLICATES, NULL), *item;
    size_t i;
    assert_int_equal(json_object_size(body), 2);
    assert_true(is_text(json_object_get(body, "StreamName"), by_name.stream_name));
    assert_int_equal(json_array_size(json_object_get(body, "Records")), RECORDS_MAX);
    json_array_foreach(json_object_get(body, "Records"), i, item) check(is_record(item, &records[i]), "record %zu", i);
    json_decref(body);
    buf_clear(&out);
}

static void a_record_takes_no_more_than_its_bound_and_nothing_grows_when_that_is_reserved(void **state)
{
    char key[PARTITION_KEY_BYTES_MAX], data[64] = {0};
    struct buf out;

    (void)state;
    memset(key, 1, sizeof(key)); /* six bytes each */
    for (size_t i = 0; i < sizeof(data); i++) {
        struct record r = {.data = span_of(data, i / 4 * 4),
                           .data_is_base64 = i % 2 != 0,
                           .partition_key = span_of(key, 1 + i * 16),
                           .explicit_hash_key = i % 4 < 2 ? SPAN(HASH_KEY_MAX) : SPAN("")};
        size_t bytes_max = put_encode_next_bytes_max(&r);
        buf_init(&out, 1 << 16);
        put_encode_begin(&by_name, &out);
        put_encode_next(&r, &out);
        buf_reserve(&out, bytes_max);
        const char *before = out.ptr;
        size_t len = out.len;
        put_encode_next(&r, &out);
        check(!out.failed && out.ptr == before && out.len - len <= bytes_max, "%zu bytes of %zu", out.len - len,
              bytes_max);
        check(out.len - len + 64 > bytes_max, "%zu bytes are not far below %zu", out.len - len, bytes_max);
        buf_clear(&out);
    }
}

static void what_does_not_fit_fails_the_buf(void **state)
{
    struct record r = {.data = SPAN("hello"), .partition_key = SPAN("k")};

    (void)state;
    for (size_t max = 0; max < 80; max++) {
        struct buf out;
        buf_init(&out, max);
        encode(&by_name, &r, 1, &out);
        check(out.failed && out.len <= max, "a limit of %zu", max);
        buf_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_exactly_these),
        cmocka_unit_test(five_hundred_records_are_what_jansson_reads),
        cmocka_unit_test(a_record_takes_no_more_than_its_bound_and_nothing_grows_when_that_is_reserved),
        cmocka_unit_test(what_does_not_fit_fails_the_buf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
