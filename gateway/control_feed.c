/*
 * What control feeds the workers with: snapshots of keys and streams, credentials, certificates. A file that cannot be
 * read or is wrong changes nothing: the gateway goes on with what it has, and says so.
 */
#include "gateway/control_parts.h"

#include "gateway/creds/creds.h"

#define WATCH_US       500000u
#define RETRY_US       2000000u /* after a file that could not be read or used */
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
    c->creds_fetched_us = loop_now_us(c->loop);
    if (fresh != NULL && c->creds != NULL && aws_creds_equal(fresh, c->creds)) {
        aws_creds_release(&fresh); /* what was derived from the old ones is still good */
    } else if (fresh != NULL) {
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

void control_publish_snapshot(struct control *c, struct snapshot *s)
{
    snapshot_release(&c->snapshot);
    c->snapshot = s;
    for (size_t i = 0; i != c->workers_len; i++)
        if (c->workers[i] != NULL && !worker_set_snapshot(c->workers[i], s))
            control_event(c, "reload failed", "error", "out of memory");
}

const struct conf *control_newest_conf(const struct control *c)
{
    return c->reloaded != NULL ? c->reloaded : c->conf;
}

/* The file is looked at before it is read: what changes meanwhile is seen later. */
static struct snapshot *make_snapshot(struct control *c, const struct conf *conf, char *error)
{
    int64_t now_s = loop_unix_ms(c->loop) / 1000;

    if (c->tenants != NULL)
        return conf_make_snapshot(conf, control_tenants_keyring(c->tenants), now_s, error);
    tenants_file_init(&c->tenants_file, conf->tenants_file);
    return conf_load_snapshot(conf, now_s, error);
}

/* With tenants in Redis it has no keys yet: the gateway starts, is not ready, and answers 503 until it has. */
bool control_begin_snapshot(struct control *c, char error[CONF_ERROR_BYTES])
{
    if (c->conf->tenants == CONF_TENANTS_REDIS && (c->tenants = control_tenants_new(c, error)) == NULL)
        return false;
    c->snapshot = make_snapshot(c, c->conf, error);
    return c->snapshot != NULL;
}

static bool load_snapshot(struct control *c, const struct conf *conf)
{
    char error[CONF_ERROR_BYTES];
    struct snapshot *s = make_snapshot(c, conf, error);

    c->must_retry = s == NULL;
    if (s == NULL) {
        if (strcmp(error, c->reload_error) != 0) /* said once, not at every try */
            control_event(c, "reload failed", "error", error);
        memcpy(c->reload_error, error, sizeof(error));
        metrics_count(&c->ended, COUNT_TENANTS_FAILED, 1);
        return false;
    }
    c->reload_error[0] = '\0';
    metrics_count(&c->ended, COUNT_TENANTS_READ, c->tenants == NULL);
    control_publish_snapshot(c, s);
    control_event(c, "reloaded", NULL, NULL);
    return true;
}

static void free_tls(struct tls_setup **tls, size_t len)
{
    for (size_t i = 0; i != len; i++)
        tls_setup_release(&tls[i]);
}

/* Loads every listener's certificate before any is used. False: one is wrong, and the log says which. */
static bool load_tls(struct control *c, struct tls_setup *tls[LISTENERS_MAX])
{
    char error[SERVER_ERROR_BYTES];

    for (size_t i = 0; i != c->conf->listeners_len; i++) {
        const struct listener_conf *l = &c->conf->listeners[i].listen;
        tls[i] = NULL;
        if (l->tls_certificate == NULL || (tls[i] = tls_setup_load(l, error)) != NULL)
            continue;
        control_event(c, "reload failed", "error", error);
        free_tls(tls, i);
        return false;
    }
    return true;
}

static void publish_tls(struct control *c, struct tls_setup *tls[LISTENERS_MAX])
{
    for (size_t i = 0; i != c->workers_len; i++)
        for (size_t k = 0; k != c->conf->listeners_len; k++)
            if (c->workers[i] != NULL && tls[k] != NULL && !worker_set_tls(c->workers[i], k, tls[k]))
                control_event(c, "reload failed", "error", "out of memory");
}

/* Where tenants are changes at a restart; until then they are not looked for elsewhere. */
static void keep_tenants_place(const struct control *c, struct conf *loaded)
{
    if (loaded->tenants == c->conf->tenants)
        return;
    loaded->tenants = c->conf->tenants;
    loaded->tenants_file = c->conf->tenants_file;
}

/* All or nothing: what is wrong anywhere leaves everything as it was, also what is watched and tried again. */
void control_reload(struct control *c)
{
    char error[CONF_ERROR_BYTES];
    struct tls_setup *tls[LISTENERS_MAX];
    struct conf *loaded = conf_load(c->path, c->environ_, error);
    struct tenants_file seen = c->tenants_file;
    bool must_retry = c->must_retry;

    log_reopen(c->log);
    if (loaded == NULL) {
        control_event(c, "reload failed", "error", error);
        return;
    }
    const char *restart = conf_first_restart_difference(c->conf, loaded);
    if (restart != NULL)
        control_event(c, "setting needs a restart", "setting", restart);
    keep_tenants_place(c, loaded);
    if (!load_tls(c, tls)) {
        conf_free(&loaded);
        return;
    }
    c->reload_error[0] = '\0'; /* who asks is told, each time */
    if (load_snapshot(c, loaded)) {
        publish_tls(c, tls);
        conf_free(&c->reloaded); /* the snapshot has copies of all it needs */
        c->reloaded = loaded;
        control_fetch_creds(c);
    } else {
        conf_free(&loaded);
        c->tenants_file = seen;
        c->must_retry = must_retry;
    }
    if (c->tenants != NULL)
        control_tenants_read_anew(c->tenants);
    free_tls(tls, c->conf->listeners_len);
}

static void on_watch(void *ctx)
{
    struct control *c = ctx;

    if (c->must_retry || (c->tenants == NULL && tenants_file_changed(&c->tenants_file)))
        load_snapshot(c, control_newest_conf(c));
    loop_timer_start(c->loop, &c->watch, c->must_retry ? RETRY_US : WATCH_US);
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
    control_tenants_free(&c->tenants);
}

void control_free_retired(struct control *c)
{
    conf_free(&c->reloaded);
}

bool control_make_stores(struct control *c)
{
    uint64_t seed;

    random_secret_bytes(&seed, sizeof(seed));
    c->idempotency = idempotency_memory_new(&c->conf->idempotency, seed);
    c->addresses = address_limit_new(c->conf->addresses_max, seed);
    return c->idempotency != NULL && c->addresses != NULL;
}
