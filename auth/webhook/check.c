/*
 * One request's check: the scheme reads the head, then the body is hashed with every secret at once, a slice at a time,
 * and in the end every signature is compared with every MAC. All of them are, whichever fits.
 */
#include "auth/ed25519.h"
#include "auth/webhook/scheme.h"

#include <stdlib.h>

#define MACS_MAX       (WEBHOOK_SECRETS_MAX * WEBHOOK_LEADS_MAX)
#define MAC_TEXT_BYTES (2 * HMAC_BYTES_MAX)

/* Each key hashes the body anew, in one turn of the caller's loop. */
#define ED25519_BODY_BYTES_MAX WEBHOOK_ED25519_BODY_BYTES_MAX
#define ED25519_BEFORE_BYTES   64 /* besides the id */

struct webhook_check {
    const struct webhook_conf *conf;
    struct webhook_request request;
    struct webhook_message message;
    struct hmac_stream *macs[MACS_MAX];
    size_t macs_len, at;
    struct sha256_stream *digest; /* of the body, while somebody wants it */
    struct buf whole;             /* what an Ed25519 signature is of, in one piece */
    size_t pair;                  /* the next of signatures and keys */
    bool has_begun, has_decided, has_sha256;
    uint8_t sha256[SHA256_BYTES];
};

struct webhook_check *webhook_check_new(const struct webhook_conf *c, const struct webhook_request *r)
{
    struct webhook_check *check = calloc(1, sizeof(*check));

    if (check == NULL)
        return NULL;
    check->conf = c;
    check->request = *r;
    buf_init(&check->message.made, 0);
    buf_init(&check->whole, ED25519_BODY_BYTES_MAX + WEBHOOK_ID_BYTES_MAX + ED25519_BEFORE_BYTES);
    return check;
}

static void free_hashes(struct webhook_check *check)
{
    for (size_t i = 0; i != check->macs_len; i++)
        hmac_stream_free(&check->macs[i]);
    check->macs_len = 0;
    sha256_stream_free(&check->digest);
}

void webhook_check_free(struct webhook_check **check)
{
    struct webhook_check *gone = *check;

    if (gone == NULL)
        return;
    *check = NULL;
    free_hashes(gone);
    buf_clear(&gone->message.made);
    buf_clear(&gone->whole);
    free(gone);
}

static bool begin_mac(struct webhook_check *check, const struct webhook_secret *secret, struct span lead)
{
    const struct webhook_message *m = &check->message;
    struct hmac_stream *mac = hmac_stream_new(m->algorithm, secret_reveal(&secret->bytes));

    if (mac == NULL)
        return false;
    hmac_stream_update(mac, lead);
    for (size_t i = 0; i != m->before_len; i++)
        hmac_stream_update(mac, m->before[i]);
    check->macs[check->macs_len++] = mac;
    return true;
}

static bool begin_macs(struct webhook_check *check)
{
    struct webhook_message *m = &check->message;

    if (m->leads_len == 0)
        m->leads[m->leads_len++] = SPAN("");
    for (size_t i = 0; i != check->conf->secrets_len; i++)
        for (size_t k = 0; k != m->leads_len; k++)
            if (!check->conf->secrets[i].is_public_key && !begin_mac(check, &check->conf->secrets[i], m->leads[k]))
                return false;
    return true;
}

static enum webhook_verdict begin(struct webhook_check *check)
{
    struct webhook_message *m = &check->message;
    bool is_read = check->conf->scheme->read(check->conf, &check->request, m);

    if (m->made.failed)
        return WEBHOOK_NO_MEMORY;
    if (!is_read)
        return WEBHOOK_BAD;
    if (m->is_proven)
        return WEBHOOK_OK;
    bool wants_digest = m->body_sha256.len != 0 || check->conf->scheme->identity == WEBHOOK_ID_DIGEST;
    if (!begin_macs(check) || (wants_digest && (check->digest = sha256_stream_new()) == NULL))
        return WEBHOOK_NO_MEMORY;
    check->has_begun = true;
    return WEBHOOK_MORE;
}

/* A slice of the body into everything that is being hashed. */
static void hash(struct webhook_check *check, size_t bytes_max)
{
    size_t hashes = check->macs_len + (check->digest != NULL), share = hashes == 0 ? bytes_max : bytes_max / hashes;
    struct span rest = span_of(check->request.body.ptr + check->at, check->request.body.len - check->at);

    if (rest.len > share)
        rest.len = share == 0 ? 1 : share;
    check->at += rest.len;
    if (rest.len == 0)
        return;
    for (size_t i = 0; i != check->macs_len && !check->message.skips_body; i++)
        hmac_stream_update(check->macs[i], rest);
    if (check->digest != NULL)
        sha256_stream_update(check->digest, rest);
}

static size_t encode(const uint8_t *bytes, size_t len, enum webhook_encoding encoding, char out[MAC_TEXT_BYTES])
{
    size_t text_len = 2 * len;

    if (encoding == WEBHOOK_HEX || encoding == WEBHOOK_HEX_UPPER) {
        hex_encode(bytes, len, out);
        for (size_t i = 0; i != text_len && encoding == WEBHOOK_HEX_UPPER; i++)
            out[i] = (char)(out[i] >= 'a' ? out[i] - 'a' + 'A' : out[i]);
        return text_len;
    }
    base64_encode(span_of((const char *)bytes, len), out);
    text_len = base64_encoded_size(len);
    for (size_t i = 0; i != text_len && encoding == WEBHOOK_BASE64URL; i++)
        out[i] = (char)(out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i]);
    return text_len;
}

