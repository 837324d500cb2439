/*
 * Counters: one set a thread, added to by its owner alone, summed by whoever shows them. A row is a name, a kind and a
 * sentence; nothing is derived, so that the audit of records can be wrong if the code is.
 */
#ifndef KGW_BASE_METRICS_H
#define KGW_BASE_METRICS_H

#include "gateway/base/failure.h"
#include "gateway/base/stages.h"

/* Where a record can be. Every record received is in exactly one of these states. */
#define KGW_RECORD_STATES(X)                                                                                           \
    X(RECORD_WRITTEN, "written", "Kinesis has them and said so")                                                       \
    X(RECORD_REPLAYED, "replayed", "answered from an earlier call with the same idempotency key")                      \
    X(RECORD_REJECTED, "rejected", "refused before anything was sent; a refused request counts one, a dry run too")    \
    X(RECORD_FAILED, "failed", "certainly not written, although the gateway tried")                                    \
    X(RECORD_UNKNOWN, "unknown", "sent, but whether they were written is not known")                                   \
    X(RECORD_IN_FLIGHT, "in_flight", "not settled yet")

enum record_state {
#define X(state, name, help) state,
    KGW_RECORD_STATES(X)
#undef X
        RECORD_STATES
};

#define KGW_COUNTERS(X)                                                                                                \
    X(RECORDS_RECEIVED, "kgw_records_received_total", "records that came in; the sum of the states")                   \
    X(RECORD_BYTES, "kgw_record_bytes_written_total", "bytes of Data and partition keys written")                      \
    X(RECORDS_DUPLICABLE, "kgw_records_possible_duplicate_total", "written after an attempt of unknown outcome")       \
    X(IDEMPOTENCY_FORGOTTEN, "kgw_idempotency_forgotten_total", "idempotency keys forgotten early, to make room")      \
    X(IDEMPOTENCY_UNAVAILABLE, "kgw_idempotency_unavailable_total", "requests whose key could not be looked up")       \
    X(IDEMPOTENCY_UNKEPT, "kgw_idempotency_unkept_total", "answers given before their results could be kept")          \
    X(IDEMPOTENCY_LOST, "kgw_idempotency_lost_total", "results that Redis did not take, for good")                     \
    X(ADMITTED_REQUESTS, "kgw_admitted_requests_total", "requests that no quota held up; dry runs too")                \
    X(ADMITTED_RECORDS, "kgw_admitted_records_total", "records in them")                                               \
    X(ADMITTED_BYTES, "kgw_admitted_bytes_total", "bytes of Data and partition keys in them")                          \
    X(HOOKS_REFUSED, "kgw_hooks_refused_total", "webhooks whose signature, time or credentials were missing or wrong") \
    X(HOOKS_WITHOUT_TENANT, "kgw_hooks_without_tenant_total",                                                          \
      "webhooks whose hook names a tenant that does not exist")                                                        \
    X(HOOK_HANDSHAKES, "kgw_hook_handshakes_total", "handshakes of webhooks' providers that were answered")            \
    X(QUOTA_GRANTED, "kgw_quota_granted_total", "requests of tenants with limits that were within them")               \
    X(QUOTA_REFUSED_REQUESTS, "kgw_quota_refused_requests_total", "refused by requests_per_second")                    \
    X(QUOTA_REFUSED_RECORDS, "kgw_quota_refused_records_total", "refused by records_per_second")                       \
    X(QUOTA_REFUSED_BYTES, "kgw_quota_refused_bytes_total", "refused by bytes_per_second")                             \
    X(QUOTA_REFUSED_DAY, "kgw_quota_refused_day_total", "refused by records_per_day")                                  \
    X(QUOTA_REFUSED_MONTH, "kgw_quota_refused_month_total", "refused by bytes_per_month")                              \
    X(QUOTA_REFUSED_BURST, "kgw_quota_refused_burst_total", "refused for ever: larger than a limit's whole")           \
    X(QUOTA_LEASE_HITS, "kgw_quota_lease_hits_total", "requests granted from a lease, without a round trip")           \
    X(ADDRESS_REFUSED, "kgw_address_refused_total", "browsers' calls refused by per_address_requests_per_second")      \
    X(PRIVACY_DROPPED, "kgw_privacy_dropped_total", "browsers' calls not written for Sec-GPC or DNT")                  \
    X(QUOTA_ASKED, "kgw_quota_asked_total", "requests that waited for Redis")                                          \
    X(QUOTA_ASKED_AHEAD, "kgw_quota_asked_ahead_total", "asks of Redis that no request waited for")                    \
    X(QUOTA_OUTAGE, "kgw_quota_outage_total", "requests decided by on_redis_failure")                                  \
    X(RESULTS_LATE, "kgw_results_late_total", "results that came after their caller was answered")                     \
    X(CONNECTIONS_ACCEPTED, "kgw_connections_accepted_total", "connections accepted on public listeners")              \
    X(CONNECTIONS_CUT, "kgw_connections_cut_total", "connections closed for being slow, stalled or idle too long")     \
    X(BODIES_PAUSED, "kgw_bodies_paused_total", "times a body's reading was paused for memory")                        \
    X(UPSTREAM_CALLS, "kgw_upstream_calls_total", "calls started to Kinesis, retries included")                        \
    X(UPSTREAM_RECORDS, "kgw_upstream_records_total", "Kinesis records in those calls; an aggregate is one")           \
    X(UPSTREAM_SPLITS, "kgw_upstream_splits_total", "calls refused for a record in them and split to find it")         \
    X(UPSTREAM_RETRIES, "kgw_upstream_retries_total", "records put again after a failed or unknown attempt")           \
    X(UPSTREAM_BUDGET_EMPTY, "kgw_upstream_retry_budget_empty_total", "retries that the retry budget refused")         \
    X(UPSTREAM_THROTTLED, "kgw_upstream_throttled_total", "attempts that Kinesis throttled")                           \
    X(UPSTREAM_ERRORS, "kgw_upstream_errors_total", "attempts that Kinesis failed with another error")                 \
    X(UPSTREAM_NOT_SENT, "kgw_upstream_not_sent_total", "calls that could not be sent")                                \
    X(UPSTREAM_UNANSWERED, "kgw_upstream_unanswered_total", "calls sent and not answered, or answered oddly")          \
    X(UPSTREAM_BYTES, "kgw_upstream_request_bytes_total", "body bytes sent to Kinesis")                                \
    X(CLOCK_CORRECTIONS, "kgw_clock_corrections_total", "times the clock offset was learned from AWS")                 \
    X(CREDENTIAL_REFRESHES, "kgw_credential_refreshes_total", "refreshes asked for because AWS refused credentials")   \
    X(TENANTS_READ, "kgw_tenants_read_total", "times other tenants or keys were read and came into use")               \
    X(TENANTS_FAILED, "kgw_tenants_failed_total",                                                                      \
      "times they could not be read or were wrong, and the old ones stayed")                                           \
    X(LOG_DROPPED, "kgw_log_lines_dropped_total", "log lines dropped because the log was not read fast enough")

