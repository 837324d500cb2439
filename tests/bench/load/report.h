#ifndef KGW_BENCH_REPORT_H
#define KGW_BENCH_REPORT_H

#include "tests/bench/load/connection.h"
#include "tests/bench/load/latency.h"
#include "tests/bench/load/timeline.h"

/* What is counted, and nothing of what was warm-up. */
struct report {
    uint64_t by_status[600];
    uint64_t answered;
    uint64_t failures[FAILURE_COUNT];
    uint64_t lost;      /* connections that the server closed while they were free, or with its answer */
    uint64_t overdue;   /* arrivals of the open loop that were due before the end and never sent */
    uint64_t abandoned; /* arrivals that lost their patience before a connection was free */
    struct latency latency;
    struct latency accepted; /* of the 2xx alone */
};

void report_answer(struct report *report, int status, int64_t latency_ns);
void report_print(const struct report *report, const struct timeline *timeline, double seconds);

#endif
