/* A worker's door, on a Redis and a loop in virtual time: two workers of one process, and another gateway beside. */
#include "gateway/quota/quota.h"

#include "tests/auth/check.h"
#include "tests/lib/fake_loop.h"
#include "tests/lib/fake_redis.h"

static const struct quota_limits ten = {.requests_per_second = 10, .requests_burst = 10, .records_per_second = 1000};

struct house {
    struct loop *loop;
    struct redis_client redis;
    struct pool *pool, *share;
    struct quota *quota;
    unsigned done;
};

static void house_init(struct house *h, bool has_redis)
{
    *h = (struct house){.loop = loop_new()};
    fake_redis_init(&h->redis, h->loop);
    h->pool = pool_new(&(struct pool_conf){.has_store = has_redis, .lease_longest_us = 1000000, .tenants_max = 100});
    h->share = pool_new(&(struct pool_conf){.has_store = false, .lease_longest_us = 1000000, .tenants_max = 100});
    h->quota = quota_new(&(struct quota_conf){.loop = h->loop,
                                              .pool = h->pool,
                                              .share = h->share,
                                              .redis = has_redis ? &h->redis : NULL,
                                              .timeout_ms = 20,
                                              .workers = 1});
    fake_loop_pass(h->loop, 5000000);
}

static void house_clear(struct house *h)
{
    quota_free(&h->quota);
    assert_true(list_is_empty(&h->redis.under_way));
    pool_free(&h->pool);
    pool_free(&h->share);
    loop_free(&h->loop);
}

struct request {
    struct quota_spending spending;
    struct house *house;
};

static void on_done(struct quota_spending *s)
{
    LIST_ENTRY(s, struct request, spending)->house->done++;
}

static bool spend_within(struct house *h, struct request *r, const struct quota_limits *l, enum quota_outage policy)
{
    *r = (struct request){.house = h,
                          .spending = {.tenant = SPAN("acme"),
                                       .limits = l,
                                       .on_outage = policy,
                                       .cost = {.requests = 1, .records = 1, .bytes = 100},
                                       .done = on_done}};
    return quota_spend(h->quota, &r->spending);
}

static bool spend(struct house *h, struct request *r, enum quota_outage policy)
{
    return spend_within(h, r, &ten, policy);
}

/* The verdict, however long it takes; at most `within_us`. */
static enum quota_verdict verdict(struct house *h, enum quota_outage policy, uint64_t within_us)
{
    struct request r;
    unsigned before = h->done;

    if (!spend(h, &r, policy)) {
        fake_loop_pass(h->loop, within_us);
        assert_int_equal(h->done, before + 1);
    }
    return r.spending.grant.verdict;
}

static void without_redis_a_burst_is_granted_and_then_refused(void **state)
{
    struct house h;

    (void)state;
    house_init(&h, false);
    for (unsigned i = 0; i != 10; i++)
        assert_int_equal(verdict(&h, QUOTA_LOCAL_SHARE, 0), QUOTA_GRANTED);
    struct request r;
    assert_true(spend(&h, &r, QUOTA_LOCAL_SHARE));
    assert_int_equal(r.spending.grant.verdict, QUOTA_REFUSED);
    assert_int_equal(r.spending.grant.refused, QUOTA_REQUESTS);
    assert_in_range(r.spending.grant.wait_us, 1, 100000);
    fake_loop_pass(h.loop, r.spending.grant.wait_us);
    assert_int_equal(verdict(&h, QUOTA_LOCAL_SHARE, 0), QUOTA_GRANTED);
    house_clear(&h);
}

static void redis_is_asked_and_answers_once(void **state)
{
    struct house h;
    unsigned granted = 0;

    (void)state;
    house_init(&h, true);
    for (unsigned i = 0; i != 30; i++)
        granted += verdict(&h, QUOTA_CLOSED, 1000) == QUOTA_GRANTED;
    assert_in_range(granted, 10, 11);
    assert_true(h.redis.calls != 0);
    house_clear(&h);
}

static void what_is_away_is_the_tenants_policy_within_the_timeout(void **state)
{
    static const enum fake_redis_fate fates[] = {FAKE_REDIS_AWAY, FAKE_REDIS_SILENT, FAKE_REDIS_LOST,
                                                 FAKE_REDIS_GARBAGE, FAKE_REDIS_ERROR};

    (void)state;
    for (size_t i = 0; i != LEN(fates); i++) {
        struct house h;
        unsigned granted = 0;
        house_init(&h, true);
        h.redis.fate = fates[i];
        assert_int_equal(verdict(&h, QUOTA_OPEN, 20000), QUOTA_GRANTED);
        assert_int_equal(verdict(&h, QUOTA_CLOSED, 20000), QUOTA_UNAVAILABLE);
        pool_set_gateways(h.pool, 2);
        for (unsigned n = 0; n != 20; n++)
            granted += verdict(&h, QUOTA_LOCAL_SHARE, 20000) == QUOTA_GRANTED;
        check(granted >= 5 && granted <= 8, "half of ten and what came in 0.4 s: %u, fate %zu", granted, i);
        h.redis.fate = FAKE_REDIS_ANSWERS;
        fake_loop_pass(h.loop, 2000000);
        assert_int_equal(verdict(&h, QUOTA_CLOSED, 1000), QUOTA_GRANTED);
        house_clear(&h);
    }
}

