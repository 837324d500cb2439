#include "gateway/kinesis/aggregate.h"

#include <stdio.h>

#include "auth/digest.h"
#include "gateway/kinesis/stream_conf.h"
#include "tests/auth/check.h"
#include "tests/gateway/kinesis/aggregate_reader.h"

#define MIDDLE "170141183460469231731687303715884105728"

static struct record record_of(struct span key, struct span data)
{
    return (struct record){.partition_key = key, .data = data, .data_bytes = data.len};
}

static struct read_aggregate *finished(struct aggregate *a)
{
    struct read_aggregate *got = read_aggregate(aggregate_end(a));
    assert_non_null(got);
    return got;
}

/* What an independent reader finds in the aggregate that the format's other implementations agree on. */
static void the_reader_of_these_tests_reads_the_vector(void **state)
{
    char vector[50];

    (void)state;
    assert_true(hex_decode(SPAN("f3899ac20a026b310a026b321a0908001a0568656c6c6f1a0908011a05776f726c64"
                                "c4b234c121650f4512d22bf67dca9de2"),
                           vector, sizeof(vector)));
    struct read_aggregate *got = read_aggregate(span_of(vector, sizeof(vector)));
    assert_non_null(got);
    assert_int_equal(got->records_len, 2);
    assert_true(span_is(got->records[0].partition_key, "k1") && span_is(got->records[0].data, "hello"));
    assert_true(span_is(got->records[1].partition_key, "k2") && span_is(got->records[1].data, "world"));
    assert_int_equal(got->explicit_hash_keys_len, 0);
    free(got);
}

/* The vector's records under an explicit hash key, which the table and each record then have between their parts. */
static void bytes_are_exactly_these(void **state)
{
    static const char message[] = "\012\002k1\012\002k2\022\002"
                                  "42"
                                  "\032\013\010\000\020\000\032\005hello"
                                  "\032\013\010\001\020\000\032\005world";
    struct aggregate *a = aggregate_new();
    struct record first = record_of(SPAN("k1"), SPAN("hello")), second = record_of(SPAN("k2"), SPAN("d29ybGQ="));
    uint8_t md5[MD5_BYTES];

    (void)state;
    second.data_is_base64 = true;
    second.data_bytes = 5;
    aggregate_begin(a, SPAN("42"), (struct span){0});
    assert_true(aggregate_add(a, &first) && aggregate_add(a, &second));
    struct span got = aggregate_end(a);
    assert_int_equal(got.len, 4 + sizeof(message) - 1 + MD5_BYTES);
    assert_memory_equal(got.ptr, "\xF3\x89\x9A\xC2", 4);
    assert_memory_equal(got.ptr + 4, message, sizeof(message) - 1);
    digest_md5(span_of(message, sizeof(message) - 1), md5);
    assert_memory_equal(got.ptr + got.len - MD5_BYTES, md5, MD5_BYTES);
    aggregate_free(&a);
    assert_null(a);
    aggregate_free(&a);
}

static void keys_are_written_once_and_records_keep_their_order(void **state)
{
    static const char *const keys[] = {"b", "a", "b", "c", "a", "b", "\303\251"};
    static const uint64_t want_index[] = {0, 1, 0, 2, 1, 0, 3};
    struct aggregate *a = aggregate_new();

    (void)state;
    aggregate_begin(a, SPAN(MIDDLE), (struct span){0});
    for (size_t i = 0; i < LEN(keys); i++) {
        struct record r = record_of(span_str(keys[i]), span_of(&"0123456789"[i], 1));
        assert_true(aggregate_add(a, &r));
        assert_int_equal(aggregate_records(a), i + 1);
    }
    struct read_aggregate *got = finished(a);
    assert_int_equal(got->partition_keys_len, 4);
    assert_int_equal(got->explicit_hash_keys_len, 1);
    assert_int_equal(got->records_len, LEN(keys));
    for (size_t i = 0; i < LEN(keys); i++) {
        const struct read_record *r = &got->records[i];
        check(r->partition_key_index == want_index[i] && span_is(r->partition_key, keys[i]), "the key of %zu", i);
        check(span_equal(r->data, span_of(&"0123456789"[i], 1)), "the data of %zu", i);
        check(span_is(r->explicit_hash_key, MIDDLE), "the explicit hash key of %zu", i);
    }
    free(got);
    aggregate_free(&a);
}

static void a_shared_key_stands_for_all(void **state)
{
    struct aggregate *a = aggregate_new();
    struct record first = record_of(SPAN("drawn-1"), SPAN("x")), second = record_of(SPAN("drawn-2"), SPAN("y"));

    (void)state;
    aggregate_begin(a, SPAN("0"), SPAN("shared"));
    assert_true(aggregate_add(a, &first) && aggregate_add(a, &second));
    struct read_aggregate *got = finished(a);
    assert_int_equal(got->partition_keys_len, 1);
    assert_int_equal(got->records_len, 2);
    for (size_t i = 0; i < 2; i++)
        check(span_is(got->records[i].partition_key, "shared"), "record %zu", i);
    free(got);
    aggregate_free(&a);
}

