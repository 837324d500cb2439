/*
 * Control's part in quotas: where Redis is, the pools that the workers share, and how many gateways there are: each
 * tells Redis every second that it lives, and hears how many others did within the last six.
 */
#include "gateway/control_parts.h"

#include "gateway/net/redis_place.h"
#include "gateway/net/redis_script.h"
#include "gateway/quota/usage.h"

#include <stdio.h>
#include <stdlib.h>

#define HEARTBEAT_US         1000000u
#define HEARTBEAT_TIMEOUT_MS 500
#define BEATS_REMEMBERED     6
#define TENANTS_MAX          100000

static const char heartbeat[] = "local now = tonumber(redis.call('TIME')[1])\n"
                                "if ARGV[2] == 'end' then redis.call('ZREM', KEYS[1], ARGV[1])\n"
                                "else redis.call('ZADD', KEYS[1], now, ARGV[1]) end\n"
                                "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 6)\n"
                                "redis.call('EXPIRE', KEYS[1], 60)\n"
                                "return redis.call('ZCARD', KEYS[1])\n";

struct control_quota {
    struct control *control;
    struct redis_place place;
    struct pool *pool, *share;
    struct tenant_roll *roll;
    struct redis_client *client; /* of control's own loop */
    struct redis_script script;
    struct redis_script_call *call;
    struct timer beat;
    uint64_t heard[BEATS_REMEMBERED]; /* how many gateways, by the last beats' answers */
    size_t beats;
    const char *refusal; /* of the last beat; NULL: none */
    char id[33];
};

/* Said once a change, by control's own client: the workers' see the same Redis. */
static void on_change(void *ctx, const char *where, bool is_up, const char *reason)
{
    struct control_quota *q = ctx;

    control_event(q->control, is_up ? "redis up" : "redis down", is_up ? "where" : "error", is_up ? where : reason);
}

/*
 * As many as were alive lately. A Redis that has lost everything hears of the others one by one: if it is lost again
 * meanwhile, nobody's share may be the whole.
 */
static void note_gateways(struct control_quota *q, uint64_t heard)
{
    uint64_t most = 0;

    q->heard[q->beats++ % BEATS_REMEMBERED] = heard;
    for (size_t i = 0; i != BEATS_REMEMBERED; i++)
        most = q->heard[i] > most ? q->heard[i] : most;
    pool_set_gateways(q->pool, most);
}

/* A Redis that is up, and takes no writes: said once. Quotas are in trouble as much as the heartbeat. */
static void note_refusal(struct control_quota *q, const char *reason)
{
    if (reason != NULL && q->refusal != reason)
        control_event(q->control, "redis refuses", "error", reason);
    if (reason == NULL && q->refusal != NULL)
        control_event(q->control, "redis accepts", NULL, NULL);
    q->refusal = reason;
}

static void on_beat_answered(void *ctx, const struct redis_answer *a)
{
    struct control_quota *q = ctx;

    q->call = NULL;
    if (a->result == REDIS_REPLIED)
        note_refusal(q, a->reason);
    if (a->result == REDIS_REPLIED && a->reply->type == REDIS_TYPE_INTEGER && a->reply->integer > 0)
        note_gateways(q, (uint64_t)a->reply->integer);
}

static void beat(struct control_quota *q, struct span what)
{
    const struct span key = SPAN("kgw:gateways"), arguments[] = {span_str(q->id), what};
    const struct redis_script_words words = {.keys = &key, .keys_len = 1, .arguments = arguments, .arguments_len = 2};

    if (q->call == NULL)
        q->call = redis_script_call(q->client, &q->script, &words, HEARTBEAT_TIMEOUT_MS, on_beat_answered, q);
}

static void on_beat(void *ctx)
{
    struct control_quota *q = ctx;

    beat(q, SPAN("alive"));
    loop_timer_start(q->control->loop, &q->beat, HEARTBEAT_US);
}

