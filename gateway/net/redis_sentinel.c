/*
 * A master that sentinels know. One of them is asked every second, which is as good as to hear of +switch-master and
 * does not end when a message is lost; and at once when the master fails. Who it names must call itself a master.
 */
#include "gateway/net/redis_client.h"

#include "gateway/net/redis_command.h"

#include <stdlib.h>

#define ASK_AGAIN_US 1000000

struct sentinel {
    struct redis_client *client;
    struct redis_node sentinel, master;
    size_t host_at;
    struct redis_call *asking;
    struct timer again;
    struct buf question;
};

static void ask(void *ctx);

static bool read_master(const struct redis_reply *r, struct redis_host *out)
{
    uint64_t port;

    return r->type == REDIS_TYPE_ARRAY && r->elements_len == 2 && span_parse_u64(r->elements[1].text, &port) &&
           port >= 1 && port <= UINT16_MAX && redis_host_set(out, r->elements[0].text, (uint16_t)port);
}

static void on_answer(void *ctx, const struct redis_answer *a)
{
    struct sentinel *s = ctx;
    struct redis_host master;

    s->asking = NULL;
    if (a->result == REDIS_LOST)
        return; /* asked anew when it, or another one, is up */
    loop_timer_start(s->client->loop, &s->again, ASK_AGAIN_US);
    if (a->result != REDIS_REPLIED)
        return;
    if (read_master(a->reply, &master))
        redis_node_set_host(&s->master, &master, true);
    else
        redis_node_fail(&s->sentinel, "the sentinel knows no master of that name");
}

static void ask(void *ctx)
{
    struct sentinel *s = ctx;

    if (s->asking == NULL)
        s->asking = redis_call_to(s->client, &s->sentinel, buf_span(&s->question), s->client->conf.connect_timeout_ms,
                                  on_answer, s);
}

static void on_sentinel_up(void *ctx, struct redis_node *n)
{
    (void)n;
    ask(ctx);
}

static void on_sentinel_down(void *ctx, struct redis_node *n)
{
    struct sentinel *s = ctx;
    const struct redis_url *u = s->client->conf.url;

    if (n->addresses_tried != n->addresses_len)
        return;
    s->host_at = (s->host_at + 1) % u->hosts_len;
    redis_node_set_host(n, &u->hosts[s->host_at], false);
}

static void on_master_up(void *ctx, struct redis_node *n)
{
    const struct redis_listener *listener = ((struct sentinel *)ctx)->client->listener;

    if (listener != NULL)
        listener->on_up(listener->ctx, n);
}

static void on_master_down(void *ctx, struct redis_node *n)
{
    struct sentinel *s = ctx;
    const struct redis_listener *listener = s->client->listener;

    if (listener != NULL)
        listener->on_down(listener->ctx, n);
    ask(s);
}

static void on_master_push(void *ctx, struct redis_node *n, const struct redis_reply *reply)
{
    const struct redis_listener *listener = ((struct sentinel *)ctx)->client->listener;

    if (listener != NULL)
        listener->on_push(listener->ctx, n, reply);
    else
        redis_node_fail(n, "redis answered what nobody asked");
}

static bool make_question(struct sentinel *s)
{
    const struct span words[] = {SPAN("SENTINEL"), SPAN("get-master-addr-by-name"),
                                 span_str(s->client->conf.url->master)};

    buf_init(&s->question, 1024);
    redis_command_encode(&s->question, words, 3);
    return !s->question.failed;
}

static bool start(struct redis_client *c)
{
    static const struct redis_node_events sentinel_events = {on_sentinel_up, on_sentinel_down, NULL};
    static const struct redis_node_events master_events = {on_master_up, on_master_down, on_master_push};
    struct sentinel *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return false;
    s->client = c;
    if (!make_question(s)) {
        buf_clear(&s->question);
        free(s);
        return false;
    }
    c->layout_state = s;
    timer_init(&s->again, ask, s);
    redis_node_init(&s->sentinel, c->loop, &c->conf, &c->random, &sentinel_events, s);
    redis_node_init(&s->master, c->loop, &c->conf, &c->random, &master_events, s);
    s->sentinel.is_sentinel = true;
    s->master.must_be_master = true;
    redis_node_set_host(&s->sentinel, &c->conf.url->hosts[0], true);
    return true;
}

static struct redis_node *pick(const struct redis_client *c, struct span route_key)
{
    struct sentinel *s = c->layout_state;

    (void)route_key;
    return &s->master;
}

static void stop(struct redis_client *c)
{
    struct sentinel *s = c->layout_state;

    loop_timer_stop(c->loop, &s->again);
    redis_cancel(&s->asking);
    redis_node_clear(&s->sentinel);
    redis_node_clear(&s->master);
    buf_clear(&s->question);
    free(s);
}

const struct redis_layout redis_layout_sentinel = {.start = start, .pick = pick, .stop = stop};
