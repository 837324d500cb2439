/* One Redis. Of several hosts that are named, the first that answers and, unless any will do, is no replica. */
#include "gateway/net/redis_client.h"

#include <stdlib.h>

struct single {
    struct redis_client *client;
    struct redis_node node;
    size_t host_at;
};

static void on_up(void *ctx, struct redis_node *n)
{
    const struct redis_listener *listener = ((struct single *)ctx)->client->listener;

    if (listener != NULL)
        listener->on_up(listener->ctx, n);
}

static void on_down(void *ctx, struct redis_node *n)
{
    struct single *s = ctx;
    const struct redis_url *u = s->client->conf.url;
    const struct redis_listener *listener = s->client->listener;

    if (listener != NULL)
        listener->on_down(listener->ctx, n);
    if (u->hosts_len == 1 || n->addresses_tried != n->addresses_len)
        return;
    s->host_at = (s->host_at + 1) % u->hosts_len;
    redis_node_set_host(n, &u->hosts[s->host_at], false);
}

static void on_push(void *ctx, struct redis_node *n, const struct redis_reply *reply)
{
    const struct redis_listener *listener = ((struct single *)ctx)->client->listener;

    if (listener != NULL)
        listener->on_push(listener->ctx, n, reply);
    else
        redis_node_fail(n, "redis answered what nobody asked");
}

static bool start(struct redis_client *c)
{
    static const struct redis_node_events events = {on_up, on_down, on_push};
    const struct redis_url *u = c->conf.url;
    struct single *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return false;
    c->layout_state = s;
    s->client = c;
    redis_node_init(&s->node, c->loop, &c->conf, &c->random, &events, s);
    s->node.must_be_master = u->hosts_len > 1 && u->layout == REDIS_SINGLE;
    redis_node_set_host(&s->node, &u->hosts[0], true);
    return true;
}

static struct redis_node *pick(const struct redis_client *c, struct span route_key)
{
    struct single *s = c->layout_state;

    (void)route_key;
    return &s->node;
}

static void stop(struct redis_client *c)
{
    struct single *s = c->layout_state;

    redis_node_clear(&s->node);
    free(s);
}

const struct redis_layout redis_layout_single = {.start = start, .pick = pick, .stop = stop};
