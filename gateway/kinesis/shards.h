/*
 * Shards that throttle, as far as answers have named them: until when each is left alone, and which part of the
 * hash-key space it is known to hold. Pure: time and randomness are arguments. A stream whose shards are all well has
 * an empty table, and pays nothing.
 */
#ifndef KGW_KINESIS_SHARDS_H
#define KGW_KINESIS_SHARDS_H

#include "gateway/kinesis/hash_key.h"
#include "gateway/kinesis/record.h"
#include "gateway/kinesis/retry.h"

#define SHARDS_MAX 64 /* named at a time; of more, the one idle for longest is forgotten */

struct shard {
    uint64_t until_us; /* left alone until then */
    uint64_t seen_us;
    unsigned throttles;        /* in a row */
    struct hash_key low, high; /* keys known to lie in it; a shard is one range, so all between do too */
    uint8_t id_len;
    char id[SHARD_ID_BYTES_MAX];
};

struct shards {
    struct shard *rows; /* SHARDS_MAX, once one was needed */
    size_t len;
};

void shards_clear(struct shards *s);
/* A record with that hash key was throttled by that shard; says until when the shard is left alone. Without memory
 * nothing is learned. */
uint64_t shards_on_throttle(struct shards *s, const struct retry_conf *c, struct span id, const struct hash_key *key,
                            uint64_t now_us, uint64_t dice);
/* One was written into that shard: it is well, and what lies in it lies in no other. */
void shards_on_written(struct shards *s, struct span id, const struct hash_key *key, uint64_t now_us);
/* How much longer records with that hash key are kept back; 0: not at all. */
uint64_t shards_hold_us(const struct shards *s, const struct hash_key *key, uint64_t now_us);

#endif
