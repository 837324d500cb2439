/* A ring of waiters beside the stream: the nth reply is for the nth command, and one that came late is counted off. */
#include "gateway/net/redis_link.h"

#include <assert.h>
#include <stdlib.h>

#define WAITERS_LEAST 64

static void on_open(void *ctx)
{
    struct redis_link *k = ctx;

    k->events->on_open(k->ctx);
}

static void on_end(void *ctx, const char *reason)
{
    struct redis_link *k = ctx;

    k->is_alive = false;
    k->events->on_end(k->ctx, reason);
}

void redis_link_end(struct redis_link *k, const char *reason)
{
    if (!k->is_alive)
        return;
    redis_socket_close(&k->socket);
    on_end(k, reason);
}

static void hand_over(struct redis_link *k, const struct redis_reply *reply)
{
    if (k->first == k->next) {
        if (k->events->on_push != NULL)
            k->events->on_push(k->ctx, reply);
        else
            redis_link_end(k, reply->type == REDIS_TYPE_ERROR ? redis_error_sentence(redis_error_of(reply->text))
                                                              : "redis answered what nobody asked");
        return;
    }
    struct redis_waiter *w = k->waiters[k->first++ & (k->capacity - 1)];
    if (w == NULL)
        return;
    w->is_waiting = false;
    w->run(w, reply);
}

static void on_bytes(void *ctx, struct span bytes)
{
    struct redis_link *k = ctx;
    const struct redis_reply *reply;
    enum redis_reading reading = REDIS_READING_BROKEN;

    if (redis_reader_feed(&k->reader, bytes))
        while (k->is_alive && (reading = redis_reader_next(&k->reader, &reply)) == REDIS_READING_REPLY) {
            hand_over(k, reply);
            redis_reader_release(&k->reader);
        }
    if (reading == REDIS_READING_BROKEN)
        redis_link_end(k, "what came is not redis's protocol, or too large");
}

void redis_link_init(struct redis_link *k, struct loop *l, const struct redis_conf *conf,
                     const struct redis_link_events *events, void *ctx)
{
    static const struct redis_socket_events socket_events = {on_open, on_bytes, on_end};

    *k = (struct redis_link){.events = events, .ctx = ctx, .waiters_max = conf->calls_max};
    k->reader.reply_bytes_max = conf->reply_bytes_max;
    redis_socket_init(&k->socket, l, conf->send_bytes_max, &socket_events, k);
}

const char *redis_link_connect(struct redis_link *k, const struct net_address *to, struct ssl_ctx_st *tls,
                               const char *host)
{
    assert(k->reader.native == NULL);
    if (!redis_reader_init(&k->reader, k->reader.reply_bytes_max))
        return "out of memory";
    const char *error = redis_socket_connect(&k->socket, to, tls, host);
    k->is_alive = error == NULL;
    if (error != NULL)
        redis_reader_clear(&k->reader);
    return error;
}

static bool make_room(struct redis_link *k)
{
    size_t len = (size_t)(k->next - k->first), grown = k->capacity == 0 ? WAITERS_LEAST : k->capacity * 2;

    if (len >= k->waiters_max)
        return false;
    if (len < k->capacity)
        return true;
    struct redis_waiter **ring = malloc(grown * sizeof(struct redis_waiter *));
    if (ring == NULL)
        return false;
    for (uint64_t i = k->first; i != k->next; i++)
        ring[i & (grown - 1)] = k->waiters[i & (k->capacity - 1)];
    free(k->waiters);
    k->waiters = ring;
    k->capacity = grown;
    return true;
}

bool redis_link_send(struct redis_link *k, struct span command, struct redis_waiter *w)
{
    if (!k->is_alive || !make_room(k) || !redis_socket_send(&k->socket, command))
        return false;
    if (w != NULL) {
        w->sequence = k->next;
        w->is_waiting = true;
    }
    k->waiters[k->next++ & (k->capacity - 1)] = w;
    return true;
}

bool redis_link_send_for_pushes(struct redis_link *k, struct span command)
{
    return k->is_alive && redis_socket_send(&k->socket, command);
}

void redis_link_forget(struct redis_link *k, struct redis_waiter *w)
{
    if (!w->is_waiting)
        return;
    assert(k->waiters[w->sequence & (k->capacity - 1)] == w);
    k->waiters[w->sequence & (k->capacity - 1)] = NULL;
    w->is_waiting = false;
}

void redis_link_flush(struct redis_link *k)
{
    if (k->is_alive)
        redis_socket_flush(&k->socket);
}

void redis_link_clear(struct redis_link *k)
{
    assert(!k->is_alive);
    while (k->first != k->next) {
        struct redis_waiter *w = k->waiters[k->first++ & (k->capacity - 1)];
        if (w == NULL)
            continue;
        w->is_waiting = false;
        w->run(w, NULL);
    }
    redis_reader_clear(&k->reader);
    free(k->waiters);
    k->waiters = NULL;
    k->capacity = 0;
}
