/* Pools of a fleet over one bucket, with whatever may happen to gateways, ways and clocks. */
#include "tests/auth/check.h"
#include "tests/gateway/quota/fleet.h"

#include <inttypes.h>

#define SECOND 1000000u
#define SEEDS  100
#define RUN_S  6
#define TINY   1e-3

static uint64_t between(struct random *r, uint64_t least, uint64_t most)
{
    return least + random_below(r, most - least + 1);
}

static struct fleet_conf any_conf(struct random *r)
{
    uint64_t rate = between(r, 20, 3000), burst = random_below(r, 3) == 0 ? 0 : between(r, 20, 2 * rate);
    struct fleet_conf conf = {
        .limits = {.records_per_second = rate, .records_burst = burst},
        .gateways = (unsigned)between(r, 1, FLEET_GATEWAYS),
        .records_max = between(r, 1, 6),
        .way_us = between(r, 50, 8000),
        .lost_percent = random_below(r, 3) == 0 ? 10 : 0,
        .returned_percent = random_below(r, 2) == 0 ? (unsigned)between(r, 1, 40) : 0,
        .troubles_per_second = (unsigned)random_below(r, 10),
    };

    conf.offered_per_second = 10 + rate * between(r, 30, 900) / 100 / conf.records_max;
    conf.has_lulls = random_below(r, 2) == 0;
    if (conf.has_lulls &&
        random_below(r, 2) == 0) { /* calms below the limit, with leases; storms that want all at once */
        conf.limits.records_per_second = between(r, 1000, 4000);
        conf.limits.records_burst = conf.limits.records_per_second / between(r, 4, 8);
        conf.offered_per_second = conf.limits.records_per_second * between(r, 50, 90) / 100;
        conf.records_max = 1;
        return conf;
    }
    if (random_below(r, 2) == 0) {
        conf.limits.requests_per_second = 10 + rate / conf.records_max;
        conf.limits.requests_burst = between(r, 10, 10 + 2 * rate);
    }
    return conf;
}

static void at_most_rate_and_burst_is_spent_in_any_window(void **state)
{
    struct random r;

    (void)state;
    random_seed(&r, 3);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct fleet_conf conf = any_conf(&r);
        const struct quota_limits *l = &conf.limits;
        struct fleet f;
        fleet_init(&f, &conf, seed);
        fleet_run(&f, RUN_S * SECOND);
        double rate = (double)l->records_per_second, burst = (double)quota_capacity(l, QUOTA_RECORDS);
        double over = ledger_over(&f.spent, rate, burst);
        check(over < TINY, "seed %" PRIu64 ": %g records too many in some window", seed, over);
        check((double)ledger_sum(&f.written) < burst + rate * RUN_S + 1, "seed %" PRIu64 ": too many written", seed);
        if (l->requests_per_second != 0) {
            over = ledger_over(&f.requests, (double)l->requests_per_second, (double)l->requests_burst);
            check(over < TINY, "seed %" PRIu64 ": %g requests too many in some window", seed, over);
        }
        fleet_clear(&f);
    }
}

/* What was written before midnight, or since. */
static uint64_t written(const struct fleet *f, bool since)
{
    uint64_t units = 0;

    for (size_t i = 0; i < f->written.len; i++) {
        const struct ledger_row *row = &f->written.rows[i];
        units += (row->at_us >= FLEET_MIDNIGHT_US) == since ? (uint64_t)row->units : 0;
    }
    return units;
}

static void a_day_and_a_month_are_not_exceeded_and_begin_anew_at_midnight(void **state)
{
    struct random r;

    (void)state;
    random_seed(&r, 4);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct fleet_conf conf = any_conf(&r);
        bool is_a_month = random_below(&r, 2) == 0;
        conf.records_max = is_a_month ? 1 : conf.records_max; /* a request has 100 bytes */
        uint64_t offered = conf.offered_per_second * (1 + conf.records_max) / 2;
        uint64_t most = 1 + offered * between(&r, 2, 15) / 10;
        conf.limits.records_per_day = is_a_month ? 0 : most;
        conf.limits.bytes_per_month = is_a_month ? most * 100 : 0;
        conf.before_midnight_us = RUN_S * SECOND / 2;
        struct fleet f;
        fleet_init(&f, &conf, seed);
        fleet_run(&f, RUN_S * SECOND);
        /* A lease of the one day may be spent within a second of the next. */
        uint64_t before = written(&f, false), in_all = before + written(&f, true);
        check(before <= most, "seed %" PRIu64 ": %" PRIu64 " of %" PRIu64, seed, before, most);
        check(in_all <= 2 * most, "seed %" PRIu64 ": %" PRIu64 " of twice %" PRIu64, seed, in_all, most);
        fleet_clear(&f);
    }
}

