/* Providers that do not sign but send a user and a password (RFC 7617): whoever knows them is believed. */
#include "auth/webhook/scheme.h"

#define CREDENTIALS_BYTES_MAX 1024

static bool is_password(const struct webhook_conf *c, struct span user, struct span password)
{
    bool is_user = webhook_texts_equal(user, c->texts[WEBHOOK_USER]), is_any = false;

    for (size_t i = 0; i != c->secrets_len; i++)
        is_any |= webhook_texts_equal(secret_reveal(&c->secrets[i].bytes), password);
    return is_user & is_any;
}

static bool read_basic(const struct webhook_conf *c, const struct webhook_request *r, struct webhook_message *m)
{
    struct span value, rest;
    char text[CREDENTIALS_BYTES_MAX];
    size_t len;

    if (!webhook_field(r, SPAN("authorization"), &value))
        return webhook_refuse(m, "no credentials, or several");
    struct span scheme = span_cut(value, ' ', &rest);
    if (!span_equal_nocase(scheme, SPAN("basic")) || rest.len > sizeof(text) || !base64_decode(rest, text, &len))
        return webhook_refuse(m, "malformed credentials");
    struct span password, user = span_cut(span_of(text, len), ':', &password);
    m->is_proven = memchr(text, ':', len) != NULL && is_password(c, user, password);
    bytes_wipe(text, sizeof(text));
    return m->is_proven || webhook_refuse(m, "wrong credentials");
}

const struct webhook_scheme webhook_basic = {
    .name = "basic",
    .uses = WEBHOOK_TEXT(WEBHOOK_USER),
    .needs = WEBHOOK_TEXT(WEBHOOK_USER),
    .read = read_basic,
};