/* base64url comes with its padding or without. */
static bool is_text(struct span text, const char *want, size_t len, enum webhook_encoding encoding)
{
    size_t bare = len;

    while (encoding == WEBHOOK_BASE64URL && bare != 0 && want[bare - 1] == '=')
        bare--;
    return (text.len == len || text.len == bare) && bytes_equal_constant_time(text.ptr, want, text.len);
}

static bool fits_mac(const struct webhook_message *m, struct hmac_stream *mac)
{
    uint8_t bytes[HMAC_BYTES_MAX];
    char text[MAC_TEXT_BYTES];
    bool fits = false;

    for (size_t i = 0; i != m->after_len; i++)
        hmac_stream_update(mac, m->after[i]);
    size_t len = encode(bytes, hmac_stream_final(mac, bytes), m->encoding, text);
    for (size_t i = 0; i != m->signatures_len; i++)
        if (!m->signatures[i].is_ed25519)
            fits |= is_text(m->signatures[i].text, text, len, m->encoding);
    bytes_wipe(bytes, sizeof(bytes));
    bytes_wipe(text, sizeof(text));
    return fits;
}

static bool is_wanted(const struct webhook_check *check, bool is_ed25519)
{
    bool has_secret = false, has_signature = false;

    for (size_t i = 0; i != check->conf->secrets_len; i++)
        has_secret |= check->conf->secrets[i].is_public_key == is_ed25519;
    for (size_t i = 0; i != check->message.signatures_len; i++)
        has_signature |= check->message.signatures[i].is_ed25519 == is_ed25519;
    return has_secret && has_signature;
}

static bool read_ed25519(struct span text, uint8_t signature[ED25519_SIGNATURE_BYTES + 2])
{
    size_t len;

    return text.len == base64_encoded_size(ED25519_SIGNATURE_BYTES) && base64_decode(text, signature, &len) &&
           len == ED25519_SIGNATURE_BYTES;
}

static enum webhook_verdict refuse(struct webhook_check *check, const char *why)
{
    check->message.why = why;
    return WEBHOOK_BAD;
}

/* What is signed must lie in one piece. Nothing in it is secret: whoever sent it knows it. */
static enum webhook_verdict begin_ed25519(struct webhook_check *check)
{
    const struct webhook_message *m = &check->message;

    if (!is_wanted(check, true))
        return refuse(check, "a signature that does not match");
    if (check->request.body.len > ED25519_BODY_BYTES_MAX)
        return refuse(check, "a body too large for an Ed25519 signature");
    (void)buf_reserve(&check->whole, check->request.body.len + WEBHOOK_ID_BYTES_MAX + ED25519_BEFORE_BYTES);
    for (size_t i = 0; i != m->before_len; i++)
        buf_append(&check->whole, m->before[i]);
    buf_append(&check->whole, check->request.body);
    return check->whole.failed ? WEBHOOK_NO_MEMORY : WEBHOOK_MORE;
}

/* One signature by one key: anybody may send ten of them, and none can be hashed in slices. */
static enum webhook_verdict check_ed25519(struct webhook_check *check)
{
    const struct webhook_message *m = &check->message;
    size_t keys = check->conf->secrets_len;
    uint8_t signature[ED25519_SIGNATURE_BYTES + 2];

    while (check->pair != m->signatures_len * keys) {
        const struct webhook_signature *s = &m->signatures[check->pair / keys];
        const struct webhook_secret *key = &check->conf->secrets[check->pair++ % keys];
        if (!s->is_ed25519 || !key->is_public_key || !read_ed25519(s->text, signature))
            continue;
        switch (ed25519_verify((const uint8_t *)secret_reveal(&key->bytes).ptr, buf_span(&check->whole), signature)) {
        case ED25519_OK:
            return WEBHOOK_OK;
        case ED25519_NO_MEMORY:
            return WEBHOOK_NO_MEMORY;
        case ED25519_BAD:
            return WEBHOOK_MORE;
        }
    }
    return refuse(check, "a signature that does not match");
}

static bool is_body_digest(const struct webhook_check *check)
{
    char text[2 * SHA256_BYTES];

    if (check->message.body_sha256.len == 0)
        return true;
    hex_encode(check->sha256, SHA256_BYTES, text);
    return check->message.body_sha256.len == sizeof(text) &&
           bytes_equal_constant_time(check->message.body_sha256.ptr, text, sizeof(text));
}

static enum webhook_verdict decide(struct webhook_check *check)
{
    bool fits = false;

    if (check->digest != NULL) {
        sha256_stream_final(check->digest, check->sha256);
        check->has_sha256 = true;
    }
    for (size_t i = 0; i != check->macs_len; i++)
        fits |= fits_mac(&check->message, check->macs[i]);
    fits &= is_body_digest(check);
    check->has_decided = true;
    return fits ? WEBHOOK_OK : begin_ed25519(check);
}

enum webhook_verdict webhook_check_run(struct webhook_check *check, size_t bytes_max)
{
    enum webhook_verdict verdict = check->has_begun ? WEBHOOK_MORE : begin(check);

    if (verdict != WEBHOOK_MORE)
        return verdict;
    if (check->has_decided)
        return check_ed25519(check);
    hash(check, bytes_max);
    if (check->at != check->request.body.len)
        return WEBHOOK_MORE;
    verdict = decide(check);
    free_hashes(check);
    return verdict;
}

struct span webhook_check_id(const struct webhook_check *check)
{
    return check->message.id;
}

const uint8_t *webhook_check_sha256(const struct webhook_check *check)
{
    return check->has_sha256 ? check->sha256 : NULL;
}

const char *webhook_check_why(const struct webhook_check *check)
{
    return check->message.why != NULL ? check->message.why : "";
}
