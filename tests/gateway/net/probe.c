#include "tests/gateway/net/probe.h"

#include "tests/auth/check.h"

#define PATIENCE_US 60000000u

void probe_init(struct probe *p, const char *ca_file)
{
    static const struct http_client_conf usual = {
        .connect_timeout_ms = 3000, .idle_connection_ms = 60000, .connection_age_ms = 300000, .connections_max = 16};
    struct http_client_conf conf = usual;

    conf.ca_file = ca_file;
    *p = (struct probe){.loop = loop_new()};
    assert_non_null(p->loop);
    p->client = http_client_new(p->loop, &conf);
    assert_non_null(p->client);
}

void probe_clear(struct probe *p)
{
    http_client_free(&p->client);
    assert_null(p->client);
    loop_free(&p->loop);
}

struct http_request probe_request(const char *url, struct span body)
{
    static const struct http_header headers[] = {{"Content-Type: application/x-amz-json-1.1"}, {"X-Probe: 1"}};

    return (struct http_request){.url = url,
                                 .headers = headers,
                                 .headers_len = LEN(headers),
                                 .body = body,
                                 .timeout_ms = 5000,
                                 .answer_bytes_max = 65536};
}

static void on_answer(void *ctx, const struct http_answer *a)
{
    struct probed *d = ctx;

    d->callbacks++;
    d->call = NULL;
    d->result = a->result;
    d->has_reason = a->reason != NULL;
    d->status = a->status;
    d->took_us = a->took_us;
    buf_append(&d->headers, a->headers);
    buf_append(&d->body, a->body);
    if (--d->probe->waiting == 0)
        loop_stop(d->probe->loop);
}

void probe_start(struct probe *p, struct probed *d, const struct http_request *r)
{
    *d = (struct probed){.probe = p};
    buf_init(&d->headers, 1 << 20);
    buf_init(&d->body, 1 << 26);
    p->waiting++;
    d->call = http_call_start(p->client, r, on_answer, d);
    check(d->call != NULL, "a call to '%s' starts", r->url);
    assert_int_equal(d->callbacks, 0);
}

static void on_late(void *ctx)
{
    (void)ctx;
    abort();
}

void probe_run(struct probe *p)
{
    struct timer limit;

    if (p->waiting == 0)
        return;
    timer_init(&limit, on_late, NULL);
    loop_timer_start(p->loop, &limit, PATIENCE_US);
    loop_run(p->loop);
    loop_timer_stop(p->loop, &limit);
}

void probe_ask(struct probe *p, struct probed *d, const struct http_request *r)
{
    probe_start(p, d, r);
    probe_run(p);
    assert_int_equal(d->callbacks, 1);
    assert_true(d->has_reason == (d->result != HTTP_ANSWERED));
}

void probed_clear(struct probed *d)
{
    buf_clear(&d->headers);
    buf_clear(&d->body);
}
