#include "tests/auth/check.h"
#include "tests/gateway/net/probe.h"
#include "tests/gateway/net/raw_server.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* What the server's thread tells the loop: a request came, its connection ended. */
struct news {
    struct post post;
    struct loop *loop;
    struct probed *to_cancel;
    struct news *next;
};

static void on_request_seen(struct post *p)
{
    struct news *n = (struct news *)p;

    http_call_cancel(&n->to_cancel->call);
    assert_null(n->to_cancel->call);
}

static void on_connection_closed(struct post *p)
{
    loop_stop(((struct news *)p)->loop);
}

static void tell_and_wait(struct raw_connection *c, void *ctx)
{
    struct news *seen = ctx;

    if (c->nth != 0 || !raw_read_request(c))
        return;
    loop_post(seen->loop, &seen->post);
    raw_wait_closed(c);
    loop_post(seen->loop, &seen->next->post);
}

static void answer_all(struct raw_connection *c, void *ctx)
{
    (void)ctx;
    while (raw_read_request(c))
        raw_write(c, SPAN(OK));
}

static void a_call_cancelled_at_once_is_never_sent(void **state)
{
    struct raw_server s;
    struct probe p;
    struct probed cancelled, other;

    (void)state;
    raw_server_start(&s, NULL, answer_all, NULL);
    probe_init(&p, NULL);
    struct http_request r = probe_request(s.url, SPAN("{}"));
    probe_start(&p, &cancelled, &r);
    http_call_cancel(&cancelled.call);
    assert_null(cancelled.call);
    http_call_cancel(&cancelled.call);
    p.waiting--;
    probe_ask(&p, &other, &r);
    assert_int_equal(other.result, HTTP_ANSWERED);
    probe_clear(&p);
    raw_server_stop(&s);
    assert_int_equal(cancelled.callbacks, 0);
    assert_int_equal(atomic_load(&s.requests), 1);
    probed_clear(&cancelled);
    probed_clear(&other);
    raw_server_clear(&s);
}

static void a_call_cancelled_in_flight_closes_its_connection_and_calls_nobody(void **state)
{
    struct raw_server s;
    struct probe p;
    struct probed d;
    struct news closed = {.post = {.run = on_connection_closed}};
    struct news seen = {.post = {.run = on_request_seen}, .to_cancel = &d, .next = &closed};

    (void)state;
    probe_init(&p, NULL);
    seen.loop = closed.loop = p.loop;
    raw_server_start(&s, NULL, tell_and_wait, &seen);
    struct http_request r = probe_request(s.url, SPAN("{}"));
    probe_start(&p, &d, &r);
    probe_run(&p); /* until the server saw the connection's end */
    assert_int_equal(d.callbacks, 0);
    probe_clear(&p);
    probed_clear(&d);
    raw_server_clear(&s);
}

/* Of two calls, whoever ends first cancels the other. */
struct duel {
    struct http_call *calls[2];
    struct loop *loop;
    unsigned callbacks;
};

struct duellist {
    struct duel *duel;
    int number;
};

static void on_first_end(void *ctx, const struct http_answer *a)
{
    struct duellist *d = ctx;

    (void)a;
    d->duel->callbacks++;
    d->duel->calls[d->number] = NULL;
    http_call_cancel(&d->duel->calls[1 - d->number]);
    loop_stop(d->duel->loop);
}

static void a_callback_may_cancel_another_call(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct raw_server s;
        struct probe p;
        struct duel duel = {.callbacks = 0};
        struct duellist both[2] = {{&duel, 0}, {&duel, 1}};
        probe_init(&p, NULL);
        duel.loop = p.loop;
        raw_server_start(&s, NULL, answer_all, NULL);
        const char *urls[2] = {"http://127.0.0.1:1/", round % 2 == 0 ? "http://127.0.0.1:1/" : s.url};
        for (int i = 0; i < 2; i++) {
            struct http_request r = probe_request(urls[i], SPAN("{}"));
            duel.calls[i] = http_call_start(p.client, &r, on_first_end, &both[i]);
            assert_non_null(duel.calls[i]);
        }
        loop_run(p.loop);
        assert_int_equal(duel.callbacks, 1);
        probe_clear(&p);
        raw_server_clear(&s);
    }
}

/* A call starts the next one from its callback. */
struct chain {
    struct probe *probe;
    const char *url;
    int left;
};

static void on_link(void *ctx, const struct http_answer *a)
{
    struct chain *c = ctx;
    struct http_request r = probe_request(c->url, SPAN("{}"));

    assert_int_equal(a->result, HTTP_ANSWERED);
    if (--c->left == 0)
        loop_stop(c->probe->loop);
    else
        assert_non_null(http_call_start(c->probe->client, &r, on_link, c));
}

static void a_callback_may_start_another_call(void **state)
{
    struct raw_server s;
    struct probe p;

    (void)state;
    raw_server_start(&s, NULL, answer_all, NULL);
    probe_init(&p, NULL);
    struct chain c = {&p, s.url, 50};
    struct http_request r = probe_request(s.url, SPAN("{}"));
    assert_non_null(http_call_start(p.client, &r, on_link, &c));
    loop_run(p.loop);
    probe_clear(&p);
    raw_server_stop(&s);
    assert_int_equal(atomic_load(&s.requests), 50);
    assert_int_equal(atomic_load(&s.connections), 1);
    raw_server_clear(&s);
}

static void the_url_and_the_headers_are_copied(void **state)
{
    struct raw_server s;
    struct probe p;
    struct probed d;
    char url[64], line[] = "X-Copied: yes";
    struct http_header header = {line};

    (void)state;
    raw_server_start(&s, NULL, answer_all, NULL);
    probe_init(&p, NULL);
    memcpy(url, s.url, sizeof(url));
    struct http_request r = probe_request(url, SPAN("{}"));
    r.headers = &header;
    r.headers_len = 1;
    probe_start(&p, &d, &r);
    memset(url, '!', sizeof(url) - 1);
    memset(line, '!', sizeof(line) - 1);
    header.line = NULL;
    probe_run(&p);
    assert_int_equal(d.result, HTTP_ANSWERED);
    probe_clear(&p);
    raw_server_stop(&s);
    assert_non_null(memmem(s.head.ptr, s.head.len, "\r\nX-Copied: yes\r\n", 17));
    probed_clear(&d);
    raw_server_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_cancelled_at_once_is_never_sent),
        cmocka_unit_test(a_call_cancelled_in_flight_closes_its_connection_and_calls_nobody),
        cmocka_unit_test(a_callback_may_cancel_another_call),
        cmocka_unit_test(a_callback_may_start_another_call),
        cmocka_unit_test(the_url_and_the_headers_are_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
