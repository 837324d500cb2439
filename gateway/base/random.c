/* xoshiro256** with a splitmix64 seed, and the kernel's randomness for secrets. */
#include "gateway/base/random.h"

#include <stdlib.h>
#include <sys/random.h>

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void random_seed(struct random *r, uint64_t seed)
{
    for (size_t i = 0; i != 4; i++)
        r->state[i] = splitmix64(&seed);
}

void random_seed_from_kernel(struct random *r)
{
    random_secret_bytes(r->state, sizeof(r->state));
    r->state[0] |= 1; /* the all-zero state is the one that xoshiro cannot leave */
}

static inline uint64_t rotate_left(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t random_next(struct random *r)
{
    uint64_t *s = r->state, result = rotate_left(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t random_below(struct random *r, uint64_t bound)
{
    return bound == 0 ? 0 : (uint64_t)(((unsigned __int128)random_next(r) * bound) >> 64);
}

void random_secret_bytes(void *out, size_t len)
{
    char *to = out;

    while (len != 0) {
        ssize_t got = getrandom(to, len, 0);
        if (got < 0)
            abort();
        to += got;
        len -= (size_t)got;
    }
}
