/* A table of hashes, at most half full. */
#include "gateway/front/batch_gap.h"

#include <stdlib.h>

#define SLOTS_FIRST 64

static uint64_t hash_of(struct span partition_key)
{
    uint64_t hash = span_hash(partition_key, 0);

    return hash == 0 ? 1 : hash;
}

/* Where the hash is, or belongs. */
static uint64_t *slot_of(uint64_t *keys, size_t slots, uint64_t hash)
{
    size_t at = (size_t)hash & (slots - 1);

    while (keys[at] != 0 && keys[at] != hash)
        at = (at + 1) & (slots - 1);
    return &keys[at];
}

static bool grow(struct batch_gap *g)
{
    size_t slots = g->slots == 0 ? SLOTS_FIRST : 2 * g->slots;
    uint64_t *keys = calloc(slots, sizeof(*keys));

    if (keys == NULL)
        return false;
    for (size_t i = 0; i != g->slots; i++)
        if (g->keys[i] != 0)
            *slot_of(keys, slots, g->keys[i]) = g->keys[i];
    free(g->keys);
    g->keys = keys;
    g->slots = slots;
    return true;
}

void batch_gap_clear(struct batch_gap *g)
{
    free(g->keys);
    *g = (struct batch_gap){.len = 0};
}

void batch_gap_add(struct batch_gap *g, struct span partition_key)
{
    uint64_t hash = hash_of(partition_key);

    if (batch_gap_has(g, partition_key))
        return;
    if (2 * (g->len + 1) > g->slots && !grow(g)) {
        g->is_everywhere = true;
        return;
    }
    *slot_of(g->keys, g->slots, hash) = hash;
    g->len++;
}

bool batch_gap_has(const struct batch_gap *g, struct span partition_key)
{
    return g->is_everywhere || (g->len != 0 && *slot_of(g->keys, g->slots, hash_of(partition_key)) != 0);
}
