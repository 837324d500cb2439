/*
 * The breaker of one node. It is up from the first PING answered in time. A call that timed out makes it suspect:
 * unless something is answered in time within silence_ms, it is down and its connection dropped, late answers and all.
 * While a node says that it cannot work, its connection stays and is asked by PING alone. One that takes no writes
 * answers a PING all the same: it rests, and a call in each REST_US finds out whether that is over.
 */
#include "gateway/net/redis_command.h"
#include "gateway/net/redis_node.h"

#define PING          "*1\r\n$4\r\nPING\r\n"
#define PING_AGAIN_MS 100
#define REST_US       250000u

static uint64_t us(uint32_t ms)
{
    return (uint64_t)ms * MS_IN_US;
}

static void tell(struct redis_node *n, const char *reason)
{
    char where[REDIS_HOST_BYTES_MAX + 16];

    if (n->was_told_up == n->is_up || n->conf->on_change == NULL)
        return;
    n->was_told_up = n->is_up;
    redis_host_format(&n->host, where, sizeof(where));
    n->conf->on_change(n->conf->ctx, where, n->is_up, reason);
}

static void on_pong(struct redis_waiter *w, const struct redis_reply *reply);

static void send_ping(struct redis_node *n)
{
    if (!n->is_up)
        loop_timer_start(n->loop, &n->deadline, us(n->conf->connect_timeout_ms));
    if (n->ping.is_waiting)
        return;
    n->ping.run = on_pong;
    n->pinged_us = loop_now_us(n->loop);
    if (!redis_node_send(n, SPAN(PING), &n->ping))
        redis_node_fail(n, "out of memory");
}

static void on_ping_due(void *ctx)
{
    send_ping(ctx);
}

static void ping_again(struct redis_node *n)
{
    if (!n->is_up)
        loop_timer_stop(n->loop, &n->deadline); /* silence has its end at each PING; being slow has none */
    loop_timer_stop(n->loop, &n->retry);
    timer_init(&n->retry, on_ping_due, n);
    loop_timer_start(n->loop, &n->retry, us(PING_AGAIN_MS));
}

static void come_up(struct redis_node *n)
{
    loop_timer_stop(n->loop, &n->deadline);
    n->is_up = true;
    n->up_since_us = loop_now_us(n->loop);
    tell(n, NULL);
    n->events->on_up(n->ctx, n);
}

static void on_pong(struct redis_waiter *w, const struct redis_reply *reply)
{
    struct redis_node *n = LIST_ENTRY(w, struct redis_node, ping);

    if (reply == NULL || n->failure != NULL || (n->is_up && !n->is_suspect))
        return;
    enum redis_error e = reply->type == REDIS_TYPE_ERROR ? redis_error_of(reply->text) : REDIS_ERROR_NONE;
    bool is_late = loop_now_us(n->loop) - n->pinged_us > us(n->conf->late_ms);
    if (e == REDIS_ERROR_NOAUTH && n->is_sentinel && n->conf->url->password.len != 0)
        n->sentinel_authenticates = true;
    if (e != REDIS_ERROR_NONE && redis_error_remedy(e) != REDIS_REMEDY_PROBE && e != REDIS_ERROR_NOPERM)
        redis_node_fail(n, redis_error_sentence(e));
    else if (is_late || redis_error_remedy(e) == REDIS_REMEDY_PROBE)
        ping_again(n);
    else if (!n->is_up)
        come_up(n);
    else
        redis_health_note_answer(n);
}

static void on_silence(void *ctx)
{
    redis_node_fail(ctx, "redis does not answer in time");
}

void redis_health_begin(struct redis_node *n)
{
    send_ping(n);
}

void redis_health_end(struct redis_node *n)
{
    loop_timer_stop(n->loop, &n->deadline);
    n->is_suspect = false;
    n->is_up = false;
    n->rests_until_us = 0;
    tell(n, n->failure);
}

void redis_health_note_answer(struct redis_node *n)
{
    if (!n->is_suspect)
        return;
    n->is_suspect = false;
    loop_timer_stop(n->loop, &n->deadline);
}

void redis_health_note_timeout(struct redis_node *n)
{
    if (n->is_suspect || !n->is_up)
        return;
    n->is_suspect = true;
    loop_timer_stop(n->loop, &n->deadline);
    timer_init(&n->deadline, on_silence, n);
    loop_timer_start(n->loop, &n->deadline, us(n->conf->silence_ms));
    send_ping(n);
}

void redis_health_distrust(struct redis_node *n, const char *reason)
{
    if (!n->is_up)
        return;
    n->is_up = n->is_suspect = false;
    loop_timer_stop(n->loop, &n->deadline);
    tell(n, reason);
    ping_again(n);
    n->events->on_down(n->ctx, n);
}

void redis_health_note_refusal(struct redis_node *n)
{
    n->rests_until_us = loop_now_us(n->loop) + REST_US;
}

void redis_health_note_success(struct redis_node *n)
{
    n->rests_until_us = 0;
}

bool redis_health_rests(const struct redis_node *n)
{
    return n->rests_until_us > loop_now_us(n->loop);
}

void redis_health_note_trial(struct redis_node *n)
{
    if (n->rests_until_us != 0)
        redis_health_note_refusal(n);
}
