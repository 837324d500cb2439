/*
 * Reads aggregates as the format's page describes them, with no code of the packer: strict where a consumer may be lax,
 * so that a test sees every byte that should not be there.
 */
#ifndef KGW_TESTS_GATEWAY_KINESIS_AGGREGATE_READER_H
#define KGW_TESTS_GATEWAY_KINESIS_AGGREGATE_READER_H

#include "gateway/kinesis/hash_key.h"

#define READ_RECORDS_MAX 4200

struct read_record {
    struct span partition_key, data;
    struct span explicit_hash_key; /* empty: it has none */
    uint64_t partition_key_index;
};

struct read_aggregate {
    size_t partition_keys_len, explicit_hash_keys_len, records_len;
    struct span partition_keys[READ_RECORDS_MAX], explicit_hash_keys[READ_RECORDS_MAX];
    struct read_record records[READ_RECORDS_MAX];
};

/* NULL: no aggregate, or one with anything odd in it. Spans of `bytes`; free() it. */
struct read_aggregate *read_aggregate(struct span bytes);

/* Where a consumer thinks a record belongs: its explicit hash key, else the MD5 of its partition key. */
struct hash_key read_effective_hash_key(const struct read_record *r);

#endif
