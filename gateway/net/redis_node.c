/*
 * From a host to a connection that answers, again and again. Whatever ends an attempt notes why and marks the turn's
 * work: that clears away what is left and arms the next attempt, so that nothing is freed under whoever runs.
 */
#include "gateway/net/redis_node.h"

#include <assert.h>

#define STEADY_US      1000000 /* up for so long, and the next wait is short again */
#define RETRY_FRACTION 20

static void attempt(void *ctx);

static void mark(struct redis_node *n)
{
    loop_mark(n->loop, &n->work);
}

void redis_node_flush_later(struct redis_node *n)
{
    mark(n);
}

bool redis_node_send(struct redis_node *n, struct span command, struct redis_waiter *w)
{
    mark(n);
    return redis_link_send(&n->link, command, w);
}

void redis_node_fail(struct redis_node *n, const char *reason)
{
    if (n->failure != NULL)
        return;
    n->failure = reason;
    n->is_up = false;
    redis_link_end(&n->link, reason);
    mark(n);
}

/* One attempt */

static void on_too_long(void *ctx)
{
    redis_node_fail(ctx, "redis did not answer the connection in time");
}

static void on_link_open(void *ctx)
{
    struct redis_node *n = ctx;

    mark(n);
    if (redis_greeting_send(n))
        redis_health_begin(n);
    else
        redis_node_fail(n, "out of memory");
}

static void on_link_push(void *ctx, const struct redis_reply *reply)
{
    struct redis_node *n = ctx;

    if (n->events->on_push != NULL)
        n->events->on_push(n->ctx, n, reply);
    else
        redis_node_fail(n, "redis answered what nobody asked");
}

static void on_link_end(void *ctx, const char *reason)
{
    redis_node_fail(ctx, reason);
}

static void connect_next(struct redis_node *n)
{
    static const struct redis_link_events events = {on_link_open, on_link_push, on_link_end};

    loop_timer_stop(n->loop, &n->deadline);
    timer_init(&n->deadline, on_too_long, n);
    loop_timer_start(n->loop, &n->deadline, (uint64_t)n->conf->connect_timeout_ms * MS_IN_US);
    redis_link_init(&n->link, n->loop, n->conf, &events, n);
    const char *error = redis_link_connect(&n->link, &n->addresses[n->addresses_tried++], n->conf->tls, n->host.name);
    if (error != NULL)
        redis_node_fail(n, error);
}

static void on_resolved(void *ctx, const struct net_address *addresses, size_t len)
{
    struct redis_node *n = ctx;

    n->resolve = NULL;
    memcpy(n->addresses, addresses, len * sizeof(*addresses));
    n->addresses_len = len;
    if (len == 0)
        redis_node_fail(n, "the host's name is not known");
    else
        connect_next(n);
}

static void attempt(void *ctx)
{
    struct redis_node *n = ctx;

    if (n->host.name[0] == '\0' || n->resolve != NULL)
        return;
    if (n->addresses_tried == n->addresses_len) {
        n->addresses_tried = 0;
        n->addresses_len = net_address_numeric(n->host.name, n->host.port, &n->addresses[0]) ? 1 : 0;
    }
    if (n->addresses_len != 0) {
        connect_next(n);
        return;
    }
    n->resolve = resolve_start(n->loop, n->host.name, n->host.port, on_resolved, n);
    if (n->resolve == NULL)
        redis_node_fail(n, "out of memory, threads or descriptors");
}

/* Between attempts */

static void wait_for_next(struct redis_node *n, uint64_t delay_us)
{
    loop_timer_stop(n->loop, &n->retry);
    timer_init(&n->retry, attempt, n);
    loop_timer_start(n->loop, &n->retry, delay_us);
}

/* From half of it to all of it: those who lost one server together do not come back together. */
static uint64_t next_delay_us(struct redis_node *n)
{
    uint64_t half_us = (uint64_t)n->retry_ms * MS_IN_US / 2;

    n->retry_ms = n->retry_ms * 2 < n->conf->retry_ms_max ? n->retry_ms * 2 : n->conf->retry_ms_max;
    return half_us + random_below(n->random, half_us + 1);
}

static void forget_addresses(struct redis_node *n)
{
    n->addresses_len = n->addresses_tried = 0;
}

static void clear_away(struct redis_node *n)
{
    bool was_up = n->up_since_us != 0;

    if (was_up && loop_now_us(n->loop) - n->up_since_us >= STEADY_US)
        n->retry_ms = n->conf->retry_ms_max / RETRY_FRACTION + 1;
    if (was_up)
        forget_addresses(n); /* where the name points may have changed */
    n->up_since_us = 0;
    loop_timer_stop(n->loop, &n->retry);
    redis_health_end(n);
    redis_link_clear(&n->link);
    n->failure = NULL;
    bool has_more = n->addresses_tried != n->addresses_len;
    wait_for_next(n, has_more ? 0 : next_delay_us(n));
    n->events->on_down(n->ctx, n);
}

static void on_turn_end(void *ctx)
{
    struct redis_node *n = ctx;

    if (n->failure == NULL)
        redis_link_flush(&n->link);
    if (n->failure != NULL)
        clear_away(n);
}

/* Life */

void redis_node_init(struct redis_node *n, struct loop *l, const struct redis_conf *conf, struct random *random,
                     const struct redis_node_events *events, void *ctx)
{
    *n = (struct redis_node){.loop = l, .conf = conf, .random = random, .events = events, .ctx = ctx};
    n->retry_ms = conf->retry_ms_max / RETRY_FRACTION + 1;
    n->link.socket.fd = -1;
    turn_work_init(&n->work, TURN_REDIS, on_turn_end, n);
}

void redis_node_set_host(struct redis_node *n, const struct redis_host *host, bool at_once)
{
    if (redis_host_equal(&n->host, host))
        return;
    if (n->link.is_alive)
        redis_node_fail(n, "another redis is asked instead");
    if (n->failure != NULL)
        redis_health_end(n);
    resolve_cancel(&n->resolve);
    n->host = *host;
    forget_addresses(n);
    if (at_once)
        n->retry_ms = n->conf->retry_ms_max / RETRY_FRACTION + 1;
    if (n->failure == NULL && (at_once || !n->retry.is_armed))
        wait_for_next(n, 0);
}

void redis_node_clear(struct redis_node *n)
{
    resolve_cancel(&n->resolve);
    n->failure = "the client ends";
    n->is_up = false;
    redis_link_end(&n->link, n->failure);
    redis_link_clear(&n->link);
    loop_timer_stop(n->loop, &n->retry);
    loop_timer_stop(n->loop, &n->deadline);
    turn_work_cancel(&n->work);
}
