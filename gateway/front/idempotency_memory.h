/*
 * The store of a process without another: keys in its memory, shared by its workers, gone when it ends. In stripes,
 * each with a lock that is held for one look or one settling; a call that waits for another is woken on its own loop.
 */
#ifndef KGW_FRONT_IDEMPOTENCY_MEMORY_H
#define KGW_FRONT_IDEMPOTENCY_MEMORY_H

#include "gateway/front/idempotency_store.h"

struct idempotency_memory_conf {
    uint32_t ttl_s;
    uint64_t entries_max, bytes_max;
};

struct idempotency_memory;

/* `seed`: a random one, against names chosen to share a bucket. NULL: out of memory. */
struct idempotency_memory *idempotency_memory_new(const struct idempotency_memory_conf *conf, uint64_t seed);
/* No recall is claimed or asked, and every loop has run what was posted to it. NULL-safe. */
void idempotency_memory_free(struct idempotency_memory **m);
/* For any thread; alive as long as the memory. */
struct idempotency_store *idempotency_memory_store(struct idempotency_memory *m);

#endif
