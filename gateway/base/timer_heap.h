/*
 * Timers in order of their time: an intrusive pairing heap (Fredman et al., 1986), shared by the real loop and the one
 * that tests drive. Starting a timer allocates nothing and cannot fail. Pure; owned by one thread.
 */
#ifndef KGW_BASE_TIMER_HEAP_H
#define KGW_BASE_TIMER_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
    void (*run)(void *ctx);
    void *ctx;
    uint64_t at_us;                    /* monotonic */
    uint64_t tiebreak;                 /* orders timers of one instant */
    struct timer *child, *next, *prev; /* prev: the elder sibling, or the parent of a first child */
    bool is_armed;
};

struct timer_heap {
    struct timer *root;
};

static inline void timer_init(struct timer *t, void (*run)(void *ctx), void *ctx)
{
    *t = (struct timer){.run = run, .ctx = ctx};
}

void timer_heap_insert(struct timer_heap *h, struct timer *t); /* t->at_us and t->tiebreak are set */
void timer_heap_remove(struct timer_heap *h, struct timer *t); /* safe on a timer that is not armed */
static inline struct timer *timer_heap_first(const struct timer_heap *h)
{
    return h->root;
}

#endif
