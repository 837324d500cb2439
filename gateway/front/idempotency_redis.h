/*
 * The store of a fleet: keys in Redis, so that a retry may come to any gateway. One a worker, on its loop only. A claim
 * is told from others by 64 random bits, and expires by the clock of Redis.
 *
 * Redis is asked once for each verdict; a key in flight elsewhere is asked for again after 10 ms, then after twice as
 * long each time, 100 ms at most, until the caller cancels. Each question waits for conf->timeout_ms at most, and so
 * does what is kept. What could not be kept or released, because Redis was away or late, is tried once more a second
 * later, behind the caller's back. A claim whose answer did not come in time, or came when nobody waited any more, is
 * released.
 */
#ifndef KGW_FRONT_IDEMPOTENCY_REDIS_H
#define KGW_FRONT_IDEMPOTENCY_REDIS_H

#include "gateway/base/metrics.h"
#include "gateway/base/random.h"
#include "gateway/front/idempotency_store.h"
#include "gateway/net/redis_script.h"

/* Bytes of results that may be on their way to Redis, or wait for the second attempt; past it they are dropped. */
#define IDEMPOTENCY_REDIS_BYTES_MAX (16u << 20)

struct idempotency_redis_conf {
    struct loop *loop;
    struct redis_client *redis; /* outlives the store */
    struct random *random;      /* seeded by the kernel: tokens are to be the only ones in the fleet */
    struct metrics *metrics;
    uint32_t timeout_ms, ttl_s;
};

struct idempotency_redis;

struct idempotency_redis *idempotency_redis_new(const struct idempotency_redis_conf *conf); /* NULL: out of memory */
/* Nobody asks or waits, and no claim is held. What is under way is cancelled. NULL-safe. */
void idempotency_redis_free(struct idempotency_redis **s);
struct idempotency_store *idempotency_redis_store(struct idempotency_redis *s); /* alive as long as the former */
size_t idempotency_redis_under_way(const struct idempotency_redis *s);          /* claims, asks and what is settled */

#endif