static void begin_forgets_what_was(void **state)
{
    struct aggregate *a = aggregate_new();
    struct record r = record_of(SPAN("k"), SPAN("old")), next = record_of(SPAN("l"), SPAN("new"));

    (void)state;
    aggregate_begin(a, SPAN(MIDDLE), SPAN("shared"));
    assert_true(aggregate_add(a, &r));
    aggregate_begin(a, SPAN("7"), (struct span){0});
    assert_int_equal(aggregate_records(a), 0);
    assert_true(aggregate_add(a, &next) && aggregate_add(a, &r));
    struct read_aggregate *got = finished(a);
    assert_int_equal(got->partition_keys_len, 2);
    assert_int_equal(got->records_len, 2);
    assert_true(span_is(got->partition_keys[0], "l") && span_is(got->partition_keys[1], "k"));
    assert_true(span_is(got->explicit_hash_keys[0], "7") && span_is(got->records[0].data, "new"));
    free(got);
    aggregate_free(&a);
}

static void what_is_given_is_copied(void **state)
{
    struct aggregate *a = aggregate_new();
    char hash_key[] = "42", shared[] = "shared", data[] = "data";
    struct record r = record_of(SPAN("k"), span_of(data, 4));

    (void)state;
    aggregate_begin(a, span_of(hash_key, 2), span_of(shared, 6));
    assert_true(aggregate_add(a, &r));
    memset(hash_key, '9', 2);
    memset(shared, 'x', 6);
    memset(data, 'x', 4);
    assert_true(aggregate_add(a, &r));
    struct read_aggregate *got = finished(a);
    assert_int_equal(got->partition_keys_len, 1);
    assert_true(span_is(got->explicit_hash_keys[0], "42") && span_is(got->partition_keys[0], "shared"));
    assert_true(span_is(got->records[0].data, "data") && span_is(got->records[1].data, "xxxx"));
    free(got);
    aggregate_free(&a);
}

static void data_in_base64_is_decoded(void **state)
{
    struct aggregate *a = aggregate_new();
    char bytes[256], text[344];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7);
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        base64_encode(span_of(bytes, len), text);
        struct record r = record_of(SPAN("k"), span_of(text, base64_encoded_size(len)));
        r.data_is_base64 = true;
        r.data_bytes = len;
        aggregate_begin(a, SPAN(MIDDLE), (struct span){0});
        size_t want = aggregate_bytes_with(a, &r);
        assert_true(aggregate_add(a, &r) && aggregate_add(a, &r));
        struct read_aggregate *got = finished(a);
        check(span_equal(got->records[0].data, span_of(bytes, len)) &&
                  span_equal(got->records[1].data, span_of(bytes, len)),
              "%zu bytes", len);
        free(got);
        aggregate_begin(a, SPAN(MIDDLE), (struct span){0});
        assert_true(aggregate_add(a, &r));
        check(aggregate_end(a).len == want, "the size with %zu bytes", len);
    }
    aggregate_free(&a);
}

static void at_most_so_many_records_are_in(void **state)
{
    struct aggregate *a = aggregate_new();
    char key[16];

    (void)state;
    aggregate_begin(a, SPAN(MIDDLE), (struct span){0});
    for (unsigned i = 0; i <= AGGREGATE_RECORDS_MAX; i++) {
        struct record r = record_of(span_of(key, (size_t)snprintf(key, sizeof(key), "key-%u", i)), SPAN("x"));
        check(aggregate_add(a, &r) == (i != AGGREGATE_RECORDS_MAX), "record %u", i);
    }
    struct read_aggregate *got = finished(a);
    assert_int_equal(got->records_len, AGGREGATE_RECORDS_MAX);
    assert_int_equal(got->partition_keys_len, AGGREGATE_RECORDS_MAX);
    for (unsigned i = 0; i < AGGREGATE_RECORDS_MAX; i++) {
        snprintf(key, sizeof(key), "key-%u", i);
        check(span_is(got->records[i].partition_key, key), "%s", key);
    }
    free(got);
    aggregate_free(&a);
}

static void no_aggregate_is_larger_than_a_record_may_be(void **state)
{
    struct aggregate *a = aggregate_new();
    char *data = calloc(1, RECORD_BYTES_MAX);
    struct record r = record_of(SPAN("k"), span_of(data, 0)), small = record_of(SPAN("k"), SPAN("x"));

    (void)state;
    aggregate_begin(a, SPAN(MIDDLE), (struct span){0});
    r.data.len = RECORD_BYTES_MAX;
    size_t overhead = aggregate_bytes_with(a, &r) - RECORD_BYTES_MAX;
    assert_false(aggregate_add(a, &r));
    r.data.len = RECORD_BYTES_MAX - overhead + 1;
    assert_false(aggregate_add(a, &r));
    assert_int_equal(aggregate_records(a), 0);
    r.data.len = RECORD_BYTES_MAX - overhead;
    assert_true(aggregate_add(a, &r));
    assert_false(aggregate_add(a, &small));
    assert_int_equal(aggregate_end(a).len, RECORD_BYTES_MAX);
    free(data);
    aggregate_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reader_of_these_tests_reads_the_vector),
        cmocka_unit_test(bytes_are_exactly_these),
        cmocka_unit_test(keys_are_written_once_and_records_keep_their_order),
        cmocka_unit_test(a_shared_key_stands_for_all),
        cmocka_unit_test(begin_forgets_what_was),
        cmocka_unit_test(what_is_given_is_copied),
        cmocka_unit_test(data_in_base64_is_decoded),
        cmocka_unit_test(at_most_so_many_records_are_in),
        cmocka_unit_test(no_aggregate_is_larger_than_a_record_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
