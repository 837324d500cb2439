/*
 * Lanes under random weather, a thousand seeds and some. Whatever happens, what callers.c and the fake Kinesis assert
 * at every step holds, and nothing is left at the end.
 */
#include "tests/gateway/kinesis/weather.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SEEDS    1200
#define ARRIVALS 80

static struct arrival random_arrival(struct weather *x)
{
    struct random *r = &x->random;
    struct arrival a = weather_arrival(x);

    if (random_below(r, 3) == 0)
        a.key = "a key of many";
    if (random_below(r, 20) == 0)
        a.after = SPAN("49600000000000000000000000000000000000000000000000000001");
    return a;
}

static unsigned one_storm(uint64_t seed)
{
    struct crowd c;
    struct weather x;

    weather_begin(&x, &c, seed);
    for (unsigned i = 0; i != ARRIVALS; i++) {
        struct arrival a = random_arrival(&x);
        caller_arrive(&c, &a);
        weather_moment(&x, &c);
    }
    if (random_below(&x.random, 4) == 0)
        lane_release(&c.lanes[random_below(&x.random, CROWD_LANES)]);
    unsigned written = weather_end(&c);
    assert_true(written <= c.net->stored);
    crowd_clear(&c);
    return written;
}

static void test_storms(void **state)
{
    (void)state;
    assert_true(weather_run(SEEDS, one_storm) > SEEDS * ARRIVALS / 4); /* the weather is no excuse */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(test_storms, weather_say_seed)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
