/* Growing strings and the three encodings the double writes: JSON strings, base64, hex. */
#include "tests/double/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *reserve(struct text *text, size_t more)
{
    if (text->length + more > text->room) {
        text->room = (text->length + more) * 2 + 256;
        text->base = realloc(text->base, text->room);
        if (text->base == NULL)
            abort();
    }
    return text->base + text->length;
}

void text_put(struct text *text, const void *bytes, size_t length)
{
    if (length == 0)
        return;
    memcpy(reserve(text, length), bytes, length);
    text->length += length;
}

void text_puts(struct text *text, const char *string)
{
    text_put(text, string, strlen(string));
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list list;
    reserve(text, 128);
    va_start(list, format);
    size_t length = (size_t)vsnprintf(text->base + text->length, text->room - text->length, format, list);
    va_end(list);
    if (length >= text->room - text->length) {
        reserve(text, length + 1);
        va_start(list, format);
        vsnprintf(text->base + text->length, length + 1, format, list);
        va_end(list);
    }
    text->length += length;
}

void text_put_number(struct text *text, uint64_t number)
{
    char digits[20];
    char *at = digits + sizeof digits;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    text_put(text, at, (size_t)(digits + sizeof digits - at));
}

void text_put_json(struct text *text, const char *bytes, size_t length)
{
    char *out = reserve(text, length * 6 + 2);
    char *start = out;
    *out++ = '"';
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < 0x20) {
            out += sprintf(out, "\\u%04x", byte);
            continue;
        }
        if (byte == '"' || byte == '\\')
            *out++ = '\\';
        *out++ = (char)byte;
    }
    *out++ = '"';
    text->length += (size_t)(out - start);
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void text_put_base64(struct text *text, const void *bytes, size_t length)
{
    const uint8_t *in = bytes;
    char *out = reserve(text, (length + 2) / 3 * 4);
    text->length += (length + 2) / 3 * 4;
    for (; length >= 3; in += 3, length -= 3) {
        *out++ = alphabet[in[0] >> 2];
        *out++ = alphabet[(in[0] & 3) << 4 | in[1] >> 4];
        *out++ = alphabet[(in[1] & 15) << 2 | in[2] >> 6];
        *out++ = alphabet[in[2] & 63];
    }
    if (length == 0)
        return;
    *out++ = alphabet[in[0] >> 2];
    *out++ = alphabet[(in[0] & 3) << 4 | (length == 2 ? in[1] >> 4 : 0)];
    *out++ = length == 2 ? alphabet[(in[1] & 15) << 2] : '=';
    *out++ = '=';
}

void text_put_hex(struct text *text, const void *bytes, size_t length)
{
    const uint8_t *in = bytes;
    char *out = reserve(text, length * 2);
    for (size_t i = 0; i < length; i++) {
        *out++ = "0123456789abcdef"[in[i] >> 4];
        *out++ = "0123456789abcdef"[in[i] & 15];
    }
    text->length += length * 2;
}

void text_clear(struct text *text)
{
    free(text->base);
    *text = (struct text){0};
}

enum { NOT_BASE64 = 0x80 };

static const uint8_t *sextets(void)
{
    static uint8_t table[256];
    static bool ready;
    if (!ready) {
        memset(table, NOT_BASE64, sizeof table);
        for (int i = 0; i < 64; i++)
            table[(unsigned char)alphabet[i]] = (uint8_t)i;
        ready = true;
    }
    return table;
}

ptrdiff_t base64_decode(uint8_t *out, const char *text, size_t length)
{
    const uint8_t *table = sextets();
    const uint8_t *in = (const uint8_t *)text;
    uint8_t *start = out;
    if (length % 4 != 0)
        return -1;
    if (length == 0)
        return 0;
    size_t padding = in[length - 1] != '=' ? 0 : in[length - 2] != '=' ? 1 : 2;
    const uint8_t *whole_end = in + length - (padding ? 4 : 0);
    for (; in < whole_end; in += 4) {
        uint8_t a = table[in[0]], b = table[in[1]], c = table[in[2]], d = table[in[3]];
        if ((a | b | c | d) & NOT_BASE64)
            return -1;
        *out++ = (uint8_t)(a << 2 | b >> 4);
        *out++ = (uint8_t)(b << 4 | c >> 2);
        *out++ = (uint8_t)(c << 6 | d);
    }
    if (padding == 0)
        return out - start;
    uint8_t a = table[in[0]], b = table[in[1]], c = padding == 1 ? table[in[2]] : 0;
    if ((a | b | c) & NOT_BASE64 || (padding == 1 ? c & 3 : b & 15))
        return -1;
    *out++ = (uint8_t)(a << 2 | b >> 4);
    if (padding == 1)
        *out++ = (uint8_t)(b << 4 | c >> 2);
    return out - start;
}

bool slice_is(struct slice slice, const char *string)
{
    return slice.length == strlen(string) && (slice.length == 0 || memcmp(slice.base, string, slice.length) == 0);
}

bool slice_is_caseless(struct slice slice, const char *string)
{
    return slice.length == strlen(string) && (slice.length == 0 || strncasecmp(slice.base, string, slice.length) == 0);
}
