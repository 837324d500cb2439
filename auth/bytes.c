/*
 * Spans, UTF-8, and the two operations on secrets that a compiler must not undo. Knows nothing of who owns the bytes.
 */
#include "auth/bytes.h"

#include <openssl/crypto.h>

static char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool bytes_equal_nocase(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (a[i] != b[i] && to_lower(a[i]) != to_lower(b[i]))
            return false;
    }
    return true;
}

bool span_starts_with(struct span text, struct span prefix)
{
    return text.len >= prefix.len && (prefix.len == 0 || memcmp(text.ptr, prefix.ptr, prefix.len) == 0);
}

struct span span_cut(struct span text, char separator, struct span *rest)
{
    const char *at = text.len == 0 ? NULL : memchr(text.ptr, separator, text.len);
    if (at == NULL) {
        *rest = (struct span){text.len == 0 ? text.ptr : text.ptr + text.len, 0};
        return text;
    }
    size_t len = (size_t)(at - text.ptr);
    *rest = (struct span){at + 1, text.len - len - 1};
    return (struct span){text.ptr, len};
}

bool span_parse_u64(struct span digits, uint64_t *out)
{
    uint64_t value = 0;

    if (digits.len < 1 || digits.len > 20)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned digit = (unsigned)(unsigned char)digits.ptr[i] - '0';
        if (digit > 9 || __builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *out = value;
    return true;
}

static uint64_t load_8(const void *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof(word));
    return word;
}

static inline bool continues(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* How many bytes the well-formed sequence at p has (RFC 3629 section 4), looking at no more than `left`; 0: none. */
static inline size_t utf8_sequence(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xE0)
        return p[0] >= 0xC2 && left >= 2 && continues(p[1]) ? 2 : 0;
    if (left < 3 || !continues(p[1]) || !continues(p[2]))
        return 0;
    unsigned start = (unsigned)p[0] << 8 | p[1];
    if (p[0] < 0xF0) /* neither overlong nor a surrogate */
        return start >= 0xE0A0 && (start < 0xEDA0 || start > 0xEDBF) ? 3 : 0;
    return start >= 0xF090 && start <= 0xF48F && left >= 4 && continues(p[3]) ? 4 : 0;
}

size_t span_utf8_run(struct span text)
{
    const unsigned char *p = (const unsigned char *)text.ptr;
    size_t left = text.len;

    while (left > 0 && *p >= 0x80) {
        size_t len = utf8_sequence(p, left);
        if (len == 0)
            break;
        p += len;
        left -= len;
    }
    return text.len - left;
}

bool span_is_utf8(struct span text)
{
    const char *p = text.ptr;
    size_t left = text.len, run;

    while (left > 0) {
        while (left >= 16 && ((load_8(p) | load_8(p + 8)) & 0x8080808080808080ULL) == 0) {
            p += 16;
            left -= 16;
        }
        for (; left > 0 && (*p & 0x80) == 0; p++)
            left--;
        if (left == 0)
            break;
        if ((run = span_utf8_run(span_of(p, left))) == 0)
            return false;
        p += run;
        left -= run;
    }
    return true;
}

/* Every byte begins a character but the continuation bytes, 10xxxxxx. */
size_t span_utf8_length(struct span text)
{
    const unsigned char *p = (const unsigned char *)text.ptr;
    size_t left = text.len, continued = 0;

    for (; left >= 8; p += 8, left -= 8) {
        uint64_t word = load_8(p);
        uint64_t marks = (word >> 7) & ~(word >> 6) & 0x0101010101010101ULL;
        continued += (size_t)((marks * 0x0101010101010101ULL) >> 56);
    }
    for (; left > 0; p++, left--)
        continued += (*p & 0xC0) == 0x80;
    return text.len - continued;
}

bool bytes_equal_constant_time(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void bytes_wipe(void *bytes, size_t len)
{
    if (len > 0)
        OPENSSL_cleanse(bytes, len);
}
