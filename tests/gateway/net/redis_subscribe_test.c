#include "gateway/net/redis_subscribe.h"

#include "tests/auth/check.h"
#include "tests/gateway/net/redis_probe.h"
#include "tests/lib/redis_server.h"

#include <stdio.h>
#include <string.h>

static struct redis_server server;

struct heard {
    unsigned listening, messages, lost;
    char channel[32], message[64];
};

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

static void on_news(void *ctx, enum redis_news what, struct span channel, struct span message)
{
    struct heard *h = ctx;

    h->listening += what == REDIS_NEWS_LISTENING;
    h->lost += what == REDIS_NEWS_LOST;
    if (what != REDIS_NEWS_MESSAGE)
        return;
    h->messages++;
    snprintf(h->channel, sizeof(h->channel), "%.*s", (int)channel.len, channel.ptr);
    snprintf(h->message, sizeof(h->message), "%.*s", (int)message.len, message.ptr);
}

static bool listens(void *ctx)
{
    struct heard *h = ctx;

    return h->listening == h->lost + 1;
}

static bool has_lost(void *ctx)
{
    return ((struct heard *)ctx)->lost != 0;
}

static bool has_message(void *ctx)
{
    return ((struct heard *)ctx)->messages != 0;
}

static struct redis_subscription *subscribe(struct redis_probe *p, struct heard *h)
{
    const struct span channels[] = {SPAN("kgw:changed"), SPAN("other")};

    *h = (struct heard){.messages = 0};
    redis_probe_init(p, server.url);
    struct redis_subscription *s = redis_subscribe(p->loop, &p->conf, channels, LEN(channels), on_news, h);
    assert_non_null(s);
    assert_int_equal(h->listening, 0);
    check(redis_probe_until(p, listens, h, 10000), "it listens");
    return s;
}

static void hears(struct redis_probe *p, struct heard *h, const char *publish, const char *channel, const char *message)
{
    h->messages = 0;
    free(redis_server_ask(&server, publish));
    check(redis_probe_until(p, has_message, h, 1000), "'%s' is heard", publish);
    assert_string_equal(h->channel, channel);
    assert_string_equal(h->message, message);
}

static void what_is_published_is_heard(void **state)
{
    struct redis_probe p;
    struct heard h;

    (void)state;
    struct redis_subscription *s = subscribe(&p, &h);
    hears(&p, &h, "PUBLISH kgw:changed 17", "kgw:changed", "17");
    hears(&p, &h, "PUBLISH other x", "other", "x");
    free(redis_server_ask(&server, "PUBLISH third x"));
    redis_probe_turn(&p);
    assert_int_equal(h.messages, 1);
    redis_unsubscribe(&s);
    assert_null(s);
    redis_unsubscribe(&s);
    redis_probe_clear(&p);
}

static void silence_of_a_live_server_is_no_loss(void **state)
{
    struct redis_probe p;
    struct heard h;

    (void)state;
    struct redis_subscription *s = subscribe(&p, &h);
    check(!redis_probe_until(&p, has_lost, &h, 2500), "it listens on");
    hears(&p, &h, "PUBLISH other x", "other", "x");
    assert_int_equal(h.listening, 1);
    redis_unsubscribe(&s);
    redis_probe_clear(&p);
}

static void a_lost_connection_is_told_and_replaced(void **state)
{
    struct redis_probe p;
    struct heard h;

    (void)state;
    struct redis_subscription *s = subscribe(&p, &h);
    free(redis_server_ask(&server, "CLIENT KILL TYPE pubsub"));
    check(redis_probe_until(&p, has_lost, &h, 2000), "the loss is told");
    check(redis_probe_until(&p, listens, &h, 2000), "it listens again");
    hears(&p, &h, "PUBLISH other x", "other", "x");
    redis_unsubscribe(&s);
    redis_probe_clear(&p);
}

static void a_frozen_server_is_noticed(void **state)
{
    struct redis_probe p;
    struct heard h;

    (void)state;
    struct redis_subscription *s = subscribe(&p, &h);
    redis_server_freeze(&server);
    check(redis_probe_until(&p, has_lost, &h, 4000), "the loss is told");
    redis_server_thaw(&server);
    check(redis_probe_until(&p, listens, &h, 2000), "it listens again");
    hears(&p, &h, "PUBLISH other x", "other", "x");
    redis_unsubscribe(&s);
    redis_probe_clear(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_published_is_heard),
        cmocka_unit_test(silence_of_a_live_server_is_no_loss),
        cmocka_unit_test(a_lost_connection_is_told_and_replaced),
        cmocka_unit_test(a_frozen_server_is_noticed),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
