#include "gateway/quota/pool.h"

#include "tests/auth/check.h"
#include "tests/lib/failing_memory.h"

#include <stdio.h>

#define MS     1000u
#define SECOND 1000000u
#define STEADY (100ull * SECOND)
#define UNIX   (1772323140ull * SECOND)
#define ACME   SPAN("acme")

static const struct quota_limits limits = {
    .requests_per_second = 1000, .records_per_second = 100, .records_per_day = 100000};

static struct pool *new_pool(bool has_store)
{
    struct pool_conf conf = {has_store, POOL_LEASE_LONGEST_US, 1000, 1};
    struct pool *p = pool_new(&conf);

    assert_non_null(p);
    return p;
}

static struct pool_now after(uint64_t us)
{
    return (struct pool_now){STEADY + us, UNIX + us};
}

static struct pool_answer try_at(struct pool *p, uint64_t us, uint64_t records)
{
    struct quota_cost cost = {1, records, 10};
    struct pool_answer answer;

    pool_try(p, ACME, &limits, &cost, after(us), &answer);
    return answer;
}

static struct pool_answer put_at(struct pool *p, uint64_t us, const struct lease_ask *ask,
                                 const struct quota_reply *reply)
{
    struct pool_answer answer;

    pool_put(p, ACME, &limits, ask, reply, after(us), &answer);
    return answer;
}

static void without_limits_all_is_granted(void **state)
{
    static const struct quota_limits none = {.bytes_burst = 5};
    struct pool *p = new_pool(true);
    struct pool_answer answer;

    (void)state;
    pool_try(p, ACME, &none, &(struct quota_cost){1, UINT64_MAX, UINT64_MAX}, after(0), &answer);
    assert_int_equal(answer.verdict, POOL_GRANTED);
    assert_int_equal(pool_tenants(p), 0);
    pool_free(&p);
}

static void beyond_the_burst_is_hopeless(void **state)
{
    (void)state;
    for (int has_store = 0; has_store < 2; has_store++) {
        struct pool *p = new_pool(has_store);
        struct pool_answer answer = try_at(p, 0, 101);
        assert_int_equal(answer.verdict, POOL_HOPELESS);
        assert_int_equal(answer.refused, QUOTA_RECORDS);
        pool_free(&p);
    }
}

static void without_a_store_the_quota_is_exact(void **state)
{
    struct pool *p = new_pool(false);
    struct quota_room room[QUOTA_DIMENSIONS];

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(try_at(p, 0, 1).verdict, POOL_GRANTED);
    struct pool_answer answer = try_at(p, 0, 1);
    assert_int_equal(answer.verdict, POOL_REFUSED);
    assert_int_equal(answer.refused, QUOTA_RECORDS);
    assert_int_equal(answer.wait_us, 10 * MS);
    assert_int_equal(try_at(p, 10 * MS, 1).verdict, POOL_GRANTED);
    pool_give_back(p, ACME, &limits, 0, &(struct quota_cost){1, 5, 50}, after(10 * MS));
    pool_remaining(p, ACME, &limits, after(10 * MS), room);
    assert_int_equal(room[QUOTA_RECORDS].remaining, 5);
    assert_int_equal(room[QUOTA_REQUESTS].remaining, 1000 - 101 + 10);
    assert_int_equal(try_at(p, 10 * MS, 5).verdict, POOL_GRANTED);
    assert_int_equal(try_at(p, 10 * MS, 1).verdict, POOL_REFUSED);
    pool_free(&p);
}

static void with_one_it_asks_and_spends_what_it_was_given(void **state)
{
    struct pool *p = new_pool(true);
    struct pool_answer answer = try_at(p, 0, 2);
    struct quota_reply reply = {.refused = QUOTA_NO_DIMENSION, .granted = {3, 6, 0}};

    (void)state;
    assert_int_equal(answer.verdict, POOL_MUST_ASK);
    assert_int_equal(answer.ask.quota.need.records, 2);
    assert_int_equal(answer.ask.quota.lease_us, 250 * MS);
    assert_int_equal(answer.ask.asked_us, STEADY);
    assert_int_equal(put_at(p, MS, &answer.ask, &reply).verdict, POOL_GRANTED);
    assert_int_equal(try_at(p, MS, 3).verdict, POOL_GRANTED);
    assert_int_equal(try_at(p, MS, 1).verdict, POOL_GRANTED);
    assert_int_equal(try_at(p, MS, 1).verdict, POOL_MUST_ASK);
    pool_free(&p);
}

static void a_refusal_is_remembered_and_no_lease_touched(void **state)
{
    struct pool *p = new_pool(true);
    struct pool_answer answer = try_at(p, 0, 2);
    struct quota_reply reply = {.refused = QUOTA_RECORDS, .wait_us = 20 * MS};

    (void)state;
    answer = put_at(p, 0, &answer.ask, &reply);
    assert_int_equal(answer.verdict, POOL_REFUSED);
    assert_int_equal(answer.wait_us, 20 * MS);
    answer = try_at(p, 5 * MS, 2);
    assert_int_equal(answer.verdict, POOL_REFUSED);
    assert_int_equal(answer.refused, QUOTA_RECORDS);
    assert_int_equal(answer.wait_us, 15 * MS);
    assert_int_equal(try_at(p, 20 * MS, 2).verdict, POOL_MUST_ASK);
    pool_free(&p);
}

static void new_limits_are_asked_about_at_once(void **state)
{
    struct quota_limits higher = {.records_per_second = 500};
    struct pool *p = new_pool(true);
    struct pool_answer answer = try_at(p, 0, 2);
    struct quota_reply reply = {.refused = QUOTA_RECORDS, .wait_us = SECOND};

    (void)state;
    put_at(p, 0, &answer.ask, &reply);
    pool_try(p, ACME, &higher, &(struct quota_cost){1, 2, 2}, after(1), &answer);
    assert_int_equal(answer.verdict, POOL_MUST_ASK);
    pool_free(&p);
}

