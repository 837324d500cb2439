#include "gateway/net/redis_client.h"

#include "gateway/net/redis_subscribe.h"
#include "tests/auth/check.h"
#include "tests/gateway/net/redis_probe.h"
#include "tests/lib/redis_server.h"

#include <stdio.h>

#define FOLLOWS_MS 20000

static struct redis_server first, second, sentinel;
static char replica_of[32], url[128];
static const char *replica_options[] = {"--replicaof", replica_of, NULL};

static int start_set(void **state)
{
    (void)state;
    redis_server_start(&first, NULL);
    snprintf(replica_of, sizeof(replica_of), "127.0.0.1 %u", first.port);
    redis_server_start(&second, replica_options);
    redis_server_wait_for(&second, "INFO replication", "master_link_status:up");
    redis_server_start_sentinel(&sentinel, first.port);
    redis_server_wait_for(&sentinel, "SENTINEL replicas main", "flags");
    snprintf(url, sizeof(url), "redis+sentinel://127.0.0.1:%u,127.0.0.1:%u/main", redis_server_free_port(),
             sentinel.port);
    return 0;
}

static int end_set(void **state)
{
    (void)state;
    redis_server_clear(&sentinel);
    redis_server_clear(&second);
    redis_server_clear(&first);
    return 0;
}

static void the_master_is_found_through_the_sentinel_that_answers(void **state)
{
    struct redis_probe p;
    struct redis_asked d;

    (void)state;
    redis_probe_open(&p, url);
    redis_probe_ask(&p, &d, "SET key one");
    assert_string_equal(d.text, "OK");
    redis_probe_clear(&p);
}

static void a_master_that_nobody_knows_is_never_available(void **state)
{
    struct redis_probe p;
    char other[128];

    (void)state;
    snprintf(other, sizeof(other), "redis+sentinel://127.0.0.1:%u/other", sentinel.port);
    redis_probe_init(&p, other);
    redis_probe_connect(&p);
    for (int i = 0; i != 30; i++)
        redis_probe_turn(&p);
    assert_false(redis_is_available(p.client, SPAN("key")));
    redis_probe_clear(&p);
}

static void set_passwords(const char *words, const char *before, const char *after)
{
    struct redis_server *all[] = {&first, &sentinel};

    for (size_t i = 0; i != LEN(all); i++) {
        all[i]->password = before;
        redis_server_wait_for(all[i], words, "+OK");
        all[i]->password = after;
    }
}

static void a_sentinel_that_wants_the_password_gets_it(void **state)
{
    struct redis_probe p;
    struct redis_asked d;
    char with_password[128];

    (void)state;
    set_passwords("ACL SETUSER default resetpass >password", NULL, "password");
    snprintf(with_password, sizeof(with_password), "redis+sentinel://:password@127.0.0.1:%u/main", sentinel.port);
    redis_probe_open(&p, with_password);
    redis_probe_ask(&p, &d, "SET key one");
    assert_string_equal(d.text, "OK");
    redis_probe_clear(&p);
    set_passwords("ACL SETUSER default nopass", "password", NULL);
}

static bool writes(void *ctx)
{
    struct redis_probe *p = ctx;
    static struct redis_asked d;

    if (d.call == NULL && d.callbacks != 0 && d.error == REDIS_ERROR_NONE && d.result == REDIS_REPLIED)
        return true;
    if (d.call == NULL)
        (void)redis_asked_start(p, &d, "SET key two", 1000);
    return false;
}

static void on_news(void *ctx, enum redis_news what, struct span channel, struct span message)
{
    (void)channel;
    (void)message;
    *(unsigned *)ctx += what == REDIS_NEWS_LISTENING;
}

static bool listens_again(void *ctx)
{
    return *(unsigned *)ctx >= 2;
}

static void a_failover_is_followed_by_calls_and_subscriptions(void **state)
{
    struct redis_probe p, q;
    struct redis_asked d;
    unsigned listening = 0;

    (void)state;
    redis_probe_open(&p, url);
    redis_probe_init(&q, url);
    struct redis_subscription *s = redis_subscribe(q.loop, &q.conf, &SPAN("news"), 1, on_news, &listening);
    assert_non_null(s);
    while (listening == 0)
        redis_probe_turn(&q);
    redis_server_kill(&first);
    redis_probe_wait_available(&p, false, 1000);
    redis_server_wait_for(&second, "ROLE", "master");
    redis_server_wait_for(&sentinel, "SENTINEL get-master-addr-by-name main", strrchr(second.url, ':') + 1);
    check(redis_probe_until(&p, writes, &p, FOLLOWS_MS), "the new master is written to");
    char *reply = redis_server_ask(&second, "GET key");
    check(strstr(reply, "two") != NULL, "it is: %s", reply);
    free(reply);
    check(redis_probe_until(&q, listens_again, &listening, FOLLOWS_MS), "it listens on the new master");
    redis_unsubscribe(&s);
    redis_probe_clear(&q);
    redis_probe_ask(&p, &d, "GET key");
    redis_probe_clear(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_master_is_found_through_the_sentinel_that_answers),
        cmocka_unit_test(a_master_that_nobody_knows_is_never_available),
        cmocka_unit_test(a_sentinel_that_wants_the_password_gets_it),
        cmocka_unit_test(a_failover_is_followed_by_calls_and_subscriptions),
    };

    return cmocka_run_group_tests(tests, start_set, end_set);
}
