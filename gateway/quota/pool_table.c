/* Finding, adding and forgetting tenants; what they hold is not looked into here. */
#include "gateway/quota/pool_table.h"

#include "gateway/quota/pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define SLOTS_MIN 16

struct stripe {
    pthread_mutex_t lock;
    struct pool_tenant **slots;
    struct list used;
    size_t len;
};

struct pool_table {
    struct stripe stripes[POOL_STRIPES];
    size_t slots_mask, stripe_max;
    uint64_t seed;
    pool_table_forget *may_forget;
};

struct pool_table *pool_table_new(size_t tenants_max, uint64_t seed, pool_table_forget *may_forget)
{
    struct pool_table *t = calloc(1, sizeof(*t));
    size_t slots = SLOTS_MIN, stripe_max = (tenants_max + POOL_STRIPES - 1) / POOL_STRIPES;

    if (t == NULL)
        return NULL;
    while (slots < stripe_max)
        slots *= 2;
    t->slots_mask = slots - 1;
    t->stripe_max = stripe_max == 0 ? 1 : stripe_max;
    t->seed = seed;
    t->may_forget = may_forget;
    bool is_whole = true;
    for (unsigned i = 0; i < POOL_STRIPES; i++) {
        struct stripe *s = &t->stripes[i];
        pthread_mutex_init(&s->lock, NULL);
        list_init(&s->used);
        s->slots = calloc(slots, sizeof(struct pool_tenant *));
        is_whole &= s->slots != NULL;
    }
    if (!is_whole)
        pool_table_free(&t);
    return t;
}

static struct pool_tenant **slot_of(struct pool_table *t, struct stripe *s, uint64_t hash)
{
    return &s->slots[hash / POOL_STRIPES & t->slots_mask];
}

static void forget(struct pool_table *t, struct stripe *s, struct pool_tenant *gone)
{
    struct pool_tenant **at = slot_of(t, s, gone->hash);

    while (*at != gone)
        at = &(*at)->next;
    *at = gone->next;
    list_remove(&gone->used);
    s->len--;
    free(gone);
}

void pool_table_free(struct pool_table **table)
{
    struct pool_table *t = *table;

    *table = NULL;
    if (t == NULL)
        return;
    for (unsigned i = 0; i < POOL_STRIPES; i++) {
        struct stripe *s = &t->stripes[i];
        while (!list_is_empty(&s->used))
            forget(t, s, LIST_ENTRY(s->used.next, struct pool_tenant, used));
        free(s->slots);
        pthread_mutex_destroy(&s->lock);
    }
    free(t);
}

static struct pool_tenant *find(struct pool_table *t, struct stripe *s, struct span name, uint64_t hash)
{
    struct pool_tenant *found = *slot_of(t, s, hash);

    while (found != NULL && !(found->hash == hash && span_equal(span_of(found->name, found->name_len), name)))
        found = found->next;
    return found;
}

/* At most one goes for one that comes: what is over the bound goes as soon as it may. */
static void make_room(struct pool_table *t, struct stripe *s, uint64_t unix_us)
{
    for (unsigned i = 0; i < 2 && s->len >= t->stripe_max; i++) {
        struct pool_tenant *oldest = LIST_ENTRY(s->used.next, struct pool_tenant, used);
        if (!t->may_forget(oldest, unix_us))
            return;
        forget(t, s, oldest);
    }
}

static struct pool_tenant *add_new(struct pool_table *t, struct stripe *s, struct span name, uint64_t hash)
{
    struct pool_tenant **slot = slot_of(t, s, hash), *new = calloc(1, sizeof(*new) + name.len);

    if (new == NULL)
        return NULL;
    new->hash = hash;
    new->name_len = name.len;
    memcpy(new->name, name.ptr, name.len);
    list_init(&new->used);
    new->next = *slot;
    *slot = new;
    s->len++;
    return new;
}

struct pool_tenant *pool_table_lock(struct pool_table *t, struct span name, bool add, uint64_t unix_us)
{
    uint64_t hash = span_hash(name, t->seed);
    struct stripe *s = &t->stripes[hash % POOL_STRIPES];

    assert(name.len <= POOL_NAME_BYTES_MAX);
    pthread_mutex_lock(&s->lock);
    struct pool_tenant *found = find(t, s, name, hash);
    if (found == NULL && add) {
        make_room(t, s, unix_us);
        found = add_new(t, s, name, hash);
    }
    if (found != NULL) {
        list_remove(&found->used);
        list_append(&s->used, &found->used);
    }
    return found;
}

void pool_table_unlock(struct pool_table *t, struct span name)
{
    pthread_mutex_unlock(&t->stripes[span_hash(name, t->seed) % POOL_STRIPES].lock);
}

struct list *pool_table_lock_stripe(struct pool_table *t, unsigned stripe)
{
    assert(stripe < POOL_STRIPES);
    pthread_mutex_lock(&t->stripes[stripe].lock);
    return &t->stripes[stripe].used;
}

void pool_table_unlock_stripe(struct pool_table *t, unsigned stripe)
{
    pthread_mutex_unlock(&t->stripes[stripe].lock);
}

size_t pool_table_len(struct pool_table *t)
{
    size_t len = 0;

    for (unsigned i = 0; i < POOL_STRIPES; i++) {
        pool_table_lock_stripe(t, i);
        len += t->stripes[i].len;
        pool_table_unlock_stripe(t, i);
    }
    return len;
}