static void the_request_itself_is_never_given_back(void **state)
{
    struct pool *p = new_pool(true);
    struct pool_answer answer;

    (void)state;
    pool_give_back(p, ACME, &limits, 0, &(struct quota_cost){1, 5, 50}, after(0));
    answer = try_at(p, 0, 1);
    assert_int_equal(answer.ask.quota.give.requests, 0);
    assert_int_equal(answer.ask.quota.give.records, 5);
    assert_int_equal(answer.ask.quota.give.bytes, 50);
    pool_fail(p, ACME, &answer.ask, false);
    assert_int_equal(try_at(p, 0, 1).ask.quota.late.records, 5);
    assert_int_equal(try_at(p, 0, 1).ask.quota.late.records, 0);
    pool_free(&p);
}

/* All stripes', one at a time. */
static size_t drain(struct pool *p, uint64_t us, bool is_ending, struct pool_leftover *out)
{
    size_t len = 0;

    for (unsigned stripe = 0; stripe < POOL_STRIPES; stripe++)
        while (pool_drain(p, stripe, after(us), is_ending, out, 1) == 1)
            len++;
    return len;
}

static void what_is_left_over_is_listed_once(void **state)
{
    struct pool *p = new_pool(true);
    struct pool_answer answer = try_at(p, 0, 1);
    struct quota_reply reply = {.refused = QUOTA_NO_DIMENSION, .granted = {3, 6, 0}};
    struct pool_leftover left;

    (void)state;
    put_at(p, 0, &answer.ask, &reply);
    assert_int_equal(drain(p, MS, false, &left), 0);
    assert_int_equal(drain(p, 250 * MS, false, &left), 1);
    assert_true(span_equal(span_of(left.tenant, left.tenant_len), ACME));
    assert_int_equal(left.owed.late.records, 5);
    assert_int_equal(left.owed.late.requests, 2);
    assert_true(quota_limits_equal(&left.limits, &limits));
    assert_int_equal(left.lease_us, 250 * MS);
    assert_int_equal(drain(p, 250 * MS, true, &left), 0);
    answer.ask.asked_us = STEADY + 300 * MS;
    put_at(p, 300 * MS, &answer.ask, &reply);
    assert_int_equal(drain(p, 301 * MS, true, &left), 1);
    assert_int_equal(left.owed.give.records, 5);
    assert_int_equal(try_at(p, 301 * MS, 1).verdict, POOL_MUST_ASK);
    pool_free(&p);
}

static void tenants_do_not_know_of_each_other(void **state)
{
    struct pool *p = new_pool(false);
    struct quota_cost all = {1, 100, 1};
    struct pool_answer answer;

    (void)state;
    for (int i = 0; i < 20; i++) {
        char name[16];
        int len = snprintf(name, sizeof(name), "t%d", i);
        pool_try(p, span_of(name, (size_t)len), &limits, &all, after(0), &answer);
        assert_int_equal(answer.verdict, POOL_GRANTED);
    }
    assert_int_equal(pool_tenants(p), 20);
    pool_free(&p);
}

static void who_used_of_his_quota_is_not_forgotten(void **state)
{
    struct pool_conf conf = {false, POOL_LEASE_LONGEST_US, 1, 1};
    struct pool *p = pool_new(&conf);
    struct quota_cost all = {1, 100, 1};
    struct pool_answer answer;

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 200; i++) {
            char name[16];
            int len = snprintf(name, sizeof(name), "t%d", i);
            pool_try(p, span_of(name, (size_t)len), &limits, &all, after(0), &answer);
            assert_int_equal(answer.verdict, round == 0 ? POOL_GRANTED : POOL_REFUSED);
        }
    }
    pool_free(&p);
}

static void without_memory_redis_is_asked_or_it_says_so(void **state)
{
    (void)state;
    for (int has_store = 0; has_store < 2; has_store++) {
        struct pool *p = new_pool(has_store);
        failing_memory_begin(1);
        struct pool_answer answer = try_at(p, 0, 1);
        assert_true(failing_memory_end());
        assert_int_equal(answer.verdict, has_store ? POOL_MUST_ASK : POOL_NO_MEMORY);
        assert_int_equal(answer.ask.quota.want.records, 1);
        pool_free(&p);
    }
    struct pool *p = NULL;
    struct pool_conf conf = {true, POOL_LEASE_LONGEST_US, 100, 1};
    unsigned nth = 0;
    for (bool failed = true; failed;) {
        failing_memory_begin(++nth);
        p = pool_new(&conf);
        failed = failing_memory_end();
        assert_int_equal(p == NULL, failed);
    }
    pool_free(&p);
    pool_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_limits_all_is_granted),
        cmocka_unit_test(beyond_the_burst_is_hopeless),
        cmocka_unit_test(without_a_store_the_quota_is_exact),
        cmocka_unit_test(with_one_it_asks_and_spends_what_it_was_given),
        cmocka_unit_test(a_refusal_is_remembered_and_no_lease_touched),
        cmocka_unit_test(new_limits_are_asked_about_at_once),
        cmocka_unit_test(the_request_itself_is_never_given_back),
        cmocka_unit_test(what_is_left_over_is_listed_once),
        cmocka_unit_test(tenants_do_not_know_of_each_other),
        cmocka_unit_test(who_used_of_his_quota_is_not_forgotten),
        cmocka_unit_test(without_memory_redis_is_asked_or_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
