/* Latencies as a log-linear histogram: constant cost, constant memory, no observation lost. */
#include "tests/bench/load/latency.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

#define STEP_BITS 7 /* LATENCY_STEPS is 1 << STEP_BITS */

static unsigned bucket_of(uint64_t ns)
{
    if (ns < LATENCY_STEPS)
        return (unsigned)ns;
    unsigned shift = 63U - (unsigned)__builtin_clzll(ns) - STEP_BITS;
    return (shift + 1) * LATENCY_STEPS + (unsigned)((ns >> shift) - LATENCY_STEPS);
}

static int64_t bucket_top_ns(unsigned bucket)
{
    if (bucket < LATENCY_STEPS)
        return bucket;
    unsigned shift = bucket / LATENCY_STEPS - 1;
    uint64_t step = bucket % LATENCY_STEPS + LATENCY_STEPS + 1;
    return (int64_t)((step << shift) - 1);
}

void latency_add(struct latency *latency, int64_t ns)
{
    if (ns < 0)
        ns = 0;
    latency->buckets[bucket_of((uint64_t)ns)]++;
    latency->count++;
    if (ns > latency->max_ns)
        latency->max_ns = ns;
}

int64_t latency_quantile_ns(const struct latency *latency, double quantile)
{
    uint64_t wanted = (uint64_t)ceil(quantile * (double)latency->count), seen = 0;
    if (latency->count == 0)
        return 0;
    for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
        seen += latency->buckets[i];
        if (seen >= wanted && seen > 0) {
            int64_t top_ns = bucket_top_ns(i);
            return top_ns < latency->max_ns ? top_ns : latency->max_ns;
        }
    }
    return latency->max_ns;
}

void latency_print(const struct latency *latency)
{
    static const struct {
        const char *name;
        double quantile;
    } quantiles[] = {{"p50_ms", 0.5}, {"p90_ms", 0.9}, {"p99_ms", 0.99}, {"p999_ms", 0.999}, {"max_ms", 1.0}};
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
        printf(",\"%s\":%.3f", quantiles[i].name, (double)latency_quantile_ns(latency, quantiles[i].quantile) / 1e6);
}
