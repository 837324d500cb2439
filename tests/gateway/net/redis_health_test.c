/* The breaker: a server that is silent, slow or busy. */
#include "gateway/net/redis_node.h"

#include "tests/auth/check.h"
#include "tests/gateway/net/redis_probe.h"
#include "tests/lib/redis_server.h"

#include <string.h>

#define OPENS_MS      1000
#define COMES_BACK_MS 2000
#define TIMEOUT_MS    20

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

/* Asks one call after the other, as long as that is possible. */
struct traffic {
    struct redis_probe *probe;
    struct redis_asked now;
    unsigned timed_out, lost, answered;
    uint64_t longest_us;
};

static bool asks_no_more(void *ctx)
{
    struct traffic *t = ctx;

    if (t->now.callbacks != 0) {
        t->timed_out += t->now.result == REDIS_TIMED_OUT;
        t->lost += t->now.result == REDIS_LOST;
        t->answered += t->now.result == REDIS_REPLIED;
        t->longest_us = t->now.took_us > t->longest_us ? t->now.took_us : t->longest_us;
        t->now.callbacks = 0;
    }
    return t->now.call == NULL && !redis_asked_start(t->probe, &t->now, "GET key", TIMEOUT_MS);
}

static void a_frozen_server_is_asked_no_more_within_a_second_and_again_within_two(void **state)
{
    struct redis_probe p;
    struct redis_asked d;
    struct traffic t = {.probe = &p};

    (void)state;
    redis_probe_open(&p, server.url);
    redis_server_freeze(&server);
    check(redis_probe_until(&p, asks_no_more, &t, OPENS_MS), "it is asked no more");
    check(t.timed_out >= 1 && t.answered == 0, "%u calls timed out, %u were answered", t.timed_out, t.answered);
    check(t.longest_us < 500000, "none takes much more than its time: %u us", (unsigned)t.longest_us);
    redis_probe_turn(&p);
    assert_false(redis_is_available(p.client, SPAN("key")));
    assert_string_equal(p.reason, "redis does not answer in time");
    redis_server_thaw(&server);
    redis_probe_wait_available(&p, true, COMES_BACK_MS);
    redis_probe_ask(&p, &d, "GET key");
    assert_int_equal(p.downs, 1);
    redis_probe_clear(&p);
}

static void a_single_call_that_timed_out_is_enough_to_find_out(void **state)
{
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    redis_probe_open(&p, server.url);
    redis_server_freeze(&server);
    assert_true(redis_asked_start(&p, &d, "GET key", TIMEOUT_MS));
    redis_asked_wait(&d);
    assert_int_equal(d.result, REDIS_TIMED_OUT);
    assert_true(redis_is_available(p.client, SPAN("key")));
    assert_false(redis_is_prompt(p.client, SPAN("key")));
    redis_probe_wait_available(&p, false, OPENS_MS);
    redis_server_thaw(&server);
    redis_probe_wait_available(&p, true, COMES_BACK_MS);
    redis_probe_clear(&p);
}

static void a_hiccup_is_forgiven(void **state)
{
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    redis_probe_open(&p, server.url);
    redis_server_freeze(&server);
    assert_true(redis_asked_start(&p, &d, "GET key", TIMEOUT_MS));
    redis_asked_wait(&d);
    assert_false(redis_is_prompt(p.client, SPAN("key")));
    redis_server_thaw(&server);
    redis_probe_ask(&p, &d, "GET key");
    assert_true(redis_is_prompt(p.client, SPAN("key")));
    struct traffic t = {.probe = &p};
    check(!redis_probe_until(&p, asks_no_more, &t, OPENS_MS), "it is asked on");
    assert_int_equal(p.downs, 0);
    redis_cancel(&t.now.call);
    redis_probe_clear(&p);
}

static void on_answer(void *ctx, const struct redis_answer *a)
{
    redis_asked_note(ctx, a);
}

