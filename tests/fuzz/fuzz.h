/*
 * What the fuzz targets share. An input is text; where a target needs several things, they are its first lines.
 */
#ifndef KGW_TESTS_FUZZ_FUZZ_H
#define KGW_TESTS_FUZZ_FUZZ_H

#include "auth/bytes.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Stops the run when a belief does not hold; libFuzzer keeps the input. */
#define BELIEVE(condition)                                                                                             \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                             \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* An empty input is what H2O gives for no body: no pointer at all. */
static inline struct span fuzz_span(const uint8_t *data, size_t size)
{
    return size == 0 ? (struct span){0} : span_of((const char *)data, size);
}

/* Bytes of exactly this size on the heap, so that reading past them is seen. free() what .ptr points to. */
static inline struct span fuzz_copy(struct span text)
{
    if (text.len == 0)
        return (struct span){0};
    char *bytes = malloc(text.len);
    BELIEVE(bytes != NULL);
    memcpy(bytes, text.ptr, text.len);
    return span_of(bytes, text.len);
}

/* The same as a string. */
static inline char *fuzz_string(struct span text)
{
    char *bytes = malloc(text.len + 1);

    BELIEVE(bytes != NULL);
    if (text.len > 0)
        memcpy(bytes, text.ptr, text.len);
    bytes[text.len] = '\0';
    return bytes;
}

/* Takes the first line of *rest off, as a copy; an input without a line end is all one line. */
static inline struct span fuzz_take_line(struct span *rest)
{
    if (rest->len == 0)
        return (struct span){0};
    struct span line = span_cut(*rest, '\n', rest);
    return fuzz_copy(line);
}

static inline void fuzz_free(struct span text)
{
    free((void *)(uintptr_t)text.ptr);
}

/* For choices that an input makes without spending bytes on them (FNV-1a). */
static inline uint64_t fuzz_seed(struct span text)
{
    uint64_t seed = 0xcbf29ce484222325;

    for (size_t i = 0; i < text.len; i++)
        seed = (seed ^ (unsigned char)text.ptr[i]) * 0x100000001b3;
    return seed;
}

/* Bytes for one slice: mostly few, 1 at least. */
static inline size_t fuzz_budget(uint64_t *draw)
{
    *draw = *draw * 6364136223846793005 + 1442695040888963407;
    return 1 + ((size_t)1 << (*draw >> 61)) * (size_t)(*draw >> 58 & 7);
}

/* Does `part` lie within `whole`? Nothing (no bytes) lies everywhere. */
static inline bool fuzz_is_within(struct span part, struct span whole)
{
    return part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

#endif
