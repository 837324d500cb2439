/*
 * Keys and their results in memory, bounded in number and bytes: what is over the bound is forgotten, the longest
 * unused first. A claim is never forgotten before it expires. Pure: time is an argument; no lock, one owner at a time.
 */
#ifndef KGW_FRONT_IDEMPOTENCY_TABLE_H
#define KGW_FRONT_IDEMPOTENCY_TABLE_H

#include "gateway/front/idempotency_store.h"

struct idempotency_entry {
    struct idempotency_entry *next; /* in its bucket */
    struct list link;               /* among the claims, or by use */
    struct list waiters;            /* the owner's; empty when the entry goes */
    uint64_t hash, token, expires_us, keep_us;
    bool is_pending, is_done;
    uint8_t fingerprint[SHA256_BYTES];
    char *results; /* of records that are written; NULL: none */
    size_t results_len, name_len;
    char name[];
};

struct idempotency_table {
    struct idempotency_entry **buckets;
    size_t buckets_len, len;
    uint64_t bytes, tokens;
    size_t entries_max;
    uint64_t bytes_max, ttl_us;
    struct list used, claims; /* the last used first; the oldest claim first */
};

/* False: out of memory. */
bool idempotency_table_init(struct idempotency_table *t, size_t entries_max, uint64_t bytes_max, uint64_t ttl_us);
void idempotency_table_clear(struct idempotency_table *t);

/* Any verdict but RECALL_IN_FLIGHT; with RECALL_WAIT, *pending is what is waited for. `hash` is one of r->name. */
enum recall_verdict idempotency_table_look(struct idempotency_table *t, uint64_t hash, uint64_t now_us,
                                           struct recall *r, struct idempotency_entry **pending);
/* The entry that the recall's claim still has; NULL: the claim expired, and another took it. */
struct idempotency_entry *idempotency_table_claimed(struct idempotency_table *t, uint64_t hash, const struct recall *r);
/* End the claim of an entry; what waited for it was taken from it before. The former takes the memory of *results. */
void idempotency_table_finish(struct idempotency_table *t, struct idempotency_entry *e, uint64_t now_us,
                              struct buf *results, bool is_whole, uint32_t *forgotten);
void idempotency_table_release(struct idempotency_table *t, struct idempotency_entry *e, uint64_t now_us);

#endif