static void a_server_that_is_busy_with_a_script_is_left_alone_until_it_is_done(void **state)
{
    static const char script[] = "*3\r\n$4\r\nEVAL\r\n$17\r\nwhile true do end\r\n$1\r\n0\r\n";
    struct redis_probe p, q;
    struct redis_asked d = {.probe = &q};

    (void)state;
    free(redis_server_ask(&server, "CONFIG SET busy-reply-threshold 50"));
    redis_probe_open(&q, server.url);
    redis_probe_open(&p, server.url);
    assert_non_null(redis_call(q.client, SPAN(""), span_of(script, sizeof(script) - 1), 20, on_answer, &d));
    redis_asked_wait(&d);
    assert_int_equal(d.result, REDIS_TIMED_OUT);
    redis_probe_ask(&p, &d, "GET key");
    assert_int_equal(d.error, REDIS_ERROR_BUSY);
    assert_false(redis_is_available(p.client, SPAN("key")));
    assert_string_equal(p.reason, "redis is busy with a script");
    redis_server_wait_for(&server, "SCRIPT KILL", "OK");
    redis_probe_wait_available(&p, true, COMES_BACK_MS);
    assert_int_equal(p.downs, 1);
    redis_probe_ask(&p, &d, "GET key");
    redis_probe_clear(&q);
    redis_probe_clear(&p);
}

static bool sets(void *ctx)
{
    struct traffic *t = ctx;

    if (t->now.callbacks != 0 && t->now.error == REDIS_ERROR_NONE)
        return true;
    t->answered += t->now.callbacks;
    t->now.callbacks = 0;
    if (t->now.call == NULL)
        (void)redis_asked_start(t->probe, &t->now, "SET key value", TIMEOUT_MS);
    return false;
}

static void a_server_that_takes_no_writes_is_tried_now_and_then(void **state)
{
    struct redis_probe p;
    struct traffic t = {.probe = &p};

    (void)state;
    redis_probe_open(&p, server.url);
    free(redis_server_ask(&server, "CONFIG SET maxmemory 1"));
    assert_true(redis_asked_start(&p, &t.now, "SET key value", TIMEOUT_MS));
    redis_asked_wait(&t.now);
    assert_int_equal(t.now.error, REDIS_ERROR_OOM);
    assert_false(redis_is_available(p.client, SPAN("key")));
    t.now.callbacks = 0;
    check(!redis_probe_until(&p, sets, &t, OPENS_MS), "it takes none");
    check(t.answered >= 1 && t.answered <= 5, "some four times a second: %u", t.answered);
    free(redis_server_ask(&server, "CONFIG SET maxmemory 0"));
    check(redis_probe_until(&p, sets, &t, COMES_BACK_MS), "it takes them again");
    assert_true(redis_is_available(p.client, SPAN("key")));
    assert_int_equal(p.downs, 0);
    redis_probe_clear(&p);
}

static void a_server_that_is_always_late_is_not_asked(void **state)
{
    struct redis_probe p;

    (void)state;
    redis_probe_init(&p, server.url);
    p.conf.late_ms = 0; /* whatever takes a microsecond */
    redis_probe_connect(&p);
    for (int i = 0; i != 30; i++)
        redis_probe_turn(&p);
    assert_false(redis_is_available(p.client, SPAN("key")));
    assert_int_equal(p.ups, 0);
    redis_probe_clear(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frozen_server_is_asked_no_more_within_a_second_and_again_within_two),
        cmocka_unit_test(a_single_call_that_timed_out_is_enough_to_find_out),
        cmocka_unit_test(a_hiccup_is_forgiven),
        cmocka_unit_test(a_server_that_is_busy_with_a_script_is_left_alone_until_it_is_done),
        cmocka_unit_test(a_server_that_takes_no_writes_is_tried_now_and_then),
        cmocka_unit_test(a_server_that_is_always_late_is_not_asked),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