static bool begin_beats(struct control_quota *q)
{
    struct redis_conf conf = {REDIS_CONF_DEFAULTS, .url = &q->place.url, .tls = q->place.tls, .on_change = on_change,
                              .ctx = q};
    uint8_t id[16];

    conf.late_ms = HEARTBEAT_TIMEOUT_MS;
    random_secret_bytes(id, sizeof(id));
    hex_encode(id, sizeof(id), q->id);
    redis_script_init(&q->script, SPAN(heartbeat));
    timer_init(&q->beat, on_beat, q);
    q->client = redis_client_new(q->control->loop, &conf);
    if (q->client == NULL)
        return false;
    loop_timer_start(q->control->loop, &q->beat, 0);
    return true;
}

static struct pool *make_pool(bool has_store)
{
    struct pool_conf conf = {
        .has_store = has_store, .lease_longest_us = POOL_LEASE_LONGEST_US, .tenants_max = TENANTS_MAX};

    random_secret_bytes(&conf.seed, sizeof(conf.seed));
    return pool_new(&conf);
}

bool control_make_quota(struct control *c)
{
    const struct conf *conf = c->conf;
    struct control_quota *q = c->quota = calloc(1, sizeof(*q));
    bool has_redis = conf->redis.url != NULL;
    char error[REDIS_PLACE_ERROR_BYTES];

    if (q == NULL)
        return false;
    q->control = c;
    if (has_redis && !redis_place_open(&q->place, conf->redis.url, conf->redis.ca_file, error)) {
        fprintf(stderr, "kinesis-gateway: redis: %s\n", error);
        return false;
    }
    q->pool = make_pool(has_redis);
    q->share = make_pool(false);
    q->roll = tenant_roll_new(conf->metrics_tenants);
    c->ended_tenants = q->roll == NULL ? NULL : tenant_counts_new(q->roll);
    return q->pool != NULL && q->share != NULL && c->ended_tenants != NULL && (!has_redis || begin_beats(q));
}

void control_give_quota(const struct control *c, struct worker_init *init)
{
    const struct control_quota *q = c->quota;

    init->pool = q->pool;
    init->share = q->share;
    init->roll = q->roll;
    init->redis = c->conf->redis.url == NULL ? NULL : &q->place;
}

static void append_usage(const struct control *c, const struct tenant_row *tenant, struct buf *out)
{
    uint64_t unix_us = (uint64_t)loop_unix_ms(c->loop) * MS_IN_US;
    struct quota_room room[QUOTA_DIMENSIONS];

    pool_remaining(c->quota->pool, tenant->name, &tenant->quota, (struct pool_now){loop_now_us(c->loop), unix_us},
                   room);
    usage_write(tenant->name, &tenant->quota, room, unix_us, out);
}

bool control_usage(void *ctx, struct span tenant, struct buf *out)
{
    const struct control *c = ctx;
    const struct keyring *k = c->snapshot->keyring;

    if (tenant.len != 0) {
        const struct tenant_row *row = k == NULL ? NULL : keyring_find_tenant(k, tenant);
        if (row != NULL)
            append_usage(c, row, out);
        return row != NULL;
    }
    buf_append_char(out, '[');
    for (size_t i = 0; k != NULL && i != keyring_tenants(k); i++) {
        buf_append(out, i == 0 ? SPAN("") : SPAN(","));
        append_usage(c, keyring_tenant_at(k, i), out);
    }
    buf_append(out, SPAN("]"));
    return true;
}

void control_end_quota(struct control *c)
{
    struct control_quota *q = c->quota;

    if (q == NULL || q->client == NULL)
        return;
    loop_timer_stop(c->loop, &q->beat);
    redis_script_cancel(&q->call);
    beat(q, SPAN("end")); /* sent with what the loop still does; else the others hear no more of it in six seconds */
}

void control_free_quota(struct control *c)
{
    struct control_quota *q = c->quota;

    c->quota = NULL;
    if (q == NULL)
        return;
    redis_script_cancel(&q->call);
    redis_client_free(&q->client);
    pool_free(&q->pool);
    pool_free(&q->share);
    tenant_counts_free(&c->ended_tenants);
    tenant_roll_free(&q->roll);
    redis_place_clear(&q->place);
    free(q);
}
