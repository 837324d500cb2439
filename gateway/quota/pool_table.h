/*
 * The pool's tenants: a hash table in stripes, each with its lock and its order of use. Only pool.c includes this.
 */
#ifndef KGW_QUOTA_POOL_TABLE_H
#define KGW_QUOTA_POOL_TABLE_H

#include "auth/bytes.h"
#include "gateway/base/list.h"
#include "gateway/quota/lease.h"

struct pool_tenant {
    struct pool_tenant *next; /* in its slot */
    struct list used;         /* the one used last is at the end */
    uint64_t hash;
    struct quota_limits limits; /* as of the last use */
    union {
        struct quota_bucket bucket; /* without a store */
        struct lease lease;         /* with one */
    };
    size_t name_len;
    char name[];
};

struct pool_table;

/* Says whether a tenant that was not used for longest may be forgotten. Called with its stripe's lock held. */
typedef bool pool_table_forget(const struct pool_tenant *t, uint64_t unix_us);

struct pool_table *pool_table_new(size_t tenants_max, uint64_t seed, pool_table_forget *may_forget);
void pool_table_free(struct pool_table **t);
/* Takes the lock of the tenant's stripe, and finds the tenant or, with `add`, makes one of zeros. NULL if there is
 * none; the lock is held all the same. */
struct pool_tenant *pool_table_lock(struct pool_table *t, struct span name, bool add, uint64_t unix_us);
void pool_table_unlock(struct pool_table *t, struct span name);
/* A stripe's tenants, for going through them: LIST_ENTRY(…, struct pool_tenant, used), the one not used for longest
 * first. */
struct list *pool_table_lock_stripe(struct pool_table *t, unsigned stripe);
void pool_table_unlock_stripe(struct pool_table *t, unsigned stripe);
size_t pool_table_len(struct pool_table *t);

#endif
