/* Calls in virtual time: see fake_net.h. */
#include "tests/lib/fake_net.h"

#include <assert.h>
#include <stdio.h>
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
    unsigned number;
    int64_t date_s;
};

bool fake_fate_is_stored(enum fake_fate fate)
{
    return fate == FAKE_STORED || fate == FAKE_INTERNAL_STORED || fate == FAKE_RESET_STORED ||
           fate == FAKE_SILENCE_STORED || fate == FAKE_GARBAGE || fate == FAKE_TRUNCATED;
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
    c->net.loop = l;
    c->net.delay_us = 5000;
    buf_init(&c->net.last_headers, 65536);
    buf_init(&c->net.last_body, 32u << 20);
    return c;
}

void http_client_free(struct http_client **c)
{
    assert((*c)->net.open == 0);
    buf_clear(&(*c)->net.last_headers);
    buf_clear(&(*c)->net.last_body);
    free(*c);
    *c = NULL;
}

static void answer(struct http_call *call, struct http_answer *a)
{
    call->client->net.open--;
    call->cb(call->ctx, a);
    free(call);
}

static const struct {
    int status;
    const char *headers, *body;
} answers[FAKE_FATES] = {
    [FAKE_THROTTLED] = {400, "x-amzn-RequestId: r\r\n",
                        "{\"__type\":\"ProvisionedThroughputExceededException\",\"message\":\"Rate exceeded for shard "
                        "shardId-000000000000 in stream s under account 111122223333.\"}"},
    [FAKE_INTERNAL] = {500, "", "{\"__type\":\"InternalFailure\"}"},
    [FAKE_INTERNAL_STORED] = {500, "", "{\"__type\":\"InternalFailure\"}"},
    [FAKE_GARBAGE] = {200, "", "<html>fine</html>"},
    [FAKE_EXPIRED_TOKEN] = {400, "", "{\"__type\":\"ExpiredTokenException\",\"message\":\"expired\"}"},
    [FAKE_SKEWED] = {400, NULL, "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired\"}"},
    [FAKE_ACCESS_DENIED] = {400, "",
                            "{\"__type\":\"AccessDeniedException\",\"Message\":\"arn:aws:iam::111122223333:x\"}"},
    [FAKE_ARGUMENT] = {400, "", "{\"__type\":\"com.amazonaws#InvalidArgumentException:http://x\",\"message\":\"no\"}"},
    [FAKE_HTML_503] = {503, "", "<html>503</html>"},
};

static void answer_http(struct http_call *call)
{
    char headers[128], body[256];
    struct http_answer a = {.result = HTTP_ANSWERED, .status = 200, .took_us = 1};

    if (call->fate == FAKE_STORED || call->fate == FAKE_TRUNCATED) {
        snprintf(body, sizeof(body),
                 "{\"ShardId\":\"shardId-000000000001\",\"SequenceNumber\":\"4960%010u\",\"EncryptionType\":\"NONE\"}",
                 call->number);
        a.body = span_str(body);
        if (call->fate == FAKE_TRUNCATED)
            a.body.len /= 2;
        a.headers = SPAN("x-amzn-RequestId: upstream-1\r\n");
    } else {
        a.status = answers[call->fate].status;
        a.body = span_str(answers[call->fate].body);
        a.headers = span_str(answers[call->fate].headers);
    }
    if (call->fate == FAKE_SKEWED) {
        time_t ahead = (time_t)(loop_unix_ms(call->client->net.loop) / 1000 + 600);
        struct tm t;
        size_t len = strftime(headers, sizeof(headers), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime_r(&ahead, &t));
        a.headers = span_of(headers, len);
    }
    answer(call, &a);
}

static void on_due(void *ctx)
{
    struct http_call *call = ctx;
    struct http_answer a = {.result = HTTP_UNANSWERED, .reason = "lost", .took_us = 1};

    switch (call->fate) {
    case FAKE_REFUSED_DIAL:
    case FAKE_NO_ROUTE:
        a.result = HTTP_NOT_SENT;
        answer(call, &a);
        break;
    case FAKE_RESET:
    case FAKE_RESET_STORED:
    case FAKE_SILENCE:
    case FAKE_SILENCE_STORED:
        answer(call, &a);
        break;
    default:
        answer_http(call);
    }
}

struct http_call *http_call_start(struct http_client *c, const struct http_request *r, http_call_cb *cb, void *ctx)
{
    struct fake_net *net = &c->net;
    struct http_call *call = net->refuses_starts ? NULL : malloc(sizeof(*call));

    if (call == NULL)
        return NULL;
    unsigned number = net->calls++;
    *call = (struct http_call){.client = c, .cb = cb, .ctx = ctx, .number = number};
    buf_reset(&net->last_headers);
    buf_reset(&net->last_body);
    for (size_t i = 0; i != r->headers_len; i++) {
        buf_append(&net->last_headers, span_str(r->headers[i].line));
        buf_append(&net->last_headers, SPAN("\n"));
    }
    buf_append(&net->last_body, r->body);
    call->fate = net->fate_of == NULL ? FAKE_STORED : net->fate_of(net->ctx, number, r->body);
    net->stored += fake_fate_is_stored(call->fate);
    net->open++;
    timer_init(&call->timer, on_due, call);
    bool is_silent = call->fate == FAKE_SILENCE || call->fate == FAKE_NO_ROUTE || call->fate == FAKE_SILENCE_STORED;
    loop_timer_start(net->loop, &call->timer, is_silent ? (uint64_t)r->timeout_ms * MS_IN_US : net->delay_us);
    return call;
}

bool http_call_may_be_sent(const struct http_call *call)
{
    return call->fate != FAKE_REFUSED_DIAL && call->fate != FAKE_NO_ROUTE;
}

void http_call_cancel(struct http_call **call)
{
    if (*call == NULL)
        return;
    loop_timer_stop((*call)->client->net.loop, &(*call)->timer);
    (*call)->client->net.open--;
    free(*call);
    *call = NULL;
}
