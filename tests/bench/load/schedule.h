#ifndef KGW_BENCH_SCHEDULE_H
#define KGW_BENCH_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

enum schedule_kind {
    SCHEDULE_CLOSED, /* whenever a connection is free */
    SCHEDULE_FIXED,  /* evenly, whether the server keeps up or not */
    SCHEDULE_POISSON /* at random with the same mean */
};

struct schedule {
    enum schedule_kind kind;
    double interval_ns;
    int64_t start_ns;
    uint64_t taken;
    double next_ns; /* since start_ns */
    uint64_t random;
};

void schedule_init(struct schedule *schedule, enum schedule_kind kind, double rate, int64_t start_ns, uint64_t seed);

/*
 * Takes the next arrival if it is due, and says when it was intended. A client without a free connection does not take;
 * the cursor then lags behind the clock, and that lag is the queue.
 */
bool schedule_take(struct schedule *schedule, int64_t now_ns, int64_t *intended_ns);

/* When to look again; INT64_MAX for a closed loop, which is woken by its answers. */
int64_t schedule_next_ns(const struct schedule *schedule);

#endif
