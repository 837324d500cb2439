#include "gateway/kinesis/put_encode.h"

#include "tests/auth/check.h"

#include <jansson.h>

#define ARN "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks"

static const struct stream_conf by_name = {.name = SPAN("clicks"), .stream_name = SPAN("clicks-prod")};
static const struct stream_conf by_arn = {.name = SPAN("clicks"), .stream_arn = SPAN(ARN)};

static void bodies_are_exactly_these(void **state)
{
    static const struct {
        const char *what;
        const struct stream_conf *stream;
        struct record record;
        const char *want;
    } rows[] = {
        {"bytes by name",
         &by_name,
         {.data = SPAN("hello"), .partition_key = SPAN("k")},
         "{\"StreamName\":\"clicks-prod\",\"PartitionKey\":\"k\",\"Data\":\"aGVsbG8=\"}"},
        {"bytes by ARN, and never by both",
         &by_arn,
         {.data = SPAN("hello"), .partition_key = SPAN("k")},
         "{\"StreamARN\":\"" ARN "\",\"PartitionKey\":\"k\",\"Data\":\"aGVsbG8=\"}"},
        {"no bytes",
         &by_name,
         {.data = SPAN(""), .partition_key = SPAN("k")},
         "{\"StreamName\":\"clicks-prod\",\"PartitionKey\":\"k\",\"Data\":\"\"}"},
        {"any bytes",
         &by_name,
         {.data = SPAN("\0\377\"\n"), .partition_key = SPAN("k")},
         "{\"StreamName\":\"clicks-prod\",\"PartitionKey\":\"k\",\"Data\":\"AP8iCg==\"}"},
        {"base64 as it came",
         &by_name,
         {.data = SPAN("AA+/"), .data_is_base64 = true, .data_bytes = 3, .partition_key = SPAN("k")},
         "{\"StreamName\":\"clicks-prod\",\"PartitionKey\":\"k\",\"Data\":\"AA+/\"}"},
        {"a key that must be escaped",
         &by_name,
         {.data = SPAN("x"), .partition_key = SPAN("a\"\\\n\001\303\251/")},
         "{\"StreamName\":\"clicks-prod\",\"PartitionKey\":\"a\\\"\\\\\\n\\u0001\303\251/\",\"Data\":\"eA==\"}"},
        {"all members",
         &by_name,
         {.data = SPAN("x"),
          .partition_key = SPAN("k"),
          .explicit_hash_key = SPAN("340282366920938463463374607431768211455"),
          .sequence_number_for_ordering = SPAN("49590338271490256608559692538361571095921575989136588898")},
         "{\"StreamName\":\"clicks-prod\",\"PartitionKey\":\"k\","
         "\"ExplicitHashKey\":\"340282366920938463463374607431768211455\",\"SequenceNumberForOrdering\":"
         "\"49590338271490256608559692538361571095921575989136588898\",\"Data\":\"eA==\"}"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct buf out;
        buf_init(&out, 1 << 16);
        put_encode_record(rows[i].stream, &rows[i].record, &out);
        check(!out.failed && span_is(buf_span(&out), rows[i].want), "%s: %.*s", rows[i].what, (int)out.len, out.ptr);
        buf_clear(&out);
    }
}

static void every_byte_value_reaches_kinesis(void **state)
{
    char bytes[256 * 3], decoded[256 * 3 + 3];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7);
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        struct record r = {.data = span_of(bytes, len), .data_bytes = len, .partition_key = SPAN("k")};
        struct buf out;
        size_t decoded_len;
        buf_init(&out, 1 << 16);
        put_encode_record(&by_name, &r, &out);
        json_t *body = json_loadb(out.ptr, out.len, JSON_REJECT_DUPLICATES, NULL);
        check(base64_decode(span_str(json_string_value(json_object_get(body, "Data"))), decoded, &decoded_len) &&
                  span_equal(span_of(decoded, decoded_len), r.data),
              "%zu bytes", len);
        json_decref(body);
        buf_clear(&out);
    }
}

static void a_record_of_ten_mebibytes_is_reserved_once(void **state)
{
    char *data = calloc(1, RECORD_BYTES_MAX);
    struct record r = {.data = span_of(data, RECORD_BYTES_MAX), .partition_key = SPAN("k")};
    struct buf out;

    (void)state;
    buf_init(&out, SIZE_MAX / 2);
    put_encode_record(&by_name, &r, &out);
    assert_false(out.failed);
    assert_in_range(out.capacity, out.len, base64_encoded_size(RECORD_BYTES_MAX) + 4096);
    buf_clear(&out);
    free(data);
}

static void what_does_not_fit_fails_the_buf(void **state)
{
    struct record r = {.data = SPAN("hello"), .partition_key = SPAN("k")};

    (void)state;
    for (size_t max = 0; max < 64; max++) {
        struct buf out;
        buf_init(&out, max);
        put_encode_record(&by_name, &r, &out);
        check(out.failed && out.len <= max, "a limit of %zu", max);
        buf_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_exactly_these),
        cmocka_unit_test(every_byte_value_reaches_kinesis),
        cmocka_unit_test(a_record_of_ten_mebibytes_is_reserved_once),
        cmocka_unit_test(what_does_not_fit_fails_the_buf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
