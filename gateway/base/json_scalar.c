/*
 * Scalars. Most bytes of a body stand in long strings, so a string is passed sixteen bytes at a time up to what needs a
 * look: a quote, an escape, a byte past ASCII or one that no string may hold.
 */
#include "gateway/base/json_scalar.h"

#include "gateway/base/json_plain.h"

/* Passes what is plain, up to `pause` or a little further, and never past `end`. */
static inline const char *pass_plain(const char *at, const char *pause, const char *end)
{
    size_t plain = JSON_STRIDE;

    while (plain == JSON_STRIDE && at < pause && end - at >= JSON_STRIDE) {
        plain = json_plain_bytes(at);
        at += plain;
    }
    if (end - at < JSON_STRIDE)
        while (at < pause && json_is_plain(*at))
            at++;
    return at;
}

static const char *pass_hex4(const char *at, const char *end, unsigned *out)
{
    uint8_t bytes[2];

    if (end - at < 4 || !hex_decode(span_of(at, 4), bytes, 2))
        return NULL;
    *out = (unsigned)bytes[0] << 8 | bytes[1];
    return at + 4;
}

/* After the backslash and the u. A lone surrogate stands for no character and is refused. */
static const char *pass_unit(const char *at, const char *end)
{
    unsigned unit, low;

    at = pass_hex4(at, end, &unit);
    if (at == NULL || (unit >= 0xdc00 && unit <= 0xdfff))
        return NULL;
    if (unit < 0xd800 || unit > 0xdbff)
        return at;
    if (end - at < 2 || at[0] != '\\' || at[1] != 'u')
        return NULL;
    at = pass_hex4(at + 2, end, &low);
    return at != NULL && low >= 0xdc00 && low <= 0xdfff ? at : NULL;
}

/* One escape (RFC 8259 section 7) or several in a row. */
static const char *pass_escapes(const char *at, const char *pause, const char *end)
{
    static const bool is_short[256] = {['"'] = true, ['\\'] = true, ['/'] = true, ['b'] = true,
                                       ['f'] = true, ['n'] = true,  ['r'] = true, ['t'] = true};

    do {
        if (end - at < 2)
            return NULL;
        unsigned char c = (unsigned char)at[1];
        if (c != 'u' && !is_short[c])
            return NULL;
        at = c == 'u' ? pass_unit(at + 2, end) : at + 2;
    } while (at != NULL && at < pause && *at == '\\');
    return at;
}

/* Looks three bytes past the budget, so that a character is never cut by it. */
static const char *pass_characters(const char *at, const char *pause, const char *end)
{
    size_t left = (size_t)(end - at), slice = (size_t)(pause - at) + 3;
    size_t run = span_utf8_run(span_of(at, left < slice ? left : slice));

    return run != 0 ? at + run : NULL;
}

bool json_finish_string(struct json_scan *s, const char **at, struct json_value *string)
{
    const char *next = *at;

    while (next != NULL) {
        *at = next = pass_plain(next, s->pause_at, s->end);
        if (next >= s->pause_at)
            return false;
        if (*next == '"') {
            if (string != NULL)
                *string = (struct json_value){.type = JSON_TYPE_STRING,
                                              .raw = span_of(s->string, (size_t)(next - s->string)),
                                              .has_escapes = s->has_escapes};
            s->string = NULL;
            *at = next + 1;
            return true;
        }
        s->has_escapes |= *next == '\\';
        next = *next == '\\' ? pass_escapes(next, s->pause_at, s->end) : pass_characters(next, s->pause_at, s->end);
    }
    return json_fail(s);
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number may be as long as the text: from its ninth digit on, eight at a time. */
static inline const char *pass_digits(const char *at, const char *end)
{
    const char *start = at;
    uint64_t word;

    for (; at != end && is_digit(*at); at++) {
        while (at - start >= 8 && end - at >= 8) {
            memcpy(&word, at, sizeof(word));
            uint64_t carried = word + JSON_EACH_BYTE(6);
            if ((word & JSON_EACH_BYTE(0xf0)) != JSON_EACH_BYTE('0') ||
                (carried & JSON_EACH_BYTE(0xf0)) != JSON_EACH_BYTE('0'))
                break;
            at += 8;
        }
        if (at == end || !is_digit(*at))
            break;
    }
    return at;
}

/* RFC 8259 section 6 */
static const char *pass_number(const char *at, const char *end)
{
    if (*at == '-')
        at++;
    const char *digits = at;
    at = pass_digits(at, end);
    if (at == digits || (at - digits > 1 && *digits == '0'))
        return NULL;
    if (at != end && *at == '.') {
        digits = ++at;
        at = pass_digits(at, end);
        if (at == digits)
            return NULL;
    }
    if (at == end || (*at | 0x20) != 'e')
        return at;
    at++;
    if (at != end && (*at == '+' || *at == '-'))
        at++;
    digits = at;
    at = pass_digits(at, end);
    return at != digits ? at : NULL;
}

static const char *pass_word(const char *at, const char *end, struct span word)
{
    return (size_t)(end - at) >= word.len && memcmp(at, word.ptr, word.len) == 0 ? at + word.len : NULL;
}

const char *json_pass_scalar(const char *at, const char *end)
{
    switch (json_scalar_type(*at)) {
    case JSON_TYPE_TRUE:
        return pass_word(at, end, SPAN("true"));
    case JSON_TYPE_FALSE:
        return pass_word(at, end, SPAN("false"));
    case JSON_TYPE_NULL:
        return pass_word(at, end, SPAN("null"));
    default:
        return pass_number(at, end);
    }
}
