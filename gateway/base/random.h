/*
 * Pseudo-random numbers for jitter, request ids and random partition keys: xoshiro256** (Blackman and Vigna, 2018). Not
 * for secrets; those come from random_secret_bytes(). One generator a thread, seeded by the kernel or by a test.
 */
#ifndef KGW_BASE_RANDOM_H
#define KGW_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_seed(struct random *r, uint64_t seed);
void random_seed_from_kernel(struct random *r); /* aborts if the kernel gives none */
uint64_t random_next(struct random *r);
uint64_t random_below(struct random *r, uint64_t bound); /* 0 to bound - 1; 0 for bound 0 */
void random_secret_bytes(void *out, size_t len);         /* getrandom(2); aborts if the kernel gives none */

#endif
