#include "gateway/net/redis_node.h"

#include "tests/auth/check.h"
#include "tests/gateway/net/redis_probe.h"
#include "tests/lib/redis_server.h"

#include <stdio.h>

static struct redis_server server;

static int start_server(void **state)
{
    static const char *options[] = {"--requirepass", "pass:w/rd", NULL};

    (void)state;
    redis_server_start(&server, options);
    free(redis_server_ask(&server, "ACL SETUSER gateway on >other ~* &* +@all -role"));
    free(redis_server_ask(&server, "ACL SETUSER poor on >other ~* +get"));
    return 0;
}

static int end_server(void **state)
{
    (void)state;
    redis_server_clear(&server);
    return 0;
}

static void who_has_the_password_is_let_in(void **state)
{
    static const char *who[] = {":pass%3Aw%2Frd@", "default:pass:w%2Frd@", "gateway:other@"};

    (void)state;
    for (size_t i = 0; i != LEN(who); i++) {
        struct redis_probe p;
        struct redis_asked d;
        char url[128];
        snprintf(url, sizeof(url), "redis://%s127.0.0.1:%u/3", who[i], server.port);
        redis_probe_open(&p, url);
        redis_probe_ask(&p, &d, "SET key value");
        check(d.error == REDIS_ERROR_NONE, "%s may set", who[i]);
        redis_probe_ask(&p, &d, "CLIENT INFO");
        check(strstr(d.text, " db=3 ") != NULL, "%s is in its database: %s", who[i], d.text);
        redis_probe_clear(&p);
    }
}

static bool is_let_in(void *ctx)
{
    struct redis_probe *p = ctx;

    return redis_is_available(p->client, SPAN(""));
}

static void who_has_not_is_never_available(void **state)
{
    static const struct {
        const char *what, *before, *after;
    } rows[] = {
        {"no password", "", ""},
        {"another password", ":wrong@", ""},
        {"another user", "nobody:other@", ""},
        {"no such database", ":pass%3Aw%2Frd@", "/999"},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct redis_probe p;
        char url[128];
        snprintf(url, sizeof(url), "redis://%s127.0.0.1:%u%s", rows[i].before, server.port, rows[i].after);
        redis_probe_init(&p, url);
        redis_probe_connect(&p);
        check(!redis_probe_until(&p, is_let_in, &p, 300), "%s: it is not let in", rows[i].what);
        redis_probe_clear(&p);
    }
}

static void who_may_little_is_told_so_by_its_commands(void **state)
{
    struct redis_probe p;
    struct redis_asked d;
    char url[128];

    (void)state;
    snprintf(url, sizeof(url), "redis://poor:other@127.0.0.1:%u", server.port);
    redis_probe_open(&p, url); /* it may not even PING, but that is an answer */
    redis_probe_ask(&p, &d, "SET key value");
    assert_int_equal(d.error, REDIS_ERROR_NOPERM);
    redis_probe_ask(&p, &d, "GET key");
    assert_int_equal(d.error, REDIS_ERROR_NONE);
    redis_probe_clear(&p);
}

static void a_password_that_is_changed_is_found_out(void **state)
{
    struct redis_probe p;
    char url[128];

    (void)state;
    snprintf(url, sizeof(url), "redis://gateway:other@127.0.0.1:%u", server.port);
    redis_probe_open(&p, url);
    free(redis_server_ask(&server, "ACL SETUSER gateway resetpass >changed"));
    free(redis_server_ask(&server, "CLIENT KILL USER gateway"));
    redis_probe_wait_available(&p, false, 2000);
    check(!redis_probe_until(&p, is_let_in, &p, 300), "it is not let in");
    free(redis_server_ask(&server, "ACL SETUSER gateway resetpass >other"));
    redis_probe_wait_available(&p, true, 2000);
    redis_probe_clear(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_the_password_is_let_in),
        cmocka_unit_test(who_has_not_is_never_available),
        cmocka_unit_test(who_may_little_is_told_so_by_its_commands),
        cmocka_unit_test(a_password_that_is_changed_is_found_out),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
