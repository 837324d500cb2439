#include "gateway/quota/lease.h"

#include "tests/auth/check.h"

#include <inttypes.h>

#define MS           1000u
#define SECOND       1000000u
#define START        (100ull * SECOND)
#define RECORDS_1000 (&(struct quota_cost){.records = 1000})
#define ONE          ((struct quota_cost){1, 1, 100})

static const struct quota_limits limits = {.records_per_second = 10000};

/* One that used `pace` records in each millisecond of the last 200, and heard then that `room` remain. */
static struct lease used(const struct quota_limits *l, uint64_t pace, uint64_t room)
{
    struct lease lease = {0};
    struct lease_ask ask = {.asked_us = START};
    struct quota_reply reply = {.refused = QUOTA_NO_DIMENSION};

    for (uint64_t us = 0; us < 200 * MS; us += MS)
        pace_note(&lease.pace, &(struct quota_cost){pace, pace, 100 * pace}, START - 200 * MS + us);
    lease_settle(&lease, START);
    for (enum quota_dimension d = 0; d < QUOTA_DIMENSIONS; d++)
        reply.room[d].remaining = room;
    lease_put(&lease, l, &ask, &reply);
    return lease;
}

static void a_lease_is_as_much_as_is_used_in_a_short_while(void **state)
{
    static const struct {
        const char *what;
        uint64_t gateways, pace, room, want;
    } rows[] = {
        {"20 ms of its pace", 1, 5, 10000, 1 + 100},
        {"not for who uses little", 1, 0, 10000, 1},
        {"at most a quarter of the burst", 1, 1000, 10000, 1 + 2500},
        {"and of that one gateway's part", 3, 1000, 10000, 1 + 833},
        {"near the limit its part of what is left", 3, 5, 31, 1 + 10},
        {"at the limit nothing more than needed", 3, 5, 1, 1},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct lease_conf conf = {SECOND, rows[i].gateways};
        struct lease l = used(&limits, rows[i].pace, rows[i].room);
        struct quota_cost one = ONE;
        struct lease_ask ask;
        lease_ask(&l, &conf, &limits, &one, &ask);
        check(ask.quota.want.records == rows[i].want, "%s: %" PRIu64, rows[i].what, ask.quota.want.records);
        check(ask.quota.need.records == 1 && ask.quota.lease_us == 250 * MS && ask.asked_us == START, "%s",
              rows[i].what);
        check(ask.is_lease == (rows[i].want > 1) && !ask.is_ahead, "%s", rows[i].what);
    }
}

static void it_is_longer_where_redis_is_slow(void **state)
{
    static const struct {
        uint64_t trip_us, want;
    } rows[] = {{0, 100}, {1 * MS, 120}, {20 * MS, 500}, {50 * MS, 625}, {5 * SECOND, 625}};
    struct lease_conf conf = {SECOND, 1};

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) { /* half of its life of 250 ms at most */
        struct lease l = used(&limits, 5, 10000);
        struct lease_ask ask = {.asked_us = START - rows[i].trip_us};
        struct quota_reply reply = {.refused = QUOTA_NO_DIMENSION, .room = {{0, 0}, {10000, 0}}};
        struct quota_cost one = ONE;
        lease_put(&l, &limits, &ask, &reply);
        lease_ask(&l, &conf, &limits, &one, &ask);
        check(ask.quota.want.records == 1 + rows[i].want, "%" PRIu64 ": %" PRIu64, rows[i].trip_us,
              ask.quota.want.records);
        for (int trips = 0; trips != 100; trips++) { /* it is forgotten by and by */
            struct lease_ask quick = {.asked_us = START, .is_lease = true};
            lease_put(&l, &limits, &quick, &reply);
        }
        lease_ask(&l, &conf, &limits, &one, &ask);
        check(ask.quota.want.records == 1 + 100, "%" PRIu64 ": %" PRIu64, rows[i].trip_us, ask.quota.want.records);
    }
}

static void it_is_of_all_that_is_limited_or_of_nothing(void **state)
{
    static const struct quota_limits all = {.requests_per_second = 10000,
                                            .records_per_second = 10000,
                                            .bytes_per_second = 1000000,
                                            .records_per_day = 4000};
    struct lease_conf conf = {SECOND, 1};
    struct lease l = used(&all, 5, 100000);
    struct quota_cost one = ONE;
    struct lease_ask ask;

    (void)state;
    lease_ask(&l, &conf, &all, &one, &ask);
    assert_int_equal(ask.quota.want.requests, 1 + 100);
    assert_int_equal(ask.quota.want.records, 1 + 100);
    assert_int_equal(ask.quota.want.bytes, 100 + 10000);
    l = used(&all, 5, 100000);
    l.room[QUOTA_DAY].remaining = 1;
    lease_ask(&l, &conf, &all, &one, &ask);
    assert_int_equal(ask.quota.want.requests, 1);
    assert_int_equal(ask.quota.want.bytes, 100);
}

static void what_refills_meanwhile_counts_as_room(void **state)
{
    struct lease_conf conf = {SECOND, 1};
    struct lease l = used(&limits, 50, 0);
    struct quota_cost one = ONE;
    struct lease_ask ask;

    (void)state;
    lease_settle(&l, START + 5 * MS);
    lease_ask(&l, &conf, &limits, &one, &ask);
    assert_int_equal(ask.quota.want.records, 50);
}

