/*
 * What a bucket must do, told once for bucket.c and for bucket.lua: a door takes an ask at a time, whoever answers.
 */
#ifndef KGW_TESTS_QUOTA_STORIES_H
#define KGW_TESTS_QUOTA_STORIES_H

#include "gateway/quota/bucket.h"

#define STORY_START_US 1772323140000000u /* 2026-02-28 23:59:00 UTC */

struct door {
    void (*take)(void *ctx, const char *tenant, const struct quota_limits *l, const struct quota_ask *ask,
                 uint64_t now_us, struct quota_reply *reply);
    void *ctx;
};

/* Each story is a tenant of its own. Fails the test with the story's name and the step's sentence. */
void stories_run(const struct door *door);

#endif
