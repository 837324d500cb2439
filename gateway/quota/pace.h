/*
 * How much a tenant used lately, in this process: two windows of time, the older one fading out. Pure.
 */
#ifndef KGW_QUOTA_PACE_H
#define KGW_QUOTA_PACE_H

#include "gateway/quota/limits.h"

#define PACE_WINDOW_US 100000u

struct pace {
    uint64_t since_us;
    struct quota_cost before, during;
};

void pace_note(struct pace *p, const struct quota_cost *cost, uint64_t now_us);
/* What is used in `span_us` at this pace, rounded down. */
struct quota_cost pace_of(const struct pace *p, uint64_t span_us, uint64_t now_us);

#endif
