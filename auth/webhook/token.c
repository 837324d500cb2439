/*
 * Providers that do not sign but send a secret in a header: X-Gitlab-Token, or, where no header is named,
 * `Authorization: Bearer`. Whoever knows it is believed.
 */
#include "auth/webhook/scheme.h"

static bool read_token(const struct webhook_conf *c, const struct webhook_request *r, struct webhook_message *m)
{
    bool is_bearer = c->texts[WEBHOOK_HEADER].len == 0;
    struct span header = is_bearer ? SPAN("authorization") : c->texts[WEBHOOK_HEADER];
    struct span prefix = is_bearer && c->texts[WEBHOOK_PREFIX].len == 0 ? SPAN("Bearer ") : c->texts[WEBHOOK_PREFIX];
    struct span value;

    if (!webhook_field(r, header, &value))
        return webhook_refuse(m, "no token, or several");
    if (value.len < prefix.len || !span_equal_nocase(span_of(value.ptr, prefix.len), prefix))
        return webhook_refuse(m, "a token of another kind");
    struct span token = span_of(value.ptr + prefix.len, value.len - prefix.len);
    for (size_t i = 0; i != c->secrets_len; i++)
        m->is_proven |= webhook_texts_equal(secret_reveal(&c->secrets[i].bytes), token);
    return m->is_proven || webhook_refuse(m, "a wrong token");
}

const struct webhook_scheme webhook_token = {
    .name = "token",
    .uses = WEBHOOK_TEXT(WEBHOOK_HEADER) | WEBHOOK_TEXT(WEBHOOK_PREFIX),
    .read = read_token,
};
