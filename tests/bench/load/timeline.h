#ifndef KGW_BENCH_TIMELINE_H
#define KGW_BENCH_TIMELINE_H

#include "tests/bench/load/latency.h"
#include "tests/bench/load/schedule.h"

/* What becomes of an arrival of the open loop. */
#define FATES(X)                                                                                                       \
    X(FATE_ACCEPTED, "accepted") /* 2xx */                                                                             \
    X(FATE_REFUSED, "refused")   /* 503 */                                                                             \
    X(FATE_FAILED, "failed")     /* another status, or no answer */                                                    \
    X(FATE_ABANDONED, "abandoned")

#define FATE_NAME(fate, name) fate,
enum fate { FATES(FATE_NAME) FATE_COUNT };
#undef FATE_NAME

struct tally {
    uint64_t fates[FATE_COUNT];
    struct latency latency; /* of the accepted */
};

/* Tallies by the phase and by the second in which arrivals were intended. Without a plan it counts and says nothing. */
struct timeline {
    const struct schedule_plan *plan;
    struct tally *phases, *seconds;
    unsigned second_count;
};

void timeline_init(struct timeline *timeline, const struct schedule_plan *plan);
void timeline_clear(struct timeline *timeline);

/* `at_ns`: when it was intended, since the plan's start. `latency_ns` counts for the accepted alone. */
void timeline_add(struct timeline *timeline, enum fate fate, int64_t at_ns, int64_t latency_ns);
enum fate timeline_fate_of(int status);

/* `,"phases":[…],"timeline":[…]` on standard output, for the inside of an object. */
void timeline_print(const struct timeline *timeline);

#endif
