/* H(K ^ opad, H(K ^ ipad, text)): RFC 2104 section 2. */
#include "auth/hmac.h"

#include <openssl/evp.h>
#include <stdlib.h>

#define BLOCK_BYTES_MAX 128

struct hmac_stream {
    EVP_MD *md;
    EVP_MD_CTX *ctx;
    size_t block_bytes;
    uint8_t outer[BLOCK_BYTES_MAX]; /* K ^ opad */
};

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void update(struct hmac_stream *s, const void *bytes, size_t len)
{
    must(EVP_DigestUpdate(s->ctx, bytes, len) == 1);
}

static void begin(struct hmac_stream *s)
{
    must(EVP_DigestInit_ex2(s->ctx, s->md, NULL) == 1);
}

static unsigned finish(struct hmac_stream *s, uint8_t *out)
{
    unsigned len = 0;

    must(EVP_DigestFinal_ex(s->ctx, out, &len) == 1);
    return len;
}

/* A key longer than a block is its digest. */
static void set_key(struct hmac_stream *s, struct span key)
{
    uint8_t block[BLOCK_BYTES_MAX] = {0}, inner[BLOCK_BYTES_MAX];

    if (key.len > s->block_bytes) {
        begin(s);
        update(s, key.ptr, key.len);
        (void)finish(s, block);
    } else if (key.len > 0) {
        memcpy(block, key.ptr, key.len);
    }
    for (size_t i = 0; i != s->block_bytes; i++) {
        inner[i] = block[i] ^ 0x36;
        s->outer[i] = block[i] ^ 0x5c;
    }
    begin(s);
    update(s, inner, s->block_bytes);
    bytes_wipe(block, sizeof(block));
    bytes_wipe(inner, sizeof(inner));
}

struct hmac_stream *hmac_stream_new(enum hmac_algorithm algorithm, struct span key)
{
    static const char *const names[] = {[HMAC_SHA256] = "SHA256", [HMAC_SHA1] = "SHA1", [HMAC_SHA512] = "SHA512"};
    struct hmac_stream *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return NULL;
    s->md = EVP_MD_fetch(NULL, names[algorithm], NULL);
    s->ctx = EVP_MD_CTX_new();
    if (s->md == NULL || s->ctx == NULL || EVP_DigestInit_ex2(s->ctx, s->md, NULL) != 1) {
        hmac_stream_free(&s);
        return NULL;
    }
    s->block_bytes = (size_t)EVP_MD_get_block_size(s->md);
    set_key(s, key);
    return s;
}

void hmac_stream_update(struct hmac_stream *s, struct span piece)
{
    if (piece.len != 0)
        update(s, piece.ptr, piece.len);
}

size_t hmac_stream_final(struct hmac_stream *s, uint8_t out[HMAC_BYTES_MAX])
{
    uint8_t inner[HMAC_BYTES_MAX];
    unsigned len = finish(s, inner);

    begin(s);
    update(s, s->outer, s->block_bytes);
    update(s, inner, len);
    bytes_wipe(inner, sizeof(inner));
    return finish(s, out);
}

void hmac_stream_free(struct hmac_stream **s)
{
    struct hmac_stream *gone = *s;

    if (gone == NULL)
        return;
    *s = NULL;
    EVP_MD_CTX_free(gone->ctx);
    EVP_MD_free(gone->md);
    bytes_wipe(gone->outer, sizeof(gone->outer));
    free(gone);
}
