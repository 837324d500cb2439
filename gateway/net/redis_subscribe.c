/* A client that only listens: once its connection is up, all that comes on it is news, or the answer to a PING. */
#include "gateway/net/redis_subscribe.h"

#include "gateway/net/redis_client.h"
#include "gateway/net/redis_command.h"

#include <assert.h>
#include <stdlib.h>

#define CHANNEL_BYTES_MAX 4096
#define PING              "*1\r\n$4\r\nPING\r\n"
#define PING_EVERY_US     1000000

struct redis_subscription {
    struct redis_listener listener;
    struct redis_client *client;
    struct redis_node *node; /* while it is up */
    struct buf command;
    size_t channels_len, confirmed;
    struct timer timer;
    bool has_heard;
    redis_news_cb *cb;
    void *ctx;
};

static void tell(struct redis_subscription *s, enum redis_news what)
{
    s->cb(s->ctx, what, SPAN(""), SPAN(""));
}

static void on_ping_due(void *ctx)
{
    struct redis_subscription *s = ctx;

    if (!s->has_heard) {
        redis_node_fail(s->node, "redis is silent");
        return;
    }
    s->has_heard = false;
    (void)redis_link_send_for_pushes(&s->node->link, SPAN(PING));
    redis_node_flush_later(s->node);
    loop_timer_start(s->client->loop, &s->timer, PING_EVERY_US);
}

static void on_up(void *ctx, struct redis_node *n)
{
    struct redis_subscription *s = ctx;

    s->node = n;
    s->confirmed = 0;
    s->has_heard = true;
    if (!redis_link_send_for_pushes(&n->link, buf_span(&s->command))) {
        redis_node_fail(n, "out of memory");
        return;
    }
    redis_node_flush_later(n);
    loop_timer_start(s->client->loop, &s->timer, PING_EVERY_US);
}

static void on_down(void *ctx, struct redis_node *n)
{
    struct redis_subscription *s = ctx;

    (void)n;
    if (s->node == NULL)
        return;
    s->node = NULL;
    loop_timer_stop(s->client->loop, &s->timer);
    if (s->confirmed == s->channels_len)
        tell(s, REDIS_NEWS_LOST);
    s->confirmed = 0;
}

static void on_push(void *ctx, struct redis_node *n, const struct redis_reply *r)
{
    struct redis_subscription *s = ctx;

    s->has_heard = true;
    if (r->type != REDIS_TYPE_ARRAY || r->elements_len < 2) {
        redis_node_fail(n, r->type == REDIS_TYPE_ERROR ? redis_error_sentence(redis_error_of(r->text))
                                                       : "redis answered what nobody asked");
        return;
    }
    struct span kind = r->elements[0].text;
    if (r->elements_len == 3 && span_equal(kind, SPAN("message")))
        s->cb(s->ctx, REDIS_NEWS_MESSAGE, r->elements[1].text, r->elements[2].text);
    else if (span_equal(kind, SPAN("subscribe")) && ++s->confirmed == s->channels_len)
        tell(s, REDIS_NEWS_LISTENING);
}

static bool encode(struct redis_subscription *s, const struct span *channels, size_t channels_len)
{
    buf_init(&s->command, REDIS_CHANNELS_MAX * CHANNEL_BYTES_MAX);
    redis_command_begin(&s->command, channels_len + 1);
    redis_command_word(&s->command, SPAN("SUBSCRIBE"));
    for (size_t i = 0; i != channels_len; i++)
        redis_command_word(&s->command, channels[i]);
    return !s->command.failed;
}

struct redis_subscription *redis_subscribe(struct loop *l, const struct redis_conf *conf, const struct span *channels,
                                           size_t channels_len, redis_news_cb *cb, void *ctx)
{
    struct redis_subscription *s = malloc(sizeof(*s));

    assert(channels_len >= 1 && channels_len <= REDIS_CHANNELS_MAX);
    if (s == NULL)
        return NULL;
    *s = (struct redis_subscription){
        .listener = {on_up, on_down, on_push, s}, .channels_len = channels_len, .cb = cb, .ctx = ctx};
    timer_init(&s->timer, on_ping_due, s);
    if (encode(s, channels, channels_len))
        s->client = redis_client_new_listening(l, conf, &s->listener);
    if (s->client != NULL)
        return s;
    buf_clear(&s->command);
    free(s);
    return NULL;
}

void redis_unsubscribe(struct redis_subscription **s)
{
    struct redis_subscription *gone = *s;

    if (gone == NULL)
        return;
    *s = NULL;
    loop_timer_stop(gone->client->loop, &gone->timer);
    redis_client_free(&gone->client);
    buf_clear(&gone->command);
    free(gone);
}
