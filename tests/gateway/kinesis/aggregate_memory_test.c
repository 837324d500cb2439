#include "gateway/kinesis/aggregate.h"

#include <stdio.h>

#include "tests/auth/check.h"
#include "tests/gateway/kinesis/aggregate_reader.h"
#include "tests/lib/failing_memory.h"

#define RECORDS 300

static struct record record_number(unsigned i, char key[16])
{
    struct record r = {.partition_key = span_of(key, (size_t)snprintf(key, 16, "key-%u", i / 2)),
                       .data = SPAN("YSByZWNvcmQ="),
                       .data_is_base64 = true,
                       .data_bytes = 8};

    if (i % 3 == 0)
        r = (struct record){.partition_key = r.partition_key, .data = SPAN("a record"), .data_bytes = 8};
    return r;
}

/* An add that fails is tried again: the aggregate must have stayed as it was. */
static void add_all(struct aggregate *a)
{
    for (unsigned i = 0; i < RECORDS; i++) {
        char key[16];
        struct record r = record_number(i, key);
        size_t want = aggregate_bytes_with(a, &r);
        if (aggregate_add(a, &r))
            continue;
        assert_int_equal(aggregate_records(a), i);
        assert_int_equal(aggregate_bytes_with(a, &r), want);
        assert_true(aggregate_add(a, &r));
    }
}

static void check_whole(struct span bytes)
{
    struct read_aggregate *got = read_aggregate(bytes);

    assert_non_null(got);
    assert_int_equal(got->records_len, RECORDS);
    assert_int_equal(got->partition_keys_len, RECORDS / 2);
    for (unsigned i = 0; i < RECORDS; i++) {
        char key[16];
        check(span_equal(got->records[i].partition_key, record_number(i, key).partition_key), "the key of %u", i);
        check(span_is(got->records[i].data, "a record"), "the data of %u", i);
    }
    free(got);
}

/* True: the nth allocation was reached, and failed. */
static bool survives(unsigned nth)
{
    failing_memory_begin(nth);
    struct aggregate *a = aggregate_new();
    if (a == NULL)
        return failing_memory_end();
    aggregate_begin(a, SPAN("42"), (struct span){0});
    add_all(a);
    struct span bytes = aggregate_end(a);
    bool has_failed = failing_memory_end();
    if (bytes.len == 0)
        bytes = aggregate_end(a);
    check_whole(bytes);
    aggregate_free(&a);
    return has_failed;
}

static void any_allocation_may_fail_and_nothing_is_lost(void **state)
{
    unsigned nth = 1;

    (void)state;
    while (survives(nth))
        nth++;
    assert_in_range(nth, 5, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_allocation_may_fail_and_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
