#pragma once

#include "tests/double/text.h"

enum { STREAMS_MAX = 64, SHARDS_MAX = 1024, STREAM_NAME_BYTES_MAX = 128, SHARD_ID_BYTES = 20, SEQUENCE_BYTES = 56 };

typedef unsigned __int128 hash128;

struct shard {
    char id[SHARD_ID_BYTES + 1];
    hash128 first, last; /* the hash keys it takes, both ends included */
    uint64_t records;
};

struct stream {
    char name[STREAM_NAME_BYTES_MAX + 1], arn[256];
    size_t record_bytes_max;
    uint32_t shard_count;
    struct shard *shards;
    uint64_t records;
    char last_sequence[SEQUENCE_BYTES + 1]; /* before the first record: one that precedes it */
};

/* Streams, shards and the next sequence number. Records themselves are in the ledger only. */
struct store {
    const char *region, *account;
    struct stream streams[STREAMS_MAX];
    size_t stream_count;
    uint64_t born_ms, counter, records;
};

void store_init(struct store *store, const char *region, const char *account);

/* False if the name is taken or too long, or a limit is exceeded. */
bool store_add_stream(struct store *store, struct slice name, uint32_t shard_count, size_t record_bytes_max);

struct stream *store_find_name(struct store *store, struct slice name);
struct stream *store_find_arn(struct store *store, struct slice arn);

/* The shard of a hash key. */
struct shard *stream_shard(struct stream *stream, hash128 hash);

/* Counts one more record and writes its sequence number: rising within the shard, and across restarts. */
void store_put(struct store *store, struct stream *stream, struct shard *shard, char sequence[SEQUENCE_BYTES + 1]);

/* Forgets counts; sequence numbers go on. */
void store_reset_counts(struct store *store);

hash128 hash_of_key(struct slice partition_key);
bool hash_parse(struct slice decimal, hash128 *out); /* false from 2^128 on */
void text_put_hash(struct text *text, hash128 hash); /* in decimal */
