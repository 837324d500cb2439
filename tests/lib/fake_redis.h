/*
 * Redis in virtual time: the symbols of gateway/net/redis_script.h, and redis_is_prompt(). The scripts it knows are the
 * quota's, which it carries out in C on buckets of its own, one a tenant, and that of idempotency keys.
 */
#ifndef KGW_TESTS_LIB_FAKE_REDIS_H
#define KGW_TESTS_LIB_FAKE_REDIS_H

#include "gateway/net/redis_script.h"
#include "gateway/quota/bucket.h"
#include "tests/lib/fake_idempotency.h"

#define FAKE_REDIS_TENANTS 8

enum fake_redis_fate {
    FAKE_REDIS_ANSWERS,
    FAKE_REDIS_AWAY,    /* a call is not even started */
    FAKE_REDIS_SILENT,  /* carried out or not, no answer comes in time */
    FAKE_REDIS_LOST,    /* the connection ends */
    FAKE_REDIS_GARBAGE, /* an answer of another script */
    FAKE_REDIS_ERROR,   /* "OOM …" */
};

struct redis_client {
    struct loop *loop;
    enum fake_redis_fate fate;
    uint64_t delay_us;
    unsigned calls;
    bool was_silent; /* when it was last waited for */
    struct list under_way;
    struct {
        char key[96];
        struct quota_bucket bucket;
    } tenants[FAKE_REDIS_TENANTS];
    struct fake_idempotency idempotency;
};

void fake_redis_init(struct redis_client *r, struct loop *l);

#endif
