/*
 * SHA-256, MD5, HMAC and CRC-32; with hmac.c and ed25519.c the only user of EVP. Fetching an algorithm and making a
 * context cost more than hashing a small record does, so each thread makes them once, at first use, and keeps them
 * until it ends.
 */
#include "auth/digest.h"

#include <endian.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

#define SHA256_BLOCK_BYTES 64

struct contexts {
    EVP_MD *sha256_md, *md5_md;
    EVP_MD_CTX *sha256, *md5;
    bool is_registered;
};

struct sha256_stream {
    EVP_MD *md;
    EVP_MD_CTX *ctx;
};

static _Thread_local struct contexts mine;
static pthread_key_t end_of_thread;
static pthread_once_t end_of_thread_once = PTHREAD_ONCE_INIT;

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void contexts_clear(void *arg)
{
    struct contexts *c = arg;

    EVP_MD_CTX_free(c->sha256);
    EVP_MD_CTX_free(c->md5);
    EVP_MD_free(c->sha256_md);
    EVP_MD_free(c->md5_md);
    *c = (struct contexts){0};
}

static void make_end_of_thread(void)
{
    must(pthread_key_create(&end_of_thread, contexts_clear) == 0);
}

/* A thread that ends without digest_thread_clear() leaks nothing: its key's destructor does the same. */
static void register_thread(void)
{
    if (mine.is_registered)
        return;
    pthread_once(&end_of_thread_once, make_end_of_thread);
    must(pthread_setspecific(end_of_thread, &mine) == 0);
    mine.is_registered = true;
}

void digest_thread_clear(void)
{
    if (mine.is_registered)
        pthread_setspecific(end_of_thread, NULL);
    contexts_clear(&mine);
}

static void fetch(const char *name, EVP_MD **md, EVP_MD_CTX **ctx)
{
    register_thread();
    *md = EVP_MD_fetch(NULL, name, NULL);
    *ctx = EVP_MD_CTX_new();
    must(*md != NULL && *ctx != NULL && EVP_DigestInit_ex2(*ctx, *md, NULL) == 1);
}

/* A context that has its digest is begun again with NULL: no lookup, no allocation. */
static void digest_with(EVP_MD_CTX *ctx, struct span bytes, uint8_t *out)
{
    must(EVP_DigestInit_ex2(ctx, NULL, NULL) == 1 && EVP_DigestUpdate(ctx, bytes.ptr, bytes.len) == 1 &&
         EVP_DigestFinal_ex(ctx, out, NULL) == 1);
}

void digest_sha256(struct span bytes, uint8_t out[SHA256_BYTES])
{
    if (mine.sha256 == NULL)
        fetch("SHA256", &mine.sha256_md, &mine.sha256);
    digest_with(mine.sha256, bytes, out);
}

void digest_md5_begin(void)
{
    if (mine.md5 == NULL)
        fetch("MD5", &mine.md5_md, &mine.md5);
    must(EVP_DigestInit_ex2(mine.md5, NULL, NULL) == 1);
}

void digest_md5_add(struct span piece)
{
    must(EVP_DigestUpdate(mine.md5, piece.ptr, piece.len) == 1);
}

void digest_md5_end(uint8_t out[MD5_BYTES])
{
    must(EVP_DigestFinal_ex(mine.md5, out, NULL) == 1);
}

void digest_md5(struct span bytes, uint8_t out[MD5_BYTES])
{
    digest_md5_begin();
    digest_md5_add(bytes);
    digest_md5_end(out);
}

static void pad_key(const uint8_t key[SHA256_BLOCK_BYTES], uint8_t pad, uint8_t out[SHA256_BLOCK_BYTES])
{
    for (size_t i = 0; i < SHA256_BLOCK_BYTES; i++)
        out[i] = key[i] ^ pad;
}

static void digest_after_pad(const uint8_t pad[SHA256_BLOCK_BYTES], struct span bytes, uint8_t out[SHA256_BYTES])
{
    must(EVP_DigestInit_ex2(mine.sha256, NULL, NULL) == 1 &&
         EVP_DigestUpdate(mine.sha256, pad, SHA256_BLOCK_BYTES) == 1 &&
         EVP_DigestUpdate(mine.sha256, bytes.ptr, bytes.len) == 1 && EVP_DigestFinal_ex(mine.sha256, out, NULL) == 1);
}

/* H(K ^ opad, H(K ^ ipad, text)). EVP_MAC gives the same in thrice the time: a new key makes it copy its contexts. */
void digest_hmac_sha256(struct span key, struct span bytes, uint8_t out[SHA256_BYTES])
{
    uint8_t block[SHA256_BLOCK_BYTES] = {0}, padded[SHA256_BLOCK_BYTES], inner[SHA256_BYTES];

    if (mine.sha256 == NULL)
        fetch("SHA256", &mine.sha256_md, &mine.sha256);
    if (key.len > sizeof(block))
        digest_sha256(key, block);
    else if (key.len > 0)
        memcpy(block, key.ptr, key.len);
    pad_key(block, 0x36, padded);
    digest_after_pad(padded, bytes, inner);
    pad_key(block, 0x5c, padded);
    digest_after_pad(padded, span_of((const char *)inner, sizeof(inner)), out);
    bytes_wipe(block, sizeof(block));
    bytes_wipe(padded, sizeof(padded));
    bytes_wipe(inner, sizeof(inner));
}

