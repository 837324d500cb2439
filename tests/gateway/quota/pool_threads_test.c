/* One pool and several threads: nothing is spent twice. */
#include "gateway/quota/pool.h"

#include "tests/auth/check.h"

#include <pthread.h>
#include <stdio.h>

#define THREADS 4
#define TRIES   20000
#define TENANTS 7
#define BURST   5000u
#define UNIX    1772323140000000ull

static const struct quota_limits limits = {.records_per_second = 1, .records_burst = BURST};

struct caller {
    pthread_t thread;
    struct pool *pool;
    uint64_t granted[TENANTS];
};

static struct span name_of(unsigned i)
{
    static const char names[] = "abcdefg";

    return span_of(&names[i], 1);
}

static void *call(void *arg)
{
    struct caller *c = arg;
    struct quota_cost one = {1, 1, 1};
    struct pool_answer answer;

    for (unsigned i = 0; i < TRIES; i++) {
        unsigned tenant = i % TENANTS;
        pool_try(c->pool, name_of(tenant), &limits, &one, (struct pool_now){1, UNIX}, &answer);
        if (answer.verdict != POOL_GRANTED)
            continue;
        if (i % 10 == 0)
            pool_give_back(c->pool, name_of(tenant), &limits, answer.lease, &one, (struct pool_now){1, UNIX});
        else
            c->granted[tenant]++;
    }
    return NULL;
}

static void nothing_is_spent_twice(void **state)
{
    struct pool_conf conf = {false, POOL_LEASE_LONGEST_US, 100, 1};
    struct pool *p = pool_new(&conf);
    struct caller callers[THREADS] = {{.pool = p}};

    (void)state;
    for (unsigned i = 0; i < THREADS; i++) {
        callers[i].pool = p;
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(callers[i].thread, NULL);
    for (unsigned tenant = 0; tenant < TENANTS; tenant++) {
        uint64_t granted = 0;
        for (unsigned i = 0; i < THREADS; i++)
            granted += callers[i].granted[tenant];
        check(granted == BURST, "tenant %u: %u", tenant, (unsigned)granted);
    }
    pool_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_spent_twice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
