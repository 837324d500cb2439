/* See weather.h. */
#include "tests/gateway/kinesis/weather.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static enum fake_fate draw_fate(struct weather *x)
{
    if (random_below(&x->random, 100) < x->calm_percent)
        return FAKE_ARGUMENT_IF_GUILTY;
    return random_below(&x->random, 2) == 0 ? x->season : (enum fake_fate)random_below(&x->random, FAKE_FATES);
}

static enum fake_fate random_fate(void *ctx, unsigned call, struct span body)
{
    struct weather *x = ctx;

    (void)call;
    (void)body;
    x->newest = draw_fate(x);
    return x->newest;
}

uint32_t random_of(struct random *r, uint32_t from, uint32_t to)
{
    return from + (uint32_t)random_below(r, to - from + 1);
}

static void draw_bounds(struct crowd *c, struct random *r)
{
    struct sender_conf *conf = &c->sender.conf;

    conf->calls_in_flight_max = random_of(r, 1, 6);
    conf->large_calls_max = random_of(r, 1, 4);
    conf->calls_max = random_of(r, 1, 8);
    conf->queue_records_max = random_of(r, 5, 200);
    conf->queue_bytes_max = random_below(r, 4) == 0 ? random_of(r, 65536, 400000) : 16u << 20;
    conf->retry.budget_burst = random_of(r, 0, 100);
    for (unsigned i = 0; i != CROWD_LANES; i++)
        c->streams[i].retry_unknown = random_below(r, 2) == 0;
}

static void draw_weather(struct crowd *c, struct weather *x)
{
    struct random *r = &x->random;

    x->calm_percent = random_of(r, 0, 100);
    x->lanes = random_of(r, 1, CROWD_LANES);
    x->season = (enum fake_fate)random_below(r, FAKE_FATES);
    c->net->fate_of = random_fate;
    c->net->ctx = x;
    c->net->shards = random_of(r, 1, 8);
    c->net->throttle_percent = random_of(r, 0, 100);
    c->net->fail_percent = random_of(r, 0, 100);
    c->net->delay_us = random_of(r, 0, 50000);
    c->net->delay_spread_us = random_below(r, 4) == 0 ? 1500000 : random_of(r, 0, 50000);
}

void weather_begin(struct weather *x, struct crowd *c, uint64_t seed)
{
    crowd_init(c);
    random_seed(&x->random, seed);
    random_seed(&c->random, seed + 1);
    random_seed(&c->net->random, seed + 2);
    fake_loop_seed(c->loop, seed + 3);
    draw_bounds(c, &x->random);
    draw_weather(c, x);
}

struct arrival weather_arrival(struct weather *x)
{
    struct random *r = &x->random;
    static const char *const tenants[] = {"acme", "globex", "initech", "umbrella"};
    struct arrival a = {.tenant = tenants[random_below(r, 4)], .deadline_us = random_of(r, 1, 5000000)};

    a.lane = (unsigned)random_below(r, x->lanes);
    a.bytes = random_below(r, 150) == 0 ? random_of(r, 200000, 300000) : random_of(r, 1, 300);
    a.is_base64 = random_below(r, 3) == 0;
    if (random_below(r, 30) == 0)
        a.word = "guilty";
    return a;
}

void weather_moment(struct weather *x, struct crowd *c)
{
    struct random *r = &x->random;

    switch (random_below(r, 8)) {
    case 0:
        fake_loop_pass(c->loop, random_below(r, 300000));
        break;
    case 1:
        fake_loop_pass(c->loop, random_below(r, 3000));
        break;
    case 2: {
        struct caller *w = c->callers[random_below(r, c->len)];
        if (w->state == CALLER_WAITING)
            caller_leave(w);
        break;
    }
    case 3:
        fake_loop_settle(c->loop);
        break;
    default: /* the same turn goes on */
        break;
    }
    crowd_check(c);
}

unsigned weather_end(struct crowd *c)
{
    for (unsigned i = 0; i != 50; i++) {
        fake_loop_pass(c->loop, 200000);
        crowd_check(c);
    }
    for (unsigned i = 0; i != c->len; i++)
        assert_true(c->callers[i]->state == CALLER_ENDED || c->callers[i]->state == CALLER_REFUSED);
    unsigned written = crowd_count(c, FAILURE_NONE);
    return written;
}

static uint64_t seed_under_way; /* 0: none */

static void on_abort(int signal)
{
    (void)signal;
    fprintf(stderr, "seed %llu\n", (unsigned long long)seed_under_way);
}

int weather_say_seed(void **state)
{
    (void)state;
    if (seed_under_way != 0)
        on_abort(0);
    seed_under_way = 0;
    return 0;
}

unsigned long weather_run(unsigned seeds, unsigned (*storm)(uint64_t seed))
{
    unsigned long sum = 0;

    signal(SIGABRT, on_abort);
    for (seed_under_way = 1; seed_under_way <= seeds; seed_under_way++)
        sum += storm(seed_under_way);
    seed_under_way = 0;
    return sum;
}
