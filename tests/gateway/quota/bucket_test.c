/* The bucket: its stories, and its one promise under random asks. bucket.lua has the same in script_redis_test.c. */
#include "gateway/quota/bucket.h"

#include "gateway/base/random.h"
#include "tests/auth/check.h"
#include "tests/gateway/quota/ledger.h"
#include "tests/gateway/quota/stories.h"

#include <stdio.h>

#define SECOND   1000000u
#define LEASE_US 100000u
#define TENANTS  16

struct buckets {
    const char *names[TENANTS];
    struct quota_bucket buckets[TENANTS];
};

static void take(void *ctx, const char *tenant, const struct quota_limits *l, const struct quota_ask *ask,
                 uint64_t now_us, struct quota_reply *reply)
{
    struct buckets *all = ctx;
    size_t i = 0;

    while (all->names[i] != NULL && strcmp(all->names[i], tenant) != 0)
        i++;
    assert_in_range(i, 0, TENANTS - 1);
    all->names[i] = tenant;
    bucket_take(&all->buckets[i], l, ask, now_us, reply);
}

static void it_does_what_the_stories_say(void **state)
{
    struct buckets all = {.names = {NULL}};
    struct door door = {take, &all};

    (void)state;
    stories_run(&door);
}

static void a_sole_caller_that_waits_succeeds(void **state)
{
    struct random r;

    (void)state;
    random_seed(&r, 1);
    for (int round = 0; round < 20000; round++) {
        struct quota_limits l = {.records_per_second = 1 + random_below(&r, 1000), .records_burst = 50};
        struct quota_bucket b = {0};
        struct quota_reply reply = {0};
        uint64_t now_us = STORY_START_US;
        for (int i = 0; i < 10; i++) {
            struct quota_cost need = {.records = 1 + random_below(&r, 50)};
            struct quota_ask ask = {.need = need, .want = need, .lease_us = LEASE_US};
            ask.want.records += random_below(&r, 10);
            now_us += random_below(&r, SECOND / 10);
            bucket_take(&b, &l, &ask, now_us, &reply);
            if (reply.refused == QUOTA_NO_DIMENSION)
                continue;
            assert_true(reply.wait_us > 0);
            ask.want = need;
            bucket_take(&b, &l, &ask, now_us += reply.wait_us, &reply);
            check(reply.refused == QUOTA_NO_DIMENSION, "still refused, round %d", round);
        }
    }
}

/* Leases are spent at the last moment that they may be, or handed back, in time or late. */
static void what_is_spent_keeps_to_rate_and_burst_in_every_window(void **state)
{
    struct random r;

    (void)state;
    random_seed(&r, 2);
    for (int round = 0; round < 300; round++) {
        struct quota_limits l = {.records_per_second = 1 + random_below(&r, 500),
                                 .records_burst = 1 + random_below(&r, 100)};
        struct quota_bucket b = {0};
        struct quota_reply reply;
        struct ledger ledger;
        struct quota_cost left = {0}, none = {0};
        uint64_t leased_us = 0;
        uint64_t now_us = STORY_START_US, pause_us = 1 + random_below(&r, SECOND / 20);
        ledger_init(&ledger);
        for (int i = 0; i < 2000; i++) {
            uint64_t need = random_below(&r, 3), extra = random_below(&r, 8);
            now_us += random_below(&r, 50) == 0 ? random_below(&r, SECOND) : random_below(&r, pause_us);
            bool is_late = now_us >= leased_us + LEASE_US;
            struct quota_ask ask = {
                is_late ? none : left, is_late ? left : none, {.records = need}, {.records = need + extra}, LEASE_US};
            bucket_take(&b, &l, &ask, now_us, &reply);
            left = none;
            if (reply.refused != QUOTA_NO_DIMENSION)
                continue;
            ledger_spend(&ledger, now_us, (int64_t)need);
            uint64_t leased = reply.granted.records - need, unspent = random_below(&r, leased + 1);
            ledger_spend(&ledger, now_us + random_below(&r, 2) * (LEASE_US - 1), (int64_t)(leased - unspent));
            left.records = random_below(&r, unspent + 1);
            leased_us = now_us;
        }
        double over = ledger_over(&ledger, (double)l.records_per_second, (double)l.records_burst);
        check(over < 1e-3, "round %d: %g too much in some window", round, over);
        ledger_clear(&ledger);
    }
}

