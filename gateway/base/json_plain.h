/*
 * Which bytes of a string stand for themselves, sixteen at a time: all but quotes, backslashes, control characters and
 * what is past ASCII, which needs a look of its own. Inline, for the scanner and the writer.
 */
#ifndef KGW_BASE_JSON_PLAIN_H
#define KGW_BASE_JSON_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define JSON_EACH_BYTE(c) (0x0101010101010101ULL * (c))

static inline bool json_is_plain(char c)
{
    return (signed char)c >= 0x20 && c != '"' && c != '\\';
}

#ifdef __SSE2__
#include <emmintrin.h>

#define JSON_STRIDE 16

/* How many of these JSON_STRIDE bytes are plain before the first that is not. */
static inline size_t json_plain_bytes(const char *p)
{
    __m128i c = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i special = _mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8('"')), _mm_cmpeq_epi8(c, _mm_set1_epi8('\\')));
    special = _mm_or_si128(special, _mm_cmplt_epi8(c, _mm_set1_epi8(0x20))); /* signed: past ASCII is below, too */
    unsigned found = (unsigned)_mm_movemask_epi8(special);
    return found == 0 ? JSON_STRIDE : (size_t)__builtin_ctz(found);
}
#else
#define JSON_STRIDE 8

static inline uint64_t json_zero_bytes(uint64_t word) /* exact up to the first one */
{
    return (word - JSON_EACH_BYTE(1)) & ~word;
}

static inline size_t json_plain_bytes(const char *p)
{
    size_t plain = 0;
    uint64_t word;

    memcpy(&word, p, sizeof(word));
    uint64_t special = word | (word - JSON_EACH_BYTE(0x20)) | json_zero_bytes(word ^ JSON_EACH_BYTE('"'));
    special |= json_zero_bytes(word ^ JSON_EACH_BYTE('\\'));
    if ((special & JSON_EACH_BYTE(0x80)) == 0)
        return JSON_STRIDE;
    while (plain != JSON_STRIDE && json_is_plain(p[plain]))
        plain++;
    return plain;
}
#endif

/* How many bytes of `text` are plain before the first that is not. */
static inline size_t json_plain_run(const char *text, size_t len)
{
    size_t run = 0;

    while (len - run >= JSON_STRIDE) {
        size_t plain = json_plain_bytes(text + run);
        run += plain;
        if (plain != JSON_STRIDE)
            return run;
    }
    if (len >= JSON_STRIDE) /* the rest, with plain bytes before it that were passed already */
        return len - JSON_STRIDE + json_plain_bytes(text + len - JSON_STRIDE);
    while (run != len && json_is_plain(text[run]))
        run++;
    return run;
}

#endif
