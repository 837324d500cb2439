/*
 * Stripes of a table each, and who waits for a claim. A waiter is the store's own, so that it may be on its way to its
 * loop when its asker is gone. It looks again there: that is how it learns what became of the claim.
 */
#include "gateway/front/idempotency_memory.h"

#include "gateway/front/idempotency_table.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define STRIPES 16

struct stripe {
    pthread_mutex_t lock;
    struct idempotency_table table;
};

struct idempotency_memory {
    struct idempotency_store store;
    uint64_t seed;
    struct stripe stripes[STRIPES];
};

struct waiter {
    struct post post;
    struct list link; /* among a claim's waiters, under the stripe's lock; in none: posted */
    struct idempotency_memory *memory;
    struct loop *loop;
    struct recall *recall; /* NULL: cancelled; for its loop's thread alone */
};

static struct idempotency_memory *memory_of(struct idempotency_store *s)
{
    return LIST_ENTRY(s, struct idempotency_memory, store);
}

static uint64_t hash_of(const struct idempotency_memory *m, const struct recall *r)
{
    return span_hash(r->name, m->seed);
}

static struct stripe *stripe_of(struct idempotency_memory *m, uint64_t hash)
{
    return &m->stripes[hash >> 32 & (STRIPES - 1)];
}

/* With a waiter, it waits where the verdict is RECALL_WAIT. */
static enum recall_verdict look(struct idempotency_memory *m, struct recall *r, struct waiter *w)
{
    uint64_t hash = hash_of(m, r);
    struct stripe *s = stripe_of(m, hash);
    struct idempotency_entry *pending;

    pthread_mutex_lock(&s->lock);
    enum recall_verdict verdict = idempotency_table_look(&s->table, hash, loop_now_us(r->loop), r, &pending);
    if (pending != NULL && w != NULL)
        list_append(&pending->waiters, &w->link);
    pthread_mutex_unlock(&s->lock);
    return verdict;
}

static enum recall_verdict memory_look(struct idempotency_store *s, struct recall *r)
{
    return look(memory_of(s), r, NULL);
}

/* Waiting */

static void run_waiter(struct post *p)
{
    struct waiter *w = LIST_ENTRY(p, struct waiter, post);
    struct recall *r = w->recall;

    if (r == NULL) {
        free(w);
        return;
    }
    enum recall_verdict verdict = look(w->memory, r, w);
    if (verdict == RECALL_WAIT)
        return;
    r->wait = NULL;
    free(w);
    r->done(r, verdict);
}

static bool memory_ask(struct idempotency_store *s, struct recall *r)
{
    struct waiter *w = calloc(1, sizeof(*w));

    if (w == NULL)
        return false;
    *w = (struct waiter){.post.run = run_waiter, .memory = memory_of(s), .loop = r->loop, .recall = r};
    list_init(&w->link);
    r->wait = w;
    loop_post(r->loop, &w->post);
    return true;
}

static void memory_cancel(struct idempotency_store *store, struct recall *r)
{
    struct idempotency_memory *m = memory_of(store);
    struct stripe *s = stripe_of(m, hash_of(m, r));
    struct waiter *w = r->wait;

    if (w == NULL)
        return;
    r->wait = NULL;
    w->recall = NULL;
    pthread_mutex_lock(&s->lock);
    bool is_posted = list_is_empty(&w->link);
    list_remove(&w->link);
    pthread_mutex_unlock(&s->lock);
    if (!is_posted)
        free(w);
}

static void wake_all(struct idempotency_entry *e)
{
    while (!list_is_empty(&e->waiters)) {
        struct waiter *w = LIST_ENTRY(e->waiters.next, struct waiter, link);
        list_remove(&w->link);
        loop_post(w->loop, &w->post);
    }
}

/* Settling: with results, which may be NULL. False: the claim is another's by now. */
static bool settle(struct idempotency_memory *m, struct recall *r, struct buf *results, bool is_whole)
{
    uint64_t hash = hash_of(m, r), now_us = loop_now_us(r->loop);
    struct stripe *s = stripe_of(m, hash);

    pthread_mutex_lock(&s->lock);
    struct idempotency_entry *e = idempotency_table_claimed(&s->table, hash, r);
    if (e != NULL)
        wake_all(e);
    if (e != NULL && results != NULL)
        idempotency_table_finish(&s->table, e, now_us, results, is_whole, &r->forgotten);
    else if (e != NULL)
        idempotency_table_release(&s->table, e, now_us);
    pthread_mutex_unlock(&s->lock);
    return e != NULL;
}

static enum recall_kept memory_finish(struct idempotency_store *s, struct recall *r, struct buf *results, bool is_whole)
{
    return settle(memory_of(s), r, results, is_whole) ? RECALL_KEPT : RECALL_NOT_KEPT;
}

static void memory_release(struct idempotency_store *s, struct recall *r)
{
    (void)settle(memory_of(s), r, NULL, false);
}

static const struct idempotency_ops ops = {memory_look, memory_ask, memory_cancel, memory_finish, memory_release};

/* Life */

struct idempotency_memory *idempotency_memory_new(const struct idempotency_memory_conf *conf, uint64_t seed)
{
    struct idempotency_memory *m = calloc(1, sizeof(*m));
    bool ok = true;

    if (m == NULL)
        return NULL;
    m->store.ops = &ops;
    m->seed = seed;
    for (size_t i = 0; i != STRIPES; i++) {
        pthread_mutex_init(&m->stripes[i].lock, NULL);
        ok &= idempotency_table_init(&m->stripes[i].table, (size_t)(conf->entries_max + STRIPES - 1) / STRIPES,
                                     conf->bytes_max / STRIPES, (uint64_t)conf->ttl_s * 1000 * MS_IN_US);
    }
    if (!ok)
        idempotency_memory_free(&m);
    return m;
}

void idempotency_memory_free(struct idempotency_memory **m)
{
    struct idempotency_memory *gone = *m;

    if (gone == NULL)
        return;
    *m = NULL;
    for (size_t i = 0; i != STRIPES; i++) {
        idempotency_table_clear(&gone->stripes[i].table);
        pthread_mutex_destroy(&gone->stripes[i].lock);
    }
    free(gone);
}

struct idempotency_store *idempotency_memory_store(struct idempotency_memory *m)
{
    return &m->store;
}
