/*
 * Streams with evenly cut hash ranges, as CreateStream makes them, and their sequence numbers. A sequence number is
 * "49", 14 digits of the time the double started, 30 of a counter, 10 of the shard: 56 digits, always rising.
 */
#include "tests/double/store.h"
#include "tests/double/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void store_init(struct store *store, const char *region, const char *account)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    *store = (struct store){.region = region, .account = account};
    store->born_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static char *put_digits(char *end, uint64_t value, size_t digits)
{
    while (digits-- > 0) {
        *--end = (char)('0' + value % 10);
        value /= 10;
    }
    return end;
}

static void put_sequence(char *sequence, uint64_t born_ms, uint64_t counter, uint64_t shard)
{
    char *at = sequence + SEQUENCE_BYTES;
    *at = '\0';
    at = put_digits(at, shard, 10);
    at = put_digits(at, counter, 30);
    put_digits(at, born_ms, 14);
    memcpy(sequence, "49", 2);
}

static void cut_shards(struct stream *stream)
{
    hash128 all = ~(hash128)0;
    uint32_t count = stream->shard_count;
    /* floor(2^128 / count), from 2^128 - 1, which is all that fits */
    hash128 width = count == 1 ? 0 : all / count + (all % count == count - 1);
    for (uint32_t i = 0; i < count; i++) {
        struct shard *shard = &stream->shards[i];
        snprintf(shard->id, sizeof shard->id, "shardId-%012" PRIu32, i);
        shard->first = width * i;
        shard->last = i + 1 == count ? all : width * (i + 1) - 1;
    }
}

bool store_add_stream(struct store *store, struct slice name, uint32_t shard_count, size_t record_bytes_max)
{
    if (store->stream_count == STREAMS_MAX || name.length == 0 || name.length > STREAM_NAME_BYTES_MAX ||
        shard_count == 0 || shard_count > SHARDS_MAX || store_find_name(store, name) != NULL)
        return false;
    struct stream *stream = &store->streams[store->stream_count++];
    *stream = (struct stream){.record_bytes_max = record_bytes_max, .shard_count = shard_count};
    memcpy(stream->name, name.base, name.length);
    snprintf(stream->arn, sizeof stream->arn, "arn:aws:kinesis:%s:%s:stream/%.*s", store->region, store->account,
             (int)name.length, name.base);
    stream->shards = calloc(shard_count, sizeof stream->shards[0]);
    if (stream->shards == NULL)
        abort();
    cut_shards(stream);
    put_sequence(stream->last_sequence, store->born_ms, store->counter, 0);
    return true;
}

struct stream *store_find_name(struct store *store, struct slice name)
{
    for (size_t i = 0; i < store->stream_count; i++) {
        if (slice_is(name, store->streams[i].name))
            return &store->streams[i];
    }
    return NULL;
}

struct stream *store_find_arn(struct store *store, struct slice arn)
{
    for (size_t i = 0; i < store->stream_count; i++) {
        if (slice_is(arn, store->streams[i].arn))
            return &store->streams[i];
    }
    return NULL;
}

struct shard *stream_shard(struct stream *stream, hash128 hash)
{
    uint32_t low = 0, high = stream->shard_count - 1;
    while (low < high) {
        uint32_t middle = (low + high + 1) / 2;
        if (stream->shards[middle].first <= hash)
            low = middle;
        else
            high = middle - 1;
    }
    return &stream->shards[low];
}

void store_put(struct store *store, struct stream *stream, struct shard *shard, char sequence[SEQUENCE_BYTES + 1])
{
    put_sequence(sequence, store->born_ms, ++store->counter, (uint64_t)(shard - stream->shards));
    memcpy(stream->last_sequence, sequence, SEQUENCE_BYTES + 1);
    shard->records++;
    stream->records++;
    store->records++;
}

void store_reset_counts(struct store *store)
{
    store->records = 0;
    for (size_t i = 0; i < store->stream_count; i++) {
        store->streams[i].records = 0;
        for (uint32_t j = 0; j < store->streams[i].shard_count; j++)
            store->streams[i].shards[j].records = 0;
    }
}

hash128 hash_of_key(struct slice partition_key)
{
    uint8_t digest[16];
    hash128 hash = 0;
    digest_md5(digest, partition_key.base, partition_key.length);
    for (size_t i = 0; i < sizeof digest; i++)
        hash = hash << 8 | digest[i];
    return hash;
}

bool hash_parse(struct slice decimal, hash128 *out)
{
    hash128 hash = 0, all = ~(hash128)0;
    for (size_t i = 0; i < decimal.length; i++) {
        unsigned digit = (unsigned)(decimal.base[i] - '0');
        if (hash > (all - digit) / 10)
            return false;
        hash = hash * 10 + digit;
    }
    *out = hash;
    return true;
}

void text_put_hash(struct text *text, hash128 hash)
{
    char digits[40];
    char *at = digits + sizeof digits;
    do {
        *--at = (char)('0' + (unsigned)(hash % 10));
        hash /= 10;
    } while (hash > 0);
    text_put(text, at, (size_t)(digits + sizeof digits - at));
}
