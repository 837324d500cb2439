#include "tests/auth/check.h"
#include "tests/gateway/net/probe.h"
#include "tests/gateway/net/raw_server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

#define LARGE_BYTES (16u << 20) /* more than the sockets of both sides hold */

static void read_then(struct raw_connection *c, const char *answer, bool resets, bool waits)
{
    if (!raw_read_request(c))
        return;
    raw_write(c, span_str(answer));
    if (waits)
        raw_wait_closed(c);
    if (resets)
        raw_reset(c);
}

static void close_at_once(struct raw_connection *c, void *ctx)
{
    (void)ctx;
    raw_reset(c);
}

static void read_nothing(struct raw_connection *c, void *ctx)
{
    while (!atomic_load((_Atomic bool *)ctx)) /* the test says when */
        usleep(1000);
    raw_reset(c);
}

static void read_and_close(struct raw_connection *c, void *ctx)
{
    read_then(c, ctx, false, false);
}

static void read_and_reset(struct raw_connection *c, void *ctx)
{
    read_then(c, ctx, true, false);
}

static void read_and_stay(struct raw_connection *c, void *ctx)
{
    read_then(c, ctx, false, true);
}

enum loss { LOSS_CLOSE, LOSS_RESET, LOSS_OF_THE_SERVER_TOO, LOSSES };

/* One good exchange; then the second request of the connection is read, and the connection lost. */
static void second_is_closed(struct raw_connection *c, void *ctx)
{
    if (c->nth == 0) {
        if (raw_read_request(c))
            raw_write(c, SPAN(OK));
        (void)raw_read_request(c);
        if (ctx != NULL && *(enum loss *)ctx == LOSS_OF_THE_SERVER_TOO)
            (void)shutdown(c->server->listener, SHUT_RDWR); /* whoever connects is refused */
        if (ctx != NULL && *(enum loss *)ctx != LOSS_CLOSE)
            raw_reset(c);
        return;
    }
    while (raw_read_request(c)) /* whoever sends again is answered, and counted */
        raw_write(c, SPAN(OK));
}

