/* Workers that send each other records, under random weather at each of them: everybody is told once, and the truth. */
#include "tests/gateway/kinesis/cluster.h"
#include "tests/gateway/kinesis/weather.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define SEEDS    200
#define ARRIVALS 60
#define KEYS     4 /* a worker's */

static enum fake_fate random_fate(void *ctx, unsigned call, struct span body)
{
    struct weather *x = ctx;

    (void)call;
    (void)body;
    if (random_below(&x->random, 100) < x->calm_percent)
        return FAKE_STORED;
    return (enum fake_fate)random_below(&x->random, FAKE_FATES);
}

static void begin(struct cluster *c, struct weather *x)
{
    cluster_init(c);
    x->calm_percent = random_of(&x->random, 20, 100);
    for (size_t i = 0; i != WORKERS; i++) {
        struct crowd *w = &c->workers[i];
        struct stream_conf conf = w->streams[0];
        w->net->fate_of = random_fate;
        w->net->ctx = x;
        w->net->delay_us = random_of(&x->random, 0, 20000);
        w->sender.conf.queue_records_max = random_of(&x->random, 5, 100);
        conf.continues_after_gap = random_below(&x->random, 2) == 0;
        conf.retry_unknown = random_below(&x->random, 2) == 0;
        crowd_reload(w, 0, &conf);
    }
}

static void arrive(struct cluster *c, struct weather *x)
{
    size_t home = random_below(&x->random, WORKERS);
    struct arrival a = {.deadline_us = random_of(&x->random, 1, 300000), .bytes = random_of(&x->random, 1, 300)};

    a.key = cluster_key(c, home, (unsigned)random_below(&x->random, KEYS));
    cluster_ask(c, random_below(&x->random, WORKERS), home, a);
}

static void moment(struct cluster *c, struct weather *x)
{
    struct crowd *w = &c->workers[random_below(&x->random, WORKERS)];

    switch (random_below(&x->random, 6)) {
    case 0:
        cluster_pass(c, random_below(&x->random, 10000));
        break;
    case 1:
        fake_loop_settle(w->loop); /* it alone: posts of others wait */
        break;
    case 2: {
        struct caller *leaving = w->len == 0 ? NULL : w->callers[random_below(&x->random, w->len)];
        if (leaving != NULL && leaving->state == CALLER_WAITING)
            caller_leave(leaving);
        break;
    }
    default:
        break;
    }
}

static unsigned one_storm(uint64_t seed)
{
    struct cluster c;
    struct weather x = {.lanes = 1};

    random_seed(&x.random, seed);
    begin(&c, &x);
    for (unsigned i = 0; i != ARRIVALS; i++) {
        arrive(&c, &x);
        moment(&c, &x);
    }
    if (random_below(&x.random, 4) == 0)
        lane_release(&c.workers[random_below(&x.random, WORKERS)].lanes[0]);
    for (unsigned i = 0; i != 25; i++) {
        cluster_settle(&c);
        for (size_t k = 0; k != WORKERS; k++)
            fake_loop_pass(c.workers[k].loop, 100000);
        for (size_t k = 0; k != WORKERS; k++)
            crowd_check(&c.workers[k]);
    }
    unsigned written = cluster_count(&c, FAILURE_NONE);
    cluster_clear(&c); /* everybody was told, or it says who was not */
    return written;
}

static void test_storms(void **state)
{
    (void)state;
    assert_true(weather_run(SEEDS, one_storm) > SEEDS * ARRIVALS / 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(test_storms, weather_say_seed)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
