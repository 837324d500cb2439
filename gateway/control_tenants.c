/*
 * Tenants and keys from Redis: read at the start, when a change is told of, and by their version every while, for what
 * was not heard. Whatever Redis fails to give, wrong rows and lost ones included, the keys of before stay in use: an
 * outage locks nobody out, and says so once.
 */
#include "gateway/control_parts.h"

#include "gateway/net/redis_command.h"
#include "gateway/net/redis_place.h"
#include "gateway/net/redis_subscribe.h"
#include "gateway/tenants/redis_layout.h"
#include "gateway/tenants/redis_rows.h"

#include <stdio.h>
#include <stdlib.h>

#define LOAD_TIMEOUT_MS 5000
#define LATE_MS         1000 /* 100,000 keys take Redis some tenths of a second */
#define SILENCE_MS      2000
#define REPLY_BYTES_MAX ((size_t)256 << 20)
#define RETRY_US        1000000u
#define COMMAND_BYTES   4096

struct control_tenants {
    struct control *control;
    struct redis_place place;
    struct redis_client *client;
    struct redis_subscription *news;
    struct redis_call *call; /* a load under way */
    struct timer due;
    struct keyring *keyring; /* the newest that came into use; NULL: none so far */
    struct buf version;      /* of it; empty: read all */
    bool must_load_again;    /* something changed since the load under way began */
    char error[CONF_ERROR_BYTES];
};

static void plan(struct control_tenants *t, uint64_t in_us)
{
    loop_timer_stop(t->control->loop, &t->due);
    loop_timer_start(t->control->loop, &t->due, in_us);
}

static void fail(struct control_tenants *t, const char *error)
{
    if (strcmp(error, t->error) != 0) /* said once, not at every try */
        control_event(t->control, "tenants failed", "error", error);
    snprintf(t->error, sizeof(t->error), "%s", error);
    metrics_count(&t->control->ended, COUNT_TENANTS_FAILED, 1);
    plan(t, RETRY_US);
}

static void succeed(struct control_tenants *t)
{
    if (t->error[0] != '\0')
        control_event(t->control, "tenants recovered", NULL, NULL);
    t->error[0] = '\0';
    plan(t, (uint64_t)t->control->conf->tenants_refresh_s * 1000 * MS_IN_US);
}

static void forget_version(struct control_tenants *t)
{
    buf_reset(&t->version);
}

/* A version that cannot be kept costs the next load a needless read, and nothing else. */
static void keep_version(struct control_tenants *t, struct span version)
{
    forget_version(t);
    buf_append(&t->version, version);
}

/* Takes the keyring over. */
static void use(struct control_tenants *t, struct keyring *keyring, struct span version)
{
    struct control *c = t->control;
    char error[CONF_ERROR_BYTES];
    struct snapshot *s = conf_make_snapshot(control_newest_conf(c), keyring, loop_unix_ms(c->loop) / 1000, error);

    if (s == NULL) {
        keyring_release(&keyring);
        fail(t, error);
        return;
    }
    keyring_release(&t->keyring);
    t->keyring = keyring;
    keep_version(t, version);
    control_publish_snapshot(c, s);
    metrics_count(&c->ended, COUNT_TENANTS_READ, 1);
    control_event(c, "tenants read", "source", "redis");
    succeed(t);
}

/*
 * Making a keyring of 100,000 keys holds this thread for some 0.4 s: no request waits for it, only health, signals and
 * other news, none of which is that urgent.
 */
static void take_rows(struct control_tenants *t, const struct redis_reply *reply)
{
    char error[REDIS_ROWS_ERROR_BYTES];
    struct redis_rows rows;
    struct keyring *keyring;

    _Static_assert(REDIS_ROWS_ERROR_BYTES <= CONF_ERROR_BYTES, "an error of the rows fits");
    if (!redis_rows_open(reply, &rows))
        fail(t, "redis gives no tenants");
    else if (rows.tenants == NULL)
        succeed(t); /* nothing changed */
    else if ((keyring = redis_rows_keyring(&rows, error)) == NULL)
        fail(t, error);
    else
        use(t, keyring, rows.version);
}

