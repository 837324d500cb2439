/*
 * What a reload replaces, as one immutable whole: keys and tenants, master keys, streams. And a worker's view of it:
 * the same with the worker's own lanes beside. A ticket pins the view it began with.
 */
#ifndef KGW_FRONT_SNAPSHOT_H
#define KGW_FRONT_SNAPSHOT_H

#include "auth/authn.h"
#include "gateway/front/hooks.h"
#include "gateway/kinesis/lane.h"

struct snapshot {
    _Atomic size_t references;
    struct keyring *keyring; /* NULL: none is known so far, and every caller is told to come again */
    struct stream_table *streams;
    struct hook_table *hooks; /* set by who made the snapshot, before anybody else has it; NULL: none */
    struct master_keys masters;
};

/* Takes the three over, on failure too. NULL: out of memory. With one reference. */
struct snapshot *snapshot_new(struct keyring **keyring, struct stream_table **streams, struct master_keys *masters);
void snapshot_acquire(struct snapshot *s);  /* thread-safe */
void snapshot_release(struct snapshot **s); /* thread-safe, NULL-safe */
void master_keys_clear(struct master_keys *m);

#define VIEW_ROW_UNKNOWN 0

struct view {
    struct snapshot *snapshot;
    size_t pins;         /* of this worker alone: the current one counts as a pin */
    struct lane **lanes; /* by the stream's index */
    /* Of each tenant, by its index: the row of its counts, plus one; VIEW_ROW_UNKNOWN until it is counted. */
    uint16_t *tenant_rows;
    struct key_memo *memo; /* of the snapshot's keyring: a reload begins with an empty one */
    struct view *next;     /* its successor, pinned: lanes that both have are set up from there */
};

/*
 * A view of `s` (a reference is taken) whose lanes are those of `previous` (may be NULL) where the stream is still the
 * same one upstream, with their new settings, and new ones elsewhere. With one pin. NULL: out of memory; nothing
 * changed.
 */
struct view *view_new(struct snapshot *s, const struct view *previous, struct sender *sender);
void view_replace(struct view **current, struct view **next); /* *next becomes *current; the old one's pin goes */
struct view *view_pin(struct view *v);
void view_unpin(struct view **v); /* NULL-safe; the last one lets its lanes and the snapshot go */

#endif
