#include "tests/auth/check.h"
#include "tests/gateway/net/probe.h"
#include "tests/gateway/net/raw_server.h"

#include <stdio.h>

/* Answers every request with the text in ctx. */
static void answer_all(struct raw_connection *c, void *ctx)
{
    while (raw_read_request(c))
        raw_write(c, span_str(ctx));
}

static void answer_then_close(struct raw_connection *c, void *ctx)
{
    if (raw_read_request(c))
        raw_write(c, span_str(ctx));
}

static void drip(struct raw_connection *c, void *ctx)
{
    if (raw_read_request(c))
        for (const char *at = ctx; *at != '\0'; at++)
            raw_write(c, span_of(at, 1));
    raw_wait_closed(c);
}

static void write_echo(struct raw_connection *c, const char *fields)
{
    struct buf head;

    buf_init(&head, 256);
    buf_append(&head, SPAN("HTTP/1.1 200 OK\r\nContent-Length: "));
    buf_append_u64(&head, c->server->body.len);
    buf_append(&head, SPAN("\r\n"));
    buf_append(&head, span_str(fields));
    buf_append(&head, SPAN("\r\n"));
    raw_write(c, buf_span(&head));
    raw_write(c, buf_span(&c->server->body));
    buf_clear(&head);
}

static void echo(struct raw_connection *c, void *ctx)
{
    (void)ctx;
    while (raw_read_request(c))
        write_echo(c, "");
}

static void echo_once(struct raw_connection *c, void *ctx)
{
    (void)ctx;
    if (raw_read_request(c))
        write_echo(c, "Connection: close\r\n");
}

static const struct {
    const char *what;
    raw_script *script;
    const char *answer;
    int status;
    const char *header, *value, *body;
} rows[] = {
    {"a plain answer", answer_all, "HTTP/1.1 200 OK\r\nX-A: b c\r\nContent-Length: 2\r\n\r\nok", 200, "x-a", "b c",
     "ok"},
    {"an empty one", answer_all, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "x-a", "", ""},
    {"no content", answer_all, "HTTP/1.1 204 No Content\r\n\r\n", 204, "x-a", "", ""},
    {"an error", answer_all, "HTTP/1.1 400 Bad Request\r\nContent-Length: 1\r\n\r\nx", 400, "x-a", "", "x"},
    {"an error of the server's", answer_all, "HTTP/1.1 500 No\r\nContent-Length: 1\r\n\r\nx", 500, "x-a", "", "x"},
    {"a redirect, which is not followed", answer_all,
     "HTTP/1.1 307 Go\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", 307, "location", "/other", ""},
    {"an authentication asked for", answer_all,
     "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", 401, "www-authenticate", "Basic", ""},
    {"a head of 100 before it", answer_all,
     "HTTP/1.1 100 Continue\r\nX-A: early\r\n\r\nHTTP/1.1 200 OK\r\nX-A: late\r\nContent-Length: 2\r\n\r\nok", 200,
     "x-a", "late", "ok"},
    {"two early heads", answer_all,
     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX-A: early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
     "2\r\n\r\nok",
     200, "x-a", "", "ok"},
    {"chunks", answer_all, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\n\r\n",
     200, "x-a", "", "ok"},
    {"a body up to the connection's end", answer_then_close, "HTTP/1.1 200 OK\r\n\r\nok", 200, "x-a", "", "ok"},
    {"HTTP/1.0", answer_then_close, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "x-a", "", "ok"},
    {"byte after byte", drip,
     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 10\r\n\r\n0123456789", 200, "x-a", "b",
     "0123456789"},
    {"chunks, byte after byte", drip, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200,
     "x-a", "", "ok"},
};

static void whole_answers_are_handed_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct raw_server s;
        struct probe p;
        struct probed d;
        raw_server_start(&s, NULL, rows[i].script, (void *)(uintptr_t)rows[i].answer);
        probe_init(&p, NULL);
        struct http_request r = probe_request(s.url, SPAN("{}"));
        probe_ask(&p, &d, &r);
        struct http_answer a = {.headers = buf_span(&d.headers)};
        check(d.result == HTTP_ANSWERED && d.status == rows[i].status, "%s has its status", rows[i].what);
        check(span_is(buf_span(&d.body), rows[i].body), "%s has its body", rows[i].what);
        check(span_is(http_answer_header(&a, span_str(rows[i].header)), rows[i].value), "%s has its header",
              rows[i].what);
        probe_clear(&p);
        raw_server_stop(&s);
        check(atomic_load(&s.requests) == 1, "%s was asked for once", rows[i].what);
        check(span_is(buf_span(&s.body), "{}"), "%s was asked for whole", rows[i].what);
        probed_clear(&d);
        raw_server_clear(&s);
    }
}

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static struct buf head_of_request(const struct http_request *wanted)
{
    struct raw_server s;
    struct probe p;
    struct probed d;
    struct buf head;

    raw_server_start(&s, NULL, answer_all, (void *)(uintptr_t)OK);
    probe_init(&p, NULL);
    struct http_request r = *wanted;
    r.url = s.url;
    probe_ask(&p, &d, &r);
    assert_int_equal(d.result, HTTP_ANSWERED);
    probe_clear(&p);
    raw_server_stop(&s);
    buf_init(&head, 1 << 16);
    buf_append(&head, buf_span(&s.head));
    assert_true(span_equal(buf_span(&s.body), r.body));
    probed_clear(&d);
    raw_server_clear(&s);
    return head;
}

