/* aggregate_bytes_with() before each add is what aggregate_end() measures after it. */
#include "gateway/kinesis/aggregate.h"

#include <stdio.h>

#include "gateway/base/random.h"
#include "tests/auth/check.h"
#include "tests/gateway/kinesis/aggregate_reader.h"

static char bytes[2097152 + 64];

static void begin(struct aggregate *a)
{
    aggregate_begin(a, SPAN("170141183460469231731687303715884105728"), (struct span){0});
}

static size_t checked_add(struct aggregate *a, size_t key_len, size_t data_len)
{
    struct record r = {
        .partition_key = span_of(bytes, key_len), .data = span_of(bytes, data_len), .data_bytes = data_len};
    size_t want = aggregate_bytes_with(a, &r);

    assert_true(aggregate_add(a, &r));
    size_t got = aggregate_end(a).len;
    check(got == want, "a key of %zu and data of %zu: %zu bytes, not %zu", key_len, data_len, got, want);
    return got;
}

static void around_every_length_that_a_varint_grows_at(void **state)
{
    static const size_t borders[] = {0, 128, 16384, 2097152};
    struct aggregate *a = aggregate_new();

    (void)state;
    for (size_t i = 0; i < LEN(borders); i++) {
        for (size_t len = borders[i] < 40 ? 0 : borders[i] - 40; len < borders[i] + 40; len++) {
            begin(a);
            checked_add(a, 1, len);
            checked_add(a, 1, len);
        }
    }
    for (size_t len = 1; len <= PARTITION_KEY_BYTES_MAX; len++) {
        begin(a);
        checked_add(a, len, 0);
        checked_add(a, len, 0);
    }
    aggregate_free(&a);
}

/* Bytes by hand: magic 4, MD5 16, the hash key's field 41, a key's field 2 and itself, a record's 6 around data. */
static void sizes_are_those_of_the_format(void **state)
{
    static const struct {
        const char *what;
        size_t data, want; /* in it once, under a key of 10 bytes */
    } rows[] = {
        {"no data", 0, 4 + 16 + 41 + 12 + 2 + 6},
        {"a record of 127 bytes", 121, 4 + 16 + 41 + 12 + 2 + 127},
        {"a record of 128 bytes", 122, 4 + 16 + 41 + 12 + 3 + 128},
        {"data of 127 bytes", 127, 4 + 16 + 41 + 12 + 3 + 6 + 127},
        {"data of 128 bytes", 128, 4 + 16 + 41 + 12 + 3 + 7 + 128},
        {"data of 16383 bytes", 16383, 4 + 16 + 41 + 12 + 4 + 7 + 16383},
        {"data of 16384 bytes", 16384, 4 + 16 + 41 + 12 + 4 + 8 + 16384},
    };
    struct aggregate *a = aggregate_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        begin(a);
        check(checked_add(a, 10, rows[i].data) == rows[i].want, "%s", rows[i].what);
    }
    aggregate_free(&a);
}

static void the_128th_key_has_a_longer_index(void **state)
{
    struct aggregate *a = aggregate_new();
    size_t before = 0;

    (void)state;
    begin(a);
    for (unsigned i = 0; i < 300; i++) {
        char key[8];
        struct record r = {.partition_key = span_of(key, (size_t)snprintf(key, sizeof(key), "k%03u", i))};
        size_t want = aggregate_bytes_with(a, &r);
        assert_true(aggregate_add(a, &r));
        size_t got = aggregate_end(a).len;
        check(got == want && (i == 0 || got - before == 6 + 2 + 6 + (i < 128 ? 0 : 1)), "index %u", i);
        before = got;
    }
    aggregate_free(&a);
}

static void whatever_is_added_in_whatever_order(void **state)
{
    struct aggregate *a = aggregate_new();
    struct random r;

    (void)state;
    random_seed(&r, 3);
    for (int round = 0; round < 200; round++) {
        begin(a);
        for (uint64_t i = random_below(&r, 60); i <= 60; i++)
            checked_add(a, 1 + random_below(&r, 150), random_below(&r, 2) == 0 ? random_below(&r, 300) : 0);
        struct read_aggregate *got = read_aggregate(aggregate_end(a));
        check(got != NULL && got->records_len == aggregate_records(a), "round %d", round);
        free(got);
    }
    aggregate_free(&a);
}

/* Found by search: their hashes agree in the bits that choose a slot, as somebody's could who means harm. */
static void keys_that_all_want_one_slot_are_still_right(void **state)
{
    struct aggregate *a = aggregate_new();
    unsigned found = 0;

    (void)state;
    begin(a);
    for (uint32_t i = 0; found < 400; i++) {
        char key[16];
        struct record r = {.partition_key = span_of(key, (size_t)snprintf(key, sizeof(key), "%u", i))};
        uint64_t hash = 0xcbf29ce484222325u;
        for (size_t j = 0; j < r.partition_key.len; j++)
            hash = (hash ^ (uint8_t)key[j]) * 0x100000001b3u;
        if (((hash ^ hash >> 32) & 8191) != 0)
            continue;
        for (int twice = 0; twice < 2; twice++) {
            size_t want = aggregate_bytes_with(a, &r);
            assert_true(aggregate_add(a, &r));
            check(aggregate_end(a).len == want, "key %s", key);
        }
        found++;
    }
    struct read_aggregate *got = read_aggregate(aggregate_end(a));
    assert_non_null(got);
    assert_int_equal(got->records_len, 800);
    assert_int_equal(got->partition_keys_len, 128 + 2 * (400 - 128));
    for (size_t i = 0; i < 800; i += 2)
        assert_true(span_equal(got->records[i].partition_key, got->records[i + 1].partition_key));
    free(got);
    aggregate_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(around_every_length_that_a_varint_grows_at),
        cmocka_unit_test(sizes_are_those_of_the_format),
        cmocka_unit_test(the_128th_key_has_a_longer_index),
        cmocka_unit_test(whatever_is_added_in_whatever_order),
        cmocka_unit_test(keys_that_all_want_one_slot_are_still_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
