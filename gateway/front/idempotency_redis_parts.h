/*
 * Internals of the store in Redis, shared by idempotency_redis.c (asking) and idempotency_settle.c (what becomes of a
 * claim), and by nobody else.
 *
 * An errand is made for each ask, becomes the claim if there is one, and carries what became of it to Redis. It is the
 * store's own, so that it may outlive who waits for it, and what was written is not lost for want of memory.
 */
#ifndef KGW_FRONT_IDEMPOTENCY_REDIS_PARTS_H
#define KGW_FRONT_IDEMPOTENCY_REDIS_PARTS_H

#include "gateway/front/idempotency_key.h"
#include "gateway/front/idempotency_redis.h"
#include "gateway/front/idempotency_script.h"

struct idempotency_redis {
    struct idempotency_store store;
    struct idempotency_redis_conf conf;
    struct redis_script script;
    struct list errands;
    size_t errands_len;
    uint64_t bytes; /* of those that settle */
};

struct errand {
    struct list link;
    struct idempotency_redis *store;
    struct redis_script_call *call;
    struct timer timer;    /* the next question, or the next attempt */
    struct recall *recall; /* who waits; NULL: nobody */
    struct idempotency_order order;
    struct buf results; /* that are kept */
    uint64_t wait_us;   /* since the key was in flight elsewhere; else 0 */
    unsigned tries;     /* to settle, that failed */
    size_t name_len;
    char name[IDEMPOTENCY_NAME_BYTES_MAX];
};

/* idempotency_redis.c */
bool errand_send(struct errand *e); /* false: not started, and no answer will come */
void errand_end(struct errand *e);
bool errand_is_carried_out(const struct redis_answer *answer);

/* idempotency_settle.c. The errand is a claim, and may be gone when these return. */
enum recall_kept errand_finish(struct errand *e, struct recall *r, struct buf *results, bool is_whole);
void errand_release(struct errand *e);
/* Of what settles: its answer, and its next attempt. */
void errand_on_settled(struct errand *e, const struct redis_answer *answer);
void errand_try_again(struct errand *e);

#endif
