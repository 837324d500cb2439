/*
 * Queues that are fair: one flow a tenant, served by deficit round robin in bytes (Shreedhar and Varghese, 1995). A
 * tenant with much to send delays another's record by a quantum, not by its backlog.
 */
#ifndef KGW_KINESIS_FLOW_H
#define KGW_KINESIS_FLOW_H

#include "auth/bytes.h"
#include "gateway/base/list.h"

/* What waits in a flow, embedded in it. */
struct flow_entry {
    struct list link;
    uint64_t cost; /* bytes */
};

struct flow {
    struct list link;    /* in the ring while it has entries */
    struct list entries; /* queued */
    struct list all;     /* in the table of flows */
    uint64_t deficit;    /* bytes */
    size_t users;        /* who points here, queued or not */
    uint64_t bytes;      /* of its users */
    size_t tenant_len;
    char tenant[];
};

struct flow_ring {
    struct list ring; /* of flows with entries */
    size_t entries;
    uint64_t bytes;
};

void flow_ring_init(struct flow_ring *r);
static inline bool flow_ring_is_empty(const struct flow_ring *r)
{
    return list_is_empty(&r->ring);
}
void flow_put(struct flow_ring *r, struct flow *f, struct flow_entry *e, bool first);
/* Whose turn it is; it stays queued until flow_take(). The ring is not empty. */
struct flow_entry *flow_next(struct flow_ring *r, struct flow **f);
void flow_take(struct flow_ring *r, struct flow *f, struct flow_entry *e);   /* it departs, at its cost */
void flow_remove(struct flow_ring *r, struct flow *f, struct flow_entry *e); /* it leaves without being served */

struct flow *flow_find(const struct list *flows, struct span tenant);              /* NULL: none */
struct flow *flow_acquire(struct list *flows, struct span tenant, uint64_t bytes); /* NULL: out of memory */
void flow_release(struct flow *f, uint64_t bytes);

#endif
