/*
 * Random weather for crowds: arrivals, sizes, tenants, deadlines, fates and bounds, all drawn from a seed. What must
 * hold whatever happens is asserted by callers.c and by the ears of the test.
 */
#ifndef KGW_TESTS_GATEWAY_KINESIS_WEATHER_H
#define KGW_TESTS_GATEWAY_KINESIS_WEATHER_H

#include "tests/gateway/kinesis/callers.h"

struct weather {
    struct random random;
    unsigned calm_percent;
    unsigned lanes;        /* in use */
    enum fake_fate season; /* the fate of many a call that is not calm */
    enum fake_fate newest; /* of the newest call */
};

uint32_t random_of(struct random *r, uint32_t from, uint32_t to);
void weather_begin(struct weather *x, struct crowd *c, uint64_t seed); /* a crowd in it, with bounds of its own */
struct arrival weather_arrival(struct weather *x);
/* Time passes, or somebody leaves, or nothing happens between two arrivals. */
void weather_moment(struct weather *x, struct crowd *c);
unsigned weather_end(struct crowd *c); /* everybody is told by then; how many that theirs is written */

/* A storm a seed; a test that fails says which it was. Returns the sum of what the storms return. */
unsigned long weather_run(unsigned seeds, unsigned (*storm)(uint64_t seed));
int weather_say_seed(void **state); /* the test's teardown */

#endif
