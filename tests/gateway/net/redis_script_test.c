#include "gateway/net/redis_script.h"

#include "tests/auth/check.h"
#include "tests/gateway/net/redis_probe.h"
#include "tests/lib/redis_server.h"

static struct redis_server server;
static struct redis_script script;

static int start_server(void **state)
{
    (void)state;
    redis_server_start(&server, NULL);
    redis_script_init(&script, SPAN("return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}"));
    return 0;
}

static int end_server(void **state)
{
    (void)state;
    redis_server_clear(&server);
    return 0;
}

static void on_answer(void *ctx, const struct redis_answer *a)
{
    redis_asked_note(ctx, a);
    if (a->reply != NULL && a->reply->elements_len == 3)
        ((struct redis_asked *)ctx)->integer = a->reply->elements[2].integer;
}

static struct redis_script_call *start(struct redis_probe *p, struct redis_asked *d, const struct redis_script *s,
                                       uint32_t timeout_ms)
{
    struct span keys[] = {SPAN("counter")}, arguments[] = {SPAN("first")};
    struct redis_script_words w = {keys, LEN(keys), arguments, LEN(arguments)};

    *d = (struct redis_asked){.probe = p, .started_us = loop_now_us(p->loop)};
    return redis_script_call(p->client, s, &w, timeout_ms, on_answer, d);
}

static void run(struct redis_probe *p, struct redis_asked *d)
{
    assert_non_null(start(p, d, &script, 5000));
    assert_int_equal(d->callbacks, 0);
    redis_asked_wait(d);
    assert_int_equal(d->result, REDIS_REPLIED);
}

static void a_script_runs_known_or_not_known_and_once(void **state)
{
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    redis_probe_open(&p, server.url);
    for (int i = 1; i <= 6; i++) {
        if (i == 4)
            free(redis_server_ask(&server, "SCRIPT FLUSH"));
        run(&p, &d);
        check(d.error == REDIS_ERROR_NONE && d.integer == i, "the %dth time it has run so often: %d", i,
              (int)d.integer);
        assert_string_equal(d.text, "counter");
    }
    char *scripts = redis_server_ask(&server, "INFO commandstats");
    check(strstr(scripts, "cmdstat_eval:calls=2,") != NULL, "it was sent whole twice: %s", scripts);
    free(scripts);
    redis_probe_clear(&p);
}

static void a_restart_forgets_scripts_and_nobody_notices(void **state)
{
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    redis_probe_open(&p, server.url);
    run(&p, &d);
    redis_server_restart(&server);
    redis_probe_wait_available(&p, true, 2000);
    run(&p, &d);
    assert_int_equal(d.integer, 1);
    redis_probe_clear(&p);
}

static void a_script_that_fails_tells_its_error(void **state)
{
    struct redis_probe p;
    struct redis_asked d;
    struct redis_script wrong;

    (void)state;
    redis_probe_open(&p, server.url);
    redis_script_init(&wrong, SPAN("this is no Lua"));
    for (int i = 0; i != 2; i++) {
        assert_non_null(start(&p, &d, &wrong, 5000));
        redis_asked_wait(&d);
        assert_int_equal(d.error, REDIS_ERROR_OTHER);
    }
    redis_probe_clear(&p);
}

static void a_cancelled_script_calls_nobody(void **state)
{
    struct redis_probe p;
    struct redis_asked d, e;

    (void)state;
    redis_probe_open(&p, server.url);
    struct redis_script_call *call = start(&p, &d, &script, 5000);
    assert_non_null(call);
    redis_script_cancel(&call);
    assert_null(call);
    redis_script_cancel(&call);
    redis_probe_ask(&p, &e, "GET key");
    assert_int_equal(d.callbacks, 0);
    redis_probe_clear(&p);
}

static void both_ways_together_have_one_time(void **state)
{
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    redis_probe_open(&p, server.url);
    redis_server_freeze(&server);
    assert_non_null(start(&p, &d, &script, 50));
    redis_asked_wait(&d);
    redis_server_thaw(&server);
    assert_int_equal(d.result, REDIS_TIMED_OUT);
    redis_probe_clear(&p);
}

static void scripts_are_not_started_without_redis(void **state)
{
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    redis_probe_init(&p, "redis://127.0.0.1:1");
    redis_probe_connect(&p);
    assert_null(start(&p, &d, &script, 50));
    redis_probe_clear(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_script_runs_known_or_not_known_and_once),
        cmocka_unit_test(a_restart_forgets_scripts_and_nobody_notices),
        cmocka_unit_test(a_script_that_fails_tells_its_error),
        cmocka_unit_test(a_cancelled_script_calls_nobody),
        cmocka_unit_test(both_ways_together_have_one_time),
        cmocka_unit_test(scripts_are_not_started_without_redis),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
