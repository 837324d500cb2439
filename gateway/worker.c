/*
 * The worker's thread and its posts, to control and from it; nothing of a worker is touched by another thread but
 * these.
 */
#include "gateway/worker_parts.h"

#include <stdio.h>
#include <stdlib.h>

#define DRAIN_CHECK_US 20000u

/* Posts to control */

static void run_started(struct post *p)
{
    struct worker *w = LIST_ENTRY(p, struct worker, started);

    w->init.on_started(w->init.ctx, w, w->error[0] != '\0' ? w->error : NULL);
}

static void run_drained(struct post *p)
{
    struct worker *w = LIST_ENTRY(p, struct worker, drained);

    w->init.on_drained(w->init.ctx, w);
}

static void run_refused(struct post *p)
{
    struct worker *w = LIST_ENTRY(p, struct worker, refused);

    w->init.on_creds_refused(w->init.ctx, w, w->refused_serial);
}

void worker_creds_refused(void *worker, uint64_t serial)
{
    struct worker *w = worker;

    if (w->is_refreshing)
        return;
    w->is_refreshing = true;
    w->refused_serial = serial;
    loop_post(w->init.control, &w->refused);
}

/* Posts from control */

struct snapshot_post {
    struct post post;
    struct worker *worker;
    struct snapshot *snapshot;
};

static void run_set_snapshot(struct post *p)
{
    struct snapshot_post *m = (struct snapshot_post *)p;

    (void)front_set_snapshot(&m->worker->front,
                             m->snapshot); /* without memory the previous one stays, until the next */
    snapshot_release(&m->snapshot);
    free(m);
}

bool worker_set_snapshot(struct worker *w, struct snapshot *s)
{
    struct snapshot_post *m = calloc(1, sizeof(*m));

    if (m == NULL)
        return false;
    snapshot_acquire(s);
    *m = (struct snapshot_post){.post.run = run_set_snapshot, .worker = w, .snapshot = s};
    loop_post(w->loop, &m->post);
    return true;
}

struct creds_post {
    struct post post;
    struct worker *worker;
    struct aws_creds *creds; /* NULL: there are none to be had; ask again */
};

static void run_set_creds(struct post *p)
{
    struct creds_post *m = (struct creds_post *)p;

    m->worker->is_refreshing = false;
    if (m->creds != NULL)
        sender_set_creds(&m->worker->sender, m->creds);
    aws_creds_release(&m->creds);
    free(m);
}

bool worker_set_creds(struct worker *w, struct aws_creds *c)
{
    struct creds_post *m = calloc(1, sizeof(*m));

    if (m == NULL)
        return false;
    if (c != NULL)
        aws_creds_acquire(c);
    *m = (struct creds_post){.post.run = run_set_creds, .worker = w, .creds = c};
    loop_post(w->loop, &m->post);
    return true;
}

struct tls_post {
    struct post post;
    struct worker *worker;
    size_t listener;
    struct tls_setup *tls;
};

static void run_set_tls(struct post *p)
{
    struct tls_post *m = (struct tls_post *)p;

    server_set_tls(m->worker->server, m->listener, m->tls);
    tls_setup_release(&m->tls);
    free(m);
}

bool worker_set_tls(struct worker *w, size_t listener, struct tls_setup *tls)
{
    struct tls_post *m = calloc(1, sizeof(*m));

    if (m == NULL)
        return false;
    tls_setup_acquire(tls);
    *m = (struct tls_post){.post.run = run_set_tls, .worker = w, .listener = listener, .tls = tls};
    loop_post(w->loop, &m->post);
    return true;
}

static void run_drain(struct post *p)
{
    struct worker *w = LIST_ENTRY(p, struct worker, drain);

    w->front.is_draining = true;
    server_close_after_answers(w->server);
}

void worker_drain(struct worker *w)
{
    loop_post(w->loop, &w->drain);
}