static void on_loaded(void *ctx, const struct redis_answer *a)
{
    struct control_tenants *t = ctx;

    t->call = NULL;
    if (a->result != REDIS_REPLIED || a->error != REDIS_ERROR_NONE)
        fail(t, a->reason);
    else
        take_rows(t, a->reply);
    if (t->must_load_again)
        plan(t, 0);
}

static void load(struct control_tenants *t)
{
    struct span words[REDIS_ROWS_LOAD_WORDS];
    struct buf command;

    t->must_load_again = t->call != NULL; /* its answer may be of before */
    if (t->call != NULL)
        return;
    redis_rows_load(buf_span(&t->version), words);
    buf_init(&command, COMMAND_BYTES);
    redis_command_encode(&command, words, REDIS_ROWS_LOAD_WORDS);
    if (!command.failed)
        t->call = redis_call(t->client, SPAN(TENANTS_REDIS_VERSION), buf_span(&command), LOAD_TIMEOUT_MS, on_loaded, t);
    buf_clear(&command);
    if (t->call == NULL)
        fail(t, "redis is not available");
}

static void on_due(void *ctx)
{
    load(ctx);
}

static void on_news(void *ctx, enum redis_news what, struct span channel, struct span message)
{
    struct control_tenants *t = ctx;

    (void)channel;
    (void)message; /* a version, but who reads it may be late: what is there counts */
    if (what != REDIS_NEWS_LOST && redis_is_available(t->client, SPAN(TENANTS_REDIS_VERSION)))
        load(t); /* else once it is */
}

static void on_change(void *ctx, const char *where, bool is_up, const char *reason)
{
    (void)where;
    (void)reason; /* told by the load that fails */
    if (is_up)
        plan(ctx, 0);
}

static bool connect(struct control_tenants *t)
{
    static const struct span channels[] = {SPAN(TENANTS_REDIS_CHANNEL)};
    struct redis_conf conf = {REDIS_CONF_DEFAULTS};

    conf.url = &t->place.url;
    conf.tls = t->place.tls;
    conf.late_ms = LATE_MS;
    conf.silence_ms = SILENCE_MS;
    conf.reply_bytes_max = REPLY_BYTES_MAX;
    conf.ctx = t;
    t->news = redis_subscribe(t->control->loop, &conf, channels, 1, on_news, t);
    conf.on_change = on_change;
    t->client = redis_client_new(t->control->loop, &conf);
    return t->news != NULL && t->client != NULL;
}

struct control_tenants *control_tenants_new(struct control *c, char error[CONF_ERROR_BYTES])
{
    struct control_tenants *t = calloc(1, sizeof(*t));
    char why[REDIS_PLACE_ERROR_BYTES] = "out of memory";

    if (t != NULL) {
        t->control = c;
        timer_init(&t->due, on_due, t);
        buf_init(&t->version, 64);
        if (redis_place_open(&t->place, c->conf->redis.url, c->conf->redis.ca_file, why) && connect(t)) {
            plan(t, RETRY_US); /* or as soon as Redis answers */
            return t;
        }
        control_tenants_free(&t);
    }
    snprintf(error, CONF_ERROR_BYTES, "redis.url: %s", why);
    return NULL;
}

void control_tenants_free(struct control_tenants **t)
{
    struct control_tenants *gone = *t;

    *t = NULL;
    if (gone == NULL)
        return;
    loop_timer_stop(gone->control->loop, &gone->due);
    redis_cancel(&gone->call);
    redis_unsubscribe(&gone->news);
    redis_client_free(&gone->client);
    redis_place_clear(&gone->place);
    keyring_release(&gone->keyring);
    buf_clear(&gone->version);
    free(gone);
}

struct keyring *control_tenants_keyring(const struct control_tenants *t)
{
    return t->keyring;
}

void control_tenants_read_anew(struct control_tenants *t)
{
    forget_version(t);
    load(t);
}
