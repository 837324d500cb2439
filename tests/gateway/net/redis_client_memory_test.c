/* The nth allocation fails, for every n: calls are refused or lost, connections come back, and nothing leaks. */
#include "gateway/net/redis_client.h"

#include "gateway/net/redis_script.h"
#include "gateway/net/redis_subscribe.h"
#include "tests/auth/check.h"
#include "tests/gateway/net/redis_probe.h"
#include "tests/lib/failing_memory.h"
#include "tests/lib/redis_server.h"

#include <stdio.h>

static struct redis_server server;
static char url[96];

static int start_server(void **state)
{
    static const char *options[] = {"--requirepass", "password", NULL};

    (void)state;
    redis_server_start(&server, options);
    snprintf(url, sizeof(url), "redis://:password@localhost:%u/1", server.port);
    return 0;
}

static int end_server(void **state)
{
    (void)state;
    redis_server_clear(&server);
    return 0;
}

static bool is_up(void *ctx)
{
    struct redis_probe *p = ctx;

    return redis_is_available(p->client, SPAN(""));
}

static void a_client_that_lacks_memory_once_comes_up_later(void **state)
{
    bool has_failed = true;

    (void)state;
    for (unsigned nth = 1; has_failed; nth++) {
        struct redis_probe p;
        redis_probe_init(&p, url);
        failing_memory_begin(nth);
        p.client = redis_client_new(p.loop, &p.conf);
        if (p.client != NULL)
            check(redis_probe_until(&p, is_up, &p, 10000), "without the %uth allocation it comes up", nth);
        has_failed = failing_memory_end();
        redis_probe_clear(&p);
    }
}

static void on_answer(void *ctx, const struct redis_answer *a)
{
    redis_asked_note(ctx, a);
}

static void a_call_that_lacks_memory_is_refused_or_ends(void **state)
{
    struct span keys[] = {SPAN("key")};
    struct redis_script_words w = {keys, 1, NULL, 0};
    struct redis_script script;
    bool has_failed = true;

    (void)state;
    redis_script_init(&script, SPAN("return {redis.call('INCR', KEYS[1]), 'text'}"));
    for (unsigned nth = 1; has_failed; nth++) {
        struct redis_probe p;
        redis_probe_open(&p, url);
        free(redis_server_ask(&server, "SCRIPT FLUSH"));
        struct redis_asked d = {.probe = &p};
        failing_memory_begin(nth);
        struct redis_script_call *call = redis_script_call(p.client, &script, &w, 5000, on_answer, &d);
        if (call != NULL)
            redis_asked_wait(&d);
        has_failed = failing_memory_end();
        redis_probe_wait_available(&p, true, 2000);
        redis_probe_clear(&p);
    }
}

static void on_news(void *ctx, enum redis_news what, struct span channel, struct span message)
{
    (void)channel;
    (void)message;
    *(bool *)ctx |= what == REDIS_NEWS_LISTENING;
}

static bool listens(void *ctx)
{
    return *(bool *)ctx;
}

static void a_subscription_that_lacks_memory_once_listens_later(void **state)
{
    bool has_failed = true;

    (void)state;
    for (unsigned nth = 1; has_failed; nth++) {
        struct redis_probe p;
        bool is_listening = false;
        redis_probe_init(&p, url);
        failing_memory_begin(nth);
        struct redis_subscription *s = redis_subscribe(p.loop, &p.conf, &SPAN("news"), 1, on_news, &is_listening);
        if (s != NULL)
            check(redis_probe_until(&p, listens, &is_listening, 10000), "without the %uth it listens", nth);
        has_failed = failing_memory_end();
        redis_unsubscribe(&s);
        redis_probe_clear(&p);
    }
}

static void layouts_that_lack_memory_do_not_start(void **state)
{
    static const char *urls[] = {"redis+sentinel://127.0.0.1:1/main", "redis+cluster://127.0.0.1:1,127.0.0.1:2"};

    (void)state;
    for (size_t i = 0; i != LEN(urls); i++)
        for (unsigned nth = 1, left = 1; left != 0; nth++) {
            struct redis_probe p;
            redis_probe_init(&p, urls[i]);
            failing_memory_begin(nth);
            p.client = redis_client_new(p.loop, &p.conf);
            left = failing_memory_end();
            check((p.client == NULL) == (left != 0), "%s: the %uth", urls[i], nth);
            redis_probe_clear(&p);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_that_lacks_memory_once_comes_up_later),
        cmocka_unit_test(a_call_that_lacks_memory_is_refused_or_ends),
        cmocka_unit_test(a_subscription_that_lacks_memory_once_listens_later),
        cmocka_unit_test(layouts_that_lack_memory_do_not_start),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
