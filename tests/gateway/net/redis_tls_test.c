#include "gateway/net/redis_tls.h"

#include "tests/auth/check.h"
#include "tests/gateway/net/certificate.h"
#include "tests/gateway/net/redis_probe.h"
#include "tests/lib/redis_server.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static struct certificate certificate, other;
static struct redis_server server;
static char port_text[8], certificate_path[256];
static const char *options[] = {"--tls-port",
                                port_text,
                                "--tls-cert-file",
                                certificate_path,
                                "--tls-key-file",
                                certificate_path,
                                "--tls-ca-cert-file",
                                certificate_path,
                                "--tls-auth-clients",
                                "no",
                                NULL};

static int start_server(void **state)
{
    char folder[200];

    (void)state;
    certificate_make(&certificate, "IP:127.0.0.1,DNS:localhost");
    certificate_make(&other, "IP:127.0.0.1,DNS:localhost");
    certificate_save_key(&certificate);
    assert_non_null(getcwd(folder, sizeof(folder)));
    snprintf(certificate_path, sizeof(certificate_path), "%s/%s", folder, certificate.file);
    snprintf(port_text, sizeof(port_text), "%u", redis_server_free_port());
    redis_server_start(&server, options);
    return 0;
}

static int end_server(void **state)
{
    (void)state;
    redis_server_clear(&server);
    certificate_clear(&certificate);
    certificate_clear(&other);
    return 0;
}

static void open_tls(struct redis_probe *p, const char *host, const char *ca_file)
{
    char url[64];
    const char *error;

    snprintf(url, sizeof(url), "rediss://%s:%s", host, port_text);
    redis_probe_init(p, url);
    p->conf.tls = redis_tls_new(ca_file, &error);
    check(p->conf.tls != NULL, "%s", error);
    redis_probe_connect(p);
}

static void a_server_that_is_vouched_for_is_asked(void **state)
{
    static const char *hosts[] = {"127.0.0.1", "localhost"};

    (void)state;
    for (size_t i = 0; i != LEN(hosts); i++) {
        struct redis_probe p;
        struct redis_asked d;
        open_tls(&p, hosts[i], certificate.file);
        redis_probe_wait_available(&p, true, 10000);
        redis_probe_ask(&p, &d, "SET key value");
        redis_probe_ask(&p, &d, "GET key");
        assert_string_equal(d.text, "value");
        redis_probe_clear(&p);
    }
}

static void large_commands_and_answers_come_whole(void **state)
{
    static char words[600000];
    struct redis_probe p;
    struct redis_asked d[6];

    (void)state;
    memset(words, 'v', sizeof(words) - 1);
    memcpy(words, "SET key ", 8);
    open_tls(&p, "127.0.0.1", certificate.file);
    redis_probe_wait_available(&p, true, 10000);
    for (size_t i = 0; i != LEN(d); i++)
        assert_true(redis_asked_start(&p, &d[i], i < 3 ? words : "GETRANGE key 0 1000000", 5000));
    for (size_t i = 0; i != LEN(d); i++) {
        redis_asked_wait(&d[i]);
        check(d[i].result == REDIS_REPLIED && d[i].error == REDIS_ERROR_NONE, "the %zuth: %d", i, d[i].result);
    }
    redis_probe_ask(&p, &d[0], "STRLEN key");
    assert_int_equal(d[0].integer, sizeof(words) - 9);
    redis_probe_clear(&p);
}

static bool is_up(void *ctx)
{
    struct redis_probe *p = ctx;

    return redis_is_available(p->client, SPAN(""));
}

static void a_server_that_is_not_is_not(void **state)
{
    struct redis_probe p;

    (void)state;
    open_tls(&p, "127.0.0.1", other.file); /* another authority */
    assert_false(redis_probe_until(&p, is_up, &p, 500));
    redis_probe_clear(&p);
    open_tls(&p, "127.0.0.2", certificate.file); /* another address, where nobody is vouched for */
    assert_false(redis_probe_until(&p, is_up, &p, 500));
    redis_probe_clear(&p);
}

/* Both ends of a handshake in turns. */
static bool is_believed(struct certificate *c, SSL_CTX *tls, const char *host)
{
    int fds[2], client_done = 0;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    SSL *client = redis_tls_connection(tls, host, fds[0]), *peer = SSL_new(c->server);
    assert_true(client != NULL && SSL_set_fd(peer, fds[1]) == 1);
    SSL_set_accept_state(peer);
    for (int i = 0; i != 10; i++) {
        client_done = SSL_do_handshake(client);
        (void)SSL_do_handshake(peer);
    }
    SSL_free(client);
    SSL_free(peer);
    close(fds[0]);
    close(fds[1]);
    return client_done == 1;
}

static void a_certificate_for_another_host_is_refused(void **state)
{
    static const struct {
        const char *name, *host;
        bool want;
    } rows[] = {
        {"IP:127.0.0.1", "127.0.0.1", true},
        {"IP:127.0.0.9", "127.0.0.1", false},
        {"DNS:127.0.0.1", "127.0.0.1", false},
        {"IP:::1", "::1", true},
        {"DNS:a.example", "a.example", true},
        {"DNS:a.example", "A.Example", true},
        {"DNS:*.example.com", "a.example.com", true},
        {"DNS:*.example.com", "b.a.example.com", false},
        {"DNS:a*.example.com", "ab.example.com", false},
        {"DNS:a.example", "b.example", false},
        {"DNS:other", "test", false}, /* the common name says test, but there are names */
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct certificate c;
        const char *error;
        certificate_make(&c, rows[i].name);
        SSL_CTX *tls = redis_tls_new(c.file, &error);
        assert_non_null(tls);
        check(is_believed(&c, tls, rows[i].host) == rows[i].want, "%s for %s", rows[i].name, rows[i].host);
        SSL_CTX_free(tls);
        certificate_clear(&c);
    }
}

static void plain_to_tls_and_tls_to_plain_do_not_work(void **state)
{
    struct redis_server plain;
    struct redis_probe p;
    char url[64];

    (void)state;
    snprintf(url, sizeof(url), "redis://127.0.0.1:%s", port_text);
    redis_probe_init(&p, url);
    redis_probe_connect(&p);
    assert_false(redis_probe_until(&p, is_up, &p, 300));
    redis_probe_clear(&p);
    redis_server_start(&plain, NULL);
    const char *error;
    snprintf(url, sizeof(url), "rediss://127.0.0.1:%u", plain.port);
    redis_probe_init(&p, url);
    p.conf.tls = redis_tls_new(certificate.file, &error);
    redis_probe_connect(&p);
    assert_false(redis_probe_until(&p, is_up, &p, 300));
    redis_probe_clear(&p);
    redis_server_clear(&plain);
}

static void a_file_without_authorities_is_refused(void **state)
{
    const char *error = NULL;

    (void)state;
    assert_null(redis_tls_new("no such file", &error));
    assert_non_null(error);
    SSL_CTX *tls = redis_tls_new(NULL, &error);
    assert_true(tls != NULL && error == NULL);
    SSL_CTX_free(tls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_is_vouched_for_is_asked),
        cmocka_unit_test(large_commands_and_answers_come_whole),
        cmocka_unit_test(a_server_that_is_not_is_not),
        cmocka_unit_test(a_certificate_for_another_host_is_refused),
        cmocka_unit_test(plain_to_tls_and_tls_to_plain_do_not_work),
        cmocka_unit_test(a_file_without_authorities_is_refused),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