enum counter {
#define X(counter, name, help) COUNT_##counter,
    KGW_COUNTERS(X)
#undef X
        COUNTERS
};

#define KGW_GAUGES(X)                                                                                                  \
    X(CONNECTIONS, "kgw_connections", "connections open on public listeners")                                          \
    X(BUFFERED_BYTES, "kgw_buffered_bytes", "bytes of requests held in memory, at the last sweep")                     \
    X(CALLS_IN_FLIGHT, "kgw_upstream_calls_in_flight", "calls to Kinesis under way")                                   \
    X(RECORDS_QUEUED, "kgw_lane_records_queued", "records waiting for room in a lane's window")                        \
    X(REQUESTS_IN_FLIGHT, "kgw_requests_in_flight", "requests not answered yet")                                       \
    X(CLOCK_OFFSET_SECONDS, "kgw_clock_offset_seconds", "what is added to our clock to meet that of AWS")

enum gauge {
#define X(gauge, name, help) GAUGE_##gauge,
    KGW_GAUGES(X)
#undef X
        GAUGES
};

#define KGW_HISTOGRAMS(X)                                                                                              \
    X(REQUEST, "kgw_request_seconds", "from a request's last byte to its answer")                                      \
    X(UPSTREAM, "kgw_upstream_call_seconds", "from a call's start to its end")

enum histogram {
#define X(histogram, name, help) HISTOGRAM_##histogram,
    KGW_HISTOGRAMS(X)
#undef X
        HISTOGRAMS
};

/* Upper bounds in microseconds; one more bucket holds the rest. */
#define HISTOGRAM_BOUNDS                                                                                               \
    500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000
#define HISTOGRAM_BUCKETS 15

struct metrics {
    uint64_t counters[COUNTERS];
    int64_t gauges[GAUGES];
    int64_t records[RECORD_STATES];
    uint64_t stage_ns[STAGES];      /* copied from the loop when somebody asks */
    uint64_t answers[FAILURE_ROWS]; /* requests by how they ended; FAILURE_NONE: well */
    struct {
        uint64_t buckets[HISTOGRAM_BUCKETS];
        uint64_t sum_us;
    } histograms[HISTOGRAMS];
};

static inline void metrics_count(struct metrics *m, enum counter c, uint64_t n)
{
    m->counters[c] += n;
}

/* The only two verbs that touch a record's state. */
void metrics_records_received(struct metrics *m, uint64_t n);                     /* … and now in flight */
void metrics_records_settle(struct metrics *m, enum record_state to, uint64_t n); /* from in flight */
void metrics_observe_us(struct metrics *m, enum histogram h, uint64_t us);
void metrics_add(struct metrics *sum, const struct metrics *m);
/* Prometheus text exposition format 0.0.4. */
void metrics_format(const struct metrics *m, struct buf *out);

#endif
