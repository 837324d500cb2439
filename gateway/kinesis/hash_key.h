/*
 * A record's place in the hash-key space, 0 to 2^128 - 1: MD5 of its partition key, as Kinesis maps keys to shards, or
 * the ExplicitHashKey that stands for it. Pure.
 */
#ifndef KGW_KINESIS_HASH_KEY_H
#define KGW_KINESIS_HASH_KEY_H

#include "auth/bytes.h"

#define HASH_KEY_DIGITS_MAX 39

struct hash_key {
    uint8_t bytes[16]; /* big-endian */
};

struct hash_key hash_key_of_partition_key(struct span partition_key);
/* An ExplicitHashKey: true for exactly what record_check_explicit_hash_key() lets pass. */
bool hash_key_parse(struct span decimal, struct hash_key *out);
size_t hash_key_format(const struct hash_key *k, char out[HASH_KEY_DIGITS_MAX]); /* decimal, no NUL; how many digits */

static inline int hash_key_compare(const struct hash_key *a, const struct hash_key *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

unsigned __int128 hash_key_number(const struct hash_key *k);
struct hash_key hash_key_of_number(unsigned __int128 number);

#endif
