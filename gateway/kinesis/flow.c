/*
 * Deficit round robin. A flow at the head of the ring is served while its deficit lasts, then goes to the end with its
 * next quantum; it comes to the ring with one.
 */
#include "gateway/kinesis/flow.h"

#include <stdlib.h>

#define QUANTUM_BYTES 16384

void flow_ring_init(struct flow_ring *r)
{
    *r = (struct flow_ring){.entries = 0};
    list_init(&r->ring);
}

void flow_put(struct flow_ring *r, struct flow *f, struct flow_entry *e, bool first)
{
    if (first)
        list_prepend(&f->entries, &e->link);
    else
        list_append(&f->entries, &e->link);
    if (list_is_empty(&f->link)) {
        f->deficit = QUANTUM_BYTES;
        list_append(&r->ring, &f->link);
    }
    r->entries++;
    r->bytes += e->cost;
}

struct flow_entry *flow_next(struct flow_ring *r, struct flow **f)
{
    for (;;) {
        *f = LIST_ENTRY(r->ring.next, struct flow, link);
        struct flow_entry *e = LIST_ENTRY((*f)->entries.next, struct flow_entry, link);
        if ((*f)->deficit >= e->cost || (*f)->link.next == (*f)->link.prev) /* nobody else is there to be fair to */
            return e;
        (*f)->deficit += QUANTUM_BYTES;
        list_remove(&(*f)->link);
        list_append(&r->ring, &(*f)->link);
    }
}

void flow_remove(struct flow_ring *r, struct flow *f, struct flow_entry *e)
{
    list_remove(&e->link);
    r->entries--;
    r->bytes -= e->cost;
    if (list_is_empty(&f->entries))
        list_remove(&f->link);
}

void flow_take(struct flow_ring *r, struct flow *f, struct flow_entry *e)
{
    f->deficit -= f->deficit < e->cost ? f->deficit : e->cost;
    flow_remove(r, f, e);
}

struct flow *flow_find(const struct list *flows, struct span tenant)
{
    for (struct list *node = flows->next; node != flows; node = node->next) {
        struct flow *f = LIST_ENTRY(node, struct flow, all);
        if (span_equal(span_of(f->tenant, f->tenant_len), tenant))
            return f;
    }
    return NULL;
}

struct flow *flow_acquire(struct list *flows, struct span tenant, uint64_t bytes)
{
    struct flow *f = flow_find(flows, tenant);

    if (f == NULL) {
        f = calloc(1, sizeof(*f) + tenant.len);
        if (f == NULL)
            return NULL;
        f->tenant_len = tenant.len;
        memcpy(f->tenant, tenant.ptr, tenant.len);
        list_init(&f->link);
        list_init(&f->entries);
        list_prepend(flows, &f->all);
    }
    f->users++;
    f->bytes += bytes;
    return f;
}

void flow_release(struct flow *f, uint64_t bytes)
{
    f->bytes -= bytes;
    if (--f->users != 0)
        return;
    list_remove(&f->all);
    list_remove(&f->link);
    free(f);
}