static void of_a_process_it_gives_back_and_tells_what_remains(void **state)
{
    static const struct quota_limits l = {.records_per_second = 100, .records_per_day = 1000};
    struct quota_bucket b = {0};
    struct quota_room room[QUOTA_DIMENSIONS];
    struct quota_ask ask = {.need = {1, 60, 1}, .want = {1, 60, 1}};
    struct quota_reply reply;
    uint64_t noon_us = STORY_START_US - 12 * 3600 * (uint64_t)SECOND;

    (void)state;
    assert_true(bucket_is_full(&b, &l, noon_us));
    bucket_take(&b, &l, &ask, noon_us, &reply);
    assert_false(bucket_is_full(&b, &l, noon_us));
    bucket_remaining(&b, &l, noon_us + SECOND / 10, room);
    assert_int_equal(room[QUOTA_RECORDS].remaining, 50);
    assert_int_equal(room[QUOTA_RECORDS].full_us, SECOND / 2);
    assert_int_equal(room[QUOTA_DAY].remaining, 940);
    assert_int_equal(room[QUOTA_DAY].full_us, (12 * 3600 + 60) * (uint64_t)SECOND - SECOND / 10);
    assert_int_equal(room[QUOTA_REQUESTS].remaining, 0);
    bucket_give_back(&b, &l, &(struct quota_cost){1, 60, 1}, noon_us);
    bucket_remaining(&b, &l, noon_us, room);
    assert_int_equal(room[QUOTA_RECORDS].remaining, 100);
    assert_int_equal(room[QUOTA_DAY].remaining, 1000);
    assert_true(bucket_is_full(&b, &l, noon_us));
}

static void what_comes_late_is_for_the_calendars_alone(void **state)
{
    static const struct quota_limits l = {.records_per_second = 100, .records_per_day = 1000, .bytes_per_month = 1000};
    struct quota_bucket b = {0};
    struct quota_ask ask = {.need = {1, 60, 60}, .want = {1, 60, 60}}, late = {.late = {1, 20, 30}};
    struct quota_reply reply;

    (void)state;
    bucket_take(&b, &l, &ask, STORY_START_US, &reply);
    bucket_take(&b, &l, &late, STORY_START_US, &reply);
    assert_int_equal(reply.room[QUOTA_RECORDS].remaining, 40);
    assert_int_equal(reply.room[QUOTA_DAY].remaining, 960);
    assert_int_equal(reply.room[QUOTA_MONTH].remaining, 970);
}

static void limits_may_change_at_any_time(void **state)
{
    struct quota_limits high = {.records_per_second = 1000}, low = {.records_per_second = 10}, none = {0};
    struct quota_ask all = {.need = {.records = 1000}, .want = {.records = 1000}};
    struct quota_ask one = {.need = {.records = 1}, .want = {.records = 1}};
    struct quota_bucket b = {0};
    struct quota_reply reply;

    (void)state;
    bucket_take(&b, &high, &all, STORY_START_US, &reply);
    bucket_take(&b, &low, &one, STORY_START_US, &reply);
    assert_int_equal(reply.refused, QUOTA_RECORDS);
    assert_int_equal(reply.wait_us, SECOND / 10);
    bucket_take(&b, &none, &all, STORY_START_US, &reply);
    assert_int_equal(reply.refused, QUOTA_NO_DIMENSION);
    assert_int_equal(reply.granted.records, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_does_what_the_stories_say),
        cmocka_unit_test(a_sole_caller_that_waits_succeeds),
        cmocka_unit_test(what_is_spent_keeps_to_rate_and_burst_in_every_window),
        cmocka_unit_test(of_a_process_it_gives_back_and_tells_what_remains),
        cmocka_unit_test(what_comes_late_is_for_the_calendars_alone),
        cmocka_unit_test(limits_may_change_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
