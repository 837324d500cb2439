/*
 * Meta (Facebook, Instagram, WhatsApp), "Webhooks: Getting started": deliveries are signed as GitHub's are; before the
 * first one, a GET asks for a challenge to be repeated, and proves itself by the verify token.
 */
#include "auth/webhook/scheme.h"

static bool read_meta(const struct webhook_conf *c, const struct webhook_request *r, struct webhook_message *m)
{
    (void)c;
    return webhook_read_plain(r, SPAN("x-hub-signature-256"), SPAN("sha256="), m);
}

bool webhook_is_verify_token(const struct webhook_conf *c, struct span token)
{
    return c->verify_token.len != 0 && webhook_texts_equal(secret_reveal(&c->verify_token), token);
}

const struct webhook_scheme webhook_meta = {
    .name = "meta",
    .identity = WEBHOOK_ID_DIGEST,
    .handshake = WEBHOOK_HANDSHAKE_META,
    .read = read_meta,
};
