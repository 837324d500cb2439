/*
 * Whether, and when, to put again. Pure: time and randomness are arguments.
 */
#ifndef KGW_KINESIS_RETRY_H
#define KGW_KINESIS_RETRY_H

#include "auth/bytes.h"

struct retry_conf {
    uint32_t backoff_base_ms; /* the first retry waits at most this long */
    uint32_t backoff_max_ms;
    uint32_t budget_percent; /* calls for retries that a hundred others earn */
    uint32_t budget_burst;   /* of them that can be saved up */
};

/* Capped exponential backoff with full jitter: random in [0, min(max, base * 2^(attempts - 1))]. `dice`: any 64 random
 * bits. */
uint64_t retry_backoff_us(const struct retry_conf *c, unsigned attempts, uint64_t dice);

/*
 * A budget of calls: every call that somebody's first attempt is in earns a part of a call for retries, so a lasting
 * outage costs at most that part more calls.
 */
struct retry_budget {
    uint64_t millionths; /* of a call */
};

void retry_budget_init(struct retry_budget *b, const struct retry_conf *c); /* full */
void retry_budget_earn(struct retry_budget *b, const struct retry_conf *c); /* such a call was made */
/* For one of `companions` records of a call that failed: together they cost a call at most. False: none left. */
bool retry_budget_spend(struct retry_budget *b, size_t companions);

#endif
