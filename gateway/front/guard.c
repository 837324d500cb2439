/*
 * Lines end with CRLF and nothing else; a name is a token (RFC 9110 section 5.6.2) followed at once by a colon; a value
 * has no control characters. What frames the message may stand there once.
 */
#include "gateway/front/guard.h"

struct framing {
    size_t hosts, lengths, codings;
};

/* Where a byte may stand. Every byte of a head is looked at, so this is a table. */
enum { TOKEN = 1, VALUE = 2, TARGET = 4 };

#define ANYWHERE (TOKEN | VALUE | TARGET)
#define NO_TOKEN (VALUE | TARGET)

static const uint8_t places[256] = {
    ['\t'] = VALUE,
    [' '] = VALUE,
    ['!'] = ANYWHERE,
    ['"'] = NO_TOKEN,
    ['#' ... '\''] = ANYWHERE,
    ['(' ... ')'] = NO_TOKEN,
    ['*' ... '+'] = ANYWHERE,
    [','] = NO_TOKEN,
    ['-' ... '.'] = ANYWHERE,
    ['/'] = NO_TOKEN,
    ['0' ... '9'] = ANYWHERE,
    [':' ... '@'] = NO_TOKEN,
    ['A' ... 'Z'] = ANYWHERE,
    ['[' ... ']'] = NO_TOKEN,
    ['^' ... 'z'] = ANYWHERE,
    ['{'] = NO_TOKEN,
    ['|'] = ANYWHERE,
    ['}'] = NO_TOKEN,
    ['~'] = ANYWHERE,
    [0x80 ... 0xff] = NO_TOKEN,
};

static bool may_stand(struct span text, uint8_t place)
{
    for (size_t i = 0; i != text.len; i++)
        place &= places[(unsigned char)text.ptr[i]];
    return place != 0;
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

/* The same as may_stand() for the places where nearly every byte may: values and targets are long. */
static bool may_stand_from(struct span text, uint8_t place, unsigned char least)
{
    for (; text.len >= 8; text = span_of(text.ptr + 8, text.len - 8))
        if (is_suspicious(text.ptr, least) && !may_stand(span_of(text.ptr, 8), place))
            return false;
    return may_stand(text, place);
}

static bool is_value(struct span text)
{
    return may_stand_from(text, VALUE, 0x20);
}

static bool is_token(struct span text) /* RFC 9110 section 5.6.2 */
{
    return text.len != 0 && may_stand(text, TOKEN);
}

static bool is_visible(struct span text)
{
    return text.len != 0 && may_stand_from(text, TARGET, 0x21);
}

/* Cuts one line off, without its CRLF. False for a bare LF or no end of line; a CR elsewhere may stand in no part. */
static bool take_line(struct span *rest, struct span *line)
{
    const char *lf = rest->len == 0 ? NULL : memchr(rest->ptr, '\n', rest->len);

    if (lf == NULL || lf == rest->ptr || lf[-1] != '\r')
        return false;
    *line = span_of(rest->ptr, (size_t)(lf - 1 - rest->ptr));
    size_t used = line->len + 2;
    *rest = span_of(rest->ptr + used, rest->len - used);
    return true;
}

/* RFC 9112 section 3, with exactly one space on both sides of the target, which must be in origin form. */
static bool read_request_line(struct span line, struct head *h)
{
    struct span rest, version;

    h->method = span_cut(line, ' ', &rest);
    h->target = span_cut(rest, ' ', &version);
    h->is_http_1_0 = span_equal(version, SPAN("HTTP/1.0"));
    return is_token(h->method) && is_visible(h->target) && h->target.ptr[0] == '/' &&
           (h->is_http_1_0 || span_equal(version, SPAN("HTTP/1.1")));
}

static bool read_field(struct span line, struct head *h, struct framing *f)
{
    struct span value, name = span_cut(line, ':', &value);

    if (name.len == line.len || !is_token(name) || !is_value(value)) /* obs-fold starts with white space: no token */
        return false;
    value = span_trim(value);
    h->fields[h->fields_len++] = (struct head_field){name, value};
    h->absent &= ~head_name_bit(name);
    if (span_equal_nocase(name, SPAN("content-length"))) {
        uint64_t ignored;
        h->has_length = true;
        return f->lengths++ == 0 && span_parse_u64(value, &ignored);
    }
    if (span_equal_nocase(name, SPAN("transfer-encoding"))) {
        h->is_chunked = true;
        return f->codings++ == 0 && span_equal_nocase(value, SPAN("chunked"));
    }
    if (span_equal_nocase(name, SPAN("host")))
        return f->hosts++ == 0 && (value.len == 0 || is_visible(value));
    return true;
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

enum guard_verdict guard_read(struct span bytes, size_t head_bytes_max, struct head *out)
{
    struct span rest = skip_empty_lines(bytes), line;
    const char *start = rest.ptr;
    struct framing f = {0, 0, 0};

    out->fields_len = 0;
    out->absent = UINT64_MAX;
    out->has_length = out->is_chunked = false;
    if (rest.len > head_bytes_max)
        rest.len = head_bytes_max;
    bool is_cut = rest.len == head_bytes_max;
    if (!take_line(&rest, &line))
        return is_cut && memchr(start, '\n', rest.len) == NULL ? GUARD_TOO_LARGE : GUARD_AMBIGUOUS;
    if (!read_request_line(line, out))
        return GUARD_AMBIGUOUS;
    for (;;) {
        if (!take_line(&rest, &line))
            return is_cut && memchr(rest.ptr, '\n', rest.len) == NULL ? GUARD_TOO_LARGE : GUARD_AMBIGUOUS;
        if (line.len == 0)
            return framing_is_clear(out, &f) ? GUARD_OK : GUARD_AMBIGUOUS;
        if (out->fields_len == HEAD_FIELDS_MAX)
            return GUARD_TOO_LARGE;
        if (!read_field(line, out, &f))
            return GUARD_AMBIGUOUS;
    }
}

size_t guard_head_bytes(struct span bytes)
{
    struct span head = skip_empty_lines(bytes);
    const char *end = head.len < 4 ? NULL : memmem(head.ptr, head.len, "\r\n\r\n", 4);

    return end == NULL ? 0 : (size_t)(end - bytes.ptr) + 4;
}

struct span head_find(const struct head *h, struct span name, size_t *count)
{
    struct span found = SPAN("");
    size_t seen = 0;

    bool may_be_there = (h->absent & head_name_bit(name)) == 0;
    for (size_t i = 0; may_be_there && i != h->fields_len; i++)
        if (h->fields[i].name.len == name.len && span_equal_nocase(h->fields[i].name, name) && seen++ == 0)
            found = h->fields[i].value;
    if (count != NULL)
        *count = seen;
    return found;
}
