#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes borrowed from someone else; `base` is NULL when the thing is absent. */
struct slice {
    const char *base;
    size_t length;
};

/* A growing string: zero it to start, text_clear() frees it. Running out of memory ends the process. */
struct text {
    char *base;
    size_t length, room;
};

void text_put(struct text *text, const void *bytes, size_t length);
void text_puts(struct text *text, const char *string);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_put_number(struct text *text, uint64_t number);
void text_put_json(struct text *text, const char *bytes, size_t length); /* a JSON string with its quotes */
void text_put_base64(struct text *text, const void *bytes, size_t length);
void text_put_hex(struct text *text, const void *bytes, size_t length);
void text_clear(struct text *text);

static inline void text_reset(struct text *text)
{
    text->length = 0;
}

/* Strict RFC 4648 base64: padding required, no line breaks, no stray bits. Returns the length, or -1. */
ptrdiff_t base64_decode(uint8_t *out, const char *text, size_t length);

bool slice_is(struct slice slice, const char *string);
bool slice_is_caseless(struct slice slice, const char *string);
