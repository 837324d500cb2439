/* A sliding window made of two that stand. */
#include "gateway/quota/pace.h"

static struct pace pace_at(const struct pace *p, uint64_t now_us)
{
    uint64_t passed_us = now_us > p->since_us ? now_us - p->since_us : 0;

    if (passed_us < PACE_WINDOW_US)
        return *p;
    if (passed_us >= 2 * PACE_WINDOW_US)
        return (struct pace){.since_us = now_us};
    return (struct pace){.since_us = p->since_us + PACE_WINDOW_US, .before = p->during};
}

void pace_note(struct pace *p, const struct quota_cost *cost, uint64_t now_us)
{
    *p = pace_at(p, now_us);
    p->during = quota_add(p->during, *cost);
}

struct quota_cost pace_of(const struct pace *p, uint64_t span_us, uint64_t now_us)
{
    struct pace at = pace_at(p, now_us);
    double passed = now_us > at.since_us ? (double)(now_us - at.since_us) / PACE_WINDOW_US : 0;
    struct quota_cost used = {0};

    for (unsigned unit = 0; unit < QUOTA_UNITS; unit++) {
        double lately =
            (double)quota_unit_of(&at.before, unit) * (1 - passed) + (double)quota_unit_of(&at.during, unit);
        *quota_unit(&used, unit) = (uint64_t)(lately * (double)span_us / PACE_WINDOW_US);
    }
    return used;
}
