#include "gateway/quota/limits.h"

#include "tests/auth/check.h"

#define SECOND 1000000u

static void a_capacity_is_the_burst_or_one_seconds_worth(void **state)
{
    static const struct {
        const char *what;
        struct quota_limits limits;
        enum quota_dimension d;
        uint64_t rate, capacity;
    } rows[] = {
        {"nothing", {0}, QUOTA_REQUESTS, 0, 0},
        {"a rate alone", {.requests_per_second = 7}, QUOTA_REQUESTS, 7, 7},
        {"with its burst", {.records_per_second = 7, .records_burst = 3}, QUOTA_RECORDS, 7, 3},
        {"a burst without its rate limits nothing", {.bytes_burst = 3}, QUOTA_BYTES, 0, 0},
        {"a day", {.records_per_day = 9}, QUOTA_DAY, 0, 9},
        {"a month", {.bytes_per_month = 9}, QUOTA_MONTH, 0, 9},
        {"what a double holds", {.bytes_per_month = UINT64_MAX}, QUOTA_MONTH, 0, 1ull << 53},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        check(quota_rate(&rows[i].limits, rows[i].d) == rows[i].rate, "%s: rate", rows[i].what);
        check(quota_capacity(&rows[i].limits, rows[i].d) == rows[i].capacity, "%s: capacity", rows[i].what);
    }
}

static void each_dimension_counts_its_unit(void **state)
{
    static const struct quota_limits day = {.records_per_day = 1}, bytes = {.bytes_per_second = 1}, none = {0};
    struct quota_cost cost = {1, 2, 3};

    (void)state;
    assert_int_equal(quota_counts(QUOTA_DAY), quota_counts(QUOTA_RECORDS));
    assert_int_equal(quota_counts(QUOTA_MONTH), quota_counts(QUOTA_BYTES));
    for (unsigned unit = 0; unit < QUOTA_UNITS; unit++) {
        assert_int_equal(quota_unit_of(&cost, unit), unit + 1);
        *quota_unit(&cost, unit) = 0;
        assert_int_equal(quota_has_unit(&day, unit), unit == quota_counts(QUOTA_RECORDS));
        assert_int_equal(quota_has_unit(&bytes, unit), unit == quota_counts(QUOTA_BYTES));
    }
    assert_true(quota_is_nothing(&cost));
    assert_true(quota_has_any(&day));
    assert_false(quota_has_any(&none));
    assert_string_equal(quota_name(QUOTA_MONTH), "month");
}

static void hopeless_is_what_no_waiting_helps(void **state)
{
    static const struct quota_limits l = {
        .records_per_second = 10, .records_burst = 50, .records_per_day = 20, .bytes_per_month = 100};
    static const struct {
        struct quota_cost need;
        enum quota_dimension want;
    } rows[] = {{{1000, 20, 100}, QUOTA_NO_DIMENSION},
                {{1, 21, 1}, QUOTA_DAY},
                {{1, 51, 1}, QUOTA_RECORDS},
                {{1, 1, 101}, QUOTA_MONTH}};

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        check(quota_hopeless(&l, &rows[i].need) == rows[i].want, "row %zu", i);
}

static void a_lease_lives_for_a_quarter_of_the_shortest_burst(void **state)
{
    static const struct {
        const char *what;
        struct quota_limits limits;
        uint64_t want_us;
    } rows[] = {
        {"nothing shortens it", {0}, SECOND},
        {"a calendar does not", {.records_per_day = 1}, SECOND},
        {"one second's worth", {.records_per_second = 100}, SECOND / 4},
        {"half a second's", {.records_per_second = 100, .records_burst = 50}, SECOND / 8},
        {"the shortest", {.requests_per_second = 100, .bytes_per_second = 100, .bytes_burst = 10}, SECOND / 40},
        {"a long burst", {.records_per_second = 1, .records_burst = 3600}, SECOND},
        {"too short for any", {.records_per_second = 1000, .records_burst = 19}, 0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        check(quota_lease_us(&rows[i].limits, SECOND) == rows[i].want_us, "%s", rows[i].what);
}

static void a_share_is_never_none(void **state)
{
    static const struct quota_limits l = {.requests_per_second = 100, .records_burst = 2, .bytes_per_month = 10};
    struct quota_limits third = quota_share(&l, 3), all = quota_share(&l, 0);

    (void)state;
    assert_int_equal(third.requests_per_second, 33);
    assert_int_equal(third.records_burst, 1);
    assert_int_equal(third.bytes_per_month, 3);
    assert_int_equal(third.records_per_day, 0);
    assert_true(quota_limits_equal(&all, &l));
    assert_false(quota_limits_equal(&third, &l));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_capacity_is_the_burst_or_one_seconds_worth),
        cmocka_unit_test(each_dimension_counts_its_unit),
        cmocka_unit_test(hopeless_is_what_no_waiting_helps),
        cmocka_unit_test(a_lease_lives_for_a_quarter_of_the_shortest_burst),
        cmocka_unit_test(a_share_is_never_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
