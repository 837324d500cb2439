/* The verbs of a pool: each takes its tenant's lock, does its arithmetic in lease.c or bucket.c, and gives it back. */
#include "gateway/quota/pool.h"

#include "gateway/quota/pool_table.h"

#include <assert.h>
#include <stdlib.h>

struct pool {
    struct pool_table *table;
    bool has_store;
    uint64_t longest_us;
    _Atomic uint64_t gateways;
};

/* With a store its bucket is there; without one only a bucket that is as good as new may go. */
static bool may_forget_lease(const struct pool_tenant *t, uint64_t unix_us)
{
    (void)t;
    (void)unix_us;
    return true;
}

static bool may_forget_bucket(const struct pool_tenant *t, uint64_t unix_us)
{
    return bucket_is_full(&t->bucket, &t->limits, unix_us);
}

struct pool *pool_new(const struct pool_conf *conf)
{
    struct pool *p = calloc(1, sizeof(*p));

    assert(conf->lease_longest_us <= POOL_LEASE_LONGEST_US);
    if (p == NULL)
        return NULL;
    p->has_store = conf->has_store;
    p->longest_us = conf->lease_longest_us;
    p->gateways = 1;
    p->table = pool_table_new(conf->tenants_max, conf->seed, conf->has_store ? may_forget_lease : may_forget_bucket);
    if (p->table == NULL)
        pool_free(&p);
    return p;
}

void pool_free(struct pool **p)
{
    struct pool *gone = *p;

    *p = NULL;
    if (gone == NULL)
        return;
    pool_table_free(&gone->table);
    free(gone);
}

uint64_t pool_gateways(const struct pool *p)
{
    return p->gateways;
}

void pool_set_gateways(struct pool *p, uint64_t gateways)
{
    p->gateways = gateways;
}

static struct lease_conf lease_conf_of(struct pool *p)
{
    return (struct lease_conf){p->longest_us, p->gateways};
}

/* With the lock held, also where there is no memory and NULL is returned. */
static struct pool_tenant *hold(struct pool *p, struct span tenant, const struct quota_limits *limits, bool add,
                                struct pool_now now)
{
    struct pool_tenant *t = pool_table_lock(p->table, tenant, add, now.unix_us);

    if (t == NULL)
        return NULL;
    if (p->has_store && !quota_limits_equal(&t->limits, limits))
        lease_limits_changed(&t->lease);
    t->limits = *limits;
    if (p->has_store)
        lease_settle(&t->lease, now.steady_us);
    return t;
}

static void refuse(struct pool_answer *answer, enum quota_dimension d, uint64_t wait_us)
{
    answer->verdict = POOL_REFUSED;
    answer->refused = d;
    answer->wait_us = wait_us;
}

static void try_bucket(struct pool_tenant *t, const struct quota_cost *cost, struct pool_now now,
                       struct pool_answer *answer)
{
    struct quota_ask ask = {.need = *cost, .want = *cost};
    struct quota_reply reply;

    bucket_take(&t->bucket, &t->limits, &ask, now.unix_us, &reply);
    if (reply.refused != QUOTA_NO_DIMENSION)
        refuse(answer, reply.refused, reply.wait_us);
}

static void try_lease(struct pool_tenant *t, const struct lease_conf *conf, const struct quota_cost *cost,
                      struct pool_answer *answer)
{
    uint64_t wait_us;

    if (lease_spend(&t->lease, &t->limits, cost, &answer->lease)) {
        answer->is_ask_ahead = lease_ask_ahead(&t->lease, conf, &t->limits, &answer->ask);
        return;
    }
    if (lease_refuses(&t->lease, &t->limits, cost, &wait_us)) {
        refuse(answer, t->lease.refused, wait_us);
        return;
    }
    answer->verdict = POOL_MUST_ASK;
    lease_ask(&t->lease, conf, &t->limits, cost, &answer->ask);
}

/* Redis can say all that memory here is missing for. */
static void try_without_memory(struct pool *p, const struct quota_cost *cost, struct pool_now now,
                               struct pool_answer *answer)
{
    answer->verdict = p->has_store ? POOL_MUST_ASK : POOL_NO_MEMORY;
    answer->ask = (struct lease_ask){.asked_us = now.steady_us, .quota = {.need = *cost, .want = *cost}};
}

void pool_try(struct pool *p, struct span tenant, const struct quota_limits *limits, const struct quota_cost *cost,
              struct pool_now now, struct pool_answer *answer)
{
    struct lease_conf conf = lease_conf_of(p);
    enum quota_dimension hopeless = quota_hopeless(limits, cost);

