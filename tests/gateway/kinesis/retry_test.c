#include "gateway/kinesis/retry.h"

#include "gateway/base/random.h"
#include "tests/auth/check.h"

static const struct retry_conf usual = {
    .backoff_base_ms = 50, .backoff_max_ms = 1000, .budget_percent = 10, .budget_burst = 20};

static void a_backoff_is_random_up_to_a_doubling_cap(void **state)
{
    static const struct {
        unsigned attempts;
        uint64_t most_us;
    } rows[] = {{0, 50000},  {1, 50000},   {2, 100000},  {3, 200000},   {4, 400000},
                {5, 800000}, {6, 1000000}, {7, 1000000}, {64, 1000000}, {UINT32_MAX, 1000000}};

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        check(retry_backoff_us(&usual, rows[i].attempts, 0) == 0, "attempt %u waits 0 at least", rows[i].attempts);
        check(retry_backoff_us(&usual, rows[i].attempts, UINT64_MAX) == rows[i].most_us,
              "attempt %u waits %d us at most", rows[i].attempts, (int)rows[i].most_us);
        uint64_t half = retry_backoff_us(&usual, rows[i].attempts, (uint64_t)1 << 63);
        check(half >= rows[i].most_us / 2 && half <= rows[i].most_us / 2 + 1, "attempt %u at even odds",
              rows[i].attempts);
    }
}

static void all_of_the_interval_is_used(void **state)
{
    struct random r;
    int quarters[4] = {0};

    (void)state;
    random_seed(&r, 3);
    for (int i = 0; i < 40000; i++) {
        uint64_t us = retry_backoff_us(&usual, 3, random_next(&r));
        assert_true(us <= 200000);
        quarters[us == 200000 ? 3 : us / 50000]++;
    }
    for (int i = 0; i < 4; i++)
        assert_in_range(quarters[i], 9500, 10500);
}

static void a_base_over_the_cap_is_capped_and_extremes_do_not_overflow(void **state)
{
    struct retry_conf c = {.backoff_base_ms = 5000, .backoff_max_ms = 1000};

    (void)state;
    assert_true(retry_backoff_us(&c, 1, UINT64_MAX) == 1000000);
    c = (struct retry_conf){.backoff_base_ms = UINT32_MAX, .backoff_max_ms = UINT32_MAX};
    assert_true(retry_backoff_us(&c, 40, UINT64_MAX) == (uint64_t)UINT32_MAX * 1000);
    c = (struct retry_conf){.backoff_base_ms = 1, .backoff_max_ms = UINT32_MAX};
    assert_true(retry_backoff_us(&c, 40, UINT64_MAX) == (uint64_t)UINT32_MAX * 1000);
    c = (struct retry_conf){.backoff_base_ms = 0, .backoff_max_ms = 1000};
    assert_true(retry_backoff_us(&c, 10, UINT64_MAX) == 0);
}

static unsigned spend_all(struct retry_budget *b)
{
    unsigned calls = 0;

    while (retry_budget_spend(b, 1))
        calls++;
    return calls;
}

static void a_budget_starts_full_and_holds_no_more(void **state)
{
    struct retry_budget b;

    (void)state;
    retry_budget_init(&b, &usual);
    for (int i = 0; i < 1000; i++)
        retry_budget_earn(&b, &usual);
    assert_int_equal(spend_all(&b), usual.budget_burst);
    assert_false(retry_budget_spend(&b, 1));
}

static void ten_calls_earn_one(void **state)
{
    struct retry_budget b;

    (void)state;
    retry_budget_init(&b, &usual);
    spend_all(&b);
    for (int i = 0; i < 9; i++) {
        retry_budget_earn(&b, &usual);
        check(!retry_budget_spend(&b, 1), "%d do not", i + 1);
    }
    retry_budget_earn(&b, &usual);
    assert_true(retry_budget_spend(&b, 1));
    assert_false(retry_budget_spend(&b, 1));
}

static void companions_cost_a_call_together_and_not_more(void **state)
{
    struct retry_conf one = {.budget_percent = 10, .budget_burst = 1};

    (void)state;
    for (size_t companions = 1; companions <= 4096; companions++) {
        struct retry_budget b;
        retry_budget_init(&b, &one);
        for (size_t i = 0; i < companions; i++)
            check(retry_budget_spend(&b, companions), "the %zuth of %zu", i + 1, companions);
        check(!retry_budget_spend(&b, 1) && b.millionths < 5000, "%zu cost a call", companions);
    }
}

static void one_record_of_many_is_cheap_and_one_alone_is_not(void **state)
{
    struct retry_budget b;

    (void)state;
    retry_budget_init(&b, &(struct retry_conf){.budget_percent = 10, .budget_burst = 1});
    assert_true(retry_budget_spend(&b, 500));
    assert_false(retry_budget_spend(&b, 1));
    for (int i = 0; i < 499; i++)
        assert_true(retry_budget_spend(&b, 500));
    assert_false(retry_budget_spend(&b, 500));
}

/* In a lasting outage, where everything is retried as often as the budget lets it. */
static void ten_thousand_calls_cost_at_most_the_burst_and_a_part_more(void **state)
{
    static const uint32_t percents[] = {0, 1, 10, 33, 100};
    static const uint32_t companions[] = {1, 2, 250, 500};

    (void)state;
    for (size_t i = 0; i < LEN(percents) * LEN(companions); i++)
        for (uint32_t burst = 0; burst <= 100; burst += 25) {
            uint32_t percent = percents[i % LEN(percents)], n = companions[i / LEN(percents)];
            struct retry_conf c = {.budget_percent = percent, .budget_burst = burst};
            struct retry_budget b;
            uint64_t records = 0, earned = percent * 10000u / 100;
            retry_budget_init(&b, &c);
            for (int call = 0; call < 10000; call++) {
                retry_budget_earn(&b, &c);
                while (retry_budget_spend(&b, n))
                    records++;
            }
            check(records <= (burst + earned) * n, "%u %% and %u allow no more calls of %u", percent, burst, n);
            check(burst == 0 || records + 2 * n >= (burst + earned) * n, "%u %% and %u allow no less", percent, burst);
        }
}

static void a_quiet_hour_saves_up_no_more_than_the_burst(void **state)
{
    struct retry_budget b;
    unsigned retries = 0;

    (void)state;
    retry_budget_init(&b, &usual);
    for (int n = 0; n < 10000; n++) {
        retry_budget_earn(&b, &usual);
        if (n >= 5000)
            retries += retry_budget_spend(&b, 1);
    }
    assert_in_range(retries, 500, 500 + usual.budget_burst);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backoff_is_random_up_to_a_doubling_cap),
        cmocka_unit_test(all_of_the_interval_is_used),
        cmocka_unit_test(a_base_over_the_cap_is_capped_and_extremes_do_not_overflow),
        cmocka_unit_test(a_budget_starts_full_and_holds_no_more),
        cmocka_unit_test(ten_calls_earn_one),
        cmocka_unit_test(companions_cost_a_call_together_and_not_more),
        cmocka_unit_test(one_record_of_many_is_cheap_and_one_alone_is_not),
        cmocka_unit_test(ten_thousand_calls_cost_at_most_the_burst_and_a_part_more),
        cmocka_unit_test(a_quiet_hour_saves_up_no_more_than_the_burst),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
