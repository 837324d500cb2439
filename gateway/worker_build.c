/* A worker's parts, built in the order of who uses whom and taken apart in the opposite order. */
#include "gateway/worker_parts.h"

#include "gateway/net/redis_place.h"

static struct sender_conf share_of_sender(const struct sender_conf *all, unsigned workers)
{
    struct sender_conf c = *all;

    c.calls_in_flight_max = (all->calls_in_flight_max + workers - 1) / workers;
    if (c.window_min > c.calls_in_flight_max)
        c.window_min = c.calls_in_flight_max;
    c.large_calls_max = (all->large_calls_max + workers - 1) / workers;
    c.ordering_keys_max = (all->ordering_keys_max + workers - 1) / workers;
    c.queue_records_max = (all->queue_records_max + workers - 1) / workers;
    c.queue_bytes_max = all->queue_bytes_max / workers;
    if (c.queue_bytes_max < RECORD_BYTES_MAX + PARTITION_KEY_BYTES_MAX)
        c.queue_bytes_max = RECORD_BYTES_MAX + PARTITION_KEY_BYTES_MAX; /* the largest record must be able to pass */
    c.retry.budget_burst = (all->retry.budget_burst + workers - 1) / workers;
    return c;
}

/* A share of the memory is never smaller than one body: the oldest reader must always be able to finish. */
static struct server_conf share_of_server(const struct conf *conf, unsigned workers)
{
    struct server_conf c = conf->server;

    c.connections_max = (c.connections_max + workers - 1) / workers;
    c.buffered_bytes_max /= workers;
    c.shares_ports = true;
    for (size_t i = 0; i != conf->listeners_len; i++)
        if (c.buffered_bytes_max < conf->listeners[i].listen.body_bytes_max)
            c.buffered_bytes_max = conf->listeners[i].listen.body_bytes_max;
    return c;
}

static void on_request(void *ctx, struct exchange *e)
{
    front_request(ctx, e);
}

static void on_refused(void *ctx, const struct failure *f, const struct head *head, struct address peer,
                       struct refusal *out)
{
    front_refused(ctx, f, head, peer, out);
}

static struct lane *find_lane(void *ctx, struct span stream)
{
    const struct front *f = ctx;
    const struct stream_row *row = stream_table_find(f->view->snapshot->streams, stream);

    return row == NULL ? NULL : f->view->lanes[row->index];
}

static bool listen_all(struct worker *w)
{
    const struct conf *conf = w->init.conf;

    for (size_t i = 0; i != conf->listeners_len; i++)
        if (!server_listen(w->server, &conf->listeners[i].listen, &w->init.ports[i], w->error))
            return false;
    return true;
}

static bool build_quota(struct worker *w)
{
    const struct conf_redis *redis = &w->init.conf->redis;
    const struct redis_place *place = w->init.redis;
    struct redis_conf conf = {REDIS_CONF_DEFAULTS};

    if (place != NULL) {
        conf.url = &place->url;
        conf.tls = place->tls;
        conf.late_ms = redis->timeout_ms;
    }
    if (place != NULL && (w->redis = redis_client_new(w->loop, &conf)) == NULL)
        return false;
    w->quota = quota_new(&(struct quota_conf){.loop = w->loop,
                                              .pool = w->init.pool,
                                              .share = w->init.share,
                                              .redis = w->redis,
                                              .timeout_ms = redis->timeout_ms,
                                              .index = w->init.index,
                                              .workers = w->init.workers});
    return w->quota != NULL;
}

/* A fleet's keys are where its quotas are. */
static bool build_idempotency(struct worker *w)
{
    const struct conf *conf = w->init.conf;

    w->front.idempotency = w->init.idempotency;
    if (w->redis == NULL)
        return true;
    w->idempotency = idempotency_redis_new(&(struct idempotency_redis_conf){.loop = w->loop,
                                                                            .redis = w->redis,
                                                                            .random = &w->random,
                                                                            .metrics = &w->metrics,
                                                                            .timeout_ms = conf->redis.timeout_ms,
                                                                            .ttl_s = conf->idempotency.ttl_s});
    if (w->idempotency != NULL)
        w->front.idempotency = idempotency_redis_store(w->idempotency);
    return w->idempotency != NULL;
}

bool worker_is_settling(const struct worker *w)
{
    return w->idempotency != NULL && idempotency_redis_under_way(w->idempotency) != 0;
}

bool worker_build(struct worker *w)
{
    const struct conf *conf = w->init.conf;
    struct sender_conf sender = share_of_sender(&conf->sender, w->init.workers);
    sender.calls_max = (w->init.calls_max + w->init.workers - 1) / w->init.workers;
    struct server_conf server = share_of_server(conf, w->init.workers);
    struct http_client_conf http = conf->http;

    random_seed_from_kernel(&w->random);
    http.connections_max = (http.connections_max + w->init.workers - 1) / w->init.workers;
    w->http = http_client_new(w->loop, &http);
    if (w->http == NULL)
        return false;
    sender_init(&w->sender, w->loop, w->http, &sender, &w->random, &w->metrics);
    w->sender.refresh_creds = worker_creds_refused;
    w->sender.refresh_ctx = w;
    w->sender.peers = w->peers;
    w->sender.peers_len = w->init.workers;
    w->sender.self = w->init.index;
    w->sender.find_lane = find_lane;
    w->sender.find_lane_ctx = &w->front;
    if (w->init.creds != NULL)
        sender_set_creds(&w->sender, w->init.creds);
    front_init(&w->front, w->loop, &w->sender, &w->metrics, w->log, &w->random, &conf->front);
    w->front.addresses = w->init.addresses;
    if (!build_quota(w) || !build_idempotency(w))
        return false;
    w->front.quota = w->quota;
    w->front.tenants = w->tenants;
    if (!front_set_snapshot(&w->front, w->init.snapshot))
        return false;
    w->server = server_new(w->loop, &server, &w->metrics, on_request, on_refused, &w->front);
    return w->server != NULL && listen_all(w);
}

void worker_take_apart(struct worker *w)
{
    loop_timer_stop(w->loop, &w->drain_check);
    server_free(&w->server);
    if (w->front.loop != NULL)
        front_clear(&w->front);
    idempotency_redis_free(&w->idempotency);
    quota_free(&w->quota);
    redis_client_free(&w->redis);
    if (w->sender.loop != NULL)
        sender_clear(&w->sender);
    http_client_free(&w->http);
    log_ring_flush(w->log);
    snapshot_release(&w->init.snapshot);
    aws_creds_release(&w->init.creds);
    digest_thread_clear();
}
