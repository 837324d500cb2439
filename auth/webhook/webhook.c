/* The table of schemes, and what a hook's settings must be for them. */
#include "auth/webhook/webhook.h"

#include "auth/webhook/scheme.h"

#include <assert.h>

static const struct webhook_scheme *const schemes[] = {
    &webhook_github, &webhook_stripe, &webhook_slack, &webhook_shopify, &webhook_standard,
    &webhook_twilio, &webhook_meta,   &webhook_hmac,  &webhook_basic,   &webhook_token,
};

#define SCHEMES (sizeof(schemes) / sizeof(schemes[0]))

const struct webhook_scheme *webhook_scheme_at(size_t index)
{
    return index < SCHEMES ? schemes[index] : NULL;
}

const struct webhook_scheme *webhook_scheme_find(struct span name)
{
    for (size_t i = 0; i != SCHEMES; i++)
        if (span_equal(span_str(schemes[i]->name), name))
            return schemes[i];
    return NULL;
}

const char *webhook_scheme_name(const struct webhook_scheme *s)
{
    return s->name;
}

/* An id of the scheme "hmac" is there only if its template has one. */
enum webhook_identity webhook_identity(const struct webhook_conf *c)
{
    bool has_none = c->scheme->identity == WEBHOOK_ID_SIGNED &&
                    (c->scheme->uses & WEBHOOK_TEXT(WEBHOOK_ID_HEADER)) != 0 && c->texts[WEBHOOK_ID_HEADER].len == 0;

    return has_none ? WEBHOOK_ID_NONE : c->scheme->identity;
}

const char *webhook_id_pointer(const struct webhook_conf *c)
{
    return c->scheme->id_pointer;
}

enum webhook_handshake webhook_handshake(const struct webhook_conf *c)
{
    return c->scheme->handshake;
}

static const struct {
    const char *name, *unused, *missing;
} texts[WEBHOOK_TEXTS] = {
#define TEXT(which, setting) [which] = {setting, setting " is no setting of this scheme", setting " is missing"}
    TEXT(WEBHOOK_HEADER, "header"),         TEXT(WEBHOOK_PREFIX, "prefix"),
    TEXT(WEBHOOK_TEMPLATE, "template"),     TEXT(WEBHOOK_TIMESTAMP_HEADER, "timestamp_header"),
    TEXT(WEBHOOK_ID_HEADER, "id_header"),   TEXT(WEBHOOK_USER, "user"),
    TEXT(WEBHOOK_PUBLIC_URL, "public_url"),
#undef TEXT
};

const char *webhook_text_name(enum webhook_text text)
{
    return texts[text].name;
}

/* What a template speaks of must be given; what is given must be in the template, or it would not be signed. */
static const char *check_template(const struct webhook_conf *c, enum webhook_text *at)
{
    static const struct {
        enum webhook_placeholder place;
        enum webhook_text text;
        const char *missing, *unsigned_;
    } pairs[] = {
        {WEBHOOK_PLACE_TIMESTAMP, WEBHOOK_TIMESTAMP_HEADER, "is missing: the template has {timestamp}",
         "must be in the template as {timestamp}, or it is not signed"},
        {WEBHOOK_PLACE_ID, WEBHOOK_ID_HEADER, "is missing: the template has {id}",
         "must be in the template as {id}, or it is not signed"},
        {WEBHOOK_PLACE_URL, WEBHOOK_PUBLIC_URL, "is missing: the template has {url}",
         "must be in the template as {url}, or it is not signed"},
    };
    unsigned places = 0;

    *at = WEBHOOK_TEMPLATE;
    const char *wrong = c->texts[*at].len == 0 ? NULL : webhook_template_check(c->texts[*at], &places);
    for (size_t i = 0; wrong == NULL && i != sizeof(pairs) / sizeof(pairs[0]); i++) {
        bool is_placed = (places & 1u << pairs[i].place) != 0, is_given = c->texts[pairs[i].text].len != 0;
        *at = pairs[i].text;
        wrong = is_placed && !is_given ? pairs[i].missing : is_given && !is_placed ? pairs[i].unsigned_ : NULL;
    }
    return wrong;
}

static const char *check_url(const struct webhook_conf *c, enum webhook_text *at)
{
    struct span url = c->texts[WEBHOOK_PUBLIC_URL];

    *at = WEBHOOK_PUBLIC_URL;
    if (url.len == 0)
        return NULL;
    bool is_url = (span_starts_with(url, SPAN("https://")) && url.len > 8 && url.ptr[8] != '/') ||
                  (span_starts_with(url, SPAN("http://")) && url.len > 7 && url.ptr[7] != '/');
    bool has_rest = memchr(url.ptr, '?', url.len) != NULL || memchr(url.ptr, '#', url.len) != NULL;
    return is_url && !has_rest ? NULL : "must be https://HOST/PATH as the provider was told it, without a query";
}

const char *webhook_conf_check(const struct webhook_conf *c, enum webhook_text *at)
{
    for (*at = 0; *at != WEBHOOK_TEXTS; ++*at) {
        bool is_given = c->texts[*at].len != 0;
        if (is_given && (c->scheme->uses & WEBHOOK_TEXT(*at)) == 0)
            return texts[*at].unused;
        if (!is_given && (c->scheme->needs & WEBHOOK_TEXT(*at)) != 0)
            return texts[*at].missing;
    }
    const char *wrong = check_url(c, at);
    bool has_template = (c->scheme->uses & WEBHOOK_TEXT(WEBHOOK_TEMPLATE)) != 0;
    return wrong == NULL && has_template ? check_template(c, at) : wrong;
}

const char *webhook_conf_add_secret(struct webhook_conf *c, struct span text)
{
    struct webhook_secret *s = &c->secrets[c->secrets_len];
    const char *wrong = NULL;

    assert(c->secrets_len < WEBHOOK_SECRETS_MAX);
    *s = (struct webhook_secret){.is_public_key = false};
    if (c->scheme->keep_secret != NULL)
        wrong = c->scheme->keep_secret(text, s);
    else if (!secret_set(&s->bytes, text))
        wrong = "cannot be kept: out of memory";
    c->secrets_len += wrong == NULL;
    return wrong;
}

void webhook_conf_clear_secrets(struct webhook_conf *c)
{
    for (size_t i = 0; i != c->secrets_len; i++)
        secret_clear(&c->secrets[i].bytes);
    c->secrets_len = 0;
    secret_clear(&c->verify_token);
}
