/*
 * A store of what became of requests with an idempotency key, whoever implements it. A key is nobody's, or pending: one
 * claim has it, known by its fencing token, until it is finished, released or expired; or done.
 *
 *     nobody's --claim--> pending --finish, whole--> done --time to live--> nobody's
 *                           |---finish, in part--> open: nobody's, with the results that there are
 *                           '---release, expiry--> as it was before the claim
 *
 * A claim that expired is another's to take, and whoever had it settles nothing any more: its token is old. All calls
 * on the thread of the recall's loop.
 */
#ifndef KGW_FRONT_IDEMPOTENCY_STORE_H
#define KGW_FRONT_IDEMPOTENCY_STORE_H

#include "auth/digest.h"
#include "gateway/net/loop.h"

enum recall_verdict {
    RECALL_CLAIMED,     /* the key is the caller's, who settles it; results: those of earlier calls, or none */
    RECALL_DONE,        /* results: of all records */
    RECALL_OTHER,       /* the key came with another request */
    RECALL_WAIT,        /* of recall_try() alone: another call has the key, or the store must be asked first */
    RECALL_IN_FLIGHT,   /* of an ask alone: another call has the key, and the store will not wait for it */
    RECALL_UNAVAILABLE, /* the store cannot say, or has no room: the stream's policy decides */
    RECALL_NO_MEMORY,
    RECALL_VERDICTS
};

enum recall_kept {
    RECALL_KEPT,
    RECALL_NOT_KEPT, /* so far at least: the store failed, or the claim is another's by now */
    RECALL_KEEPING,  /* r->kept will say */
};

struct recall;
typedef void recall_done_cb(struct recall *r, enum recall_verdict verdict);
typedef void recall_kept_cb(struct recall *r, bool is_kept);

/* Embedded in whoever asks. The caller sets all up to `kept` and inits `results`; the rest is the store's. */
struct recall {
    struct loop *loop;
    struct span name; /* of the key; unchanged until the claim is settled, or the ask is over */
    uint8_t fingerprint[SHA256_BYTES];
    uint64_t hold_us; /* a claim expires so long from now */
    uint64_t keep_us; /* what it settles is kept so long; 0: as long as the store keeps anything */
    recall_done_cb *done;
    recall_kept_cb *kept;
    struct buf results; /* the caller clears it */
    uint64_t token;
    uint32_t forgotten; /* other keys, before their time, to make room */
    void *wait;
};

struct idempotency_store;
struct idempotency_ops {
    enum recall_verdict (*look)(struct idempotency_store *s, struct recall *r);
    bool (*ask)(struct idempotency_store *s, struct recall *r);
    void (*cancel)(struct idempotency_store *s, struct recall *r);
    enum recall_kept (*finish)(struct idempotency_store *s, struct recall *r, struct buf *results, bool is_whole);
    void (*release)(struct idempotency_store *s, struct recall *r);
};

struct idempotency_store {
    const struct idempotency_ops *ops;
};

/* What can be said at once. */
static inline enum recall_verdict recall_try(struct idempotency_store *s, struct recall *r)
{
    return s->ops->look(s, r);
}

/*
 * After RECALL_WAIT. r->done is called exactly once, later, with any other verdict; never before this returned and
 * never after recall_cancel(). How long that may take is the caller's to bound: a key in flight is waited for. False:
 * out of memory; no callback comes.
 */
static inline bool recall_ask(struct idempotency_store *s, struct recall *r)
{
    return s->ops->ask(s, r);
}

/* Nobody waits any more, for a verdict or for what is kept; a no-op if nothing was waited for. */
static inline void recall_cancel(struct idempotency_store *s, struct recall *r)
{
    s->ops->cancel(s, r);
}

/*
 * Settles a claim: what it wrote, with what there was before. `is_whole`: nothing is left to write. The memory of
 * *results, an idempotency_record.h text, is taken over. RECALL_KEEPING: r->kept is called exactly once, later, within
 * a time that the store bounds; never before this returned and never after recall_cancel(), which stops the waiting and
 * not the keeping. A store that fails may try again by itself when nobody waits.
 */
static inline enum recall_kept recall_finish(struct idempotency_store *s, struct recall *r, struct buf *results,
                                             bool is_whole)
{
    return s->ops->finish(s, r, results, is_whole);
}

/* Settles a claim that wrote nothing, as far as anybody knows. Calls nobody back. */
static inline void recall_release(struct idempotency_store *s, struct recall *r)
{
    s->ops->release(s, r);
}

#endif
