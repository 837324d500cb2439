#include "gateway/net/redis_call.h"

#include "tests/auth/check.h"
#include "tests/gateway/net/redis_probe.h"
#include "tests/lib/redis_server.h"

#include <stdio.h>

#define MANY 2000

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

static void commands_are_answered(void **state)
{
    char path_url[128];
    const char *urls[] = {server.url, path_url};

    (void)state;
    snprintf(path_url, sizeof(path_url), "unix://%s", server.path);
    for (size_t i = 0; i != LEN(urls); i++) {
        struct redis_probe p;
        struct redis_asked d;
        redis_probe_open(&p, urls[i]);
        redis_probe_ask(&p, &d, "SET key value");
        check(d.type == REDIS_TYPE_STATUS && strcmp(d.text, "OK") == 0, "%s: %s", urls[i], d.text);
        redis_probe_ask(&p, &d, "GET key");
        check(d.type == REDIS_TYPE_STRING && strcmp(d.text, "value") == 0, "%s: %s", urls[i], d.text);
        redis_probe_ask(&p, &d, "GET nokey");
        assert_int_equal(d.type, REDIS_TYPE_NIL);
        redis_probe_ask(&p, &d, "INCRBY number 7");
        assert_int_equal(d.type, REDIS_TYPE_INTEGER);
        redis_probe_ask(&p, &d, "MGET key number");
        assert_int_equal(d.elements_len, 2);
        redis_probe_ask(&p, &d, "NOSUCHCOMMAND x");
        assert_int_equal(d.error, REDIS_ERROR_OTHER);
        redis_probe_ask(&p, &d, "FLUSHALL");
        assert_int_equal(p.ups, 1);
        assert_int_equal(p.downs, 0);
        redis_probe_clear(&p);
    }
}

static void many_at_once_are_answered_in_order(void **state)
{
    static struct redis_asked d[MANY];
    struct redis_probe p;

    (void)state;
    redis_probe_open(&p, server.url);
    for (int i = 0; i != MANY; i++)
        assert_true(redis_asked_start(&p, &d[i], "INCR counter", 5000));
    for (int i = 0; i != MANY; i++) {
        redis_asked_wait(&d[i]);
        check(d[i].result == REDIS_REPLIED && d[i].integer == i + 1, "the %dth is answered: %d", i, (int)d[i].integer);
    }
    redis_probe_ask(&p, &d[0], "FLUSHALL");
    redis_probe_clear(&p);
}

static void a_late_answer_is_counted_off(void **state)
{
    struct redis_probe p;
    struct redis_asked late, cancelled, next;

    (void)state;
    redis_probe_open(&p, server.url);
    redis_probe_ask(&p, &next, "SET key value");
    assert_true(redis_asked_start(&p, &late, "BLPOP nolist 0.3", 30));
    assert_true(redis_asked_start(&p, &cancelled, "GET nokey", 30));
    assert_true(redis_asked_start(&p, &next, "GET key", 5000));
    redis_cancel(&cancelled.call);
    assert_null(cancelled.call);
    redis_cancel(&cancelled.call);
    redis_asked_wait(&late);
    assert_int_equal(late.result, REDIS_TIMED_OUT);
    check(late.took_us >= 30000, "not before its time: %d us", (int)late.took_us);
    redis_asked_wait(&next);
    assert_string_equal(next.text, "value");
    assert_int_equal(late.callbacks, 1);
    assert_int_equal(cancelled.callbacks, 0);
    assert_int_equal(p.downs, 0);
    redis_probe_ask(&p, &next, "FLUSHALL");
    redis_probe_clear(&p);
}

static void what_is_too_much_is_not_started(void **state)
{
    struct redis_probe p;
    struct redis_asked d[5];

    (void)state;
    redis_probe_init(&p, server.url);
    p.conf.calls_max = 4;
    p.conf.send_bytes_max = 1000;
    redis_probe_connect(&p);
    redis_probe_wait_available(&p, true, 10000);
    for (int i = 0; i != 4; i++)
        assert_true(redis_asked_start(&p, &d[i], "GET key", 5000));
    assert_false(redis_asked_start(&p, &d[4], "GET key", 5000));
    for (int i = 0; i != 4; i++)
        redis_asked_wait(&d[i]);
    char big[1200];
    memset(big, 'x', sizeof(big) - 1);
    memcpy(big, "GET ", 4);
    big[sizeof(big) - 1] = '\0';
    assert_false(redis_asked_start(&p, &d[4], big, 5000));
    redis_probe_ask(&p, &d[4], "GET key");
    redis_probe_clear(&p);
}

