/*
 * Counters by tenant, bounded in number: the first tenants that are counted after a start get a row each, by their
 * name, until the roll is full; all who come later share the row `other`. A row is its tenant's until the process
 * ends, whatever a reload takes away: so no counter ever falls, and the rows of a counter always add up to all that
 * was counted.
 *
 * One set a thread, added to by its owner alone; the roll of names is the process's.
 */
#ifndef KGW_BASE_TENANT_COUNTS_H
#define KGW_BASE_TENANT_COUNTS_H

#include "auth/bytes.h"

/* A row: what is counted, its metric, the labels beside the tenant's, and a sentence. A metric's rows stand together.
 */
#define KGW_TENANT_COUNTERS(X)                                                                                         \
    X(ADMITTED_REQUESTS, "kgw_tenant_admitted_requests_total", "", "requests that no quota held up; dry runs too")     \
    X(ADMITTED_RECORDS, "kgw_tenant_admitted_records_total", "", "records in them")                                    \
    X(ADMITTED_BYTES, "kgw_tenant_admitted_bytes_total", "", "bytes of Data and partition keys in them")               \
    X(REFUSED_REQUESTS, "kgw_tenant_quota_refused_total", ",limit=\"requests_per_second\"", "requests refused")        \
    X(REFUSED_RECORDS, "kgw_tenant_quota_refused_total", ",limit=\"records_per_second\"", "")                          \
    X(REFUSED_BYTES, "kgw_tenant_quota_refused_total", ",limit=\"bytes_per_second\"", "")                              \
    X(REFUSED_DAY, "kgw_tenant_quota_refused_total", ",limit=\"records_per_day\"", "")                                 \
    X(REFUSED_MONTH, "kgw_tenant_quota_refused_total", ",limit=\"bytes_per_month\"", "")                               \
    X(REFUSED_BURST, "kgw_tenant_quota_refused_total", ",limit=\"burst\"", "")                                         \
    X(LEASE_HITS, "kgw_tenant_quota_lease_hits_total", "", "requests granted from a lease, without a round trip")      \
    X(ASKED, "kgw_tenant_quota_asked_total", ",how=\"waited\"", "round trips to Redis")                                \
    X(ASKED_AHEAD, "kgw_tenant_quota_asked_total", ",how=\"ahead\"", "")                                               \
    X(SHARE_ADMITTED, "kgw_tenant_quota_outage_total", ",policy=\"local_share\",decision=\"admitted\"",                \
      "requests decided by on_redis_failure")                                                                          \
    X(SHARE_REFUSED, "kgw_tenant_quota_outage_total", ",policy=\"local_share\",decision=\"refused\"", "")              \
    X(OPEN_ADMITTED, "kgw_tenant_quota_outage_total", ",policy=\"open\",decision=\"admitted\"", "")                    \
    X(CLOSED_REFUSED, "kgw_tenant_quota_outage_total", ",policy=\"closed\",decision=\"refused\"", "")

enum tenant_counter {
#define X(counter, metric, labels, help) TENANT_##counter,
    KGW_TENANT_COUNTERS(X)
#undef X
        TENANT_COUNTERS
};

#define TENANT_ROLL_MAX       1000
#define TENANT_NAME_BYTES_MAX 64
#define TENANT_TEXT_BYTES_MAX (TENANT_COUNTERS * 192) /* of a row, as text */
#define TENANT_ROW_OTHER      0

struct tenant_roll;

/* For `max` names, at most TENANT_ROLL_MAX; 0: all are `other`. NULL: out of memory. */
struct tenant_roll *tenant_roll_new(size_t max);
void tenant_roll_free(struct tenant_roll **r); /* NULL-safe; no thread uses it any more */
/*
 * The tenant's row, the same for ever; TENANT_ROW_OTHER when the roll is full, and for a tenant whose name is "other".
 * Any thread; takes a lock: to be kept by who counts often.
 */
size_t tenant_roll_row(struct tenant_roll *r, struct span tenant);
size_t tenant_roll_rows(struct tenant_roll *r); /* in use, with `other` */

struct tenant_counts {
    struct tenant_roll *roll; /* outlives it */
    size_t rows;              /* there are, used or not */
    uint64_t counts[][TENANT_COUNTERS];
};

struct tenant_counts *tenant_counts_new(struct tenant_roll *r);                   /* NULL: out of memory */
void tenant_counts_free(struct tenant_counts **c);                                /* NULL-safe */
void tenant_counts_add(struct tenant_counts *sum, const struct tenant_counts *c); /* of the same roll */
/* Prometheus text exposition format 0.0.4; at most TENANT_TEXT_BYTES_MAX for each row in use. */
void tenant_counts_format(const struct tenant_counts *c, struct buf *out);

#endif
