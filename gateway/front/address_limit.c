/*
 * Sets of a few places each; a pair has one set, and any place in it. A place holds when its bucket will be full again
 * (the theoretical arrival time of ITU-T I.371), so one whose time is past says the same as an empty one.
 */
#include "gateway/front/address_limit.h"

#include <pthread.h>
#include <stdlib.h>

#define SECOND_US 1000000u
#define STRIPES   64
#define PLACES    8

struct place {
    uint64_t pair;    /* its hash; 0: empty */
    uint64_t full_us; /* when the bucket is full again */
};

struct set {
    struct place places[PLACES];
};

struct stripe {
    pthread_mutex_t lock;
    struct set *sets;
};

struct address_limit {
    uint64_t seed;
    size_t sets; /* of a stripe; a power of two */
    struct stripe stripes[STRIPES];
};

struct address_limit *address_limit_new(size_t entries, uint64_t seed)
{
    struct address_limit *l = calloc(1, sizeof(*l));

    if (l == NULL)
        return NULL;
    l->seed = seed;
    for (l->sets = 1; l->sets * STRIPES * PLACES < entries;)
        l->sets *= 2;
    for (size_t i = 0; i != STRIPES; i++) {
        pthread_mutex_init(&l->stripes[i].lock, NULL);
        l->stripes[i].sets = calloc(l->sets, sizeof(struct set));
    }
    for (size_t i = 0; i != STRIPES; i++)
        if (l->stripes[i].sets == NULL) {
            address_limit_free(&l);
            break;
        }
    return l;
}

void address_limit_free(struct address_limit **l)
{
    struct address_limit *gone = *l;

    if (gone == NULL)
        return;
    *l = NULL;
    for (size_t i = 0; i != STRIPES; i++) {
        pthread_mutex_destroy(&gone->stripes[i].lock);
        free(gone->stripes[i].sets);
    }
    free(gone);
}

static uint64_t pair_of(const struct address_limit *l, struct span key_id, struct address from)
{
    struct address network = address_truncate(from, 32, 64);
    uint64_t hash = span_hash(span_of((const char *)network.bytes, sizeof(network.bytes)), l->seed);

    hash = span_hash(key_id, hash);
    return hash == 0 ? 1 : hash;
}

/* Its own place, or the one whose bucket is full for the longest time, or will be the soonest. */
static struct place *place_of(struct set *s, uint64_t pair)
{
    struct place *found = &s->places[0];

    for (size_t i = 0; i != PLACES; i++) {
        if (s->places[i].pair == pair)
            return &s->places[i];
        if (s->places[i].full_us < found->full_us)
            found = &s->places[i];
    }
    *found = (struct place){.pair = pair};
    return found;
}

static uint64_t spend(struct place *p, uint32_t per_second, uint64_t now_us)
{
    uint64_t one_us = SECOND_US / per_second, burst_us = (uint64_t)ADDRESS_LIMIT_BURST_S * SECOND_US;
    uint64_t full_us = (p->full_us > now_us ? p->full_us : now_us) + one_us;

    if (full_us - now_us > burst_us)
        return full_us - now_us - burst_us;
    p->full_us = full_us;
    return 0;
}

uint64_t address_limit_take(struct address_limit *l, struct span key_id, struct address from, uint32_t per_second,
                            uint64_t now_us)
{
    uint64_t pair = pair_of(l, key_id, from);
    struct stripe *s = &l->stripes[pair & (STRIPES - 1)];
    struct set *set = &s->sets[pair / STRIPES & (l->sets - 1)];

    pthread_mutex_lock(&s->lock);
    uint64_t wait_us = spend(place_of(set, pair), per_second, now_us);
    pthread_mutex_unlock(&s->lock);
    return wait_us;
}