    *answer = (struct pool_answer){.verdict = POOL_GRANTED, .refused = QUOTA_NO_DIMENSION};
    if (!quota_has_any(limits))
        return;
    if (hopeless != QUOTA_NO_DIMENSION) {
        answer->verdict = POOL_HOPELESS;
        answer->refused = hopeless;
        return;
    }
    struct pool_tenant *t = hold(p, tenant, limits, true, now);
    if (t == NULL)
        try_without_memory(p, cost, now, answer);
    else if (p->has_store)
        try_lease(t, &conf, cost, answer);
    else
        try_bucket(t, cost, now, answer);
    pool_table_unlock(p->table, tenant);
}

void pool_put(struct pool *p, struct span tenant, const struct quota_limits *limits, const struct lease_ask *ask,
              const struct quota_reply *reply, struct pool_now now, struct pool_answer *answer)
{
    struct pool_tenant *t = hold(p, tenant, limits, true, now);

    assert(p->has_store);
    *answer = (struct pool_answer){.verdict = POOL_GRANTED, .refused = QUOTA_NO_DIMENSION};
    if (t != NULL)
        lease_put(&t->lease, limits, ask, reply);
    if (reply->refused != QUOTA_NO_DIMENSION) {
        uint64_t wait_us = reply->wait_us;
        if (t != NULL)
            lease_refuses(&t->lease, limits, &ask->quota.need, &wait_us);
        refuse(answer, reply->refused, wait_us);
    }
    pool_table_unlock(p->table, tenant);
}

void pool_fail(struct pool *p, struct span tenant, const struct lease_ask *ask, bool was_sent)
{
    struct pool_tenant *t = pool_table_lock(p->table, tenant, false, 0);

    assert(p->has_store);
    if (t != NULL)
        lease_fail(&t->lease, ask, was_sent);
    pool_table_unlock(p->table, tenant);
}

void pool_give_back(struct pool *p, struct span tenant, const struct quota_limits *limits, uint64_t lease,
                    const struct quota_cost *cost, struct pool_now now)
{
    struct quota_cost back = {.records = cost->records, .bytes = cost->bytes};

    if (!quota_has_any(limits))
        return;
    struct pool_tenant *t = hold(p, tenant, limits, p->has_store, now);
    if (t != NULL && p->has_store)
        lease_give_back(&t->lease, lease, &back);
    if (t != NULL && !p->has_store)
        bucket_give_back(&t->bucket, limits, &back, now.unix_us);
    pool_table_unlock(p->table, tenant);
}

void pool_remaining(struct pool *p, struct span tenant, const struct quota_limits *limits, struct pool_now now,
                    struct quota_room room[QUOTA_DIMENSIONS])
{
    static const struct quota_bucket untouched;
    struct pool_tenant *t = hold(p, tenant, limits, false, now);

    if (t != NULL && p->has_store)
        lease_remaining(&t->lease, limits, room);
    else
        bucket_remaining(t == NULL ? &untouched : &t->bucket, limits, now.unix_us, room);
    pool_table_unlock(p->table, tenant);
}

static bool take_leftover(struct pool *p, struct pool_tenant *t, struct pool_now now, bool is_ending,
                          struct pool_leftover *out)
{
    lease_settle(&t->lease, now.steady_us);
    struct lease_owed owed = lease_take_owed(&t->lease, &t->limits, is_ending);
    if (quota_is_nothing(&owed.give) && quota_is_nothing(&owed.late))
        return false;
    out->owed = owed;
    out->limits = t->limits;
    out->lease_us = quota_lease_us(&t->limits, p->longest_us);
    out->tenant_len = t->name_len;
    memcpy(out->tenant, t->name, t->name_len);
    return true;
}

size_t pool_drain(struct pool *p, unsigned stripe, struct pool_now now, bool is_ending, struct pool_leftover *out,
                  size_t max)
{
    size_t len = 0;

    if (!p->has_store)
        return 0;
    struct list *all = pool_table_lock_stripe(p->table, stripe);
    for (struct list *at = all->next; at != all && len < max; at = at->next)
        len += take_leftover(p, LIST_ENTRY(at, struct pool_tenant, used), now, is_ending, &out[len]);
    pool_table_unlock_stripe(p->table, stripe);
    return len;
}

size_t pool_tenants(struct pool *p)
{
    return pool_table_len(p->table);
}
