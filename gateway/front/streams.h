/*
 * The streams of the config: an immutable table, looked up by the name callers use, or by ARN.
 */
#ifndef KGW_FRONT_STREAMS_H
#define KGW_FRONT_STREAMS_H

#include "auth/address.h"
#include "gateway/kinesis/stream_conf.h"

#define STREAM_NAME_BYTES_MAX 128 /* [a-zA-Z0-9_.-]{1,128} */

/* Where a record's partition key comes from when the caller names none. */
enum partition_source {
    PARTITION_RANDOM,
    PARTITION_JSON,
    PARTITION_HEADER,
    PARTITION_QUERY,
    PARTITION_CLIENT_IP,
    PARTITION_OF_STREAM, /* in the setting of a hook that has no rule of its own */
};

struct partition_rule {
    enum partition_source source;
    struct span argument;   /* JSON pointer, header or query name */
    bool reject_if_missing; /* otherwise random */
};

/* How several events stand in the body of one beacon; NONE: the body is one event. */
enum beacon_batch { BEACON_BATCH_NONE, BEACON_BATCH_NDJSON, BEACON_BATCH_JSON };
/* What of a client's address may become part of a record, or of the log's line about it. */
enum stream_address { STREAM_ADDRESS_FULL, STREAM_ADDRESS_TRUNCATED, STREAM_ADDRESS_NONE };

struct stream_row {
    struct stream_conf put;
    struct partition_rule partition;
    bool has_envelope;                /* envelope: json */
    struct span envelope_headers;     /* their names in lower case, separated by commas */
    bool refuses_without_idempotency; /* on_idempotency_failure: refuse */
    enum beacon_batch beacon_batch;
    bool drops_on_privacy_signal; /* browsers' Sec-GPC and DNT */
    enum stream_address address;
    size_t index; /* in its table; set by stream_table_new() */
};

struct stream_table;

/* Copies the rows and every text in them. NULL: out of memory. The caller owns it. */
struct stream_table *stream_table_new(const struct stream_row *rows, size_t len);
void stream_table_free(struct stream_table **t); /* NULL-safe */
size_t stream_table_len(const struct stream_table *t);
const struct stream_row *stream_table_at(const struct stream_table *t, size_t index);
const struct stream_row *stream_table_find(const struct stream_table *t, struct span name);
/* The client's address as the stream may have it: whole, an IPv4 /24 or IPv6 /48, or (false) not at all. */
bool stream_client_address(const struct stream_row *row, struct address client, struct address *out);
const struct stream_row *stream_table_find_arn(const struct stream_table *t, struct span arn);

#endif