static void what_was_sent_and_not_answered_whole_is_unanswered(void **state)
{
    static const struct {
        const char *what;
        raw_script *script;
        const char *answer;
    } rows[] = {
        {"a connection closed after the request", read_and_close, ""},
        {"a connection reset after the request", read_and_reset, ""},
        {"a body that is cut", read_and_close, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"},
        {"a body that is cut and reset", read_and_reset, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"},
        {"chunks that are cut", read_and_close, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"},
        {"a chunk that is none", read_and_close, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nok"},
        {"only a head of 100", read_and_close, "HTTP/1.1 100 Continue\r\n\r\n"},
        {"something that is not HTTP", read_and_close, "SSH-2.0-OpenSSH_9.2\r\n"},
        {"text that is not HTTP", read_and_close, "<html>hello</html>\n"},
        {"a length that is none", read_and_close, "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct raw_server s;
        struct probe p;
        struct probed d;
        raw_server_start(&s, NULL, rows[i].script, (void *)(uintptr_t)rows[i].answer);
        probe_init(&p, NULL);
        struct http_request r = probe_request(s.url, SPAN("{}"));
        probe_ask(&p, &d, &r);
        check(d.result == HTTP_UNANSWERED, "%s leaves a call unanswered", rows[i].what);
        probe_clear(&p);
        raw_server_stop(&s);
        check(atomic_load(&s.requests) == 1, "%s: sent once", rows[i].what);
        probed_clear(&d);
        raw_server_clear(&s);
    }
}

static void an_answer_that_ends_within_its_head_is_unanswered(void **state)
{
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        "HTTP/1.1 400 Bad Request\r\nX-Amzn-Requ",
        "HTTP/1.1 503",
    };

    (void)state;
    for (size_t i = 0; i < LEN(answers); i++) {
        struct raw_server s;
        struct probe p;
        struct probed d;
        raw_server_start(&s, NULL, read_and_close, (void *)(uintptr_t)answers[i]);
        probe_init(&p, NULL);
        struct http_request r = probe_request(s.url, SPAN("{}"));
        probe_ask(&p, &d, &r);
        enum http_result result = d.result;
        probe_clear(&p);
        probed_clear(&d);
        raw_server_clear(&s);
        check(result == HTTP_UNANSWERED, "%s", answers[i]);
    }
}

static void an_answer_past_a_limit_is_unanswered(void **state)
{
    static char long_head[20000], long_body[2000];

    (void)state;
    snprintf(long_head, sizeof(long_head), "HTTP/1.1 200 OK\r\nX: %17000d\r\nContent-Length: 2\r\n\r\nok", 1);
    snprintf(long_body, sizeof(long_body), "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n%1001d", 1);
    for (int i = 0; i < 3; i++) {
        struct raw_server s;
        struct probe p;
        struct probed d;
        raw_server_start(&s, NULL, read_and_stay, i == 0 ? long_head : long_body);
        probe_init(&p, NULL);
        struct http_request r = probe_request(s.url, SPAN("{}"));
        r.answer_bytes_max = i == 2 ? 1001 : 1000;
        probe_ask(&p, &d, &r);
        check(d.result == (i == 2 ? HTTP_ANSWERED : HTTP_UNANSWERED), "answer %d", i);
        check(d.took_us < 4000000, "it is given up at once");
        probe_clear(&p);
        probed_clear(&d);
        raw_server_clear(&s);
    }
}

static void silence_is_unanswered_in_time(void **state)
{
    static const char *const answers[] = {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123"};

    (void)state;
    for (size_t i = 0; i < LEN(answers); i++) {
        struct raw_server s;
        struct probe p;
        struct probed d;
        raw_server_start(&s, NULL, read_and_stay, (void *)(uintptr_t)answers[i]);
        probe_init(&p, NULL);
        struct http_request r = probe_request(s.url, SPAN("{}"));
        r.timeout_ms = 150;
        probe_ask(&p, &d, &r);
        assert_int_equal(d.result, HTTP_UNANSWERED);
        assert_in_range(d.took_us, 140000, 1500000);
        probe_clear(&p);
        probed_clear(&d);
        raw_server_clear(&s);
    }
}

static void a_lost_connection_that_was_used_before_is_not_tried_again(void **state)
{
    (void)state;
    for (enum loss loss = LOSS_CLOSE; loss != LOSSES; loss++) {
        struct raw_server s;
        struct probe p;
        struct probed first, second;
        raw_server_start(&s, NULL, second_is_closed, &loss);
        probe_init(&p, NULL);
        struct http_request r = probe_request(s.url, SPAN("{\"a\":1}"));
        probe_ask(&p, &first, &r);
        assert_int_equal(first.result, HTTP_ANSWERED);
        probe_ask(&p, &second, &r);
        check(second.result == HTTP_UNANSWERED, "the second call is reported lost, %d", (int)loss);
        probe_clear(&p);
        raw_server_stop(&s);
        check(atomic_load(&s.requests) == 2, "%u requests were seen", atomic_load(&s.requests));
        probed_clear(&first);
        probed_clear(&second);
        raw_server_clear(&s);
    }
}

static void after_a_loss_the_next_call_takes_a_new_connection(void **state)
{
    struct raw_server s;
    struct probe p;
    struct probed d;
    static const enum http_result want[] = {HTTP_ANSWERED, HTTP_UNANSWERED, HTTP_ANSWERED, HTTP_ANSWERED};

    (void)state;
    raw_server_start(&s, NULL, second_is_closed, NULL);
    probe_init(&p, NULL);
    struct http_request r = probe_request(s.url, SPAN("{}"));
    for (size_t i = 0; i < LEN(want); i++) {
        probe_ask(&p, &d, &r);
        check(d.result == want[i], "call %zu", i);
        probed_clear(&d);
    }
    probe_clear(&p);
    raw_server_stop(&s);
    assert_int_equal(atomic_load(&s.requests), 4);
    raw_server_clear(&s);
}

/* A port that was free a moment ago. */
static void closed_port(char url[64])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    snprintf(url, 64, "http://127.0.0.1:%u/", ntohs(address.sin_port));
    close(fd);
}

static void what_cannot_be_reached_was_not_sent(void **state)
{
    char refused[64];
    const char *const urls[] = {refused, "http://x.invalid/", "ftp://127.0.0.1/"};

    (void)state;
    closed_port(refused);
    for (size_t i = 0; i < LEN(urls); i++) {
        struct probe p;
        struct probed d;
        probe_init(&p, NULL);
        struct http_request r = probe_request(urls[i], SPAN("{}"));
        probe_ask(&p, &d, &r);
        check(d.result == HTTP_NOT_SENT, "'%s'", urls[i]);
        probed_clear(&d);
        probe_clear(&p);
    }
}

static void on_malformed(void *ctx, const struct http_answer *a)
{
    check(a->result == HTTP_NOT_SENT, "a malformed URL is not sent to");
    loop_stop(ctx);
}

static void a_malformed_url_is_not_started_or_not_sent(void **state)
{
    static const char *const urls[] = {"http://[::1:/", "nonsense://x/", "http://", ""};

    (void)state;
    for (size_t i = 0; i < LEN(urls); i++) {
        struct probe p;
        probe_init(&p, NULL);
        struct http_request r = probe_request(urls[i], SPAN("{}"));
        if (http_call_start(p.client, &r, on_malformed, p.loop) != NULL)
            loop_run(p.loop);
        probe_clear(&p);
    }
}

static void a_body_that_was_not_taken_whole_was_not_sent(void **state)
{
    char *bytes = calloc(1, LARGE_BYTES);
    _Atomic bool is_over = false;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct raw_server s;
        struct probe p;
        struct probed d;
        raw_server_start(&s, NULL, i == 0 ? close_at_once : read_nothing, &is_over);
        probe_init(&p, NULL);
        struct http_request r = probe_request(s.url, span_of(bytes, LARGE_BYTES));
        r.timeout_ms = i == 0 ? 5000 : 200;
        probe_ask(&p, &d, &r);
        check(d.result == HTTP_NOT_SENT, i == 0 ? "a connection closed at once" : "a server that reads nothing");
        atomic_store(&is_over, true);
        probed_clear(&d);
        probe_clear(&p);
        raw_server_clear(&s);
    }
    free(bytes);
}

static void a_small_body_to_a_server_that_closes_at_once_may_have_been_sent(void **state)
{
    struct raw_server s;
    struct probe p;
    struct probed d;

    (void)state;
    raw_server_start(&s, NULL, close_at_once, NULL);
    probe_init(&p, NULL);
    struct http_request r = probe_request(s.url, SPAN("{}"));
    probe_ask(&p, &d, &r);
    assert_true(d.result == HTTP_UNANSWERED || d.result == HTTP_NOT_SENT);
    probe_clear(&p);
    raw_server_stop(&s);
    assert_int_equal(atomic_load(&s.connections), 1); /* and it was not tried again */
    probed_clear(&d);
    raw_server_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sent_and_not_answered_whole_is_unanswered),
        cmocka_unit_test(an_answer_that_ends_within_its_head_is_unanswered),
        cmocka_unit_test(an_answer_past_a_limit_is_unanswered),
        cmocka_unit_test(silence_is_unanswered_in_time),
        cmocka_unit_test(a_lost_connection_that_was_used_before_is_not_tried_again),
        cmocka_unit_test(after_a_loss_the_next_call_takes_a_new_connection),
        cmocka_unit_test(what_cannot_be_reached_was_not_sent),
        cmocka_unit_test(a_malformed_url_is_not_started_or_not_sent),
        cmocka_unit_test(a_body_that_was_not_taken_whole_was_not_sent),
        cmocka_unit_test(a_small_body_to_a_server_that_closes_at_once_may_have_been_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
