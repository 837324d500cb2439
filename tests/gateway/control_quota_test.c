/* The pools that workers share, and how many gateways there are, by a real Redis. */
#include "gateway/control_parts.h"

#include "gateway/quota/pool.h"
#include "tests/auth/check.h"
#include "tests/gateway/control_house.h"
#include "tests/lib/failing_memory.h"
#include "tests/lib/redis_server.h"

#include <stdio.h>

#define BEAT_MS   3000 /* a beat, and its answer */
#define MEMORY_MS 12000

static struct redis_server server;
static char settings[128];

static int start_server(void **state)
{
    (void)state;
    redis_server_start(&server, NULL);
    snprintf(settings, sizeof(settings), ",\"tenants_file\":\"tenants.json\",\"redis\":{\"url\":\"%s\"}", server.url);
    return 0;
}

static int end_server(void **state)
{
    (void)state;
    redis_server_clear(&server);
    return 0;
}

static void tell(const char *words)
{
    char *reply = redis_server_ask(&server, words);

    check(reply != NULL && reply[0] != '-', "%s: %s", words, reply);
    free(reply);
}

static struct worker_init begin(struct control_house *h, const char *with)
{
    struct worker_init init = {.conf = NULL};

    control_house_open(h, with);
    assert_true(control_make_quota(&h->control));
    control_give_quota(&h->control, &init);
    return init;
}

/* What control.c does when it ends: the loop turns on for a while, here until Redis has heard of it. */
static bool are_none(void *ctx)
{
    char *reply = redis_server_ask(&server, "ZCARD kgw:gateways");
    bool so = reply != NULL && strcmp(reply, ":0\r\n") == 0;

    (void)ctx;
    free(reply);
    return so;
}

static bool is_one(void *ctx)
{
    char *reply = redis_server_ask(&server, "ZCARD kgw:gateways");
    bool so = reply != NULL && strcmp(reply, ":1\r\n") == 0;

    (void)ctx;
    free(reply);
    return so;
}

static void end(struct control_house *h)
{
    control_end_quota(&h->control);
    control_free_quota(&h->control);
    assert_null(h->control.quota);
    control_house_close(h);
}

struct count {
    const struct pool *pool;
    uint64_t want;
};

static bool is_count(void *ctx)
{
    const struct count *c = ctx;

    return pool_gateways(c->pool) == c->want;
}

static void without_redis_the_pool_has_the_buckets(void **state)
{
    struct control_house h;
    struct pool_answer a;

    (void)state;
    struct worker_init init = begin(&h, ",\"tenants_file\":\"tenants.json\"");
    assert_null(init.redis);
    assert_true(init.pool != NULL && init.share != NULL && init.pool != init.share);
    pool_try(init.pool, SPAN("acme"), &(struct quota_limits){.requests_per_second = 1},
             &(struct quota_cost){.requests = 1}, (struct pool_now){1, 1}, &a);
    assert_int_equal(a.verdict, POOL_GRANTED);
    end(&h);
}

static void with_redis_it_must_ask_and_says_that_it_lives_until_it_ends(void **state)
{
    struct control_house h;
    struct pool_answer a;

    (void)state;
    struct worker_init init = begin(&h, settings);
    assert_non_null(init.redis);
    pool_try(init.pool, SPAN("acme"), &(struct quota_limits){.requests_per_second = 1},
             &(struct quota_cost){.requests = 1}, (struct pool_now){1, 1}, &a);
    assert_int_equal(a.verdict, POOL_MUST_ASK);
    check(control_house_until(&h, is_one, NULL, BEAT_MS), "it is counted");
    control_end_quota(&h.control);
    check(control_house_until(&h, are_none, NULL, BEAT_MS), "it is counted no more");
    end(&h);
}

static void others_count_at_once_and_for_a_while_after_they_were_last_heard_of(void **state)
{
    struct control_house h;

    (void)state;
    struct worker_init init = begin(&h, settings);
    struct count two = {init.pool, 2}, one = {init.pool, 1};
    tell("ZADD kgw:gateways 99999999999 another");
    check(control_house_until(&h, is_count, &two, BEAT_MS), "the other one counts");
    tell("FLUSHALL"); /* a share must not be the whole because of that */
    check(control_house_until(&h, is_one, NULL, BEAT_MS), "Redis has heard of this one again");
    check(!control_house_until(&h, is_count, &one, 1500), "and the other one counts still");
    check(control_house_until(&h, is_count, &one, MEMORY_MS), "but not for ever");
    end(&h);
}

static void a_redis_that_comes_goes_or_takes_no_writes_is_told_of_once(void **state)
{
    struct control_house h;

    (void)state;
    (void)begin(&h, settings);
    control_house_wait_logged(&h, "\"redis up\"");
    tell("CONFIG SET maxmemory 1");
    control_house_wait_logged(&h, "\"redis refuses\",\"error\":\"redis is out of memory\"");
    tell("CONFIG SET maxmemory 0");
    control_house_wait_logged(&h, "\"redis accepts\"");
    redis_server_kill(&server);
    control_house_wait_logged(&h, "\"redis down\"");
    redis_server_restart(&server);
    check(control_house_until(&h, is_one, NULL, BEAT_MS), "it is counted by the new one");
    assert_int_equal(control_house_logged(&h, "\"redis up\""), 2);
    assert_int_equal(control_house_logged(&h, "\"redis down\""), 1);
    assert_int_equal(control_house_logged(&h, "\"redis refuses\""), 1);
    end(&h);
}

static void what_cannot_be_trusted_is_no_start(void **state)
{
    struct control_house h;

    (void)state;
    control_house_open(&h, ",\"tenants_file\":\"tenants.json\",\"redis\":{\"url\":\"rediss://localhost\","
                           "\"ca_file\":\"config.json\"}");
    assert_false(control_make_quota(&h.control)); /* that file holds no certificate */
    end(&h);
}

static void memory_that_runs_out_ends_the_start_and_leaks_nothing(void **state)
{
    bool has_failed = true;

    (void)state;
    for (unsigned nth = 1; has_failed; nth++) {
        struct control_house h;
        control_house_open(&h, settings);
        failing_memory_begin(nth);
        bool ok = control_make_quota(&h.control);
        has_failed = failing_memory_end();
        assert_true(ok || has_failed);
        end(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_redis_the_pool_has_the_buckets),
        cmocka_unit_test(with_redis_it_must_ask_and_says_that_it_lives_until_it_ends),
        cmocka_unit_test(others_count_at_once_and_for_a_while_after_they_were_last_heard_of),
        cmocka_unit_test(a_redis_that_comes_goes_or_takes_no_writes_is_told_of_once),
        cmocka_unit_test(what_cannot_be_trusted_is_no_start),
        cmocka_unit_test(memory_that_runs_out_ends_the_start_and_leaks_nothing),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
