/* Connections that end, and what comes after them. */
#include "gateway/net/redis_node.h"

#include "tests/auth/check.h"
#include "tests/gateway/net/redis_probe.h"
#include "tests/lib/redis_server.h"

#include <stdio.h>

#define COMES_BACK_MS 2000

static struct redis_server server;

static int start_server(void **state)
{
    (void)state;
    redis_server_start(&server, NULL);
    return 0;
}

static int end_server(void **state)
{
    (void)state;
    redis_server_clear(&server);
    return 0;
}

static void a_server_that_is_killed_loses_its_calls_and_is_found_again(void **state)
{
    struct redis_probe p;
    struct redis_asked d, e;

    (void)state;
    redis_probe_open(&p, server.url);
    assert_true(redis_asked_start(&p, &d, "BLPOP nolist 0", 5000));
    redis_probe_turn(&p);
    redis_server_kill(&server);
    redis_asked_wait(&d);
    assert_int_equal(d.result, REDIS_LOST);
    assert_false(redis_is_available(p.client, SPAN("key")));
    assert_false(redis_asked_start(&p, &e, "GET key", 5000));
    assert_int_equal(p.downs, 1);
    redis_server_restart(&server);
    redis_probe_wait_available(&p, true, COMES_BACK_MS);
    redis_probe_ask(&p, &d, "SET key value");
    assert_int_equal(p.ups, 2);
    redis_probe_clear(&p);
}

static void a_server_that_starts_later_is_found(void **state)
{
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    redis_server_kill(&server);
    redis_probe_init(&p, server.url);
    redis_probe_connect(&p);
    redis_probe_turn(&p);
    assert_false(redis_is_available(p.client, SPAN("key")));
    redis_server_restart(&server);
    redis_probe_wait_available(&p, true, COMES_BACK_MS);
    redis_probe_ask(&p, &d, "GET key");
    redis_probe_clear(&p);
}

static void killed_connections_come_back(void **state)
{
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    redis_probe_open(&p, server.url);
    for (int i = 0; i != 5; i++) {
        free(redis_server_ask(&server, "CLIENT KILL TYPE normal"));
        redis_probe_wait_available(&p, false, COMES_BACK_MS);
        redis_probe_wait_available(&p, true, COMES_BACK_MS);
        redis_probe_ask(&p, &d, "GET key");
    }
    redis_probe_clear(&p);
}

static void a_name_leads_to_the_server(void **state)
{
    struct redis_probe p;
    struct redis_asked d;
    char url[64];

    (void)state;
    snprintf(url, sizeof(url), "redis://localhost:%u", server.port);
    redis_probe_open(&p, url);
    redis_probe_ask(&p, &d, "GET key");
    redis_probe_clear(&p);
}

static void of_several_hosts_the_one_that_is_a_master_is_asked(void **state)
{
    struct redis_server replica;
    struct redis_probe p;
    struct redis_asked d;
    char url[128], master[32];
    const char *options[] = {"--replicaof", master, NULL};

    (void)state;
    snprintf(master, sizeof(master), "127.0.0.1 %u", server.port);
    redis_server_start(&replica, options);
    snprintf(url, sizeof(url), "redis://127.0.0.1:%u,127.0.0.1:%u,127.0.0.1:%u", redis_server_free_port(), replica.port,
             server.port);
    redis_probe_open(&p, url);
    redis_probe_ask(&p, &d, "SET key value");
    assert_string_equal(d.text, "OK");
    redis_probe_clear(&p);
    redis_server_clear(&replica);
}

static void a_master_that_became_a_replica_is_left(void **state)
{
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    redis_probe_open(&p, server.url);
    free(redis_server_ask(&server, "REPLICAOF 127.0.0.1 1"));
    redis_probe_ask(&p, &d, "SET key value");
    assert_int_equal(d.error, REDIS_ERROR_READONLY);
    assert_false(redis_is_available(p.client, SPAN("key")));
    free(redis_server_ask(&server, "REPLICAOF NO ONE"));
    redis_probe_wait_available(&p, true, COMES_BACK_MS);
    redis_probe_ask(&p, &d, "SET key value");
    assert_int_equal(d.error, REDIS_ERROR_NONE);
    redis_probe_clear(&p);
}

static void errors_that_are_the_commands_own_leave_the_connection(void **state)
{
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    redis_probe_open(&p, server.url);
    free(redis_server_ask(&server, "CONFIG SET maxmemory 1"));
    redis_probe_ask(&p, &d, "SET key value");
    assert_int_equal(d.error, REDIS_ERROR_OOM);
    free(redis_server_ask(&server, "CONFIG SET maxmemory 0"));
    free(redis_server_ask(&server, "CONFIG SET min-replicas-to-write 3"));
    redis_probe_wait_available(&p, true, COMES_BACK_MS); /* it rests */
    redis_probe_ask(&p, &d, "SET key value");
    assert_int_equal(d.error, REDIS_ERROR_NOREPLICAS);
    free(redis_server_ask(&server, "CONFIG SET min-replicas-to-write 0"));
    redis_probe_wait_available(&p, true, COMES_BACK_MS);
    redis_probe_ask(&p, &d, "SET key value");
    assert_int_equal(d.error, REDIS_ERROR_NONE);
    assert_int_equal(p.downs, 0);
    redis_probe_clear(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_is_killed_loses_its_calls_and_is_found_again),
        cmocka_unit_test(a_server_that_starts_later_is_found),
        cmocka_unit_test(killed_connections_come_back),
        cmocka_unit_test(a_name_leads_to_the_server),
        cmocka_unit_test(of_several_hosts_the_one_that_is_a_master_is_asked),
        cmocka_unit_test(a_master_that_became_a_replica_is_left),
        cmocka_unit_test(errors_that_are_the_commands_own_leave_the_connection),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
