/*
 * Whatever else the world signs with: an HMAC in a header of the operator's naming, over what the operator's template
 * says. A header may hold several, separated by commas.
 */
#include "auth/webhook/scheme.h"

static void add_piece(struct webhook_message *m, bool is_after, struct span piece)
{
    if (is_after)
        webhook_add_after(m, piece);
    else
        webhook_add_before(m, piece);
}

static void add_url(const struct webhook_conf *c, const struct webhook_request *r, struct webhook_message *m,
                    bool is_after)
{
    struct span url = c->texts[WEBHOOK_PUBLIC_URL];

    buf_init(&m->made, url.len + 1 + r->query.len);
    buf_append(&m->made, url);
    if (r->query.len != 0) {
        buf_append_char(&m->made, '?');
        buf_append(&m->made, r->query);
    }
    add_piece(m, is_after, buf_span(&m->made));
}

static bool has(struct span text, struct span literal)
{
    return literal.len != 0 && literal.len <= text.len && memmem(text.ptr, text.len, literal.ptr, literal.len) != NULL;
}

/* With its neighbours' text in an id, one text would stand for two messages: for another id and another body. */
static bool is_apart(const struct webhook_message *m, struct span before, struct span rest)
{
    enum webhook_placeholder place;
    struct span after;

    return !has(m->id, before) && webhook_template_next(&rest, &after, &place) && !has(m->id, after);
}

static bool read_place(const struct webhook_conf *c, const struct webhook_request *r, struct webhook_message *m,
                       enum webhook_placeholder place, bool is_after)
{
    struct span text;

    switch (place) {
    case WEBHOOK_PLACE_TIMESTAMP:
        if (!webhook_timestamp_field(c, r, c->texts[WEBHOOK_TIMESTAMP_HEADER], m, &text))
            return false;
        add_piece(m, is_after, text);
        break;
    case WEBHOOK_PLACE_ID:
        if (!webhook_field(r, c->texts[WEBHOOK_ID_HEADER], &m->id) || m->id.len > WEBHOOK_ID_BYTES_MAX)
            return webhook_refuse(m, "no id, or one that is malformed");
        add_piece(m, is_after, m->id);
        break;
    case WEBHOOK_PLACE_METHOD:
        add_piece(m, is_after, r->method);
        break;
    case WEBHOOK_PLACE_URL:
        if (m->made.ptr == NULL)
            add_url(c, r, m, is_after);
        else
            add_piece(m, is_after, buf_span(&m->made));
        break;
    default:
        break;
    }
    return !m->made.failed;
}

static struct span template_of(const struct webhook_conf *c)
{
    return c->texts[WEBHOOK_TEMPLATE].len != 0 ? c->texts[WEBHOOK_TEMPLATE] : SPAN("{body}");
}

static bool read_template(const struct webhook_conf *c, const struct webhook_request *r, struct webhook_message *m)
{
    enum webhook_placeholder place;
    struct span rest = template_of(c), literal;
    bool is_after = false;

    do {
        if (!webhook_template_next(&rest, &literal, &place))
            return webhook_refuse(m, "a template that was not checked");
        add_piece(m, is_after, literal);
        if (!read_place(c, r, m, place, is_after))
            return false;
        if (place == WEBHOOK_PLACE_ID && !is_apart(m, literal, rest))
            return webhook_refuse(m, "no id, or one that is malformed");
        is_after |= place == WEBHOOK_PLACE_BODY;
    } while (place != WEBHOOK_PLACE_NONE);
    return true;
}

static bool read_hmac(const struct webhook_conf *c, const struct webhook_request *r, struct webhook_message *m)
{
    struct span value, prefix = c->texts[WEBHOOK_PREFIX];

    m->algorithm = c->algorithm;
    m->encoding = c->encoding;
    if (!webhook_signature_field(r, c->texts[WEBHOOK_HEADER], m, &value))
        return false;
    while (value.len != 0) {
        struct span one = span_trim(span_cut(value, ',', &value));
        if (span_starts_with(one, prefix))
            webhook_add_signature(m, span_of(one.ptr + prefix.len, one.len - prefix.len), false);
    }
    if (m->signatures_len == 0)
        return webhook_refuse(m, "a signature of another kind");
    return read_template(c, r, m);
}

#define TEXT WEBHOOK_TEXT

const struct webhook_scheme webhook_hmac = {
    .name = "hmac",
    .uses = TEXT(WEBHOOK_HEADER) | TEXT(WEBHOOK_PREFIX) | TEXT(WEBHOOK_TEMPLATE) | TEXT(WEBHOOK_TIMESTAMP_HEADER) |
            TEXT(WEBHOOK_ID_HEADER) | TEXT(WEBHOOK_PUBLIC_URL),
    .needs = TEXT(WEBHOOK_HEADER),
    .identity = WEBHOOK_ID_SIGNED,
    .read = read_hmac,
};
