#include "gateway/quota/pace.h"

#include "tests/auth/check.h"

#define MS    1000u
#define START 5000000u

static uint64_t records_in(const struct pace *p, uint64_t span_us, uint64_t now_us)
{
    return pace_of(p, span_us, now_us).records;
}

static void a_steady_use_is_known_after_a_window(void **state)
{
    static const struct quota_cost each = {1, 10, 1000};
    struct pace p = {0};

    (void)state;
    for (uint64_t us = 0; us < 500 * MS; us += MS)
        pace_note(&p, &each, START + us);
    struct quota_cost used = pace_of(&p, 20 * MS, START + 500 * MS);
    assert_in_range(used.requests, 19, 21);
    assert_in_range(used.records, 195, 205);
    assert_in_range(used.bytes, 19500, 20500);
}

static void it_is_known_in_part_before(void **state)
{
    static const struct quota_cost one = {.records = 100};
    struct pace p = {0};

    (void)state;
    assert_int_equal(records_in(&p, 20 * MS, START), 0);
    pace_note(&p, &one, START);
    assert_int_equal(records_in(&p, 20 * MS, START), 20);
}

static void it_fades_when_use_ends(void **state)
{
    static const struct quota_cost one = {.records = 100};
    struct pace p = {0};

    (void)state;
    pace_note(&p, &one, START);
    assert_int_equal(records_in(&p, 100 * MS, START + 99 * MS), 100);
    assert_int_equal(records_in(&p, 100 * MS, START + 150 * MS), 50);
    assert_int_equal(records_in(&p, 100 * MS, START + 200 * MS), 0);
    pace_note(&p, &one, START + 1000 * MS);
    assert_int_equal(records_in(&p, 100 * MS, START + 1000 * MS), 100);
}

static void a_clock_that_lags_is_taken_for_now(void **state)
{
    static const struct quota_cost one = {.records = 100};
    struct pace p = {0};

    (void)state;
    pace_note(&p, &one, START);
    pace_note(&p, &one, START - MS);
    assert_int_equal(records_in(&p, 100 * MS, START - MS), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_steady_use_is_known_after_a_window),
        cmocka_unit_test(it_is_known_in_part_before),
        cmocka_unit_test(it_fades_when_use_ends),
        cmocka_unit_test(a_clock_that_lags_is_taken_for_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
