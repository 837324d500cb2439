/*
 * Where a stream's records go: the part of a stream's settings that the road to Kinesis needs. Immutable; lives in a
 * snapshot.
 */
#ifndef KGW_KINESIS_STREAM_CONF_H
#define KGW_KINESIS_STREAM_CONF_H

#include "auth/bytes.h"

#define RECORD_BYTES_DEFAULT 1048576u
#define RECORD_BYTES_MAX     10485760u /* since October 2025, where the stream allows it */

struct stream_conf {
    struct span name;        /* in the gateway's config: what callers say */
    struct span stream_name; /* what Kinesis is told: this … */
    struct span stream_arn;  /* … or this; exactly one is not empty */
    struct span region;
    struct span host; /* as in the Host header: with the port unless it is the scheme's own */
    const char *url;  /* scheme, host, port and "/" */
    uint64_t record_bytes_max;
    bool retry_unknown;           /* on_unknown: put again what may have been written */
    bool is_ordered;              /* ordering: key */
    bool continues_after_gap;     /* on_gap: continue */
    bool allows_kpl_input;        /* kpl_input: allow */
    uint32_t aggregate_buckets;   /* 0: no aggregation */
    uint32_t aggregate_bytes_max; /* of one aggregate */
};

#endif
