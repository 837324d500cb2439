/* What AWS refuses once it knows the stream. */
#include "tests/double/call.h"

#include <string.h>

#define BAD_ARGUMENT "InvalidArgumentException"

static bool find_stream(struct call *call, struct store *store, struct failure *failure)
{
    if (call->stream_arn.base == NULL && call->stream_name.base == NULL)
        return fail(failure, BAD_ARGUMENT, "Either StreamARN or StreamName must be provided");
    /* both given: AWS does not say; other doubles let the ARN win */
    call->stream =
        call->stream_arn.base ? store_find_arn(store, call->stream_arn) : store_find_name(store, call->stream_name);
    struct slice name = call_stream_name(call);
    if (call->stream == NULL)
        return fail(failure, "ResourceNotFoundException", "Stream %.*s under account %s not found.", (int)name.length,
                    name.base, store->account);
    return true;
}

static bool check_sizes(const struct call *call, struct failure *failure)
{
    size_t record_max = call->stream->record_bytes_max, sum = 0;
    size_t call_max = record_max > 1048576 ? 10485760 : 5242880;
    for (size_t i = 0; i < call->record_count; i++) {
        size_t bytes = call->records[i].data.length + call->records[i].partition_key.length;
        if (bytes > record_max)
            return fail(failure, BAD_ARGUMENT, "Record size %zu exceeds the stream's maximum of %zu bytes", bytes,
                        record_max);
        sum += bytes;
    }
    if (call->operation == OPERATION_PUT_RECORDS && sum > call_max)
        return fail(failure, BAD_ARGUMENT, "Records size exceeds %zu MB limit", call_max / 1048576);
    return true;
}

static bool find_shards(struct call *call, struct failure *failure)
{
    for (size_t i = 0; i < call->record_count; i++) {
        struct put_record *record = &call->records[i];
        struct slice own = record->explicit_hash_key;
        if (own.base != NULL && !hash_parse(own, &record->hash))
            return fail(failure, BAD_ARGUMENT,
                        "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value "
                        "was %.*s",
                        (int)own.length, own.base);
        if (own.base == NULL)
            record->hash = hash_of_key(record->partition_key);
        record->shard = stream_shard(call->stream, record->hash);
    }
    return true;
}

/* A sequence number later than the stream's last one cannot come from an earlier put. */
static bool check_ordering(const struct call *call, const struct store *store, struct failure *failure)
{
    struct slice given = call->ordering;
    const char *last = call->stream->last_sequence;
    if (given.length < SEQUENCE_BYTES ||
        (given.length == SEQUENCE_BYTES && memcmp(given.base, last, given.length) <= 0))
        return true;
    return fail(failure, BAD_ARGUMENT,
                "ExclusiveMinimumSequenceNumber %.*s used in PutRecord on stream %s under account %s is invalid.",
                (int)given.length, given.base, call->stream->name, store->account);
}

bool call_check(struct call *call, struct store *store, struct failure *failure)
{
    if (!find_stream(call, store, failure) || !check_sizes(call, failure) || !find_shards(call, failure) ||
        !check_ordering(call, store, failure))
        return false;
    if (call->dry_run)
        return fail(failure, "DryRunOperationException", "Request would have succeeded, but DryRun flag is set.");
    return true;
}
