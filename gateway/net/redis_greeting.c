/*
 * AUTH, SELECT and ROLE, pipelined; the PING of redis_health.c follows behind them. Not HELLO: replies stay RESP2. A
 * sentinel is greeted without, until it says that it wants a password too.
 */
#include "gateway/net/redis_command.h"
#include "gateway/net/redis_node.h"

#include <assert.h>

#define GREETING_BYTES_MAX 8192

static struct redis_node *node_of(struct redis_waiter *w)
{
    return LIST_ENTRY(w, struct redis_greeting_step, waiter)->node;
}

static void on_auth(struct redis_waiter *w, const struct redis_reply *reply)
{
    struct redis_node *n = node_of(w);

    if (reply == NULL || reply->type != REDIS_TYPE_ERROR)
        return;
    n->sentinel_authenticates = false;
    redis_node_fail(n, "redis refuses the user or the password");
}

static void on_select(struct redis_waiter *w, const struct redis_reply *reply)
{
    if (reply == NULL || reply->type != REDIS_TYPE_ERROR)
        return;
    enum redis_error e = redis_error_of(reply->text);
    redis_node_fail(node_of(w), e == REDIS_ERROR_OTHER ? "redis has no such database" : redis_error_sentence(e));
}

/* Who may not ask for the role learns it from the first write. */
static void on_role(struct redis_waiter *w, const struct redis_reply *reply)
{
    if (reply != NULL && reply->type == REDIS_TYPE_ARRAY && reply->elements_len != 0 &&
        !span_equal(reply->elements[0].text, SPAN("master")))
        redis_node_fail(node_of(w), redis_error_sentence(REDIS_ERROR_READONLY));
}

static void add_step(struct redis_node *n, void (*run)(struct redis_waiter *, const struct redis_reply *))
{
    assert(n->greeting_len < REDIS_GREETING_STEPS);
    n->greeting[n->greeting_len++] = (struct redis_greeting_step){.waiter.run = run, .node = n};
}

static bool send_step(struct redis_node *n, struct buf *command,
                      void (*run)(struct redis_waiter *, const struct redis_reply *))
{
    add_step(n, run);
    bool ok =
        !command->failed && redis_link_send(&n->link, buf_span(command), &n->greeting[n->greeting_len - 1].waiter);
    buf_wipe_clear(command);
    return ok;
}

static bool send_auth(struct redis_node *n)
{
    const struct redis_url *u = n->conf->url;
    struct buf command;

    buf_init(&command, GREETING_BYTES_MAX);
    redis_command_begin(&command, u->user.len == 0 ? 2 : 3);
    redis_command_word(&command, SPAN("AUTH"));
    if (u->user.len != 0)
        redis_command_word(&command, secret_reveal(&u->user));
    redis_command_word(&command, secret_reveal(&u->password));
    n->link.socket.wipes = true;
    return send_step(n, &command, on_auth);
}

static bool send_select(struct redis_node *n)
{
    struct buf command;

    buf_init(&command, GREETING_BYTES_MAX);
    redis_command_begin(&command, 2);
    redis_command_word(&command, SPAN("SELECT"));
    redis_command_u64(&command, n->conf->url->database);
    return send_step(n, &command, on_select);
}

static bool send_role(struct redis_node *n)
{
    struct buf command;

    buf_init(&command, GREETING_BYTES_MAX);
    redis_command_encode(&command, &SPAN("ROLE"), 1);
    return send_step(n, &command, on_role);
}

bool redis_greeting_send(struct redis_node *n)
{
    const struct redis_url *u = n->conf->url;

    n->greeting_len = 0;
    if (u->password.len != 0 && (!n->is_sentinel || n->sentinel_authenticates) && !send_auth(n))
        return false;
    if (u->database != 0 && !n->is_sentinel && !send_select(n))
        return false;
    return !n->must_be_master || send_role(n);
}
