#ifndef KGW_BENCH_LATENCY_H
#define KGW_BENCH_LATENCY_H

#include <stdint.h>

/* A histogram of nanoseconds with 128 steps to each power of two: any quantile is right to within 0.8 %. */
#define LATENCY_STEPS   128
#define LATENCY_BUCKETS (LATENCY_STEPS * 58)

struct latency {
    uint64_t buckets[LATENCY_BUCKETS];
    uint64_t count;
    int64_t max_ns;
};

void latency_add(struct latency *latency, int64_t ns);

/* The smallest value that at least `quantile` (0 to 1) of the observations do not exceed; 0 without observations. */
int64_t latency_quantile_ns(const struct latency *latency, double quantile);

/* `,"p50_ms":…,"max_ms":…` on standard output, for the inside of an object. */
void latency_print(const struct latency *latency);

#endif
