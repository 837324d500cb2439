/*
 * What the process holds of its tenants' quotas, shared by its workers: with Redis behind it, leases; without, the
 * buckets themselves, which then are exact. Tenants are spread over stripes, each under its own lock, which is held for
 * arithmetic only. Every function may be called on any thread; none blocks for longer, and none keeps its arguments.
 */
#ifndef KGW_QUOTA_POOL_H
#define KGW_QUOTA_POOL_H

#include "auth/bytes.h"
#include "gateway/quota/lease.h"

#define POOL_STRIPES          64
#define POOL_NAME_BYTES_MAX   64
#define POOL_LEASE_LONGEST_US 1000000u

struct pool;

struct pool_conf {
    bool has_store;            /* Redis; false: the quotas hold in this process alone */
    uint64_t lease_longest_us; /* at most POOL_LEASE_LONGEST_US */
    /* Tenants remembered. Who was idle longest is forgotten: with a store always, and with it what it had on lease;
     * else only if its bucket is full again, so that without a store there may be more, as many as there are tenants.
     */
    size_t tenants_max;
    uint64_t seed; /* of the hash: names are not ours */
};

/* Both clocks of the caller's loop. Leases and refusals are timed by the steady one, buckets of the process by the
 * other, as they have a calendar. */
struct pool_now {
    uint64_t steady_us, unix_us;
};

enum pool_verdict {
    POOL_GRANTED,
    POOL_REFUSED,   /* `refused` and `wait_us` say what by, and for how long */
    POOL_MUST_ASK,  /* `ask` is for Redis; then pool_put() or pool_fail(), exactly once */
    POOL_HOPELESS,  /* beyond what `refused` can ever hold */
    POOL_NO_MEMORY, /* only without a store */
};

struct pool_answer {
    enum pool_verdict verdict;
    enum quota_dimension refused;
    uint64_t wait_us;
    uint64_t lease;    /* when granted: to be told to pool_give_back() */
    bool is_ask_ahead; /* when granted: `ask` should be sent too, though nobody waits for it; then as with MUST_ASK */
    struct lease_ask ask;
};

struct pool *pool_new(const struct pool_conf *conf); /* NULL: out of memory. One gateway, until told otherwise */
void pool_free(struct pool **p);                     /* no thread may use it any more */
/* As many gateways share each quota: leases get smaller. */
void pool_set_gateways(struct pool *p, uint64_t gateways);
uint64_t pool_gateways(const struct pool *p);

/* Spends `cost` of the tenant's quota, if that can be said at once. `limits` are the tenant's as they are now. */
void pool_try(struct pool *p, struct span tenant, const struct quota_limits *limits, const struct quota_cost *cost,
              struct pool_now now, struct pool_answer *answer);
/* What Redis replied to an ask: says whether its need was granted, and then is spent, or refused. */
void pool_put(struct pool *p, struct span tenant, const struct quota_limits *limits, const struct lease_ask *ask,
              const struct quota_reply *reply, struct pool_now now, struct pool_answer *answer);
/* There will be no reply to an ask: nothing is granted. `was_sent`: Redis may have got it. */
void pool_fail(struct pool *p, struct span tenant, const struct lease_ask *ask, bool was_sent);

/*
 * Records and bytes that were granted, and certainly not written; the request itself stays spent. Once for each grant,
 * with the `lease` of its answer. What was spent from a lease that has ended, or without one, is handed back with the
 * next ask, and fills the bucket to no more than full.
 */
void pool_give_back(struct pool *p, struct span tenant, const struct quota_limits *limits, uint64_t lease,
                    const struct quota_cost *cost, struct pool_now now);
/* For the RateLimit field: as good as is known here. 0 where there is no limit. */
void pool_remaining(struct pool *p, struct span tenant, const struct quota_limits *limits, struct pool_now now,
                    struct quota_room room[QUOTA_DIMENSIONS]);

/* What is to be handed back to Redis and waits for an ask that may not come: an ask with these alone. */
struct pool_leftover {
    struct lease_owed owed;
    struct quota_limits limits;
    uint64_t lease_us; /* for the ask */
    size_t tenant_len;
    char tenant[POOL_NAME_BYTES_MAX];
};

/*
 * Takes leftovers of one stripe's tenants, at most `max`; call it again for this stripe as long as it fills `out`. Once
 * a second for what has ended; with `is_ending`, when nothing is spent any more, for all.
 */
size_t pool_drain(struct pool *p, unsigned stripe, struct pool_now now, bool is_ending, struct pool_leftover *out,
                  size_t max);
size_t pool_tenants(struct pool *p);

#endif
