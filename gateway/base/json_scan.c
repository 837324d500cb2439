/*
 * The scanner. Values are walked with a depth counter instead of recursion: what a container holds is checked by a bit
 * stack that remembers, level by level, whether an object or an array is open.
 */
#include "gateway/base/json_scan.h"

static bool fail(struct json_scan *s)
{
    s->failed = true;
    return false;
}

static inline void skip_space(struct json_scan *s)
{
    while (s->at != s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

void json_scan_init(struct json_scan *s, struct span text)
{
    if (text.len == 0)
        text = SPAN(""); /* of an empty body there is no pointer to count from */
    *s = (struct json_scan){.at = text.ptr, .end = text.ptr + text.len};
}

static bool scan_hex4(struct json_scan *s, unsigned *out)
{
    uint8_t bytes[2];

    if (s->end - s->at < 4 || !hex_decode(span_of(s->at, 4), bytes, 2))
        return false;
    s->at += 4;
    *out = (unsigned)bytes[0] << 8 | bytes[1];
    return true;
}

/* After the backslash. RFC 8259 section 7; a lone surrogate stands for no character and is refused. */
static bool scan_escape(struct json_scan *s)
{
    unsigned unit, low;

    if (s->at == s->end)
        return false;
    char c = *s->at++;
    if (c != 'u')
        return memchr("\"\\/bfnrt", c, 8) != NULL;
    if (!scan_hex4(s, &unit) || (unit >= 0xdc00 && unit <= 0xdfff))
        return false;
    if (unit < 0xd800 || unit > 0xdbff)
        return true;
    if (s->end - s->at < 2 || s->at[0] != '\\' || s->at[1] != 'u')
        return false;
    s->at += 2;
    return scan_hex4(s, &low) && low >= 0xdc00 && low <= 0xdfff;
}

static bool scan_string(struct json_scan *s, struct json_value *value)
{
    bool ascii = true;

    s->at++; /* the quote, which the caller saw */
    const char *start = s->at;
    value->type = JSON_TYPE_STRING;
    value->has_escapes = false;
    for (;;) {
        if (s->at == s->end)
            return fail(s);
        unsigned char c = (unsigned char)*s->at++;
        if (c == '"')
            break;
        if (c < 0x20)
            return fail(s);
        if (c == '\\') {
            value->has_escapes = true;
            if (!scan_escape(s))
                return fail(s);
        } else if (c >= 0x80) {
            ascii = false;
        }
    }
    value->raw = span_of(start, (size_t)(s->at - 1 - start));
    return ascii || span_is_utf8(value->raw) ? true : fail(s);
}

static size_t scan_digits(struct json_scan *s)
{
    const char *start = s->at;

    while (s->at != s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return (size_t)(s->at - start);
}

/* RFC 8259 section 6 */
static bool scan_number(struct json_scan *s, struct json_value *value)
{
    const char *start = s->at;

    if (*s->at == '-')
        s->at++;
    const char *integer = s->at;
    size_t digits = scan_digits(s);
    if (digits == 0 || (digits > 1 && *integer == '0'))
        return fail(s);
    if (s->at != s->end && *s->at == '.') {
        s->at++;
        if (scan_digits(s) == 0)
            return fail(s);
    }
    if (s->at != s->end && (*s->at == 'e' || *s->at == 'E')) {
        s->at++;
        if (s->at != s->end && (*s->at == '+' || *s->at == '-'))
            s->at++;
        if (scan_digits(s) == 0)
            return fail(s);
    }
    value->type = JSON_TYPE_NUMBER;
    value->raw = span_of(start, (size_t)(s->at - start));
    return true;
}

static bool scan_word(struct json_scan *s, struct span word, enum json_type type, struct json_value *value)
{
    if ((size_t)(s->end - s->at) < word.len || memcmp(s->at, word.ptr, word.len) != 0)
        return fail(s);
    *value = (struct json_value){.type = type, .raw = span_of(s->at, word.len)};
    s->at += word.len;
    return true;
}

static bool scan_scalar(struct json_scan *s, struct json_value *value)
{
    value->has_escapes = false;
    switch (*s->at) {
    case '"':
        return scan_string(s, value);
    case 't':
        return scan_word(s, SPAN("true"), JSON_TYPE_TRUE, value);
    case 'f':
        return scan_word(s, SPAN("false"), JSON_TYPE_FALSE, value);
    case 'n':
        return scan_word(s, SPAN("null"), JSON_TYPE_NULL, value);
    default:
        return scan_number(s, value);
    }
}

static bool scan_name(struct json_scan *s, struct json_value *name)
{
    skip_space(s);
    if (s->at == s->end || *s->at != '"' || !scan_string(s, name))
        return fail(s);
    skip_space(s);
    if (s->at == s->end || *s->at != ':')
        return fail(s);
    s->at++;
    return true;
}

/* Walks a container from its bracket to its end. One bit a level: 1 for an object. */
static bool scan_container(struct json_scan *s)
{
    uint64_t objects = 0;
    unsigned depth = 0;
    bool expect_value = true;
    struct json_value ignored;

    for (;;) {
        skip_space(s);
        if (s->at == s->end)
            return fail(s);
        char c = *s->at;
        if (expect_value && (c == '{' || c == '[')) {
            if (depth == JSON_SCAN_DEPTH_MAX)
                return fail(s);
            objects = objects << 1 | (c == '{');
            depth++;
            s->at++;
            skip_space(s);
            if (s->at != s->end && *s->at == (c == '{' ? '}' : ']')) {
                expect_value = false;
                continue;
            }
            if (c == '{' && !scan_name(s, &ignored))
                return false;
            continue;
        }
        if (expect_value) {
            if (!scan_scalar(s, &ignored))
                return false;
            expect_value = false;
            continue;
        }
        s->at++;
        if (c == ',') {
            if ((objects & 1) != 0 && !scan_name(s, &ignored))
                return false;
            expect_value = true;
            continue;
        }
        if (c != ((objects & 1) != 0 ? '}' : ']'))
            return fail(s);
        objects >>= 1;
        if (--depth == 0)
            return true;
    }
}

bool json_scan_value(struct json_scan *s, struct json_value *value)
{
    if (s->failed)
        return false;
    skip_space(s);
    if (s->at == s->end)
        return fail(s);
    if (*s->at != '{' && *s->at != '[')
        return scan_scalar(s, value);
    const char *start = s->at;
    value->type = *start == '{' ? JSON_TYPE_OBJECT : JSON_TYPE_ARRAY;
    value->has_escapes = false;
    if (!scan_container(s))
        return false;
    value->raw = span_of(start, (size_t)(s->at - start));
    return true;
}

static bool enter(struct json_scan *s, char bracket)
{
    if (s->failed)
        return false;
    skip_space(s);
    if (s->at == s->end || *s->at != bracket)
        return fail(s);
    s->at++;
    s->first = true;
    return true;
}

bool json_scan_enter_object(struct json_scan *s)
{
    return enter(s, '{');
}

bool json_scan_enter_array(struct json_scan *s)
{
    return enter(s, '[');
}

/* True if another member or element follows; at the end of the container its bracket is passed. */
static bool has_next(struct json_scan *s, char closing)
{
    if (s->failed)
        return false;
    skip_space(s);
    if (s->at == s->end)
        return fail(s);
    if (*s->at == closing) {
        s->at++;
        return false;
    }
    if (!s->first) {
        if (*s->at != ',')
            return fail(s);
        s->at++;
    }
    s->first = false;
    return true;
}

bool json_scan_next_member(struct json_scan *s, struct json_value *name, struct json_value *value)
{
    return has_next(s, '}') && scan_name(s, name) && json_scan_value(s, value);
}

bool json_scan_next_element(struct json_scan *s, struct json_value *value)
{
    return has_next(s, ']') && json_scan_value(s, value);
}

bool json_scan_end(struct json_scan *s)
{
    if (s->failed)
        return false;
    skip_space(s);
    return s->at == s->end ? true : fail(s);
}
