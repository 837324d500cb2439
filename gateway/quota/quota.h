/*
 * A worker's door to its tenants' quotas: what the process's pool says at once, what Redis must be asked for, and each
 * tenant's own policy while Redis does not answer. One a worker, on its loop only.
 */
#ifndef KGW_QUOTA_QUOTA_H
#define KGW_QUOTA_QUOTA_H

#include "gateway/net/redis_script.h"
#include "gateway/quota/pool.h"

struct quota;

struct quota_conf {
    struct loop *loop;
    struct pool *pool;          /* the process's; outlives the worker */
    struct redis_client *redis; /* the worker's; NULL: the pool has the buckets themselves */
    struct pool *share;         /* with Redis: this gateway's part of the limits, for an outage; the process's, too */
    uint32_t timeout_ms;        /* a request waits no longer for Redis, and not at all for one that was just late */
    unsigned index, workers;    /* which of the process's workers hands back what */
};

struct quota *quota_new(const struct quota_conf *conf); /* NULL: out of memory */
void quota_free(struct quota **q);                      /* NULL-safe; nobody waits any more */

enum quota_verdict {
    QUOTA_GRANTED,
    QUOTA_REFUSED,     /* by `refused`, for `wait_us` */
    QUOTA_HOPELESS,    /* beyond what `refused` ever holds */
    QUOTA_UNAVAILABLE, /* Redis is away, and the tenant's policy is to refuse then */
};

enum quota_purse { QUOTA_PURSE_NONE, QUOTA_PURSE_POOL, QUOTA_PURSE_SHARE };

struct quota_grant {
    enum quota_verdict verdict;
    enum quota_dimension refused;
    uint64_t wait_us;
    enum quota_purse purse; /* that it was spent from */
    uint64_t lease;
    /* For counting: Redis was asked; it was asked ahead; a lease sufficed; the tenant's policy decided. */
    bool was_asked, was_asked_ahead, was_leased, is_outage;
};

/* A request's spending. Embedded in whoever spends; what it points to lives until `done` or quota_cancel(). */
struct quota_spending {
    struct span tenant;
    const struct quota_limits *limits;
    enum quota_outage on_outage;
    struct quota_cost cost;
    struct quota_grant grant; /* once decided */
    void (*done)(struct quota_spending *s);
    struct quota_asking *asking;
};

/*
 * True: decided at once, see s->grant. False: Redis is asked; s->done comes exactly once, later, within timeout_ms,
 * unless quota_cancel() is called before. All or nothing of the cost is spent.
 */
bool quota_spend(struct quota *q, struct quota_spending *s);
void quota_cancel(struct quota_spending *s); /* what is granted all the same is given back; no-op if not asked */

/* Of what was granted to `s`: records and bytes that certainly were not written. Once. */
void quota_give_back(struct quota *q, const struct quota_spending *s, const struct quota_cost *cost);
/* For the RateLimit field. 0 where there is no limit. */
void quota_room(struct quota *q, struct span tenant, const struct quota_limits *limits,
                struct quota_room room[QUOTA_DIMENSIONS]);
/* Nothing is spent any more: hands back to Redis what is left of the process's leases. One worker does it, at the end.
 */
void quota_hand_back(struct quota *q);
size_t quota_under_way(const struct quota *q); /* calls to Redis */

#endif
