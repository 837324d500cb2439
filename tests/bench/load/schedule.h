#ifndef KGW_BENCH_SCHEDULE_H
#define KGW_BENCH_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#define SCHEDULE_PHASES_MAX 16

enum schedule_kind {
    SCHEDULE_CLOSED, /* whenever a connection is free */
    SCHEDULE_FIXED,  /* evenly, whether the server keeps up or not */
    SCHEDULE_POISSON /* at random with the same mean */
};

struct schedule_phase {
    double rate; /* requests a second */
    double seconds;
};

/* An open loop's rates, one after the other; the last one has no end. */
struct schedule_plan {
    struct schedule_phase phases[SCHEDULE_PHASES_MAX];
    unsigned count;
};

struct schedule {
    enum schedule_kind kind;
    const struct schedule_plan *plan;
    unsigned phase;
    double phase_end_ns; /* since start_ns, as next_ns */
    double next_ns;
    int64_t start_ns;
    uint64_t random;
};

double schedule_plan_seconds(const struct schedule_plan *plan);

/* `plan` stays the caller's and is not looked at in a closed loop. */
void schedule_init(struct schedule *schedule, enum schedule_kind kind, const struct schedule_plan *plan,
                   int64_t start_ns, uint64_t seed);

/*
 * Takes the next arrival if it is due, and says when it was intended. A client without a free connection does not take;
 * the cursor then lags behind the clock, and that lag is the queue.
 */
bool schedule_take(struct schedule *schedule, int64_t now_ns, int64_t *intended_ns);

/*
 * The same of the next arrival whose patience is over: that was intended more than `patience_ns` before `now_ns`. Who
 * is without a free connection gives these up.
 */
bool schedule_give_up(struct schedule *schedule, int64_t now_ns, int64_t patience_ns, int64_t *intended_ns);

/* When to look again; INT64_MAX for a closed loop, which is woken by its answers. */
int64_t schedule_next_ns(const struct schedule *schedule);

#endif
