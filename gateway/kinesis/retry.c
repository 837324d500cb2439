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

void retry_budget_init(struct retry_budget *b, const struct retry_conf *c)
{
    b->hundredths = (uint64_t)c->budget_burst * 100;
}

void retry_budget_earn(struct retry_budget *b, const struct retry_conf *c)
{
    uint64_t full = (uint64_t)c->budget_burst * 100;

    b->hundredths += c->budget_percent;
    if (b->hundredths > full)
        b->hundredths = full;
}

bool retry_budget_spend(struct retry_budget *b)
{
    if (b->hundredths < 100)
        return false;
    b->hundredths -= 100;
    return true;
}
