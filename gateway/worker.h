/*
 * One worker: a thread with its own loop, server, connections to Kinesis and lanes. Built bottom-up on its own thread,
 * torn down top-down. It shares nothing that changes; control speaks to it by posts, and it answers by posts.
 */
#ifndef KGW_WORKER_H
#define KGW_WORKER_H

#include "auth/aws_creds.h"
#include "gateway/base/tenant_counts.h"
#include "gateway/conf/conf.h"
#include "gateway/front/server_tls.h"

struct worker;

struct worker_init {
    const struct conf *conf; /* outlives the worker; bounds of the process are divided by `workers` */
    unsigned index, workers;
    uint32_t calls_max; /* upstream, of the process, over all streams */
    uint16_t *ports;    /* one a listener: 0 lets the first worker choose, and is filled in */
    struct log *log;
    struct snapshot *snapshot;             /* a reference of its own is taken */
    struct idempotency_store *idempotency; /* for any thread; outlives the worker */
    struct address_limit *addresses;       /* likewise */
    struct pool *pool, *share;             /* quotas; likewise */
    struct tenant_roll *roll;              /* likewise */
    const struct redis_place *redis;       /* likewise; NULL: none */
    struct aws_creds *creds;               /* a reference of its own is taken; NULL: none yet */
    struct loop *control;
    /* On control's loop: */
    void (*on_started)(void *ctx, struct worker *w, const char *error); /* error: it could not, and has ended */
    void (*on_drained)(void *ctx, struct worker *w); /* after worker_stop_listening(): nothing is left */
    void (*on_creds_refused)(void *ctx, struct worker *w, uint64_t serial);
    void *ctx;
};

/* NULL: out of memory or descriptors. Posts wait until it runs. */
struct worker *worker_new(const struct worker_init *init);
struct sender_peer worker_peer(struct worker *w); /* what others may know of it */
/*
 * Starts the thread. `peers`, all workers' in order, outlive it. False: out of threads; no callback comes, and the
 * worker cannot be freed.
 */
bool worker_run(struct worker *w, const struct sender_peer *peers);
/*
 * After on_drained of all workers, which may have sent it records, or on_started with an error. What was posted before
 * is run before; waits for the thread. Its last counters are added to the sums, so that no total ever falls.
 */
void worker_free(struct worker **w, struct metrics *sum, struct tenant_counts *tenants);

/* From control's thread; each is a post that the worker acts on. False: out of memory, nothing was posted. */
bool worker_set_snapshot(struct worker *w, struct snapshot *s);
bool worker_set_creds(struct worker *w, struct aws_creds *c);
bool worker_set_tls(struct worker *w, size_t listener, struct tls_setup *tls);
void worker_drain(struct worker *w);          /* healthz says so, answers close their connections */
void worker_stop_listening(struct worker *w); /* … and on_drained comes once nothing is under way */

/* A copy of the worker's counters, taken between two of its turns. Embedded in whoever asks; alive until `run`. */
struct worker_metrics {
    struct post post;
    struct worker *worker;
    struct metrics copy;
    struct tenant_counts *tenants;          /* of zeros, from who asks: the worker's are added */
    void (*done)(struct worker_metrics *m); /* on control's loop */
    void *ctx;
};
void worker_collect(struct worker *w, struct worker_metrics *m);

#endif
