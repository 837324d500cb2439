#include "tests/auth/check.h"
#include "tests/gateway/net/certificate.h"
#include "tests/gateway/net/probe.h"
#include "tests/gateway/net/raw_server.h"

#include <signal.h>

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static void answer_all(struct raw_connection *c, void *ctx)
{
    (void)ctx;
    while (raw_read_request(c))
        raw_write(c, SPAN(OK));
}

static void read_and_close(struct raw_connection *c, void *ctx)
{
    (void)ctx;
    (void)raw_read_request(c);
}

static void say_nothing(struct raw_connection *c, void *ctx)
{
    (void)ctx;
    raw_wait_closed(c);
}

struct trial {
    const char *what;
    raw_script *script;
    bool is_plain, trusts_another;
    const char *name;
    enum http_result want;
    unsigned want_requests;
};

static void try_it(const struct trial *t)
{
    struct certificate own, other;
    struct raw_server s;
    struct probe p;
    struct probed d;

    certificate_make(&own, t->name);
    certificate_make(&other, t->name);
    raw_server_start(&s, t->is_plain ? NULL : own.server, t->script, NULL);
    probe_init(&p, t->trusts_another ? other.file : own.file);
    if (t->is_plain)
        memmove(s.url + 5, s.url + 4, strlen(s.url + 4) + 1), s.url[4] = 's';
    struct http_request r = probe_request(s.url, SPAN("{}"));
    r.timeout_ms = t->is_plain ? 300 : 5000; /* whoever says nothing is waited for */
    probe_ask(&p, &d, &r);
    check(d.result == t->want, "%s: %d", t->what, d.result);
    probe_clear(&p);
    raw_server_stop(&s);
    check(atomic_load(&s.requests) == t->want_requests, "%s: %u requests", t->what, atomic_load(&s.requests));
    probed_clear(&d);
    raw_server_clear(&s);
    certificate_clear(&own);
    certificate_clear(&other);
}

static void only_a_server_that_proves_who_it_is_gets_a_request(void **state)
{
    static const struct trial trials[] = {
        {"a server of the trusted authority", answer_all, false, false, "IP:127.0.0.1", HTTP_ANSWERED, 1},
        {"a server of another authority", answer_all, false, true, "IP:127.0.0.1", HTTP_NOT_SENT, 0},
        {"a certificate for another address", answer_all, false, false, "IP:192.0.2.1", HTTP_NOT_SENT, 0},
        {"a certificate for a name", answer_all, false, false, "DNS:localhost", HTTP_NOT_SENT, 0},
        {"a server that speaks no TLS", say_nothing, true, false, "IP:127.0.0.1", HTTP_NOT_SENT, 0},
        {"a connection lost after the request", read_and_close, false, false, "IP:127.0.0.1", HTTP_UNANSWERED, 1},
    };

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < LEN(trials); i++)
        try_it(&trials[i]);
}

static void a_ca_file_that_is_not_there_lets_nothing_be_sent(void **state)
{
    struct certificate own;
    struct raw_server s;
    struct probe p;
    struct probed d;

    (void)state;
    certificate_make(&own, "IP:127.0.0.1");
    raw_server_start(&s, own.server, answer_all, NULL);
    probe_init(&p, "no-such-file.pem");
    struct http_request r = probe_request(s.url, SPAN("{}"));
    probe_ask(&p, &d, &r);
    assert_int_equal(d.result, HTTP_NOT_SENT);
    probe_clear(&p);
    probed_clear(&d);
    raw_server_clear(&s);
    certificate_clear(&own);
}

static void a_connection_is_used_again(void **state)
{
    struct certificate own;
    struct raw_server s;
    struct probe p;

    (void)state;
    certificate_make(&own, "IP:127.0.0.1");
    raw_server_start(&s, own.server, answer_all, NULL);
    probe_init(&p, own.file);
    for (int i = 0; i < 10; i++) {
        struct probed d;
        struct http_request r = probe_request(s.url, SPAN("{}"));
        probe_ask(&p, &d, &r);
        assert_int_equal(d.result, HTTP_ANSWERED);
        probed_clear(&d);
    }
    probe_clear(&p);
    raw_server_stop(&s);
    assert_int_equal(atomic_load(&s.connections), 1);
    assert_int_equal(atomic_load(&s.requests), 10);
    raw_server_clear(&s);
    certificate_clear(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_server_that_proves_who_it_is_gets_a_request),
        cmocka_unit_test(a_ca_file_that_is_not_there_lets_nothing_be_sent),
        cmocka_unit_test(a_connection_is_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
