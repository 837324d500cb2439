/* Hash keys as bytes, as numbers and as the decimal text that Kinesis speaks. Knows no shard and no bucket. */
#include "gateway/kinesis/hash_key.h"

#include "auth/digest.h"

_Static_assert(sizeof(struct hash_key) == MD5_BYTES, "a hash key is an MD5");

unsigned __int128 hash_key_number(const struct hash_key *k)
{
    unsigned __int128 number = 0;

    for (size_t i = 0; i < sizeof(k->bytes); i++)
        number = number << 8 | k->bytes[i];
    return number;
}

struct hash_key hash_key_of_number(unsigned __int128 number)
{
    struct hash_key k;

    for (size_t i = sizeof(k.bytes); i > 0; number >>= 8)
        k.bytes[--i] = (uint8_t)number;
    return k;
}

struct hash_key hash_key_of_partition_key(struct span partition_key)
{
    struct hash_key k;

    digest_md5(partition_key, k.bytes);
    return k;
}

bool hash_key_parse(struct span decimal, struct hash_key *out)
{
    unsigned __int128 number = 0;

    if (decimal.len == 0 || decimal.len > HASH_KEY_DIGITS_MAX || (decimal.ptr[0] == '0' && decimal.len != 1))
        return false;
    for (size_t i = 0; i < decimal.len; i++) {
        unsigned digit = (unsigned)(unsigned char)decimal.ptr[i] - '0';
        if (digit > 9 || __builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, digit, &number))
            return false;
    }
    *out = hash_key_of_number(number);
    return true;
}

size_t hash_key_format(const struct hash_key *k, char out[HASH_KEY_DIGITS_MAX])
{
    unsigned __int128 number = hash_key_number(k);
    char digits[HASH_KEY_DIGITS_MAX];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + (unsigned)(number % 10));
        number /= 10;
    } while (number != 0);
    memcpy(out, digits + at, sizeof(digits) - at);
    return sizeof(digits) - at;
}
