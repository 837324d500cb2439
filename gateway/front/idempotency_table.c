/* Chained buckets that double, and two lists: of claims by age, of all else by use. */
#include "gateway/front/idempotency_table.h"

#include <assert.h>
#include <stdlib.h>

#define BUCKETS_FIRST  64
#define EXPIRED_A_LOOK 2

#define ENTRY(node) LIST_ENTRY(node, struct idempotency_entry, link)

bool idempotency_table_init(struct idempotency_table *t, size_t entries_max, uint64_t bytes_max, uint64_t ttl_us)
{
    *t = (struct idempotency_table){.buckets_len = BUCKETS_FIRST,
                                    .buckets = calloc(BUCKETS_FIRST, sizeof(*t->buckets)),
                                    .entries_max = entries_max,
                                    .bytes_max = bytes_max,
                                    .ttl_us = ttl_us};
    list_init(&t->used);
    list_init(&t->claims);
    return t->buckets != NULL;
}

static uint64_t bytes_of(const struct idempotency_entry *e)
{
    return sizeof(*e) + e->name_len + e->results_len;
}

static struct idempotency_entry **place_of(const struct idempotency_table *t, uint64_t hash, struct span name)
{
    struct idempotency_entry **at = &t->buckets[hash & (t->buckets_len - 1)];

    while (*at != NULL && ((*at)->hash != hash || !span_equal(span_of((*at)->name, (*at)->name_len), name)))
        at = &(*at)->next;
    return at;
}

static void drop(struct idempotency_table *t, struct idempotency_entry *e)
{
    assert(list_is_empty(&e->waiters));
    *place_of(t, e->hash, span_of(e->name, e->name_len)) = e->next;
    list_remove(&e->link);
    t->len--;
    t->bytes -= bytes_of(e);
    free(e->results);
    free(e);
}

static void drop_all(struct idempotency_table *t, struct list *entries)
{
    while (!list_is_empty(entries))
        drop(t, ENTRY(entries->next));
}

void idempotency_table_clear(struct idempotency_table *t)
{
    drop_all(t, &t->used);
    drop_all(t, &t->claims);
    free(t->buckets);
    t->buckets = NULL;
}

/* Room */

static void drop_expired(struct idempotency_table *t, uint64_t now_us)
{
    for (int i = 0; i != EXPIRED_A_LOOK; i++)
        if (!list_is_empty(&t->used) && ENTRY(t->used.prev)->expires_us <= now_us)
            drop(t, ENTRY(t->used.prev));
}

/* A claim that nobody has settled in time, or waits for. */
static bool is_given_up(const struct idempotency_entry *e, uint64_t now_us)
{
    return e->expires_us <= now_us && list_is_empty(&e->waiters);
}

/* Forgets what was used longest ago until there is room. False: claims have it all. */
static bool make_room(struct idempotency_table *t, size_t entries, uint64_t bytes, uint64_t now_us,
                      const struct idempotency_entry *but, uint32_t *forgotten)
{
    while (t->len + entries > t->entries_max || t->bytes + bytes > t->bytes_max) {
        if (!list_is_empty(&t->used) && ENTRY(t->used.prev) != but) {
            drop(t, ENTRY(t->used.prev));
            ++*forgotten;
        } else if (!list_is_empty(&t->claims) && is_given_up(ENTRY(t->claims.next), now_us)) {
            idempotency_table_release(t, ENTRY(t->claims.next), now_us);
        } else {
            return false;
        }
    }
    return true;
}

static void rehash(struct idempotency_table *t, struct idempotency_entry **buckets, size_t len)
{
    for (size_t i = 0; i != t->buckets_len; i++)
        for (struct idempotency_entry *e = t->buckets[i], *next; e != NULL; e = next) {
            next = e->next;
            e->next = buckets[e->hash & (len - 1)];
            buckets[e->hash & (len - 1)] = e;
        }
}

/* Without memory the chains grow longer. */
static void grow(struct idempotency_table *t)
{
    struct idempotency_entry **buckets;

    if (t->len < t->buckets_len || (buckets = calloc(2 * t->buckets_len, sizeof(*buckets))) == NULL)
        return;
    rehash(t, buckets, 2 * t->buckets_len);
    free(t->buckets);
    t->buckets = buckets;
    t->buckets_len *= 2;
}

/* Looking */

