/*
 * Bytes: borrowed spans, bounded buffers, hex, base64, constant-time compare and wiping. Pure; safe on any thread.
 */
#ifndef KGW_AUTH_BYTES_H
#define KGW_AUTH_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes: whoever hands out a span keeps the bytes alive and unchanged for as long as it promised. */
struct span {
    const char *ptr;
    size_t len;
};

#define SPAN(literal) ((struct span){(literal), sizeof(literal) - 1})

static inline struct span span_of(const char *ptr, size_t len)
{
    return (struct span){ptr, len};
}

static inline struct span span_str(const char *text)
{
    return (struct span){text, text == NULL ? 0 : strlen(text)};
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool bytes_equal_nocase(const char *a, const char *b, size_t len); /* ASCII only */

static inline bool span_equal_nocase(struct span a, struct span b) /* ASCII only */
{
    return a.len == b.len && bytes_equal_nocase(a.ptr, b.ptr, a.len);
}

/* FNV-1a, started from `seed`: the same everywhere for 0, not to be foreseen by who chooses the text for a random one.
 */
static inline uint64_t span_hash(struct span text, uint64_t seed)
{
    uint64_t hash = 0xcbf29ce484222325u ^ seed;

    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (uint8_t)text.ptr[i]) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

bool span_starts_with(struct span text, struct span prefix);

static inline struct span span_trim(struct span text) /* optional white space of RFC 9110 section 5.6.3: SP and HTAB */
{
    for (; text.len != 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'); text.len--)
        text.ptr++;
    while (text.len != 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* Cuts at the first `separator`: the part before it is returned, *rest holds the part after. Without one, all and
 * empty. */
struct span span_cut(struct span text, char separator, struct span *rest);
bool span_parse_u64(struct span digits, uint64_t *out); /* 1 to 20 decimal digits and nothing else; false on overflow */
bool span_is_utf8(struct span text);       /* RFC 3629: no overlong forms, surrogates or values past 10FFFF */
size_t span_utf8_run(struct span text);    /* bytes of the characters past ASCII, all well-formed, it begins with */
size_t span_utf8_length(struct span text); /* characters of text that span_is_utf8() */

/*
 * Owned bytes, born with a limit. Appending past the limit, or running out of memory, sets `failed` and drops the
 * append; it stays set until buf_reset(), so an encoder appends its parts and looks once, at the end.
 */
struct buf {
    char *ptr;
    size_t len, capacity, bytes_max;
    bool failed;
};

void buf_init(struct buf *b, size_t bytes_max);
void buf_clear(struct buf *b);                  /* frees; the buf is as after buf_init() */
void buf_wipe_clear(struct buf *b);             /* the same, wiping what it held */
void buf_reset(struct buf *b);                  /* empties and forgives, keeping the memory */
bool buf_make_room(struct buf *b, size_t more); /* buf_reserve()'s slow half */

/* Room for `more` further bytes; false sets failed. */
static inline bool buf_reserve(struct buf *b, size_t more)
{
    return more <= b->capacity - b->len && !b->failed ? true : buf_make_room(b, more);
}

static inline void buf_append(struct buf *b, struct span text)
{
    if (text.len == 0 || !buf_reserve(b, text.len))
        return;
    memcpy(b->ptr + b->len, text.ptr, text.len);
    b->len += text.len;
}

static inline void buf_append_char(struct buf *b, char c)
{
    if (buf_reserve(b, 1))
        b->ptr[b->len++] = c;
}

void buf_append_u64(struct buf *b, uint64_t value);
void buf_append_i64(struct buf *b, int64_t value);
void buf_append_hex(struct buf *b, const void *bytes, size_t len); /* lower case */
void buf_append_base64(struct buf *b, struct span bytes);
static inline struct span buf_span(const struct buf *b)
{
    return (struct span){b->ptr, b->len};
}

void hex_encode(const void *bytes, size_t len, char *out);    /* writes 2 * len characters, no NUL */
bool hex_decode(struct span text, void *out, size_t out_len); /* exactly 2 * out_len digits of either case */

static inline size_t base64_encoded_size(size_t bytes)
{
    return (bytes + 2) / 3 * 4;
}
void base64_encode(struct span bytes, char *out); /* writes base64_encoded_size() characters, no NUL */
/* Strict RFC 4648 section 4: padded, no white space, no stray bits. True, with the decoded size, if `text` is that. */
bool base64_check(struct span text, size_t *decoded_bytes);
/* What base64_check() would say of a text that it accepts, from the length and the padding alone. */
size_t base64_decoded_size(struct span text);
/* Decodes what base64_check() accepts; `out` has room for text.len / 4 * 3 bytes. False otherwise. */
bool base64_decode(struct span text, void *out, size_t *out_len);

bool bytes_equal_constant_time(const void *a, const void *b, size_t len);
void bytes_wipe(void *bytes, size_t len); /* survives optimisation */

#endif
