/*
 * Memory that is handed out piece by piece and given back at once. Pieces never move. Not for secrets: it does not
 * wipe.
 */
#ifndef KGW_AUTH_ARENA_H
#define KGW_AUTH_ARENA_H

#include "auth/bytes.h"

struct arena {
    struct arena_chunk *chunks;
};

void *arena_allocate(struct arena *a, size_t bytes); /* aligned for any struct; NULL: out of memory */
/* Copies `text`. False: out of memory. */
bool arena_copy(struct arena *a, struct span text, struct span *out);
void arena_clear(struct arena *a);

#endif
