/*
 * Standard Webhooks (the specification at standardwebhooks.com, "Verifying webhook authenticity"), and Svix, which has
 * the same under names of its own: "ID.TIME.BODY", signed by HMAC-SHA256 (v1) or Ed25519 (v1a), in base64. A header
 * holds several, separated by spaces.
 */
#include "auth/ed25519.h"
#include "auth/webhook/scheme.h"

struct names {
    struct span id, time, signature;
};

static const struct names standard = {{"webhook-id", 10}, {"webhook-timestamp", 17}, {"webhook-signature", 17}};
static const struct names svix = {{"svix-id", 7}, {"svix-timestamp", 14}, {"svix-signature", 14}};

static struct span after(struct span text, size_t bytes)
{
    return span_of(text.ptr + bytes, text.len - bytes);
}

static void read_signatures(struct span value, struct webhook_message *m)
{
    while (value.len != 0) {
        struct span text, one = span_cut(value, ' ', &value), version = span_cut(one, ',', &text);
        bool is_ed25519 = span_equal(version, SPAN("v1a"));
        if (is_ed25519 || span_equal(version, SPAN("v1")))
            webhook_add_signature(m, text, is_ed25519);
    }
}

/* With a full stop in an id, one text would stand for two messages. */
static bool is_id(struct span id)
{
    return id.len <= WEBHOOK_ID_BYTES_MAX && memchr(id.ptr, '.', id.len) == NULL;
}

static bool read_standard(const struct webhook_conf *c, const struct webhook_request *r, struct webhook_message *m)
{
    const struct names *n = webhook_has_field(r, standard.signature) ? &standard : &svix;
    struct span value, time;

    m->encoding = WEBHOOK_BASE64;
    if (!webhook_signature_field(r, n->signature, m, &value))
        return false;
    if (!webhook_field(r, n->id, &m->id) || !is_id(m->id))
        return webhook_refuse(m, "no id, or one that is malformed");
    if (!webhook_timestamp_field(c, r, n->time, m, &time))
        return false;
    read_signatures(value, m);
    if (m->signatures_len == 0)
        return webhook_refuse(m, "a signature of another kind");
    webhook_add_before(m, m->id);
    webhook_add_before(m, SPAN("."));
    webhook_add_before(m, time);
    webhook_add_before(m, SPAN("."));
    return true;
}

#define SECRET_BYTES_MIN 16
#define SECRET_BYTES_MAX 512

/* whsec_ and base64: an HMAC's key. whpk_ and base64: a public key. */
static const char *keep_secret(struct span text, struct webhook_secret *out)
{
    uint8_t bytes[SECRET_BYTES_MAX];
    size_t len;

    if (span_starts_with(text, SPAN("whsk_")))
        return "is a private key (whsk_), which only its sender should have; the public one (whpk_) is what is needed";
    out->is_public_key = span_starts_with(text, SPAN("whpk_"));
    if (out->is_public_key)
        text = after(text, 5);
    else if (span_starts_with(text, SPAN("whsec_")))
        text = after(text, 6);
    if (text.len > SECRET_BYTES_MAX || !base64_decode(text, bytes, &len))
        return "must be whsec_ or whpk_, and base64";
    if (out->is_public_key ? len != ED25519_KEY_BYTES : len < SECRET_BYTES_MIN)
        return out->is_public_key ? "must be whpk_ and 32 bytes in base64"
                                  : "must be whsec_ and at least 16 bytes in base64";
    bool is_kept = secret_set(&out->bytes, span_of((const char *)bytes, len));
    bytes_wipe(bytes, sizeof(bytes));
    return is_kept ? NULL : "cannot be kept: out of memory";
}

const struct webhook_scheme webhook_standard = {
    .name = "standard",
    .identity = WEBHOOK_ID_SIGNED,
    .keep_secret = keep_secret,
    .read = read_standard,
};