static void three_gateways_together_use_a_whole_day(void **state)
{
    struct fleet_conf conf = {.limits = {.records_per_second = 5000, .records_per_day = 1000},
                              .gateways = 3,
                              .records_max = 1,
                              .way_us = 300,
                              .offered_per_second = 2000,
                              .before_midnight_us = 8 * SECOND};

    (void)state;
    for (conf.returned_percent = 0; conf.returned_percent <= 30; conf.returned_percent += 30) {
        struct fleet f;
        fleet_init(&f, &conf, 1);
        fleet_run(&f, 16 * SECOND);
        print_message("%" PRIu64 " on the one day, %" PRIu64 " on the next\n", written(&f, false), written(&f, true));
        /* What comes back within a minute of midnight may be of the day before: it is lost. */
        assert_in_range(written(&f, false), 950, 1000);
        assert_in_range(written(&f, true), conf.returned_percent == 0 ? 950 : 650, 1000);
        fleet_clear(&f);
    }
}

static void three_gateways_together_use_what_there_is(void **state)
{
    static const struct {
        const char *what;
        struct quota_limits limits;
        uint64_t records_max, way_us;
    } rows[] = {
        {"a small quota", {.records_per_second = 100, .records_burst = 50}, 1, 300},
        {"by requests", {.requests_per_second = 100, .requests_burst = 50}, 1, 300},
        {"with batches", {.records_per_second = 100, .records_burst = 50}, 5, 300},
        {"a large one", {.records_per_second = 2000}, 1, 300},
        {"three dimensions",
         {.requests_per_second = 1000, .records_per_second = 1000, .bytes_per_second = 100000},
         1,
         300},
        {"a short burst", {.records_per_second = 1000, .records_burst = 20}, 1, 300},
        {"a slow Redis", {.records_per_second = 1000}, 1, 8000},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        uint64_t rate = rows[i].limits.records_per_second + (i == 1 ? rows[i].limits.requests_per_second : 0);
        struct fleet_conf conf = {.limits = rows[i].limits,
                                  .gateways = 3,
                                  .records_max = rows[i].records_max,
                                  .way_us = rows[i].way_us,
                                  .offered_per_second = 9 * rate};
        struct fleet f;
        fleet_init(&f, &conf, i);
        fleet_run(&f, 20 * SECOND);
        uint64_t used = (uint64_t)ledger_sum(&f.written);
        print_message("%s: %.3f of the quota, %" PRIu64 " asks\n", rows[i].what, (double)used / (20.0 * (double)rate),
                      f.asks);
        check((double)used >= 0.95 * 20 * (double)rate, "%s: only %" PRIu64, rows[i].what, used);
        fleet_clear(&f);
    }
}

static void far_below_the_limit_few_ask_and_nobody_is_refused(void **state)
{
    static const struct {
        const char *what;
        unsigned gateways;
        uint64_t offered;
    } rows[] = {{"one gateway", 1, 5000}, {"three gateways", 3, 15000}};

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct fleet_conf conf = {.limits = {.records_per_second = 100000},
                                  .gateways = rows[i].gateways,
                                  .records_max = 1,
                                  .way_us = 300,
                                  .offered_per_second = rows[i].offered};
        struct fleet f;
        fleet_init(&f, &conf, 1);
        fleet_run(&f, 10 * SECOND);
        print_message("%s: %.1f asks for 1,000 records\n", rows[i].what,
                      1000 * (double)f.asks / (double)(uint64_t)ledger_sum(&f.written));
        assert_int_equal(f.refused, 0);
        assert_true(f.asks * 1000 <= 20 * (uint64_t)ledger_sum(&f.written));
        fleet_clear(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_most_rate_and_burst_is_spent_in_any_window),
        cmocka_unit_test(a_day_and_a_month_are_not_exceeded_and_begin_anew_at_midnight),
        cmocka_unit_test(three_gateways_together_use_a_whole_day),
        cmocka_unit_test(three_gateways_together_use_what_there_is),
        cmocka_unit_test(far_below_the_limit_few_ask_and_nobody_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
