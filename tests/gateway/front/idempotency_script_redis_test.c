/* idempotency.lua in a real Redis, under two stores with connections of their own. */
#include "gateway/front/idempotency_redis.h"
#include "gateway/front/idempotency_script.h"
#include "tests/auth/check.h"
#include "tests/gateway/front/recall_stories.h"
#include "tests/gateway/net/redis_probe.h"
#include "tests/lib/redis_server.h"

#include <stdlib.h>

#define NAME        "kgw:idem:acme:orders:1"
#define PATIENCE_MS 20000
#define TTL_S       3600

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

struct gateway {
    struct redis_probe probe;
    struct random random;
    struct metrics metrics;
    struct idempotency_redis *store;
};

/* Both on the first one's loop. */
struct fleet {
    struct gateway gateways[2];
    struct redis_client *second;
};

static struct idempotency_redis *store_on(struct gateway *g, struct loop *l, struct redis_client *redis)
{
    random_seed_from_kernel(&g->random);
    return idempotency_redis_new(&(struct idempotency_redis_conf){
        .loop = l, .redis = redis, .random = &g->random, .metrics = &g->metrics, .timeout_ms = 1000, .ttl_s = TTL_S});
}

static bool is_second_up(void *ctx)
{
    return redis_is_available(ctx, SPAN(NAME));
}

static void fleet_init(struct fleet *f)
{
    struct redis_probe *p = &f->gateways[0].probe;

    *f = (struct fleet){0};
    free(redis_server_ask(&server, "FLUSHALL"));
    redis_probe_open(p, server.url);
    f->second = redis_client_new(p->loop, &p->conf);
    check(redis_probe_until(p, is_second_up, f->second, PATIENCE_MS), "the second is connected");
    f->gateways[0].store = store_on(&f->gateways[0], p->loop, p->client);
    f->gateways[1].store = store_on(&f->gateways[1], p->loop, f->second);
}

static bool is_idle(void *ctx)
{
    struct fleet *f = ctx;

    return idempotency_redis_under_way(f->gateways[0].store) + idempotency_redis_under_way(f->gateways[1].store) == 0;
}

static void fleet_clear(struct fleet *f)
{
    check(redis_probe_until(&f->gateways[0].probe, is_idle, f, PATIENCE_MS), "all ends");
    for (size_t i = 0; i != 2; i++)
        idempotency_redis_free(&f->gateways[i].store);
    redis_client_free(&f->second);
    redis_probe_clear(&f->gateways[0].probe);
}

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

static void pass(void *ctx, uint64_t us)
{
    (void)redis_probe_until(&((struct fleet *)ctx)->gateways[0].probe, never, NULL, (uint32_t)(us / 1000));
}

static void until(void *ctx, bool (*is_so)(void *arg), void *arg)
{
    check(redis_probe_until(&((struct fleet *)ctx)->gateways[0].probe, is_so, arg, PATIENCE_MS), "it comes");
}

static struct recall_door door_of(struct fleet *f)
{
    return (struct recall_door){
        {idempotency_redis_store(f->gateways[0].store), idempotency_redis_store(f->gateways[1].store)},
        f->gateways[0].probe.loop,
        pass,
        until,
        f};
}

static void it_does_what_the_stories_say(void **state)
{
    struct fleet f;

    (void)state;
    fleet_init(&f);
    struct recall_door door = door_of(&f);
    recall_stories_run(&door);
    fleet_clear(&f);
}

/* One caller, who waits for each of its ends. */
struct caller {
    struct recall recall;
    struct idempotency_store *store;
    enum recall_verdict verdict;
    bool is_over, is_kept;
};

static void on_done(struct recall *r, enum recall_verdict verdict)
{
    struct caller *c = LIST_ENTRY(r, struct caller, recall);

    c->verdict = verdict;
    c->is_over = true;
}

static void on_kept(struct recall *r, bool is_kept)
{
    struct caller *c = LIST_ENTRY(r, struct caller, recall);

    c->is_kept = is_kept;
    c->is_over = true;
}

static bool is_over(void *ctx)
{
    return ((struct caller *)ctx)->is_over;
}

static void start(struct fleet *f, struct caller *c, size_t gateway)
{
    *c = (struct caller){.store = idempotency_redis_store(f->gateways[gateway].store),
                         .recall = {.loop = f->gateways[0].probe.loop,
                                    .name = SPAN(NAME),
                                    .hold_us = 60000000,
                                    .done = on_done,
                                    .kept = on_kept}};
    buf_init(&c->recall.results, 4096);
    assert_true(recall_ask(c->store, &c->recall));
}

static enum recall_verdict ask(struct fleet *f, struct caller *c, size_t gateway)
{
    start(f, c, gateway);
    until(f, is_over, c);
    buf_clear(&c->recall.results);
    return c->verdict;
}

static bool finish(struct fleet *f, struct caller *c, bool is_whole)
{
    struct buf results;

    buf_init(&results, 64);
    buf_append(&results, is_whole ? SPAN("w01:a1:b0:") : SPAN("w01:a1:b0:-"));
    c->is_over = c->is_kept = false;
    if (recall_finish(c->store, &c->recall, &results, is_whole) == RECALL_KEEPING)
        until(f, is_over, c);
    return c->is_kept;
}

