/*
 * The snapshot of tenants and keys: rows in arrays, their texts and lists in an arena, and tables of indexes by id and
 * by name. How it is read from a file is not known here.
 */
#include "auth/keyring.h"

#include "auth/keyring_parse.h"

#include <stdatomic.h>
#include <stdlib.h>

#define SLOTS_MIN 16
#define ROWS_MIN  8

struct rows {
    void *rows;
    size_t len, capacity;
    uint32_t *slots;  /* open addressing: index of a row plus one, 0 is free */
    size_t slots_len; /* a power of two, at least twice len */
};

struct keyring {
    atomic_uint references;
    struct rows keys;    /* struct key_row */
    struct rows tenants; /* struct tenant_row *, which keys point to */
    struct arena arena;
};

typedef struct span row_name(const struct rows *rows, size_t index);

static struct span key_id(const struct rows *rows, size_t index)
{
    return ((const struct key_row *)rows->rows)[index].id;
}

static struct span tenant_name(const struct rows *rows, size_t index)
{
    return ((struct tenant_row *const *)rows->rows)[index]->name;
}

/* The slot of the row of this name, or the free one where it would be. */
static uint32_t *slot_of(const struct rows *rows, row_name *name_of, struct span name)
{
    size_t at = span_hash(name, 0) & (rows->slots_len - 1);
    while (rows->slots[at] != 0 && !span_equal(name_of(rows, rows->slots[at] - 1), name))
        at = (at + 1) & (rows->slots_len - 1);
    return &rows->slots[at];
}

static bool slots_grow(struct rows *rows, row_name *name_of)
{
    size_t len = rows->slots_len == 0 ? SLOTS_MIN : 2 * rows->slots_len;
    uint32_t *slots = calloc(len, sizeof(*slots));
    if (slots == NULL)
        return false;
    free(rows->slots);
    rows->slots = slots;
    rows->slots_len = len;
    for (size_t i = 0; i < rows->len; i++)
        *slot_of(rows, name_of, name_of(rows, i)) = (uint32_t)i + 1;
    return true;
}

static bool rows_grow(struct rows *rows, size_t row_bytes)
{
    size_t capacity = rows->capacity == 0 ? ROWS_MIN : 2 * rows->capacity;
    void *grown = realloc(rows->rows, capacity * row_bytes);
    if (grown == NULL)
        return false;
    rows->rows = grown;
    rows->capacity = capacity;
    return true;
}

static enum keyring_added rows_add(struct rows *rows, row_name *name_of, struct span name, const void *row,
                                   size_t row_bytes)
{
    if (2 * (rows->len + 1) > rows->slots_len && !slots_grow(rows, name_of))
        return KEYRING_NO_MEMORY;
    if (rows->len == rows->capacity && !rows_grow(rows, row_bytes))
        return KEYRING_NO_MEMORY;
    uint32_t *slot = slot_of(rows, name_of, name);
    if (*slot != 0)
        return KEYRING_ALREADY_THERE;
    memcpy((char *)rows->rows + rows->len * row_bytes, row, row_bytes);
    *slot = (uint32_t)++rows->len;
    return KEYRING_ADDED;
}

struct keyring *keyring_new(void)
{
    struct keyring *k = calloc(1, sizeof(*k));
    if (k == NULL)
        return NULL;
    atomic_init(&k->references, 1);
    if (!slots_grow(&k->keys, key_id) || !slots_grow(&k->tenants, tenant_name)) /* an empty one can be searched */
        keyring_release(&k);
    return k;
}

struct arena *keyring_arena(struct keyring *k)
{
    return &k->arena;
}

enum keyring_added keyring_add_tenant(struct keyring *k, struct span name)
{
    struct tenant_row *tenant;

    if (k->tenants.len == KEYRING_TENANTS_MAX)
        return KEYRING_FULL;
    tenant = arena_allocate(&k->arena, sizeof(*tenant));
    if (tenant == NULL)
        return KEYRING_NO_MEMORY;
    *tenant = (struct tenant_row){.index = k->tenants.len};
    if (!arena_copy(&k->arena, name, &tenant->name))
        return KEYRING_NO_MEMORY;
    return rows_add(&k->tenants, tenant_name, tenant->name, &tenant, sizeof(tenant));
}

struct tenant_row *keyring_last_tenant(struct keyring *k)
{
    return ((struct tenant_row **)k->tenants.rows)[k->tenants.len - 1];
}

enum keyring_added keyring_add_key(struct keyring *k, const struct key_row *row)
{
    struct key_row added = *row;

    if (k->keys.len == KEYRING_KEYS_MAX)
        return KEYRING_FULL;
    added.tenant = keyring_last_tenant(k);
    return rows_add(&k->keys, key_id, row->id, &added, sizeof(added));
}

static void rows_clear(struct rows *rows)
{
    free(rows->rows);
    free(rows->slots);
}

void keyring_acquire(struct keyring *k)
{
    atomic_fetch_add_explicit(&k->references, 1, memory_order_relaxed);
}

void keyring_release(struct keyring **k)
{
    struct keyring *released = *k;

    *k = NULL;
    if (released == NULL || atomic_fetch_sub_explicit(&released->references, 1, memory_order_acq_rel) != 1)
        return;
    rows_clear(&released->keys);
    rows_clear(&released->tenants);
    arena_clear(&released->arena);
    free(released);
}

const struct key_row *keyring_find(const struct keyring *k, struct span id)
{
    uint32_t at = *slot_of(&k->keys, key_id, id);
    return at == 0 ? NULL : keyring_key_at(k, at - 1);
}

size_t keyring_keys(const struct keyring *k)
{
    return k->keys.len;
}

size_t keyring_tenants(const struct keyring *k)
{
    return k->tenants.len;
}

const struct key_row *keyring_key_at(const struct keyring *k, size_t index)
{
    return index < k->keys.len ? (const struct key_row *)k->keys.rows + index : NULL;
}

const struct tenant_row *keyring_tenant_at(const struct keyring *k, size_t index)
{
    return index < k->tenants.len ? ((struct tenant_row **)k->tenants.rows)[index] : NULL;
}

const struct tenant_row *keyring_find_tenant(const struct keyring *k, struct span name)
{
    uint32_t at = *slot_of(&k->tenants, tenant_name, name);
    return at == 0 ? NULL : keyring_tenant_at(k, at - 1);
}
