#pragma once

#include "tests/double/body.h"
#include "tests/double/failure.h"
#include "tests/double/store.h"

enum operation {
    OPERATION_UNKNOWN,
    OPERATION_PUT_RECORD,
    OPERATION_PUT_RECORDS,
    OPERATION_DESCRIBE_STREAM_SUMMARY,
    OPERATION_LIST_SHARDS,
    OPERATION_COUNT,
};

extern const char *const operation_names[OPERATION_COUNT];

struct put_record {
    struct slice partition_key, explicit_hash_key, data_base64;
    struct slice data; /* decoded */
    hash128 hash;
    struct shard *shard;               /* from check on */
    char sequence[SEQUENCE_BYTES + 1]; /* "" if it was not stored */
    const char *error_code;            /* PutRecords: what befell this record alone */
};

/* One Kinesis call, read out of its JSON; its slices point into `body` and `decoded`. */
struct call {
    enum operation operation;
    struct body body;
    uint8_t *decoded;
    struct slice stream_name, stream_arn, ordering;
    bool dry_run;
    struct put_record *records;
    struct put_record one; /* where PutRecord's only record lives */
    size_t record_count;
    struct stream *stream; /* from check on */
};

/* Reads the call; what AWS says before it looks at any stream is in `failure`. `call` is zeroed by its owner. */
bool call_read(struct call *call, struct slice target, struct slice body, struct failure *failure);

/* The stream's name, also if it came as an ARN. */
struct slice call_stream_name(const struct call *call);

/* Everything that takes the store to know: stream, sizes, hash keys, order. Sets `stream` and every `shard`. */
bool call_check(struct call *call, struct store *store, struct failure *failure);

void call_clear(struct call *call);
