/*
 * Lanes with aggregates under random weather, and under reloads that turn them on and off or cut the hash keys anew:
 * what is stored is what the callers sent, and the two numbers that each is told name its record.
 */
#include "tests/gateway/kinesis/packed.h"
#include "tests/gateway/kinesis/weather.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define SEEDS    500
#define ARRIVALS 120

static struct {
    unsigned call, records, records_max; /* of the newest call */
} heard;

static void saw(void *ctx, const struct fake_attempt *a)
{
    heard.records = a->call == heard.call ? heard.records + 1 : 1;
    heard.call = a->call;
    assert_true(heard.records <= heard.records_max);
    packed_saw(ctx, a);
}

static void arrive(struct crowd *c, struct weather *x, unsigned alone_percent)
{
    struct random *r = &x->random;
    struct arrival a = weather_arrival(x);
    char key[16];

    snprintf(key, sizeof(key), "key %u", random_of(r, 0, 30));
    if (random_below(r, 3) != 0)
        a.key = key;
    a.has_random_key = a.key == NULL && random_below(r, 2) == 0;
    a.is_alone = random_below(r, 100) < alone_percent;
    if (!a.has_random_key && random_below(r, 8) == 0)
        a.hash_key = "170141183460469231731687303715884105728";
    if (random_below(r, 30) == 0)
        a.after = SPAN("4960");
    caller_arrive(c, &a);
}

static void draw_conf(struct crowd *c, struct random *r, unsigned lane)
{
    static const uint32_t buckets[] = {0, 1, 4, 7, 64};
    static const uint32_t bytes_max[] = {512, 2000, 51200};
    struct stream_conf conf = c->streams[lane];

    conf.aggregate_buckets = buckets[random_below(r, 5)];
    conf.aggregate_bytes_max = bytes_max[random_below(r, 3)];
    conf.retry_unknown = random_below(r, 2) == 0;
    crowd_reload(c, lane, &conf);
}

static unsigned one_storm(uint64_t seed)
{
    struct crowd c;
    struct weather x;

    weather_begin(&x, &c, seed);
    packed_init(&c);
    c.net->saw = saw;
    c.sender.conf.call_records_max = random_below(&x.random, 2) == 0 ? random_of(&x.random, 1, 12) : 500;
    unsigned alone_percent = random_below(&x.random, 4) == 0 ? 100 : 12;
    heard.records_max = c.sender.conf.call_records_max;
    for (unsigned lane = 0; lane != x.lanes; lane++)
        draw_conf(&c, &x.random, lane);
    for (unsigned i = 0; i != ARRIVALS; i++) {
        arrive(&c, &x, alone_percent);
        weather_moment(&x, &c);
        if (random_below(&x.random, 20) == 0)
            draw_conf(&c, &x.random, (unsigned)random_below(&x.random, x.lanes));
    }
    unsigned written = weather_end(&c);
    crowd_clear(&c);
    return written;
}

static void test_storms(void **state)
{
    (void)state;
    assert_true(weather_run(SEEDS, one_storm) > SEEDS * ARRIVALS / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(test_storms, weather_say_seed)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