static void claim(struct idempotency_table *t, struct idempotency_entry *e, uint64_t now_us, struct recall *r)
{
    e->is_pending = true;
    e->expires_us = now_us + r->hold_us;
    e->keep_us = r->keep_us != 0 ? r->keep_us : t->ttl_us;
    e->token = r->token = ++t->tokens;
    memcpy(e->fingerprint, r->fingerprint, sizeof(e->fingerprint));
    list_remove(&e->link);
    list_append(&t->claims, &e->link);
}

static enum recall_verdict claim_new(struct idempotency_table *t, uint64_t hash, uint64_t now_us, struct recall *r)
{
    struct idempotency_entry *e;

    if (!make_room(t, 1, sizeof(*e) + r->name.len, now_us, NULL, &r->forgotten))
        return RECALL_UNAVAILABLE;
    e = calloc(1, sizeof(*e) + r->name.len);
    if (e == NULL)
        return RECALL_NO_MEMORY;
    grow(t);
    e->hash = hash;
    e->name_len = r->name.len;
    memcpy(e->name, r->name.ptr, r->name.len);
    list_init(&e->link);
    list_init(&e->waiters);
    e->next = t->buckets[hash & (t->buckets_len - 1)];
    t->buckets[hash & (t->buckets_len - 1)] = e;
    t->len++;
    t->bytes += bytes_of(e);
    claim(t, e, now_us, r);
    return RECALL_CLAIMED;
}

/* A claim that expired without a result left nothing behind. */
static bool is_nobodys(const struct idempotency_entry *e, uint64_t now_us)
{
    return e->expires_us <= now_us && (!e->is_pending || e->results == NULL);
}

static void set_results(struct idempotency_table *t, struct idempotency_entry *e, char *results, size_t len)
{
    t->bytes += len - e->results_len;
    free(e->results);
    e->results = results;
    e->results_len = len;
    e->is_done = false;
}

static bool copy_results(const struct idempotency_entry *e, struct recall *r)
{
    buf_reset(&r->results);
    buf_append(&r->results, span_of(e->results, e->results_len));
    return !r->results.failed;
}

static enum recall_verdict look_at(struct idempotency_table *t, struct idempotency_entry *e, uint64_t now_us,
                                   struct recall *r)
{
    if (is_nobodys(e, now_us)) {
        set_results(t, e, NULL, 0);
    } else if (!bytes_equal_constant_time(e->fingerprint, r->fingerprint, sizeof(e->fingerprint))) {
        return RECALL_OTHER;
    } else if (e->is_pending && e->expires_us > now_us) {
        return RECALL_WAIT;
    } else if (!copy_results(e, r)) {
        return RECALL_NO_MEMORY;
    }
    if (e->is_done) {
        list_remove(&e->link);
        list_prepend(&t->used, &e->link);
        return RECALL_DONE;
    }
    claim(t, e, now_us, r);
    return RECALL_CLAIMED;
}

enum recall_verdict idempotency_table_look(struct idempotency_table *t, uint64_t hash, uint64_t now_us,
                                           struct recall *r, struct idempotency_entry **pending)
{
    struct idempotency_entry *e = *place_of(t, hash, r->name);

    enum recall_verdict verdict = e == NULL ? claim_new(t, hash, now_us, r) : look_at(t, e, now_us, r);
    *pending = verdict == RECALL_WAIT ? e : NULL;
    drop_expired(t, now_us);
    return verdict;
}

/* Settling */

struct idempotency_entry *idempotency_table_claimed(struct idempotency_table *t, uint64_t hash, const struct recall *r)
{
    struct idempotency_entry *e = *place_of(t, hash, r->name);

    return e != NULL && e->is_pending && e->token == r->token ? e : NULL;
}

static void end_claim(struct idempotency_table *t, struct idempotency_entry *e, uint64_t now_us)
{
    e->is_pending = false;
    e->expires_us = now_us + e->keep_us;
    list_remove(&e->link);
    list_prepend(&t->used, &e->link);
}

void idempotency_table_finish(struct idempotency_table *t, struct idempotency_entry *e, uint64_t now_us,
                              struct buf *results, bool is_whole, uint32_t *forgotten)
{
    assert(results->len != 0);
    char *fitting = realloc(results->ptr, results->len);
    set_results(t, e, fitting != NULL ? fitting : results->ptr, results->len);
    buf_init(results, results->bytes_max);
    e->is_done = is_whole;
    end_claim(t, e, now_us);
    (void)make_room(t, 0, 0, now_us, e, forgotten); /* one alone may be over the bound */
}

void idempotency_table_release(struct idempotency_table *t, struct idempotency_entry *e, uint64_t now_us)
{
    if (e->results == NULL)
        drop(t, e);
    else
        end_claim(t, e, now_us);
}
