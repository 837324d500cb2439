/* Calls in virtual time: see fake_net.h. */
#include "tests/lib/fake_net.h"

#include "tests/lib/fake_answer.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

struct http_client {
    struct fake_net net;
};

struct http_call {
    struct http_client *client;
    http_call_cb *cb;
    void *ctx;
    struct timer timer;
    enum fake_fate fate;
    struct fake_answer answer;
};

bool fake_fate_is_stored(enum fake_fate fate)
{
    switch (fate) {
    case FAKE_STORED:
    case FAKE_INTERNAL_STORED:
    case FAKE_RESET_STORED:
    case FAKE_SILENCE_STORED:
    case FAKE_GARBAGE:
    case FAKE_TRUNCATED:
    case FAKE_SHORT:
    case FAKE_LONGER:
        return true;
    default:
        return false;
    }
}

bool fake_fate_is_sent(enum fake_fate fate)
{
    return fate != FAKE_REFUSED_DIAL && fate != FAKE_NO_ROUTE;
}

static bool is_silent(enum fake_fate fate)
{
    return fate == FAKE_SILENCE || fate == FAKE_NO_ROUTE || fate == FAKE_SILENCE_STORED;
}

enum fake_fate fake_script_next(void *script, unsigned call, struct span body)
{
    const struct fake_script *s = script;

    (void)body;
    return s->fates[call < s->len ? call : s->len - 1];
}

struct fake_net *fake_net_of(struct http_client *c)
{
    return &c->net;
}

struct http_client *http_client_new(struct loop *l, const struct http_client_conf *conf)
{
    struct http_client *c = calloc(1, sizeof(*c));

    (void)conf;
    assert(c != NULL);
    c->net = (struct fake_net){.loop = l, .shards = 4, .throttle_percent = 50, .fail_percent = 50, .delay_us = 5000};
    random_seed(&c->net.random, 1);
    buf_init(&c->net.last_headers, 65536);
    buf_init(&c->net.last_body, 32u << 20);
    return c;
}

void http_client_free(struct http_client **c)
{
    assert((*c)->net.open == 0);
    fake_ledger_clear(&(*c)->net.ledger);
    buf_clear(&(*c)->net.last_headers);
    buf_clear(&(*c)->net.last_body);
    free(*c);
    *c = NULL;
}

static void call_free(struct http_call *call)
{
    fake_answer_clear(&call->answer);
    free(call);
}

static void on_due(void *ctx)
{
    struct http_call *call = ctx;
    struct http_answer a = {.result = HTTP_ANSWERED, .took_us = 1, .status = call->answer.status};
    char date[64];

    if (!fake_fate_is_sent(call->fate))
        a.result = HTTP_NOT_SENT;
    else if (is_silent(call->fate) || call->fate == FAKE_RESET || call->fate == FAKE_RESET_STORED)
        a.result = HTTP_UNANSWERED;
    if (a.result == HTTP_ANSWERED) {
        a.headers = span_str(call->answer.headers);
        a.body = span_of(call->answer.body, call->answer.body_len);
    } else {
        a.reason = "lost";
    }
    if (call->fate == FAKE_SKEWED) {
        time_t ahead = (time_t)(loop_unix_ms(call->client->net.loop) / 1000 + 600);
        struct tm t;
        a.headers =
            span_of(date, strftime(date, sizeof(date), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime_r(&ahead, &t)));
    }
    call->client->net.open--;
    call->cb(call->ctx, &a);
    call_free(call);
}

static void keep_last(struct fake_net *net, const struct http_request *r)
{
    buf_reset(&net->last_headers);
    buf_reset(&net->last_body);
    for (size_t i = 0; i != r->headers_len; i++) {
        buf_append(&net->last_headers, span_str(r->headers[i].line));
        buf_append(&net->last_headers, SPAN("\n"));
    }
    buf_append(&net->last_body, r->body);
}

static void put(struct fake_net *net, struct http_call *call, const struct http_request *r)
{
    struct fake_put put;
    unsigned number = net->calls++;

    fake_put_parse(r, &put);
    net->calls_by_operation[put.operation]++;
    net->records_sent += (unsigned)put.len;
    call->fate = net->fate_of == NULL ? FAKE_STORED : net->fate_of(net->ctx, number, r->body);
    fake_answer_make(net, number, call->fate, &put, &call->answer);
    fake_put_clear(&put);
}

struct http_call *http_call_start(struct http_client *c, const struct http_request *r, http_call_cb *cb, void *ctx)
{
    struct fake_net *net = &c->net;
    struct http_call *call = net->refuses_starts ? NULL : malloc(sizeof(*call));

    if (call == NULL)
        return NULL;
    *call = (struct http_call){.client = c, .cb = cb, .ctx = ctx};
    keep_last(net, r);
    put(net, call, r);
    if (++net->open > net->max_open)
        net->max_open = net->open;
    timer_init(&call->timer, on_due, call);
    uint64_t delay_us = net->delay_us + random_below(&net->random, net->delay_spread_us + 1);
    loop_timer_start(net->loop, &call->timer, is_silent(call->fate) ? (uint64_t)r->timeout_ms * MS_IN_US : delay_us);
    return call;
}

bool http_call_may_be_sent(const struct http_call *call)
{
    return fake_fate_is_sent(call->fate);
}

void http_call_cancel(struct http_call **call)
{
    if (*call == NULL)
        return;
    loop_timer_stop((*call)->client->net.loop, &(*call)->timer);
    (*call)->client->net.open--;
    call_free(*call);
    *call = NULL;
}