static void one_lease_at_a_time_is_asked_for(void **state)
{
    struct lease_conf conf = {SECOND, 1};
    struct lease l = used(&limits, 50, 10000);
    struct quota_reply reply = {.refused = QUOTA_NO_DIMENSION, .granted = ONE, .room = {{0, 0}, {10000, 0}}};
    struct quota_cost one = ONE;
    struct lease_ask first, second, third;

    (void)state;
    lease_ask(&l, &conf, &limits, &one, &first);
    lease_ask(&l, &conf, &limits, &one, &second);
    assert_true(first.is_lease);
    assert_false(second.is_lease);
    lease_put(&l, &limits, &second, &reply);
    lease_ask(&l, &conf, &limits, &one, &third);
    assert_false(third.is_lease);
    lease_fail(&l, &first, true);
    lease_ask(&l, &conf, &limits, &one, &third);
    assert_true(third.is_lease);
    lease_settle(&l, START + 100 * MS); /* who asked never said */
    pace_note(&l.pace, RECORDS_1000, START + 100 * MS);
    lease_ask(&l, &conf, &limits, &one, &first);
    assert_true(first.is_lease);
}

static void what_is_owed_goes_with_the_next_ask_once(void **state)
{
    struct lease_conf conf = {SECOND, 1};
    struct lease l = used(&limits, 50, 10000);
    struct quota_cost one = ONE;
    struct lease_ask ask;

    (void)state;
    lease_give_back(&l, 0, &(struct quota_cost){0, 7, 70});
    lease_ask(&l, &conf, &limits, &one, &ask);
    assert_int_equal(ask.quota.give.records, 7);
    assert_int_equal(ask.quota.give.bytes, 70);
    lease_ask(&l, &conf, &limits, &one, &ask);
    assert_int_equal(ask.quota.give.records, 0);
}

static void near_the_limit_what_does_not_suffice_goes_along(void **state)
{
    struct lease_conf conf = {SECOND, 1};
    struct lease l = used(&limits, 50, 10000);
    struct quota_reply reply = {.refused = QUOTA_NO_DIMENSION, .granted = {1, 4, 1}};
    struct quota_cost five = {1, 5, 1}, one = ONE;
    struct lease_ask ask;
    uint64_t number;

    (void)state;
    lease_ask(&l, &conf, &limits, &one, &ask);
    lease_put(&l, &limits, &ask, &reply);
    assert_false(lease_spend(&l, &limits, &five, &number));
    lease_ask(&l, &conf, &limits, &five, &ask);
    assert_false(ask.is_lease);
    assert_int_equal(ask.quota.give.records, 3);
    assert_false(lease_spend(&l, &limits, &one, &number));
}

static void it_is_asked_for_ahead_when_half_of_it_is_spent(void **state)
{
    struct lease_conf conf = {SECOND, 1};
    struct lease l = used(&limits, 5, 10000);
    struct quota_reply reply = {.refused = QUOTA_NO_DIMENSION, .granted = {1, 101, 100}, .room = {{0, 0}, {9000, 0}}};
    struct quota_cost one = ONE;
    struct lease_ask ask, ahead;
    uint64_t number;

    (void)state;
    lease_ask(&l, &conf, &limits, &one, &ask);
    lease_put(&l, &limits, &ask, &reply);
    assert_true(lease_spend(&l, &limits, &(struct quota_cost){1, 50, 1}, &number));
    lease_settle(&l, START + 5 * MS);
    assert_false(lease_ask_ahead(&l, &conf, &limits, &ahead));
    assert_true(lease_spend(&l, &limits, &one, &number));
    assert_true(lease_ask_ahead(&l, &conf, &limits, &ahead));
    assert_true(ahead.is_ahead && ahead.is_lease && quota_is_nothing(&ahead.quota.need));
    assert_in_range(ahead.quota.want.records, 90, 120);
    assert_false(lease_ask_ahead(&l, &conf, &limits, &ahead));
}

static void where_bursts_are_short_nothing_is_leased(void **state)
{
    static const struct quota_limits shorts = {.records_per_second = 100000, .records_burst = 1000};
    struct lease_conf conf = {SECOND, 1};
    struct lease l = used(&shorts, 50, 1000);
    struct quota_cost one = ONE;
    struct lease_ask ask;

    (void)state;
    lease_ask(&l, &conf, &shorts, &one, &ask);
    assert_int_equal(ask.quota.lease_us, 0);
    assert_int_equal(ask.quota.want.records, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lease_is_as_much_as_is_used_in_a_short_while),
        cmocka_unit_test(it_is_longer_where_redis_is_slow),
        cmocka_unit_test(it_is_of_all_that_is_limited_or_of_nothing),
        cmocka_unit_test(what_refills_meanwhile_counts_as_room),
        cmocka_unit_test(one_lease_at_a_time_is_asked_for),
        cmocka_unit_test(what_is_owed_goes_with_the_next_ask_once),
        cmocka_unit_test(near_the_limit_what_does_not_suffice_goes_along),
        cmocka_unit_test(it_is_asked_for_ahead_when_half_of_it_is_spent),
        cmocka_unit_test(where_bursts_are_short_nothing_is_leased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