static long ttl_ms(void)
{
    char *reply = redis_server_ask(&server, "PTTL " NAME);
    long ms = strtol(reply + 1, NULL, 10);

    free(reply);
    return ms;
}

static void of_two_gateways_that_race_one_gets_the_key(void **state)
{
    struct fleet f;
    struct caller callers[2];

    (void)state;
    fleet_init(&f);
    for (int round = 0; round != 50; round++) {
        start(&f, &callers[0], 0);
        start(&f, &callers[1], 1);
        struct caller *winner = NULL, *loser;
        while (winner == NULL) {
            pass(&f, 1000);
            winner = callers[0].is_over ? &callers[0] : callers[1].is_over ? &callers[1] : NULL;
        }
        loser = winner == &callers[0] ? &callers[1] : &callers[0];
        pass(&f, 5000);
        check(winner->verdict == RECALL_CLAIMED && !loser->is_over, "round %d", round);
        recall_release(winner->store, &winner->recall);
        until(&f, is_over, loser);
        assert_int_equal(loser->verdict, RECALL_CLAIMED);
        recall_release(loser->store, &loser->recall);
        until(&f, is_idle, &f);
    }
    fleet_clear(&f);
}

static void what_is_kept_and_held_ends_by_itself(void **state)
{
    struct fleet f;
    struct caller c;

    (void)state;
    fleet_init(&f);
    assert_int_equal(ask(&f, &c, 0), RECALL_CLAIMED);
    assert_in_range(ttl_ms(), 30000, 60000);
    assert_true(finish(&f, &c, false));
    assert_in_range(ttl_ms(), (TTL_S - 30) * 1000, TTL_S * 1000);
    assert_int_equal(ask(&f, &c, 1), RECALL_CLAIMED); /* with results: they outlive it */
    assert_in_range(ttl_ms(), TTL_S * 1000 + 30000, TTL_S * 1000 + 60000);
    assert_true(finish(&f, &c, true));
    assert_in_range(ttl_ms(), (TTL_S - 30) * 1000, TTL_S * 1000);
    fleet_clear(&f);
}

static void what_is_not_ours_is_neither_taken_nor_overwritten(void **state)
{
    static const char *const values[] = {"SET " NAME " what", "SET " NAME " 000000000000000|2|P|0|0|",
                                         "LPUSH " NAME " what"};
    struct fleet f;
    struct caller c;

    (void)state;
    fleet_init(&f);
    for (size_t i = 0; i != LEN(values); i++) {
        free(redis_server_ask(&server, "FLUSHALL"));
        free(redis_server_ask(&server, values[i]));
        char *before = redis_server_ask(&server, "DUMP " NAME);
        check(ask(&f, &c, 0) == RECALL_UNAVAILABLE, "%s: %d", values[i], (int)c.verdict);
        char *after = redis_server_ask(&server, "DUMP " NAME);
        assert_string_equal(before, after);
        free(before);
        free(after);
    }
    fleet_clear(&f);
}

static void redis_knows_it_by_our_sha1(void **state)
{
    struct redis_script script;

    (void)state;
    redis_script_init(&script, span_str(idempotency_script_source));
    assert_true(span_equal(span_of(script.sha1_hex, 40), span_str(idempotency_script_sha1_hex)));
}

/* What it held is gone with it; the results are kept, by the first or the second attempt. */
static void redis_may_be_killed_between_claim_and_finish(void **state)
{
    (void)state;
    for (int is_back_before = 0; is_back_before != 2; is_back_before++) {
        struct fleet f;
        struct caller c;
        fleet_init(&f);
        assert_int_equal(ask(&f, &c, 0), RECALL_CLAIMED);
        redis_server_kill(&server);
        redis_probe_wait_available(&f.gateways[0].probe, false, PATIENCE_MS);
        if (is_back_before) {
            redis_server_restart(&server);
            redis_probe_wait_available(&f.gateways[0].probe, true, PATIENCE_MS);
        }
        assert_int_equal(finish(&f, &c, true), is_back_before);
        if (!is_back_before)
            redis_server_restart(&server);
        redis_probe_wait_available(&f.gateways[0].probe, true, PATIENCE_MS);
        until(&f, is_idle, &f);
        until(&f, is_second_up, f.second);
        bool is_lost = f.gateways[0].metrics.counters[COUNT_IDEMPOTENCY_LOST] != 0; /* it took longer to come back */
        check(!is_lost || !is_back_before, "what can be kept is kept");
        assert_int_equal(ask(&f, &c, 1), is_lost ? RECALL_CLAIMED : RECALL_DONE);
        if (is_lost)
            recall_release(c.store, &c.recall);
        fleet_clear(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_does_what_the_stories_say),
        cmocka_unit_test(of_two_gateways_that_race_one_gets_the_key),
        cmocka_unit_test(what_is_kept_and_held_ends_by_itself),
        cmocka_unit_test(what_is_not_ours_is_neither_taken_nor_overwritten),
        cmocka_unit_test(redis_knows_it_by_our_sha1),
        cmocka_unit_test(redis_may_be_killed_between_claim_and_finish),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
