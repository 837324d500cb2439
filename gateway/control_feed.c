/*
 * What control feeds the workers with: snapshots of keys and streams, credentials, certificates. A file that cannot be
 * read or is wrong changes nothing: the gateway goes on with what it has, and says so.
 */
#include "gateway/control_parts.h"

#include "gateway/creds/creds.h"

#define WATCH_US       500000u
#define CREDS_RETRY_US 5000000u
#define CREDS_EARLY_S  900 /* refreshed this long before they expire */

/* Credentials */

static void publish_creds(struct control *c)
{
    for (size_t i = 0; i != c->workers_len; i++)
        if (c->workers[i] != NULL)
            (void)worker_set_creds(c->workers[i], c->creds);
}

static void plan_next_fetch(struct control *c)
{
    int64_t now_s = loop_unix_ms(c->loop) / 1000;

    if (c->creds_failed) {
        loop_timer_start(c->loop, &c->creds_timer, CREDS_RETRY_US);
        return;
    }
    if (aws_creds_expires_s(c->creds) == INT64_MAX)
        return;
    int64_t in_s = aws_creds_expires_s(c->creds) - CREDS_EARLY_S - now_s;
    loop_timer_start(c->loop, &c->creds_timer, in_s > 5 ? (uint64_t)in_s * 1000000 : CREDS_RETRY_US);
}

void control_fetch_creds(struct control *c)
{
    char error[CREDS_ERROR_BYTES];
    const struct creds_source *source = creds_pick(&c->conf->creds);
    struct aws_creds *fresh = source->fetch(&c->conf->creds, error);

    if (fresh == NULL && !c->creds_failed)
        control_event(c, "credentials failed", "error", error);
    c->creds_failed = fresh == NULL;
    if (fresh != NULL) {
        aws_creds_release(&c->creds);
        c->creds = fresh;
        control_event(c, "credentials read", "source", source->name);
    }
    plan_next_fetch(c);
    publish_creds(c);
}

void control_on_creds_due(void *ctx)
{
    control_fetch_creds(ctx);
}

/* Several workers may ask about the same ones: those that another's question has replaced already are not fetched
 * again. */
void control_on_creds_refused(void *ctx, struct worker *w, uint64_t serial)
{
    struct control *c = ctx;

    if (c->creds != NULL && aws_creds_serial(c->creds) != serial)
        (void)worker_set_creds(w, c->creds);
    else
        control_fetch_creds(c);
}

/* Snapshots */

static void publish_snapshot(struct control *c, struct snapshot *s)
{
    snapshot_release(&c->snapshot);
    c->snapshot = s;
    for (size_t i = 0; i != c->workers_len; i++)
        if (c->workers[i] != NULL && !worker_set_snapshot(c->workers[i], s))
            control_event(c, "reload failed", "error", "out of memory");
}

static const struct conf *newest_conf(const struct control *c)
{
    return c->reloaded != NULL ? c->reloaded : c->conf;
}

static bool load_snapshot(struct control *c, const struct conf *conf)
{
    char error[CONF_ERROR_BYTES];

    tenants_file_init(&c->tenants_file,
                      conf->tenants_file); /* before it is read: what changes meanwhile is seen later */
    struct snapshot *s = conf_load_snapshot(conf, error);

    if (s == NULL) {
        control_event(c, "reload failed", "error", error);
        return false;
    }
    publish_snapshot(c, s);
    control_event(c, "reloaded", NULL, NULL);
    return true;
}

static void reload_tls(struct control *c)
{
    for (size_t i = 0; i != c->workers_len; i++)
        if (c->workers[i] != NULL)
            (void)worker_reload_tls(c->workers[i], c->conf);
}

void control_reload(struct control *c)
{
    char error[CONF_ERROR_BYTES];
    struct conf *loaded = conf_load(c->path, c->environ_, error);

    log_reopen(c->log);
    if (loaded == NULL) {
        control_event(c, "reload failed", "error", error);
        return;
    }
    const char *restart = conf_first_restart_difference(c->conf, loaded);
    if (restart != NULL)
        control_event(c, "setting needs a restart", "setting", restart);
    if (!load_snapshot(c, loaded)) {
        conf_free(&loaded);
        tenants_file_init(&c->tenants_file, newest_conf(c)->tenants_file);
        return;
    }
    conf_free(&c->reloaded); /* the snapshot has copies of all it needs */
    c->reloaded = loaded;
    reload_tls(c);
    control_fetch_creds(c);
}

static void on_watch(void *ctx)
{
    struct control *c = ctx;

    if (tenants_file_changed(&c->tenants_file))
        load_snapshot(c, newest_conf(c));
    loop_timer_start(c->loop, &c->watch, WATCH_US);
}

void control_watch_begin(struct control *c)
{
    timer_init(&c->watch, on_watch, c);
    loop_timer_start(c->loop, &c->watch, WATCH_US);
}

void control_watch_end(struct control *c)
{
    loop_timer_stop(c->loop, &c->watch);
    loop_timer_stop(c->loop, &c->creds_timer);
}

void control_free_retired(struct control *c)
{
    conf_free(&c->reloaded);
}
