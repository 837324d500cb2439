/* Backoff and budget, in integers. "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: full jitter. */
#include "gateway/kinesis/retry.h"

uint64_t retry_backoff_us(const struct retry_conf *c, unsigned attempts, uint64_t dice)
{
    unsigned doublings = attempts == 0 ? 0 : attempts - 1;
    uint64_t cap_us = (uint64_t)c->backoff_max_ms * 1000, us = (uint64_t)c->backoff_base_ms * 1000;

    while (doublings-- != 0 && us < cap_us)
        us *= 2;
    if (us > cap_us)
        us = cap_us;
    return (uint64_t)(((unsigned __int128)dice * (us + 1)) >> 64);
}

#define CALL 1000000u

void retry_budget_init(struct retry_budget *b, const struct retry_conf *c)
{
    b->millionths = (uint64_t)c->budget_burst * CALL;
}

void retry_budget_earn(struct retry_budget *b, const struct retry_conf *c)
{
    uint64_t full = (uint64_t)c->budget_burst * CALL;

    b->millionths += c->budget_percent * (CALL / 100);
    if (b->millionths > full)
        b->millionths = full;
}

bool retry_budget_spend(struct retry_budget *b, size_t companions)
{
    uint64_t cost = CALL / companions;

    if (b->millionths < cost)
        return false;
    b->millionths -= cost;
    return true;
}
