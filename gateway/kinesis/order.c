/* Keys in a hash table, with their waiters; idle ones also in a list, least recently used first. */
#include "gateway/kinesis/order.h"

#include <assert.h>
#include <stdlib.h>

struct order_key {
    struct order_key *next; /* in its slot */
    struct list idle;       /* while nobody holds a place */
    struct list waiting;
    struct order_place *under_way;
    size_t places;
    uint64_t hash;
    uint8_t last_len;
    char last[SEQUENCE_NUMBER_BYTES_MAX];
    size_t text_len;
    char text[];
};

struct order {
    struct order_key **slots;
    size_t slots_mask, keys_len, keys_max;
    uint64_t seed;
    struct list idle;
};

struct order *order_new(size_t keys_max, uint64_t seed)
{
    struct order *o = calloc(1, sizeof(*o));
    size_t slots = 64;

    if (o == NULL)
        return NULL;
    while (slots < keys_max)
        slots *= 2;
    *o = (struct order){.slots_mask = slots - 1, .keys_max = keys_max, .seed = seed};
    list_init(&o->idle);
    o->slots = calloc(slots, sizeof(struct order_key *));
    if (o->slots == NULL) {
        free(o);
        return NULL;
    }
    return o;
}

static struct order_key **slot_of(struct order *o, uint64_t hash)
{
    return &o->slots[(hash * 0x9e3779b97f4a7c15u >> 32) & o->slots_mask]; /* the low bits chose the key's worker */
}

static void forget(struct order *o, struct order_key *k)
{
    struct order_key **at = slot_of(o, k->hash);

    while (*at != k)
        at = &(*at)->next;
    *at = k->next;
    list_remove(&k->idle);
    o->keys_len--;
    free(k);
}

static void keep_bound(struct order *o)
{
    while (o->keys_len > o->keys_max && !list_is_empty(&o->idle))
        forget(o, LIST_ENTRY(o->idle.next, struct order_key, idle));
}

void order_free(struct order **o)
{
    struct order *gone = *o;

    *o = NULL;
    if (gone == NULL)
        return;
    while (!list_is_empty(&gone->idle))
        forget(gone, LIST_ENTRY(gone->idle.next, struct order_key, idle));
    free(gone->slots);
    free(gone);
}

static struct order_key *find_or_add(struct order *o, struct span key)
{
    uint64_t hash = span_hash(key, o->seed);
    struct order_key **slot = slot_of(o, hash), *k;

    for (k = *slot; k != NULL; k = k->next)
        if (k->hash == hash && span_equal(span_of(k->text, k->text_len), key))
            return k;
    k = calloc(1, sizeof(*k) + key.len);
    if (k == NULL)
        return NULL;
    k->hash = hash;
    k->text_len = key.len;
    memcpy(k->text, key.ptr, key.len);
    list_init(&k->idle);
    list_init(&k->waiting);
    k->next = *slot;
    *slot = k;
    o->keys_len++;
    keep_bound(o);
    return k;
}

enum order_turn order_enter(struct order *o, struct span key, struct order_place *p)
{
    struct order_key *k = find_or_add(o, key);

    list_init(&p->link);
    p->key = k;
    p->is_taken = false;
    if (k == NULL)
        return ORDER_NO_MEMORY;
    list_remove(&k->idle);
    k->places++;
    if (k->under_way == NULL) {
        k->under_way = p;
        return ORDER_NOW;
    }
    list_append(&k->waiting, &p->link);
    return ORDER_LATER;
}

struct span order_last(const struct order_place *p)
{
    return span_of(p->key->last, p->key->last_len);
}

void order_forget_last(struct order_place *p)
{
    p->key->last_len = 0;
}

bool order_is_under_way(const struct order_place *p)
{
    return p->key->under_way == p;
}

static struct order_place *next_turn(struct order_key *k)
{
    if (list_is_empty(&k->waiting))
        return NULL;
    k->under_way = LIST_ENTRY(k->waiting.next, struct order_place, link);
    list_remove(&k->under_way->link);
    return k->under_way;
}

struct order_place *order_leave(struct order *o, struct order_place *p, struct span sequence_number)
{
    struct order_key *k = p->key;
    struct order_place *next = NULL;

    assert(sequence_number.len <= SEQUENCE_NUMBER_BYTES_MAX);
    p->key = NULL;
    list_remove(&p->link);
    if (sequence_number.len != 0) {
        k->last_len = (uint8_t)sequence_number.len;
        memcpy(k->last, sequence_number.ptr, sequence_number.len);
    }
    if (k->under_way == p) {
        k->under_way = NULL;
        next = next_turn(k);
    }
    if (--k->places == 0) {
        list_append(&o->idle, &k->idle);
        keep_bound(o);
    }
    return next;
}

void order_take_waiting(struct order_place *p, struct list *waiting)
{
    struct list *before = order_is_under_way(p) ? &p->key->waiting : &p->link;

    if (p->is_taken) /* and those behind it too */
        return;
    while (before->next != &p->key->waiting) {
        struct order_place *next = LIST_ENTRY(before->next, struct order_place, link);
        next->is_taken = true;
        list_remove(&next->link);
        list_append(waiting, &next->link);
    }
}
