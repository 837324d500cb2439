/* Bytes to a real Redis with TLS and without, and to peers that are silent or somebody else. */
#include "gateway/net/redis_wire.h"

#include "gateway/net/redis_once.h"
#include "gateway/net/redis_tls.h"
#include "tests/auth/check.h"
#include "tests/gateway/net/certificate.h"
#include "tests/lib/redis_server.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static struct certificate certificate, other;
static struct redis_server server;
static uint16_t tls_port;
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
                                "--requirepass",
                                "pass",
                                NULL};

static int start_server(void **state)
{
    char folder[200];

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    certificate_make(&certificate, "IP:127.0.0.1,DNS:localhost");
    certificate_make(&other, "IP:127.0.0.1,DNS:localhost");
    certificate_save_key(&certificate);
    assert_non_null(getcwd(folder, sizeof(folder)));
    snprintf(certificate_path, sizeof(certificate_path), "%s/%s", folder, certificate.file);
    tls_port = redis_server_free_port();
    snprintf(port_text, sizeof(port_text), "%u", tls_port);
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

static SSL_CTX *trust(const char *ca_file)
{
    const char *error;
    SSL_CTX *tls = redis_tls_new(ca_file, &error);

    check(tls != NULL, "%s", error);
    return tls;
}

static bool open_wire(struct redis_wire *w, const char *name, uint16_t port, SSL_CTX *tls, char *error)
{
    struct redis_host host;

    assert_true(redis_host_set(&host, span_str(name), port));
    return redis_wire_open(w, &host, tls, 2000, error);
}

static void a_server_that_is_vouched_for_is_spoken_to(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost"};
    char error[REDIS_WIRE_ERROR_BYTES], bytes[64];
    SSL_CTX *tls = trust(certificate.file);

    (void)state;
    for (size_t i = 0; i != LEN(hosts); i++) {
        struct redis_wire w;
        check(open_wire(&w, hosts[i], tls_port, tls, error), "%s", error);
        check(redis_wire_send(&w, SPAN("AUTH pass\r\n"), error), "%s", error);
        size_t len = redis_wire_receive(&w, bytes, sizeof(bytes), error);
        check(span_is(span_of(bytes, len), "+OK\r\n"), "%.*s", (int)len, bytes);
        redis_wire_close(&w);
        redis_wire_close(&w);
    }
    SSL_CTX_free(tls);
}

static void a_server_that_is_not_is_not(void **state)
{
    char error[REDIS_WIRE_ERROR_BYTES] = "";
    SSL_CTX *good = trust(certificate.file), *bad = trust(other.file);
    struct redis_wire w;

    (void)state;
    assert_false(open_wire(&w, "127.0.0.1", tls_port, bad, error)); /* another authority */
    check(strstr(error, "certificate") != NULL && w.fd < 0, "%s", error);
    assert_false(open_wire(&w, "127.0.0.2", tls_port, good, error)); /* nobody is vouched for there */
    assert_int_not_equal(error[0], '\0');
    assert_false(open_wire(&w, "127.0.0.1", server.port, good, error)); /* it speaks no TLS */
    assert_int_equal(w.fd, -1);
    SSL_CTX_free(good);
    SSL_CTX_free(bad);
}

/* Somebody who accepts and never says a word. */
static uint16_t listen_only(int *fd)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);

    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(*fd, (struct sockaddr *)&a, len), 0);
    assert_int_equal(listen(*fd, 4), 0);
    assert_int_equal(getsockname(*fd, (struct sockaddr *)&a, &len), 0);
    return ntohs(a.sin_port);
}

static void who_says_nothing_is_not_waited_for_longer_than_told(void **state)
{
    char error[REDIS_WIRE_ERROR_BYTES], byte;
    SSL_CTX *tls = trust(certificate.file);
    struct redis_host host;
    struct redis_wire w;
    int fd;

    (void)state;
    assert_true(redis_host_set(&host, SPAN("127.0.0.1"), listen_only(&fd)));
    assert_false(redis_wire_open(&w, &host, tls, 50, error)); /* the handshake */
    assert_string_equal(error, "it takes too long");
    check(redis_wire_open(&w, &host, NULL, 50, error), "%s", error);
    assert_int_equal(redis_wire_receive(&w, &byte, 1, error), 0);
    assert_string_equal(error, "it takes too long");
    redis_wire_close(&w);
    close(fd);
    assert_false(redis_wire_open(&w, &host, NULL, 50, error));
    assert_string_equal(error, "Connection refused");
    SSL_CTX_free(tls);
}

static void large_commands_and_answers_come_whole_over_tls(void **state)
{
    static char value[3000000];
    char error[REDIS_ONCE_ERROR_BYTES], text[64];
    SSL_CTX *tls = trust(certificate.file);
    struct redis_url url;
    const char *sentence;

    (void)state;
    memset(value, 'v', sizeof(value));
    snprintf(text, sizeof(text), "rediss://:pass@localhost:%u/2", tls_port);
    assert_true(redis_url_parse(span_str(text), &url, &sentence));
    struct redis_once *r = redis_once_open(&url, tls, 5000, error);
    check(r != NULL, "%s", error);
    struct span set[] = {SPAN("SET"), SPAN("key"), span_of(value, sizeof(value))}, get[] = {SPAN("GET"), SPAN("key")};
    for (int i = 0; i != 3; i++) {
        check(redis_once_call(r, set, 3, error) != NULL, "%s", error);
        const struct redis_reply *reply = redis_once_call(r, get, 2, error);
        check(reply != NULL && span_equal(reply->text, set[2]), "%s", error);
    }
    redis_once_close(&r);
    assert_null(redis_once_open(&url, NULL, 5000, error));
    check(strstr(error, "TLS") != NULL, "%s", error);
    redis_url_clear(&url);
    SSL_CTX_free(tls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_is_vouched_for_is_spoken_to),
        cmocka_unit_test(a_server_that_is_not_is_not),
        cmocka_unit_test(who_says_nothing_is_not_waited_for_longer_than_told),
        cmocka_unit_test(large_commands_and_answers_come_whole_over_tls),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
