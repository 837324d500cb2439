/*
 * The hash-key space in equal parts. Bucket b of n holds the hash keys h with floor(h * n / 2^128) = b; products are
 * kept whole, so that a bucket's border is the same from both sides.
 */
#include "gateway/kinesis/aggregate.h"

#include <assert.h>

uint32_t aggregate_bucket_of(const struct hash_key *k, uint32_t buckets)
{
    assert(buckets != 0);
    unsigned __int128 number = hash_key_number(k);
    unsigned __int128 low = (unsigned __int128)(uint64_t)number * buckets;
    unsigned __int128 high = (number >> 64) * buckets + (low >> 64); /* below 2^96, as buckets is below 2^32 */
    return (uint32_t)(high >> 64);
}

/* floor((2 * bucket + 1) * 2^128 / (2 * buckets)), divided by hand: 64 bits of the quotient, then the other 64. */
struct hash_key aggregate_bucket_middle(uint32_t bucket, uint32_t buckets)
{
    assert(bucket < buckets);
    uint64_t divisor = 2 * (uint64_t)buckets;
    unsigned __int128 dividend = (unsigned __int128)(2 * (uint64_t)bucket + 1) << 64;
    unsigned __int128 high = dividend / divisor; /* below 2^64, as 2 * bucket + 1 is below the divisor */
    unsigned __int128 low = (dividend % divisor << 64) / divisor;
    return hash_key_of_number(high << 64 | low);
}