/*
 * remainders[n][x]: of the four bits x and n times four more. A word's remainder is the sum of those of its eight
 * parts, which are looked up at once. Keys are short, and half a kilobyte stays in the cache.
 */
uint32_t digest_crc32(struct span bytes)
{
    static const uint32_t remainders[8][16] = {
        {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320,
         0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c},
        {0x00000000, 0x77073096, 0xee0e612c, 0x990951ba, 0x076dc419, 0x706af48f, 0xe963a535, 0x9e6495a3, 0x0edb8832,
         0x79dcb8a4, 0xe0d5e91e, 0x97d2d988, 0x09b64c2b, 0x7eb17cbd, 0xe7b82d07, 0x90bf1d91},
        {0x00000000, 0x4ac21251, 0x958424a2, 0xdf4636f3, 0xf0794f05, 0xbabb5d54, 0x65fd6ba7, 0x2f3f79f6, 0x3b83984b,
         0x71418a1a, 0xae07bce9, 0xe4c5aeb8, 0xcbfad74e, 0x8138c51f, 0x5e7ef3ec, 0x14bce1bd},
        {0x00000000, 0x191b3141, 0x32366282, 0x2b2d53c3, 0x646cc504, 0x7d77f445, 0x565aa786, 0x4f4196c7, 0xc8d98a08,
         0xd1c2bb49, 0xfaefe88a, 0xe3f4d9cb, 0xacb54f0c, 0xb5ae7e4d, 0x9e832d8e, 0x87981ccf},
        {0x00000000, 0x1c26a370, 0x384d46e0, 0x246be590, 0x709a8dc0, 0x6cbc2eb0, 0x48d7cb20, 0x54f16850, 0xe1351b80,
         0xfd13b8f0, 0xd9785d60, 0xc55efe10, 0x91af9640, 0x8d893530, 0xa9e2d0a0, 0xb5c473d0},
        {0x00000000, 0x01c26a37, 0x0384d46e, 0x0246be59, 0x0709a8dc, 0x06cbc2eb, 0x048d7cb2, 0x054f1685, 0x0e1351b8,
         0x0fd13b8f, 0x0d9785d6, 0x0c55efe1, 0x091af964, 0x08d89353, 0x0a9e2d0a, 0x0b5c473d},
        {0x00000000, 0x5019579f, 0xa032af3e, 0xf02bf8a1, 0x9b14583d, 0xcb0d0fa2, 0x3b26f703, 0x6b3fa09c, 0xed59b63b,
         0xbd40e1a4, 0x4d6b1905, 0x1d724e9a, 0x764dee06, 0x2654b999, 0xd67f4138, 0x866616a7},
        {0x00000000, 0xb8bc6765, 0xaa09c88b, 0x12b5afee, 0x8f629757, 0x37def032, 0x256b5fdc, 0x9dd738b9, 0xc5b428ef,
         0x7d084f8a, 0x6fbde064, 0xd7018701, 0x4ad6bfb8, 0xf26ad8dd, 0xe0df7733, 0x58631056},
    };
    const char *p = bytes.ptr;
    size_t left = bytes.len;
    uint32_t crc = UINT32_MAX, word;

    for (; left >= sizeof(word); p += sizeof(word), left -= sizeof(word)) {
        memcpy(&word, p, sizeof(word));
        crc ^= le32toh(word);
        crc = remainders[7][crc & 15] ^ remainders[6][crc >> 4 & 15] ^ remainders[5][crc >> 8 & 15] ^
              remainders[4][crc >> 12 & 15] ^ remainders[3][crc >> 16 & 15] ^ remainders[2][crc >> 20 & 15] ^
              remainders[1][crc >> 24 & 15] ^ remainders[0][crc >> 28];
    }
    for (; left > 0; p++, left--) {
        crc ^= (uint8_t)*p;
        crc = crc >> 8 ^ remainders[1][crc & 15] ^ remainders[0][crc >> 4 & 15];
    }
    return ~crc;
}

struct sha256_stream *sha256_stream_new(void)
{
    struct sha256_stream *s = malloc(sizeof(*s));
    if (s == NULL)
        return NULL;
    s->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    s->ctx = EVP_MD_CTX_new();
    if (s->md == NULL || s->ctx == NULL || EVP_DigestInit_ex2(s->ctx, s->md, NULL) != 1)
        sha256_stream_free(&s);
    return s;
}

void sha256_stream_update(struct sha256_stream *s, struct span bytes)
{
    must(EVP_DigestUpdate(s->ctx, bytes.ptr, bytes.len) == 1);
}

void sha256_stream_final(struct sha256_stream *s, uint8_t out[SHA256_BYTES])
{
    must(EVP_DigestFinal_ex(s->ctx, out, NULL) == 1);
}

void sha256_stream_free(struct sha256_stream **s)
{
    if (*s == NULL)
        return;
    EVP_MD_CTX_free((*s)->ctx);
    EVP_MD_free((*s)->md);
    free(*s);
    *s = NULL;
}