static void one_that_is_not_answered_in_time_ends_the_wait_of_all(void **state)
{
    struct house h;
    struct request first, second, third;

    (void)state;
    house_init(&h, true);
    h.redis.fate = FAKE_REDIS_SILENT;
    assert_false(spend(&h, &first, QUOTA_OPEN));
    fake_loop_pass(h.loop, 15000);
    assert_false(spend(&h, &second, QUOTA_CLOSED));
    assert_false(spend(&h, &third, QUOTA_CLOSED));
    quota_cancel(&third.spending);
    assert_int_equal(h.done, 0);
    fake_loop_pass(h.loop, 5000);
    assert_int_equal(h.done, 2);
    assert_int_equal(first.spending.grant.verdict, QUOTA_GRANTED);
    assert_int_equal(second.spending.grant.verdict, QUOTA_UNAVAILABLE);
    assert_true(second.spending.grant.was_asked && second.spending.grant.is_outage);
    unsigned calls = h.redis.calls;
    assert_true(spend(&h, &third, QUOTA_CLOSED));
    assert_int_equal(third.spending.grant.verdict, QUOTA_UNAVAILABLE);
    assert_int_equal(h.redis.calls, calls);
    fake_loop_pass(h.loop, 100000);
    assert_int_equal(h.done, 2);
    assert_int_equal(quota_under_way(h.quota), 0);
    h.redis.fate = FAKE_REDIS_ANSWERS;
    assert_int_equal(verdict(&h, QUOTA_CLOSED, 1000), QUOTA_GRANTED);
    house_clear(&h);
}

/* Redis has not stopped: the second ask is answered after all, and what it brings is no longer needed. */
static void an_answer_that_nobody_waits_for_any_more_gives_its_need_back(void **state)
{
    static const struct quota_limits a_day = {.records_per_day = 10};
    struct quota_room room[QUOTA_DIMENSIONS];
    struct house h;
    struct request first, second;

    (void)state;
    house_init(&h, true);
    h.redis.fate = FAKE_REDIS_SILENT;
    assert_false(spend_within(&h, &first, &a_day, QUOTA_OPEN));
    fake_loop_pass(h.loop, 19000);
    h.redis.fate = FAKE_REDIS_ANSWERS;
    h.redis.delay_us = 5000;
    assert_false(spend_within(&h, &second, &a_day, QUOTA_OPEN));
    h.redis.fate = FAKE_REDIS_SILENT; /* as far as the first one shows */
    fake_loop_pass(h.loop, 1000);
    assert_int_equal(h.done, 2);
    h.redis.fate = FAKE_REDIS_ANSWERS;
    fake_loop_pass(h.loop, 5000000);
    assert_int_equal(h.done, 2);
    quota_hand_back(h.quota);
    fake_loop_pass(h.loop, 100000);
    assert_int_equal(quota_under_way(h.quota), 0);
    bucket_remaining(&h.redis.tenants[0].bucket, &a_day, (uint64_t)loop_unix_ms(h.loop) * 1000, room);
    assert_int_equal(room[QUOTA_DAY].remaining, 9); /* the first one's is lost */
    house_clear(&h);
}

static void who_left_is_not_called_and_costs_no_records(void **state)
{
    struct house h;
    struct request r;

    (void)state;
    house_init(&h, true);
    assert_false(spend(&h, &r, QUOTA_CLOSED));
    quota_cancel(&r.spending);
    quota_cancel(&r.spending);
    fake_loop_pass(h.loop, 100000);
    assert_int_equal(h.done, 0);
    assert_int_equal(quota_under_way(h.quota), 0);
    house_clear(&h);
}

static void records_that_were_not_written_may_be_spent_again(void **state)
{
    struct quota_limits l = {.records_per_second = 10, .records_burst = 10};
    struct house h;
    struct request r;

    (void)state;
    house_init(&h, false);
    for (int round = 0; round != 5; round++) {
        r = (struct request){
            .house = &h, .spending = {.tenant = SPAN("acme"), .limits = &l, .cost = {1, 10, 1000}, .done = on_done}};
        assert_true(quota_spend(h.quota, &r.spending));
        assert_int_equal(r.spending.grant.verdict, QUOTA_GRANTED);
        quota_give_back(h.quota, &r.spending, &(struct quota_cost){.records = 10, .bytes = 1000});
    }
    r.spending.cost.records = 11;
    assert_true(quota_spend(h.quota, &r.spending));
    assert_int_equal(r.spending.grant.verdict, QUOTA_HOPELESS);
    house_clear(&h);
}

static void leftovers_go_back_at_the_end(void **state)
{
    struct quota_room room[QUOTA_DIMENSIONS];
    struct house h;

    (void)state;
    house_init(&h, true);
    for (unsigned i = 0; i != 200; i++) {
        (void)verdict(&h, QUOTA_CLOSED, 1000);
        fake_loop_pass(h.loop, 100000);
    }
    quota_hand_back(h.quota);
    fake_loop_pass(h.loop, 100000);
    assert_int_equal(quota_under_way(h.quota), 0);
    bucket_remaining(&h.redis.tenants[0].bucket, &ten, (uint64_t)loop_unix_ms(h.loop) * 1000, room);
    assert_in_range(room[QUOTA_REQUESTS].remaining, 0, 10);
    house_clear(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_redis_a_burst_is_granted_and_then_refused),
        cmocka_unit_test(redis_is_asked_and_answers_once),
        cmocka_unit_test(what_is_away_is_the_tenants_policy_within_the_timeout),
        cmocka_unit_test(one_that_is_not_answered_in_time_ends_the_wait_of_all),
        cmocka_unit_test(an_answer_that_nobody_waits_for_any_more_gives_its_need_back),
        cmocka_unit_test(who_left_is_not_called_and_costs_no_records),
        cmocka_unit_test(records_that_were_not_written_may_be_spent_again),
        cmocka_unit_test(leftovers_go_back_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