/* Every line but the request line and the two that are derived is one that was given. */
static void check_head(struct span head, const struct http_request *r)
{
    struct span line, rest;
    size_t lines = 0, derived = 0;

    line = span_cut(head, '\n', &rest);
    check(span_is(line, "POST / HTTP/1.1\r"), "the request line is %.*s", (int)line.len, line.ptr);
    for (line = span_cut(rest, '\n', &rest); line.len > 1; line = span_cut(rest, '\n', &rest), lines++) {
        bool is_given = false;
        struct span value, name = span_cut(line, ':', &value);
        line.len--;
        for (size_t i = 0; i < r->headers_len; i++)
            is_given |= span_is(line, r->headers[i].line);
        bool is_derived = span_equal_nocase(name, SPAN("host")) || span_equal_nocase(name, SPAN("content-length"));
        check(is_given || is_derived, "'%.*s' is sent though nobody gave it", (int)line.len, line.ptr);
        derived += is_derived;
    }
    check(derived == 2 && lines == r->headers_len + 2, "every line is sent once");
}

static void the_given_headers_are_sent_and_no_others(void **state)
{
    struct http_request r = probe_request(NULL, SPAN("body"));
    struct buf head = head_of_request(&r);

    (void)state;
    check_head(buf_span(&head), &r);
    buf_clear(&head);
}

static void no_content_type_is_sent_unless_given(void **state)
{
    static const struct http_header one[] = {{"X-A: b"}};
    struct http_request r = probe_request(NULL, SPAN("body"));

    (void)state;
    r.headers = one;
    r.headers_len = 1;
    struct buf head = head_of_request(&r);
    check_head(buf_span(&head), &r);
    buf_clear(&head);
}

static void a_large_body_has_no_expectation_and_no_stall(void **state)
{
    size_t len = 1536 * 1024;
    char *bytes = malloc(len);
    struct raw_server s;
    struct probe p;
    struct probed d;

    (void)state;
    memset(bytes, 'x', len);
    raw_server_start(&s, NULL, answer_all, (void *)(uintptr_t)OK);
    probe_init(&p, NULL);
    struct http_request r = probe_request(s.url, span_of(bytes, len));
    probe_ask(&p, &d, &r);
    assert_int_equal(d.result, HTTP_ANSWERED);
    check(d.took_us < 900000, "it took %d us; an expectation waits for a second", (int)d.took_us);
    probe_clear(&p);
    raw_server_stop(&s);
    check_head(buf_span(&s.head), &r);
    assert_true(span_equal(buf_span(&s.body), r.body));
    probed_clear(&d);
    raw_server_clear(&s);
    free(bytes);
}

static void answers_may_be_as_long_as_allowed(void **state)
{
    struct raw_server s;
    struct probe p;
    struct probed d;
    struct buf body;

    (void)state;
    buf_init(&body, 1 << 20);
    for (int i = 0; i < 100000; i++)
        buf_append_char(&body, (char)i);
    raw_server_start(&s, NULL, echo, NULL);
    probe_init(&p, NULL);
    struct http_request r = probe_request(s.url, buf_span(&body));
    r.answer_bytes_max = body.len;
    for (int i = 0; i < 3; i++) {
        probe_ask(&p, &d, &r);
        assert_true(d.result == HTTP_ANSWERED && span_equal(buf_span(&d.body), buf_span(&body)));
        probed_clear(&d);
    }
    probe_clear(&p);
    raw_server_stop(&s);
    assert_int_equal(atomic_load(&s.connections), 1); /* kept alive */
    raw_server_clear(&s);
    buf_clear(&body);
}

static void calls_at_once_get_each_their_own_answer(void **state)
{
    enum { CALLS = 40 };
    struct raw_server s;
    struct probe p;
    struct probed d[CALLS];
    char bodies[CALLS][12];

    (void)state;
    raw_server_start(&s, NULL, echo_once, NULL);
    probe_init(&p, NULL);
    for (int i = 0; i < CALLS; i++) {
        snprintf(bodies[i], sizeof(bodies[i]), "%03d", i);
        struct http_request r = probe_request(s.url, span_of(bodies[i], 3));
        probe_start(&p, &d[i], &r);
    }
    probe_run(&p);
    for (int i = 0; i < CALLS; i++) {
        check(d[i].callbacks == 1 && d[i].result == HTTP_ANSWERED, "call %d is answered once: %u, %d", i,
              d[i].callbacks, d[i].result);
        check(span_is(buf_span(&d[i].body), bodies[i]), "call %d is answered with its own body", i);
        probed_clear(&d[i]);
    }
    probe_clear(&p);
    raw_server_clear(&s);
}

static void the_environments_proxy_is_ignored(void **state)
{
    struct raw_server s;
    struct probe p;
    struct probed d;

    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1/", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1/", 1);
    raw_server_start(&s, NULL, answer_all, (void *)(uintptr_t)OK);
    probe_init(&p, NULL);
    struct http_request r = probe_request(s.url, SPAN("x"));
    probe_ask(&p, &d, &r);
    assert_int_equal(d.result, HTTP_ANSWERED);
    probe_clear(&p);
    probed_clear(&d);
    raw_server_clear(&s);
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_answers_are_handed_out),
        cmocka_unit_test(the_given_headers_are_sent_and_no_others),
        cmocka_unit_test(no_content_type_is_sent_unless_given),
        cmocka_unit_test(a_large_body_has_no_expectation_and_no_stall),
        cmocka_unit_test(answers_may_be_as_long_as_allowed),
        cmocka_unit_test(calls_at_once_get_each_their_own_answer),
        cmocka_unit_test(the_environments_proxy_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
