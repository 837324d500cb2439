/*
 * The road under random weather: arrivals, fates, deadlines, clients that leave and reloads, a thousand seeds. Whatever
 * happens: one answer each, no acknowledgement without a stored record, and an audit that adds up at every moment.
 */
#include "tests/lib/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define REQUESTS 40
#define SEEDS    1000

struct weather {
    struct random random;
    unsigned calm_percent;
};

static enum fake_fate random_fate(void *ctx, unsigned call, struct span body)
{
    struct weather *x = ctx;

    (void)call;
    (void)body;
    return random_below(&x->random, 100) < x->calm_percent ? FAKE_STORED
                                                           : (enum fake_fate)random_below(&x->random, FAKE_FATES);
}

static struct fake_exchange *random_request(struct world *w, struct random *r)
{
    static const char *const streams[] = {"orders", "report", "clicks", "nowhere"};
    char line[128], fields[256];

    snprintf(line, sizeof(line), "POST /v1/streams/%s/record?partitionKey=%u", streams[random_below(r, 4)],
             (unsigned)random_below(r, 5));
    snprintf(fields, sizeof(fields), "%sX-Request-Timeout-Ms: %u\r\n", w->key, (unsigned)random_below(r, 3000) + 1);
    struct fake_exchange *e = fake_request(line, fields, SPAN("an event"));
    front_request(&w->front, &e->exchange);
    return e;
}

static void one_storm(uint64_t seed)
{
    struct world w;
    struct weather weather;
    struct fake_exchange *e[REQUESTS];
    unsigned acknowledged = 0;

    world_init(&w);
    fake_loop_seed(w.loop, seed);
    random_seed(&weather.random, seed);
    weather.calm_percent = (unsigned)random_below(&weather.random, 101);
    w.net->fate_of = random_fate;
    w.net->ctx = &weather;
    w.sender.conf.calls_in_flight_max = (uint32_t)random_below(&weather.random, 5) + 1;
    w.sender.conf.queue_records_max = (uint32_t)random_below(&weather.random, 30) + 1;
    for (unsigned i = 0; i != REQUESTS; i++) {
        w.net->delay_us = random_below(&weather.random, 2500000);
        e[i] = random_request(&w, &weather.random);
        if (random_below(&weather.random, 10) == 0)
            world_reload(&w);
        if (random_below(&weather.random, 10) == 0)
            fake_exchange_gone(e[random_below(&weather.random, i + 1)]);
        fake_loop_pass(w.loop, random_below(&weather.random, 3) == 0 ? random_below(&weather.random, 300000) : 0);
        assert_true(world_is_balanced(&w));
    }
    fake_loop_pass(w.loop, 40000000);
    for (unsigned i = 0; i != REQUESTS; i++) {
        assert_int_equal(e[i]->replies + e[i]->is_gone, 1);
        acknowledged += e[i]->status == 200;
        fake_exchange_free(e[i]);
    }
    assert_true(acknowledged <= w.net->stored);
    assert_true(acknowledged <= (unsigned)w.metrics.records[RECORD_WRITTEN]);
    world_clear(&w);
}

static void test_a_thousand_storms(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        one_storm(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_thousand_storms)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