static void an_answer_that_is_too_large_ends_the_connection_and_not_the_client(void **state)
{
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    redis_probe_init(&p, server.url);
    p.conf.reply_bytes_max = 4096;
    redis_probe_connect(&p);
    redis_probe_wait_available(&p, true, 10000);
    redis_probe_ask(&p, &d, "SETRANGE key 10000 x");
    assert_true(redis_asked_start(&p, &d, "GET key", 5000));
    redis_asked_wait(&d);
    assert_int_equal(d.result, REDIS_LOST);
    assert_false(redis_is_available(p.client, SPAN("key")));
    redis_probe_wait_available(&p, true, 10000);
    redis_probe_ask(&p, &d, "FLUSHALL");
    redis_probe_clear(&p);
}

static void large_commands_and_answers_come_whole(void **state)
{
    static char words[900000];
    struct redis_probe p;
    struct redis_asked d[8];

    (void)state;
    memset(words, 'v', sizeof(words) - 1);
    memcpy(words, "SET key ", 8);
    redis_probe_open(&p, server.url);
    for (size_t i = 0; i + 4 != LEN(d); i++)
        assert_true(redis_asked_start(&p, &d[i], words, 5000));
    for (size_t i = 4; i != LEN(d); i++)
        assert_true(redis_asked_start(&p, &d[i], "GETRANGE key 0 1000000", 5000));
    for (size_t i = 0; i != LEN(d); i++) {
        redis_asked_wait(&d[i]);
        check(d[i].result == REDIS_REPLIED && d[i].error == REDIS_ERROR_NONE, "the %zuth: %d", i, d[i].result);
    }
    redis_probe_ask(&p, &d[0], "STRLEN key");
    assert_int_equal(d[0].integer, sizeof(words) - 9);
    redis_probe_ask(&p, &d[0], "FLUSHALL");
    redis_probe_clear(&p);
}

/* Each callback starts another, and of two calls the first that ends cancels the second. */
struct chain {
    struct redis_probe *probe;
    struct redis_call *other;
    unsigned callbacks;
};

static void on_chain(void *ctx, const struct redis_answer *a)
{
    struct chain *c = ctx;

    assert_int_equal(a->result, REDIS_REPLIED);
    redis_cancel(&c->other);
    if (++c->callbacks == 10)
        return;
    struct redis_call *one = redis_call(c->probe->client, SPAN(""), SPAN("*1\r\n$4\r\nPING\r\n"), 5000, on_chain, c);
    c->other = redis_call(c->probe->client, SPAN(""), SPAN("*1\r\n$4\r\nPING\r\n"), 5000, on_chain, c);
    assert_true(one != NULL && c->other != NULL);
}

static bool chain_is_over(void *ctx)
{
    return ((struct chain *)ctx)->callbacks == 10;
}

static void a_callback_may_start_and_cancel_calls(void **state)
{
    struct redis_probe p;
    struct chain c = {.probe = &p};

    (void)state;
    redis_probe_open(&p, server.url);
    assert_non_null(redis_call(p.client, SPAN(""), SPAN("*1\r\n$4\r\nPING\r\n"), 5000, on_chain, &c));
    assert_true(redis_probe_until(&p, chain_is_over, &c, 10000));
    redis_probe_turn(&p);
    assert_int_equal(c.callbacks, 10);
    redis_probe_clear(&p);
}

static void a_client_may_end_at_any_time(void **state)
{
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    redis_probe_init(&p, server.url);
    redis_probe_connect(&p);
    redis_probe_clear(&p);
    redis_probe_init(&p, "redis://localhost:1");
    redis_probe_connect(&p);
    redis_probe_turn(&p);
    redis_probe_clear(&p);
    redis_probe_open(&p, server.url);
    assert_true(redis_asked_start(&p, &d, "GET key", 5000));
    redis_cancel(&d.call);
    redis_probe_clear(&p);
    redis_client_free(&p.client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_answered),
        cmocka_unit_test(many_at_once_are_answered_in_order),
        cmocka_unit_test(a_late_answer_is_counted_off),
        cmocka_unit_test(what_is_too_much_is_not_started),
        cmocka_unit_test(an_answer_that_is_too_large_ends_the_connection_and_not_the_client),
        cmocka_unit_test(large_commands_and_answers_come_whole),
        cmocka_unit_test(a_callback_may_start_and_cancel_calls),
        cmocka_unit_test(a_client_may_end_at_any_time),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
