/* Request ids: unique and of the right look, not secret. */
#include "tests/double/ids.h"

#include <string.h>

static uint64_t draw(uint64_t seed)
{
    static uint64_t state;
    state += 0x9E3779B97F4A7C15ull; /* splitmix64 */
    uint64_t z = state ^ seed;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

static void put_random(char *out, int length, unsigned bits_each, uint64_t seed)
{
    static const char digits[] = "0123456789abcdefABCDEFGHIJKLMNOPQRSTUVWXYZ+/ghijklmnopqrstuvwxyz";
    uint64_t bits = 0;
    for (unsigned left = 0; length-- > 0; bits >>= bits_each, left -= bits_each) {
        if (left < bits_each) {
            bits = draw(seed);
            left = 64;
        }
        *out++ = digits[bits & ((1u << bits_each) - 1)];
    }
    *out = '\0';
}

void request_ids_make(struct request_ids *ids, uint64_t seed)
{
    static const int dashes[] = {8, 13, 18, 23};
    put_random(ids->request_id, 36, 4, seed);
    for (int i = 0; i < 4; i++)
        ids->request_id[dashes[i]] = '-';
    put_random(ids->id_2, 76, 6, seed);
}
