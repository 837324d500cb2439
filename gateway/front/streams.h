/*
 * The streams of the config: an immutable table, looked up by the name callers use, or by ARN.
 */
#ifndef KGW_FRONT_STREAMS_H
#define KGW_FRONT_STREAMS_H

#include "gateway/kinesis/stream_conf.h"

#define STREAM_NAME_BYTES_MAX 128 /* [a-zA-Z0-9_.-]{1,128} */

/* Where a record's partition key comes from when the caller names none. */
enum partition_source { PARTITION_RANDOM, PARTITION_JSON, PARTITION_HEADER, PARTITION_QUERY, PARTITION_CLIENT_IP };

struct partition_rule {
    enum partition_source source;
    struct span argument;   /* JSON pointer, header or query name */
    bool reject_if_missing; /* otherwise random */
};

struct stream_row {
    struct stream_conf put;
    struct partition_rule partition;
    bool refuses_without_idempotency; /* on_idempotency_failure: refuse */
    size_t index;                     /* in its table; set by stream_table_new() */
};

struct stream_table;

/* Copies the rows and every text in them. NULL: out of memory. The caller owns it. */
struct stream_table *stream_table_new(const struct stream_row *rows, size_t len);
void stream_table_free(struct stream_table **t); /* NULL-safe */
size_t stream_table_len(const struct stream_table *t);
const struct stream_row *stream_table_at(const struct stream_table *t, size_t index);
const struct stream_row *stream_table_find(const struct stream_table *t, struct span name);
const struct stream_row *stream_table_find_arn(const struct stream_table *t, struct span arn);

#endif
