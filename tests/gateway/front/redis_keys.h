/* Callers with keys, and a store of them in the Redis of virtual time. */
#ifndef KGW_TESTS_GATEWAY_FRONT_REDIS_KEYS_H
#define KGW_TESTS_GATEWAY_FRONT_REDIS_KEYS_H

#include "gateway/front/idempotency_redis.h"
#include "tests/auth/check.h"
#include "tests/lib/fake_loop.h"
#include "tests/lib/fake_redis.h"

#define KEY_NAME   "kgw:idem:acme:orders:1"
#define TIMEOUT_US 20000
#define RETRY_US   1000000
#define RESULTS    "w01:a1:b0:"

struct fleet {
    struct loop *loop;
    struct redis_client redis;
    struct random random;
    struct metrics metrics;
    uint64_t hold_us; /* of the claims asked for */
    struct idempotency_redis *redis_store;
    struct idempotency_store *store;
};

static inline void fleet_init(struct fleet *f)
{
    *f = (struct fleet){.loop = loop_new(), .hold_us = 60000000};
    fake_redis_init(&f->redis, f->loop);
    random_seed(&f->random, 3);
    f->redis_store = idempotency_redis_new(&(struct idempotency_redis_conf){.loop = f->loop,
                                                                            .redis = &f->redis,
                                                                            .random = &f->random,
                                                                            .metrics = &f->metrics,
                                                                            .timeout_ms = TIMEOUT_US / 1000,
                                                                            .ttl_s = 3600});
    f->store = idempotency_redis_store(f->redis_store);
}

static inline void fleet_clear(struct fleet *f)
{
    idempotency_redis_free(&f->redis_store);
    assert_true(list_is_empty(&f->redis.under_way));
    loop_free(&f->loop);
}

static inline const char *state_of_key(struct fleet *f)
{
    return fake_idempotency_state(&f->redis.idempotency, KEY_NAME, (uint64_t)loop_unix_ms(f->loop));
}

struct asker {
    struct recall recall;
    enum recall_verdict verdict;
    bool is_kept;
    unsigned told, kept; /* callbacks */
};

static inline void on_told(struct recall *r, enum recall_verdict verdict)
{
    struct asker *a = LIST_ENTRY(r, struct asker, recall);

    a->told++;
    a->verdict = verdict;
}

static inline void on_kept(struct recall *r, bool is_kept)
{
    struct asker *a = LIST_ENTRY(r, struct asker, recall);

    a->kept++;
    a->is_kept = is_kept;
}

static inline bool start_asking(struct fleet *f, struct asker *a)
{
    *a = (struct asker){
        .verdict = RECALL_VERDICTS,
        .recall = {.loop = f->loop, .name = SPAN(KEY_NAME), .hold_us = 60000000, .done = on_told, .kept = on_kept}};
    buf_init(&a->recall.results, 4096);
    assert_int_equal(recall_try(f->store, &a->recall), RECALL_WAIT);
    bool ok = recall_ask(f->store, &a->recall);
    assert_int_equal(a->told, 0);
    return ok;
}

/* The verdict, within one round trip. */
static inline enum recall_verdict ask_for(struct fleet *f, struct asker *a)
{
    assert_true(start_asking(f, a));
    fake_loop_pass(f->loop, TIMEOUT_US);
    return a->verdict;
}

static inline void asker_clear(struct asker *a)
{
    buf_clear(&a->recall.results);
}

static inline enum recall_kept finish_with(struct fleet *f, struct asker *a, struct span text)
{
    struct buf results;

    buf_init(&results, UINT32_MAX);
    buf_append(&results, text);
    enum recall_kept kept = recall_finish(f->store, &a->recall, &results, true);
    assert_null(results.ptr);
    assert_int_equal(a->kept, 0);
    return kept;
}

#endif
