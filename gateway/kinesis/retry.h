/*
 * Whether, and when, to put again. Pure: time and randomness are arguments.
 */
#ifndef KGW_KINESIS_RETRY_H
#define KGW_KINESIS_RETRY_H

#include "auth/bytes.h"

struct retry_conf {
    uint32_t backoff_base_ms; /* the first retry waits at most this long */
    uint32_t backoff_max_ms;
    uint32_t budget_percent; /* retries a hundred first attempts earn */
    uint32_t budget_burst;   /* retries that can be saved up */
};

/* Capped exponential backoff with full jitter: random in [0, min(max, base * 2^(attempts - 1))]. `dice`: any 64 random
 * bits. */
uint64_t retry_backoff_us(const struct retry_conf *c, unsigned attempts, uint64_t dice);

/* A budget: every first attempt earns a part of a retry, so a lasting outage costs at most that part more calls. */
struct retry_budget {
    uint64_t hundredths; /* of a retry */
};

void retry_budget_init(struct retry_budget *b, const struct retry_conf *c); /* full */
void retry_budget_earn(struct retry_budget *b, const struct retry_conf *c); /* a first attempt was made */
bool retry_budget_spend(struct retry_budget *b);                            /* false: none left */

#endif
