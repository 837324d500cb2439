/*
 * What a tenant may use, as its row says, and what holds for it while the fleet's counters are out of reach. A plain
 * value; gateway/quota gives it its meaning.
 */
#ifndef KGW_AUTH_QUOTA_LIMITS_H
#define KGW_AUTH_QUOTA_LIMITS_H

#include <stdint.h>

/* 0: no such limit. A burst of 0 beside a rate is one second's worth; a burst without its rate limits nothing. */
struct quota_limits {
    uint64_t requests_per_second, requests_burst;
    uint64_t records_per_second, records_burst;
    uint64_t bytes_per_second, bytes_burst;
    uint64_t records_per_day, bytes_per_month; /* of the UTC calendar */
};

enum quota_outage {
    QUOTA_LOCAL_SHARE, /* each gateway its part of the limits */
    QUOTA_OPEN,
    QUOTA_CLOSED,
};

#endif
