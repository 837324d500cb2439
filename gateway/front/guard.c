/*
 * Lines end with CRLF and nothing else; a name is a token (RFC 9110 section 5.6.2) followed at once by a colon; a value
 * has no control characters. What frames the message may stand there once.
 */
#include "gateway/front/guard.h"

struct framing {
    size_t hosts, lengths, codings;
};

/* tchar of RFC 9110 section 5.6.2. */
static const bool token[256] = {
    ['!'] = true,         ['#' ... '\''] = true, ['*' ... '+'] = true, ['-' ... '.'] = true, ['0' ... '9'] = true,
    ['A' ... 'Z'] = true, ['^' ... 'z'] = true,  ['|'] = true,         ['~'] = true,
};

/* What is left of a head: reading stops at `end`, whatever is there. */
struct cursor {
    const char *at, *end;
};

static bool take_char(struct cursor *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

static bool take_crlf(struct cursor *c) /* both or nothing */
{
    if (c->end - c->at < 2 || c->at[0] != '\r' || c->at[1] != '\n')
        return false;
    c->at += 2;
    return true;
}

static bool take_token(struct cursor *c, struct span *out)
{
    const char *start = c->at;

    while (c->at != c->end && token[(unsigned char)*c->at])
        c->at++;
    *out = span_of(start, (size_t)(c->at - start));
    return out->len != 0;
}

#define EACH_BYTE(c) (0x0101010101010101ULL * (c))

/* False if each of eight bytes is at least `least` and none is DEL; true may be a mistake, after one that is not. */
static bool is_suspicious(const char *eight, unsigned char least)
{
    uint64_t word, is_del;

    memcpy(&word, eight, sizeof(word));
    is_del = word ^ EACH_BYTE(0x7fU);
    return ((((word - EACH_BYTE(least)) & ~word) | ((is_del - EACH_BYTE(1U)) & ~is_del)) & EACH_BYTE(0x80U)) != 0;
}

/* The bytes that are at least `least`, those past ASCII among them, up to a DEL. */
static inline struct span take_run(struct cursor *c, unsigned char least)
{
    const char *start = c->at, *at = start;

    while (c->end - at >= 8 && !is_suspicious(at, least))
        at += 8;
    while (at != c->end && (unsigned char)*at >= least && *at != 0x7f)
        at++;
    c->at = at;
    return span_of(start, (size_t)(at - start));
}

/* RFC 9110 section 5.5: no control character but HTAB. */
static struct span take_value(struct cursor *c)
{
    const char *start = c->at;

    do
        (void)take_run(c, 0x20);
    while (take_char(c, '\t'));
    return span_trim(span_of(start, (size_t)(c->at - start)));
}

static bool is_visible(struct span text)
{
    struct cursor c = {text.ptr, text.ptr + text.len};

    return take_run(&c, 0x21).len == text.len;
}

/* RFC 9112 section 3, with exactly one space on both sides of the target, which must be in origin form. */
static bool take_request_line(struct cursor *c, struct head *h)
{
    if (!take_token(c, &h->method) || !take_char(c, ' '))
        return false;
    h->target = take_run(c, 0x21);
    if (h->target.len == 0 || h->target.ptr[0] != '/' || !take_char(c, ' '))
        return false;
    struct span version = take_run(c, 0x21);
    h->is_http_1_0 = span_equal(version, SPAN("HTTP/1.0"));
    return (h->is_http_1_0 || span_equal(version, SPAN("HTTP/1.1"))) && take_crlf(c);
}

/* What frames the message is looked at, and may stand there once. */
static bool check_framing(const struct head_field *field, struct head *h, struct framing *f)
{
    if (span_equal_nocase(field->name, SPAN("content-length"))) {
        uint64_t ignored;
        h->has_length = true;
        return f->lengths++ == 0 && span_parse_u64(field->value, &ignored);
    }
    if (span_equal_nocase(field->name, SPAN("transfer-encoding"))) {
        h->is_chunked = true;
        return f->codings++ == 0 && span_equal_nocase(field->value, SPAN("chunked"));
    }
    if (span_equal_nocase(field->name, SPAN("host")))
        return f->hosts++ == 0 && is_visible(field->value);
    return true;
}

/* A line that begins with white space (obs-fold) has no name. */
static bool take_field(struct cursor *c, struct head *h, struct framing *f)
{
    struct head_field *field = &h->fields[h->fields_len];

    if (!take_token(c, &field->name) || !take_char(c, ':'))
        return false;
    field->value = take_value(c);
    if (!take_crlf(c))
        return false;
    h->fields_len++;
    h->absent &= ~head_name_bit(field->name);
    return check_framing(field, h, f);
}

static bool framing_is_clear(const struct head *h, const struct framing *f)
{
    if (f->lengths + f->codings > 1)
        return false;
    if (h->is_http_1_0)
        return f->codings == 0; /* RFC 9112 section 6.1 */
    return f->hosts == 1;       /* RFC 9112 section 3.2 */
}

static struct span skip_empty_lines(struct span bytes)
{
    while (bytes.len >= 2 && bytes.ptr[0] == '\r' && bytes.ptr[1] == '\n')
        bytes = span_of(bytes.ptr + 2, bytes.len - 2);
    return bytes;
}

/* The line that `c` was at the start of is no good, or it is cut off and nobody can tell. */
static enum guard_verdict verdict_of_bad_line(const struct cursor *start_of_line, bool is_cut)
{
    size_t left = (size_t)(start_of_line->end - start_of_line->at);

    return is_cut && (left == 0 || memchr(start_of_line->at, '\n', left) == NULL) ? GUARD_TOO_LARGE : GUARD_AMBIGUOUS;
}

enum guard_verdict guard_read(struct span bytes, size_t head_bytes_max, struct head *out)
{
    struct span rest = skip_empty_lines(bytes);
    bool is_cut = rest.len >= head_bytes_max;
    struct framing f = {0, 0, 0};

    out->fields_len = 0;
    out->absent = UINT64_MAX;
    out->has_length = out->is_chunked = false;
    if (rest.len == 0)
        return GUARD_AMBIGUOUS;
    struct cursor c = {rest.ptr, rest.ptr + (is_cut ? head_bytes_max : rest.len)}, line = c;
    if (!take_request_line(&c, out))
        return verdict_of_bad_line(&line, is_cut);
    for (;;) {
        line = c;
        if (take_crlf(&c))
            return framing_is_clear(out, &f) ? GUARD_OK : GUARD_AMBIGUOUS;
        if (out->fields_len == HEAD_FIELDS_MAX)
            return GUARD_TOO_LARGE;
        if (!take_field(&c, out, &f))
            return verdict_of_bad_line(&line, is_cut);
    }
}

size_t guard_head_bytes(struct span bytes)
{
    struct span head = skip_empty_lines(bytes);
    const char *end = head.len < 4 ? NULL : memmem(head.ptr, head.len, "\r\n\r\n", 4);

    return end == NULL ? 0 : (size_t)(end - bytes.ptr) + 4;
}

struct span head_search(const struct head *h, struct span name, size_t *count)
{
    struct span found = SPAN("");
    size_t seen = 0;

    for (size_t i = 0; i != h->fields_len && (seen == 0 || count != NULL); i++)
        if (span_equal_nocase(h->fields[i].name, name) && seen++ == 0)
            found = h->fields[i].value;
    if (count != NULL)
        *count = seen;
    return found;
}
