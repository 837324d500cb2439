/*
 * One record to put, as spans of the request that brought it, and what became of it.
 */
#ifndef KGW_KINESIS_RECORD_H
#define KGW_KINESIS_RECORD_H

#include "gateway/base/failure.h"

#define SHARD_ID_BYTES_MAX        128
#define SEQUENCE_NUMBER_BYTES_MAX 129
#define PARTITION_KEY_CHARS_MAX   256
#define PARTITION_KEY_BYTES_MAX   (4 * PARTITION_KEY_CHARS_MAX)
#define UPSTREAM_ID_BYTES_MAX     64

struct record {
    struct span data;                         /* the bytes, or their base64 … */
    bool data_is_base64;                      /* … checked already, and copied as it is */
    uint64_t data_bytes;                      /* before base64 */
    struct span partition_key;                /* UTF-8 */
    struct span explicit_hash_key;            /* empty: none */
    struct span sequence_number_for_ordering; /* empty: none */
    bool has_random_key;                      /* the partition key was drawn, and may be drawn again */
    bool is_alone;                            /* never packed into an aggregate */
};

/* The rules of PutRecord for its parameters; the failure names the parameter. Pure. */
struct failure record_check_partition_key(struct span key) MUST_LOOK;     /* 1 to 256 characters of UTF-8 */
struct failure record_check_explicit_hash_key(struct span key) MUST_LOOK; /* decimal, below 2^128 */
struct failure record_check_sequence_number(struct span number) MUST_LOOK;
/* Partition key, the other two if present, and the size of Data and partition key together. */
struct failure record_check(const struct record *r, uint64_t record_bytes_max) MUST_LOOK;

static inline uint64_t record_bytes(const struct record *r)
{
    return r->data_bytes + r->partition_key.len;
}

enum encryption { ENCRYPTION_NOT_SAID, ENCRYPTION_NONE, ENCRYPTION_KMS };

struct put_result {
    struct failure failure; /* FAILURE_NONE: written, and the rest is set */
    enum encryption encryption;
    bool is_possible_duplicate;   /* written, after an attempt whose outcome is unknown */
    bool has_sub_sequence_number; /* it lies in an aggregate, or could have */
    uint32_t sub_sequence_number; /* its place in the aggregate; 0 for one that travelled as itself */
    struct span shard_id;         /* these two live in the answer: until the callback that brings them returns */
    struct span sequence_number;
};

#endif
