/* A table with one place for each key, by its tag; two keys that share a place take turns. */
#include "auth/key_memo.h"

#include "auth/key.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct tag {
    uint64_t words[2];
};

struct remembered {
    struct tag tag;
    const struct key_row *row; /* NULL: none */
};

struct key_memo {
    EVP_MAC *mac;
    EVP_MAC_CTX *ctx;
    uint8_t secret[KEY_MEMO_SECRET_BYTES];
    struct remembered keys[KEY_MEMO_KEYS];
};

struct key_memo *key_memo_new(const uint8_t secret[KEY_MEMO_SECRET_BYTES])
{
    struct key_memo *m = calloc(1, sizeof(*m));

    if (m == NULL)
        return NULL;
    memcpy(m->secret, secret, sizeof(m->secret));
    m->mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    m->ctx = m->mac == NULL ? NULL : EVP_MAC_CTX_new(m->mac);
    if (m->ctx == NULL)
        key_memo_free(&m);
    return m;
}

void key_memo_free(struct key_memo **m)
{
    struct key_memo *gone = *m;

    if (gone == NULL)
        return;
    *m = NULL;
    EVP_MAC_CTX_free(gone->ctx);
    EVP_MAC_free(gone->mac);
    bytes_wipe(gone, sizeof(*gone));
    free(gone);
}

static bool take_tag(struct key_memo *m, struct span text, struct tag *out)
{
    size_t len = 0;

    return text.len <= KEY_TEXT_BYTES_MAX && EVP_MAC_init(m->ctx, m->secret, sizeof(m->secret), NULL) == 1 &&
           EVP_MAC_update(m->ctx, (const unsigned char *)text.ptr, text.len) == 1 &&
           EVP_MAC_final(m->ctx, (unsigned char *)out, &len, sizeof(*out)) == 1 && len == sizeof(*out);
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
