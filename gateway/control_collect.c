/* Gathers the workers' counters: a copy from each, taken between its turns, added up here. A silent worker ends the
 * wait. */
#include "gateway/control_parts.h"

#include <stdlib.h>

#define COLLECT_US 1000000u

struct collection {
    struct control *control;
    admin_collected *done; /* NULL once called */
    void *done_ctx;
    struct timer timeout;
    struct metrics sum;
    struct tenant_counts *tenants;
    size_t missing;
    struct worker_metrics parts[];
};

static void free_collection(struct collection *x)
{
    for (size_t i = 0; i != x->control->workers_len; i++)
        tenant_counts_free(&x->parts[i].tenants);
    tenant_counts_free(&x->tenants);
    free(x);
}

static void finish(struct collection *x, bool all_answered)
{
    admin_collected *done = x->done;

    x->done = NULL;
    loop_timer_stop(x->control->loop, &x->timeout);
    if (done != NULL)
        done(x->done_ctx, all_answered, &x->sum, x->tenants);
}

static void on_timeout(void *ctx)
{
    finish(ctx, false);
}

static void on_part(struct worker_metrics *m)
{
    struct collection *x = m->ctx;

    metrics_add(&x->sum, &m->copy);
    tenant_counts_add(x->tenants, m->tenants);
    if (--x->missing != 0)
        return;
    finish(x, true);
    free_collection(x);
}

static void on_nobody(void *ctx)
{
    struct collection *x = ctx;

    finish(x, x->control->is_draining);
    free_collection(x);
}

/* With room for every worker's part. NULL: out of memory. */
static struct collection *make_collection(struct control *c)
{
    struct collection *x = calloc(1, sizeof(*x) + c->workers_len * sizeof(struct worker_metrics));

    if (x == NULL)
        return NULL;
    x->control = c;
    x->tenants = tenant_counts_new(c->ended_tenants->roll);
    bool is_whole = x->tenants != NULL;
    for (size_t i = 0; i != c->workers_len; i++)
        is_whole &= (x->parts[i].tenants = tenant_counts_new(c->ended_tenants->roll)) != NULL;
    if (is_whole)
        return x;
    free_collection(x);
    return NULL;
}

bool control_collect(void *ctx, admin_collected *done, void *done_ctx)
{
    struct control *c = ctx;
    struct collection *x = make_collection(c);

    if (x == NULL)
        return false;
    x->done = done;
    x->done_ctx = done_ctx;
    x->sum = c->ended;
    tenant_counts_add(x->tenants, c->ended_tenants);
    for (size_t i = 0; i != c->workers_len; i++) {
        if (c->workers[i] == NULL)
            continue;
        struct worker_metrics *m = &x->parts[x->missing++];
        m->done = on_part;
        m->ctx = x;
        worker_collect(c->workers[i], m);
    }
    timer_init(&x->timeout, x->missing != 0 ? on_timeout : on_nobody, x);
    loop_timer_start(c->loop, &x->timeout, x->missing != 0 ? COLLECT_US : 0);
    return true;
}

struct admin_readiness control_readiness(void *ctx)
{
    const struct control *c = ctx;

    return (struct admin_readiness){
        .is_draining = c->is_draining,
        .has_no_snapshot = c->snapshot == NULL || c->snapshot->keyring == NULL || c->workers_started != c->workers_len,
        .has_no_credentials = c->creds == NULL || aws_creds_expires_s(c->creds) <= loop_unix_ms(c->loop) / 1000,
    };
}
