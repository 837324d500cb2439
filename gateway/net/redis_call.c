/* A call's life: sent, then answered, timed out, lost or cancelled; whichever comes first unlinks it and is the last.
 */
#include "gateway/net/redis_call.h"

#include "gateway/net/redis_client.h"

#include <assert.h>
#include <stdlib.h>

#define SPARE_MAX 256

static void on_reply(struct redis_waiter *w, const struct redis_reply *reply);
static void on_timeout(void *ctx);

static struct redis_call *take_spare(struct redis_client *c)
{
    if (list_is_empty(&c->spare))
        return calloc(1, sizeof(struct redis_call));
    struct redis_call *call = LIST_ENTRY(c->spare.next, struct redis_call, link);
    list_remove(&call->link);
    c->spare_len--;
    return call;
}

static void give_back(struct redis_call *call)
{
    struct redis_client *c = call->client;

    loop_timer_stop(c->loop, &call->timer);
    redis_link_forget(&call->node->link, &call->waiter);
    list_remove(&call->link);
    buf_clear(&call->command);
    if (c->spare_len == SPARE_MAX) {
        free(call);
        return;
    }
    list_prepend(&c->spare, &call->link);
    c->spare_len++;
}

void redis_call_free_spare(struct redis_client *c)
{
    while (!list_is_empty(&c->spare)) {
        struct redis_call *call = LIST_ENTRY(c->spare.next, struct redis_call, link);
        list_remove(&call->link);
        free(call);
    }
}

static void finish(struct redis_call *call, const struct redis_answer *a)
{
    redis_call_cb *cb = call->cb;
    void *ctx = call->ctx;

    give_back(call);
    cb(ctx, a);
}

static void lose(struct redis_call *call)
{
    finish(call, &(struct redis_answer){.result = REDIS_LOST, .reason = "the connection to redis was lost"});
}

/* Start */

static bool keep_command(struct redis_call *call, struct span command)
{
    buf_init(&call->command, command.len);
    if (call->client->layout->keeps_commands)
        buf_append(&call->command, command);
    return !call->command.failed;
}

static bool can_ask(const struct redis_node *n)
{
    return n != NULL && n->is_up && !redis_health_rests(n);
}

struct redis_call *redis_call_to(struct redis_client *c, struct redis_node *n, struct span command, uint32_t timeout_ms,
                                 redis_call_cb *cb, void *ctx)
{
    struct redis_call *call = can_ask(n) ? take_spare(c) : NULL;

    if (call == NULL)
        return NULL;
    *call = (struct redis_call){.client = c, .node = n, .cb = cb, .ctx = ctx, .waiter.run = on_reply};
    list_init(&call->link);
    timer_init(&call->timer, on_timeout, call);
    if (!keep_command(call, command) || !redis_node_send(n, command, &call->waiter)) {
        give_back(call);
        return NULL;
    }
    redis_health_note_trial(n);
    list_append(&c->calls, &call->link);
    loop_timer_start(c->loop, &call->timer, (uint64_t)timeout_ms * MS_IN_US);
    return call;
}

bool redis_is_available(const struct redis_client *c, struct span route_key)
{
    return can_ask(c->layout->pick(c, route_key));
}

bool redis_is_prompt(const struct redis_client *c, struct span route_key)
{
    const struct redis_node *n = c->layout->pick(c, route_key);

    return can_ask(n) && !n->is_suspect;
}

struct redis_call *redis_call(struct redis_client *c, struct span route_key, struct span command, uint32_t timeout_ms,
                              redis_call_cb *cb, void *ctx)
{
    return redis_call_to(c, c->layout->pick(c, route_key), command, timeout_ms, cb, ctx);
}

void redis_cancel(struct redis_call **call)
{
    struct redis_call *gone = *call;

    *call = NULL;
    if (gone != NULL)
        give_back(gone);
}

/* End */

static void on_timeout(void *ctx)
{
    struct redis_call *call = ctx;

    redis_health_note_timeout(call->node);
    finish(call, &(struct redis_answer){.result = REDIS_TIMED_OUT, .reason = "redis did not answer in time"});
}

static void apply_remedy(struct redis_node *n, enum redis_error e)
{
    enum redis_remedy remedy = redis_error_remedy(e);

    if (remedy == REDIS_REMEDY_RECONNECT)
        redis_node_fail(n, redis_error_sentence(e));
    else if (remedy == REDIS_REMEDY_PROBE)
        redis_health_distrust(n, redis_error_sentence(e));
    else if (remedy == REDIS_REMEDY_REST)
        redis_health_note_refusal(n);
}

static void on_reply(struct redis_waiter *w, const struct redis_reply *reply)
{
    struct redis_call *call = LIST_ENTRY(w, struct redis_call, waiter);
    struct redis_client *c = call->client;
    struct redis_answer a = {.result = REDIS_REPLIED, .reply = reply};

    if (reply == NULL) {
        lose(call);
        return;
    }
    redis_health_note_answer(call->node);
    if (reply->type != REDIS_TYPE_ERROR)
        redis_health_note_success(call->node);
    if (reply->type == REDIS_TYPE_ERROR) {
        a.error = redis_error_of(reply->text);
        a.reason = redis_error_sentence(a.error);
        apply_remedy(call->node, a.error);
        if (c->layout->on_error != NULL && c->layout->on_error(c, call, a.error, reply->text))
            return;
    }
    finish(call, &a);
}

/* Redirected */

void redis_call_send_again(struct redis_call *call)
{
    static const struct span asking = {"*1\r\n$6\r\nASKING\r\n", 16};

    if (!call->node->is_up)
        return;
    if (!(call->must_ask_leave && !redis_node_send(call->node, asking, NULL)))
        (void)redis_node_send(call->node, buf_span(&call->command), &call->waiter); /* not sent: it times out */
    call->must_ask_leave = false;
}

static struct redis_call *next_waiting(struct redis_client *c, const struct redis_node *n)
{
    for (struct list *l = c->calls.next; l != &c->calls; l = l->next) {
        struct redis_call *call = LIST_ENTRY(l, struct redis_call, link);
        if (call->node == n && !call->waiter.is_waiting)
            return call;
    }
    return NULL;
}

void redis_call_send_waiting(struct redis_client *c, struct redis_node *up)
{
    struct redis_call *call;

    while ((call = next_waiting(c, up)) != NULL) {
        redis_call_send_again(call);
        if (!call->waiter.is_waiting)
            return;
    }
}

void redis_call_lose_waiting(struct redis_client *c, struct redis_node *gone)
{
    struct redis_call *call;

    while ((call = next_waiting(c, gone)) != NULL)
        lose(call);
}
