/* The states of a key as a store shows them, whichever it is: stories for every transition, told through a door. */
#ifndef KGW_TESTS_GATEWAY_FRONT_RECALL_STORIES_H
#define KGW_TESTS_GATEWAY_FRONT_RECALL_STORIES_H

#include "gateway/front/idempotency_store.h"

#define STORY_PASS_US 200000 /* longer than a short claim, or a short memory */

struct recall_door {
    struct idempotency_store *stores[2]; /* of two gateways, or twice the same; on one loop */
    struct loop *loop;
    void (*pass)(void *ctx, uint64_t us);
    /* Until it is so; fails when that takes long. */
    void (*until)(void *ctx, bool (*is_so)(void *arg), void *arg);
    void *ctx;
};

void recall_stories_run(const struct recall_door *door);

#endif