/* Tells control once no connection, request or put is left. The loop goes on: control may have posts on their way. */
static void on_drain_check(void *ctx)
{
    struct worker *w = ctx;

    server_close_idle(w->server);
    bool is_done = server_connections(w->server) == 0 && w->front.tickets_in_use == 0;
    if (is_done && !w->has_handed_back) {
        w->has_handed_back = true;
        quota_hand_back(w->quota); /* what others still need they ask for again */
    }
    if (is_done && quota_under_way(w->quota) == 0 && !worker_is_settling(w))
        loop_post(w->init.control, &w->drained);
    else
        loop_timer_start(w->loop, &w->drain_check, DRAIN_CHECK_US);
}

static void run_quit(struct post *p)
{
    loop_stop(LIST_ENTRY(p, struct worker, quit)->loop);
}

static void run_stop_listening(struct post *p)
{
    struct worker *w = LIST_ENTRY(p, struct worker, stop_listening);

    server_stop_listening(w->server);
    on_drain_check(w);
}

void worker_stop_listening(struct worker *w)
{
    loop_post(w->loop, &w->stop_listening);
}

static void run_collected(struct post *p)
{
    struct worker_metrics *m = (struct worker_metrics *)p;

    m->done(m);
}

static void run_collect(struct post *p)
{
    struct worker_metrics *m = (struct worker_metrics *)p;

    m->copy = m->worker->metrics;
    tenant_counts_add(m->tenants, m->worker->tenants);
    memcpy(m->copy.stage_ns, loop_stages(m->worker->loop)->ns, sizeof(m->copy.stage_ns));
    m->post.run = run_collected;
    loop_post(m->worker->init.control, &m->post);
}

void worker_collect(struct worker *w, struct worker_metrics *m)
{
    m->post.run = run_collect;
    m->worker = w;
    loop_post(w->loop, &m->post);
}

/* Life */

static void *run_worker(void *ctx)
{
    struct worker *w = ctx;

    if (worker_build(w)) {
        loop_post(w->init.control, &w->started);
        loop_run(w->loop);
    } else {
        if (w->error[0] == '\0')
            snprintf(w->error, sizeof(w->error), "out of memory");
        loop_post(w->init.control, &w->started);
    }
    worker_take_apart(w);
    return NULL;
}

struct worker *worker_new(const struct worker_init *init)
{
    struct worker *w = calloc(1, sizeof(*w));

    if (w == NULL)
        return NULL;
    w->init = *init;
    w->started.run = run_started;
    w->drained.run = run_drained;
    w->quit.run = run_quit;
    w->refused.run = run_refused;
    w->drain.run = run_drain;
    w->stop_listening.run = run_stop_listening;
    timer_init(&w->drain_check, on_drain_check, w);
    w->loop = loop_new();
    w->log = log_ring_new(init->log, (size_t)init->conf->log_ring_bytes);
    w->tenants = tenant_counts_new(init->roll);
    if (w->loop == NULL || w->log == NULL || w->tenants == NULL) {
        loop_free(&w->loop);
        tenant_counts_free(&w->tenants);
        free(w);
        return NULL;
    }
    snapshot_acquire(w->init.snapshot);
    if (w->init.creds != NULL)
        aws_creds_acquire(w->init.creds);
    return w;
}

struct sender_peer worker_peer(struct worker *w)
{
    return (struct sender_peer){w->loop, &w->sender};
}

bool worker_run(struct worker *w, const struct sender_peer *peers)
{
    w->peers = peers;
    return pthread_create(&w->thread, NULL, run_worker, w) == 0;
}

void worker_free(struct worker **w, struct metrics *sum, struct tenant_counts *tenants)
{
    struct worker *gone = *w;

    if (gone == NULL)
        return;
    *w = NULL;
    if (gone->error[0] == '\0')
        loop_post(gone->loop, &gone->quit);
    pthread_join(gone->thread, NULL);
    metrics_add(sum, &gone->metrics);
    tenant_counts_add(tenants, gone->tenants);
    tenant_counts_free(&gone->tenants);
    loop_free(&gone->loop);
    free(gone);
}
