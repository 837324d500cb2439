/*
 * Internals of a worker: shared by worker.c (its thread and its posts) and worker_build.c (its parts), and by nobody
 * else.
 */
#ifndef KGW_WORKER_PARTS_H
#define KGW_WORKER_PARTS_H

#include "gateway/front/idempotency_redis.h"
#include "gateway/quota/quota.h"
#include "gateway/worker.h"

#include <pthread.h>

struct worker {
    struct worker_init init;
    const struct sender_peer *peers;
    pthread_t thread;
    struct loop *loop;
    struct metrics metrics;
    struct tenant_counts *tenants;
    struct random random;
    struct log_ring *log;
    struct http_client *http;
    struct redis_client *redis; /* NULL: none */
    struct quota *quota;
    struct idempotency_redis *idempotency; /* NULL: init.idempotency */
    struct sender sender;
    struct front front;
    struct server *server;
    struct timer drain_check;
    bool has_handed_back;
    bool is_refreshing; /* control was asked for credentials and has not sent any yet */
    uint64_t refused_serial;
    struct post started, drained, refused, drain, stop_listening, quit;
    char error[SERVER_ERROR_BYTES];
};

/* On the worker's own thread. False: out of memory, or w->error says what. Taken apart in either case. */
bool worker_build(struct worker *w);
void worker_take_apart(struct worker *w);
bool worker_is_settling(const struct worker *w);          /* idempotency keys, in Redis */
void worker_creds_refused(void *worker, uint64_t serial); /* asks control for fresh ones */

#endif
