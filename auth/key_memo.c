/*
 * A table with one place for each key, by its tag; two keys that share a place take turns. SipHash is written out here:
 * through OpenSSL's EVP_MAC it takes 1,200 instructions for a key, most of them to find out how long a tag is.
 */
#include "auth/key_memo.h"

#include "auth/key.h"

#include <endian.h>
#include <stdlib.h>

struct tag {
    uint64_t words[2];
};

struct remembered {
    struct tag tag;
    const struct key_row *row; /* NULL: none */
};

struct key_memo {
    uint64_t secret[2];
    struct remembered keys[KEY_MEMO_KEYS];
};

struct key_memo *key_memo_new(const uint8_t secret[KEY_MEMO_SECRET_BYTES])
{
    struct key_memo *m = calloc(1, sizeof(*m));

    if (m == NULL)
        return NULL;
    memcpy(m->secret, secret, sizeof(m->secret));
    return m;
}

void key_memo_free(struct key_memo **m)
{
    struct key_memo *gone = *m;

    if (gone == NULL)
        return;
    *m = NULL;
    bytes_wipe(gone, sizeof(*gone));
    free(gone);
}

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void sip_rounds(uint64_t v[4], int rounds)
{
    for (; rounds != 0; rounds--) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

static void sip_take(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_rounds(v, 2);
    v[0] ^= word;
}

void key_memo_tag(const uint8_t secret[KEY_MEMO_SECRET_BYTES], struct span text, uint8_t out[KEY_MEMO_TAG_BYTES])
{
    uint64_t k[2], words[2], last = (uint64_t)text.len << 56;
    size_t at = 0;

    memcpy(k, secret, sizeof(k));
    k[0] = le64toh(k[0]);
    k[1] = le64toh(k[1]);
    uint64_t v[4] = {k[0] ^ 0x736f6d6570736575, k[1] ^ 0x646f72616e646f6d ^ 0xee, k[0] ^ 0x6c7967656e657261,
                     k[1] ^ 0x7465646279746573};
    for (; text.len - at >= sizeof(words[0]); at += sizeof(words[0])) {
        memcpy(words, text.ptr + at, sizeof(words[0]));
        sip_take(v, le64toh(words[0]));
    }
    for (size_t i = 0; at + i != text.len; i++)
        last |= (uint64_t)(uint8_t)text.ptr[at + i] << 8 * i;
    sip_take(v, last);
    v[2] ^= 0xee;
    sip_rounds(v, 4);
    words[0] = htole64(v[0] ^ v[1] ^ v[2] ^ v[3]);
    v[1] ^= 0xdd;
    sip_rounds(v, 4);
    words[1] = htole64(v[0] ^ v[1] ^ v[2] ^ v[3]);
    memcpy(out, words, sizeof(words));
}

static bool take_tag(const struct key_memo *m, struct span text, struct tag *out)
{
    if (text.len > KEY_TEXT_BYTES_MAX)
        return false;
    key_memo_tag((const uint8_t *)m->secret, text, (uint8_t *)out->words);
    return true;
}

static struct remembered *place_of(struct key_memo *m, const struct tag *tag)
{
    return &m->keys[tag->words[0] % KEY_MEMO_KEYS];
}

const struct key_row *key_memo_find(struct key_memo *m, struct span text)
{
    struct tag tag;

    if (m == NULL || !take_tag(m, text, &tag))
        return NULL;
    const struct remembered *r = place_of(m, &tag);
    bool is_it = ((r->tag.words[0] ^ tag.words[0]) | (r->tag.words[1] ^ tag.words[1])) == 0;
    return is_it ? r->row : NULL;
}

void key_memo_learn(struct key_memo *m, struct span text, const struct key_row *row)
{
    struct tag tag;

    if (m != NULL && take_tag(m, text, &tag))
        *place_of(m, &tag) = (struct remembered){tag, row};
}
