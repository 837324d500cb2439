/* Gathers the workers' counters: a copy from each, taken between its turns, added up here. A silent worker ends the
 * wait. */
#include "gateway/control_parts.h"

#include <stdlib.h>

#define COLLECT_US 1000000u

struct collection {
    struct control *control;
    void (*done)(void *done_ctx, bool all_answered, const struct metrics *sum); /* NULL once called */
    void *done_ctx;
    struct timer timeout;
    struct metrics sum;
    size_t missing;
    struct worker_metrics parts[];
};

static void finish(struct collection *x, bool all_answered)
{
    void (*done)(void *, bool, const struct metrics *) = x->done;

    x->done = NULL;
    loop_timer_stop(x->control->loop, &x->timeout);
    if (done != NULL)
        done(x->done_ctx, all_answered, &x->sum);
}

static void on_timeout(void *ctx)
{
    finish(ctx, false);
}

static void on_part(struct worker_metrics *m)
{
    struct collection *x = m->ctx;

    metrics_add(&x->sum, &m->copy);
    if (--x->missing != 0)
        return;
    finish(x, true);
    free(x);
}

static void on_nobody(void *ctx)
{
    struct collection *x = ctx;

    finish(x, x->control->is_draining);
    free(x);
}

bool control_collect(void *ctx, void (*done)(void *done_ctx, bool all_answered, const struct metrics *sum),
                     void *done_ctx)
{
    struct control *c = ctx;
    struct collection *x = calloc(1, sizeof(*x) + c->workers_len * sizeof(struct worker_metrics));

    if (x == NULL)
        return false;
    x->control = c;
    x->done = done;
    x->done_ctx = done_ctx;
    x->sum = c->ended;
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
