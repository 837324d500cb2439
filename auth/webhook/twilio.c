/*
 * Twilio, "Webhooks security": HMAC-SHA1 in base64 over the URL as it was configured there and, of a form, each name
 * and value, sorted; of any other body, its SHA-256 stands in the URL as bodySHA256. What the sender's URL looked like
 * is known from the setting alone; with or without its scheme's own port, as Twilio's libraries have it.
 */
#include "auth/webhook/scheme.h"

#include <stdlib.h>

#define FORM_BYTES_MAX      65536
#define FORM_PARAMETERS_MAX 256
#define BODY_DIGEST         "bodySHA256"

struct parameter {
    struct span name, value;
};

static int compare_texts(struct span a, struct span b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare(const void *a, const void *b)
{
    const struct parameter *x = a, *y = b;
    int order = compare_texts(x->name, y->name);

    return order != 0 ? order : compare_texts(x->value, y->value);
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'f';
}

/* Capitals in escapes, as senders write them: else two bodies would have one signature. */
static bool decode(struct span text, struct buf *out, struct span *decoded)
{
    size_t start = out->len;

    for (size_t i = 0; i != text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            if (text.len - i < 3 || is_lower(text.ptr[i + 1]) || is_lower(text.ptr[i + 2]) ||
                !hex_decode(span_of(text.ptr + i + 1, 2), &c, 1))
                return false;
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        buf_append_char(out, c);
    }
    *decoded = span_of(out->ptr + start, out->len - start);
    return !out->failed;
}

/* *len parameters, decoded into what m->made has room for already. */
static bool read_form(struct span body, struct buf *made, struct parameter *parameters, size_t *len)
{
    for (*len = 0; body.len != 0; ++*len) {
        struct span value, pair = span_cut(body, '&', &body), name = span_cut(pair, '=', &value);
        if (*len == FORM_PARAMETERS_MAX || !decode(name, made, &parameters[*len].name) ||
            !decode(value, made, &parameters[*len].value))
            return false;
    }
    return true;
}

static bool add_form(const struct webhook_request *r, struct webhook_message *m)
{
    struct parameter parameters[FORM_PARAMETERS_MAX];
    size_t len;

    if (r->body.len > FORM_BYTES_MAX || !read_form(r->body, &m->made, parameters, &len))
        return webhook_refuse(m, "a body that is no form, or a large one");
    qsort(parameters, len, sizeof(parameters[0]), compare);
    size_t start = m->made.len;
    for (size_t i = 0; i != len; i++) {
        if (i != 0 && compare(&parameters[i - 1], &parameters[i]) == 0)
            continue;
        buf_append(&m->made, parameters[i].name);
        buf_append(&m->made, parameters[i].value);
    }
    webhook_add_before(m, span_of(m->made.ptr + start, m->made.len - start));
    return true;
}

/* The URL with the port that goes without saying, if it has none, and without its port, if it has one. */
static void add_leads(struct span url, struct webhook_message *m)
{
    bool is_tls = span_starts_with(url, SPAN("https:"));
    size_t host = is_tls ? 8 : 7, end = host, colon = 0, start = m->made.len;

    for (; end < url.len && url.ptr[end] != '/'; end++)
        colon = url.ptr[end] == ':' ? end : url.ptr[end] == ']' || url.ptr[end] == '@' ? 0 : colon;
    buf_append(&m->made, span_of(url.ptr, colon != 0 ? colon : end));
    if (colon == 0)
        buf_append(&m->made, is_tls ? SPAN(":443") : SPAN(":80"));
    buf_append(&m->made, span_of(url.ptr + end, url.len - end));
    m->leads[0] = url;
    m->leads[1] = span_of(m->made.ptr + start, m->made.len - start);
    m->leads_len = 2;
}

static bool find_digest(struct span query, struct span *digest)
{
    while (query.len != 0) {
        struct span value, pair = span_cut(query, '&', &query), name = span_cut(pair, '=', &value);
        if (!span_equal(name, SPAN(BODY_DIGEST)))
            continue;
        *digest = value;
        return true;
    }
    return false;
}

static bool read_twilio(const struct webhook_conf *c, const struct webhook_request *r, struct webhook_message *m)
{
    struct span url = c->texts[WEBHOOK_PUBLIC_URL];
    size_t form_bytes = r->body.len > FORM_BYTES_MAX ? 0 : 2 * r->body.len;

    m->algorithm = HMAC_SHA1;
    m->encoding = WEBHOOK_BASE64;
    m->skips_body = true;
    if (!webhook_read_plain(r, SPAN("x-twilio-signature"), SPAN(""), m))
        return false;
    buf_init(&m->made, url.len + 4 + form_bytes);
    if (!buf_reserve(&m->made, url.len + 4 + form_bytes))
        return false;
    add_leads(url, m);
    if (r->query.len != 0) {
        webhook_add_before(m, SPAN("?"));
        webhook_add_before(m, r->query);
    }
    if (!find_digest(r->query, &m->body_sha256))
        return add_form(r, m);
    return m->body_sha256.len == 2 * SHA256_BYTES || webhook_refuse(m, "a malformed " BODY_DIGEST);
}

const struct webhook_scheme webhook_twilio = {
    .name = "twilio",
    .uses = WEBHOOK_TEXT(WEBHOOK_PUBLIC_URL),
    .needs = WEBHOOK_TEXT(WEBHOOK_PUBLIC_URL),
    .read = read_twilio,
};
