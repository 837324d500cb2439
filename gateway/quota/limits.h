/*
 * The five dimensions of a quota, as one table: what each counts, and what a tenant's limits allow of it. Pure.
 */
#ifndef KGW_QUOTA_LIMITS_H
#define KGW_QUOTA_LIMITS_H

#include "auth/quota_limits.h"

#include <stdbool.h>

enum quota_dimension {
    QUOTA_REQUESTS, /* the first three are rates with bursts */
    QUOTA_RECORDS,
    QUOTA_BYTES,
    QUOTA_DAY, /* records of a UTC day */
    QUOTA_MONTH,
    QUOTA_DIMENSIONS,
    QUOTA_NO_DIMENSION = QUOTA_DIMENSIONS,
};
#define QUOTA_RATES 3

struct quota_cost {
    uint64_t requests, records, bytes;
};
#define QUOTA_UNITS 3
uint64_t *quota_unit(struct quota_cost *cost, unsigned unit); /* 0: requests, 1: records, 2: bytes */
uint64_t quota_unit_of(const struct quota_cost *cost, unsigned unit);
struct quota_cost quota_add(struct quota_cost a, struct quota_cost b);
bool quota_is_nothing(const struct quota_cost *cost);

const char *quota_name(enum quota_dimension d); /* for RateLimit-Policy, logs and metrics */
unsigned quota_counts(enum quota_dimension d);  /* which unit it counts */
/* The burst, or the day's or month's whole; 0: no such limit. No more than 2^53, which a double still holds exactly. */
uint64_t quota_capacity(const struct quota_limits *l, enum quota_dimension d);
uint64_t quota_rate(const struct quota_limits *l, enum quota_dimension d); /* a second; 0 for calendars */
bool quota_has_any(const struct quota_limits *l);
bool quota_limits_equal(const struct quota_limits *a, const struct quota_limits *b);
bool quota_has_unit(const struct quota_limits *l, unsigned unit); /* something limits this unit */

/* Beyond the burst, or the whole day or month: waiting does not help. The first such dimension, or QUOTA_NO_DIMENSION.
 */
enum quota_dimension quota_hopeless(const struct quota_limits *l, const struct quota_cost *need);

/*
 * How long a lease may live: at most `longest_us`, and so short that what its tenant is given in that time is a quarter
 * of its burst, as leases count against the burst. 0: too short to be of use, nothing is leased.
 */
uint64_t quota_lease_us(const struct quota_limits *l, uint64_t longest_us);

/* One gateway's part of the limits, of `gateways` (0 counts as 1): rounded down, but never to 0, which would be none.
 */
struct quota_limits quota_share(const struct quota_limits *l, uint64_t gateways);

#endif
