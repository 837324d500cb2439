/* The pairing heap: insertion melds, removal melds the orphaned children in pairs. */
#include "gateway/base/timer_heap.h"

static bool is_before(const struct timer *a, const struct timer *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->tiebreak < b->tiebreak;
}

/* Both are roots without siblings; either may be NULL. */
static struct timer *meld(struct timer *a, struct timer *b)
{
    if (a == NULL || b == NULL)
        return a == NULL ? b : a;
    if (is_before(b, a)) {
        struct timer *swap = a;
        a = b;
        b = swap;
    }
    b->prev = a;
    b->next = a->child;
    if (a->child != NULL)
        a->child->prev = b;
    a->child = b;
    return a;
}

static struct timer *cut_first(struct timer **children)
{
    struct timer *t = *children;

    if (t != NULL) {
        *children = t->next;
        t->next = t->prev = NULL;
    }
    return t;
}

static struct timer *meld_children(struct timer *children)
{
    struct timer *pairs = NULL, *root = NULL;

    while (children != NULL) {
        struct timer *a = cut_first(&children), *b = cut_first(&children);
        struct timer *pair = meld(a, b);
        pair->next = pairs; /* a stack of pairs, threaded through `next` */
        pairs = pair;
    }
    while (pairs != NULL) {
        struct timer *pair = pairs;
        pairs = pair->next;
        pair->next = NULL;
        root = meld(root, pair);
    }
    return root;
}

void timer_heap_insert(struct timer_heap *h, struct timer *t)
{
    t->child = t->next = t->prev = NULL;
    t->is_armed = true;
    h->root = meld(h->root, t);
}

void timer_heap_remove(struct timer_heap *h, struct timer *t)
{
    if (!t->is_armed)
        return;
    t->is_armed = false;
    struct timer *orphans = meld_children(t->child);
    t->child = NULL;
    if (h->root == t) {
        h->root = orphans;
        return;
    }
    if (t->prev->child == t)
        t->prev->child = t->next;
    else
        t->prev->next = t->next;
    if (t->next != NULL)
        t->next->prev = t->prev;
    t->next = t->prev = NULL;
    h->root = meld(h->root, orphans);
}
