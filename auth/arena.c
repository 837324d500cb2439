/*
 * A list of chunks, the newest first; only the newest has room left. What is too large for a chunk gets one of its own.
 */
#include "auth/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#define CHUNK_BYTES 65536

struct arena_chunk {
    struct arena_chunk *next;
    size_t used, capacity;
    alignas(max_align_t) char bytes[];
};

static struct arena_chunk *chunk_new(struct arena *a, size_t need)
{
    size_t capacity = need > CHUNK_BYTES - sizeof(struct arena_chunk) ? need : CHUNK_BYTES - sizeof(struct arena_chunk);
    struct arena_chunk *chunk = need > SIZE_MAX / 2 ? NULL : malloc(sizeof(*chunk) + capacity);
    if (chunk == NULL)
        return NULL;
    *chunk = (struct arena_chunk){.next = a->chunks, .capacity = capacity};
    a->chunks = chunk;
    return chunk;
}

static void *take(struct arena *a, size_t bytes, size_t alignment)
{
    struct arena_chunk *chunk = a->chunks;
    size_t at = chunk == NULL ? 0 : (chunk->used + alignment - 1) / alignment * alignment;

    if (chunk == NULL || at > chunk->capacity || bytes > chunk->capacity - at) {
        chunk = chunk_new(a, bytes);
        at = 0;
    }
    if (chunk == NULL)
        return NULL;
    chunk->used = at + bytes;
    return chunk->bytes + at;
}

void *arena_allocate(struct arena *a, size_t bytes)
{
    return take(a, bytes, alignof(max_align_t));
}

bool arena_copy(struct arena *a, struct span text, struct span *out)
{
    char *copy = take(a, text.len, 1);
    if (copy == NULL)
        return false;
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    *out = span_of(copy, text.len);
    return true;
}

void arena_clear(struct arena *a)
{
    while (a->chunks != NULL) {
        struct arena_chunk *chunk = a->chunks;
        a->chunks = chunk->next;
        free(chunk);
    }
}
