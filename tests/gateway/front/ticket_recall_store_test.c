/* What is kept of a call, for how long, and what happens where nothing can be. */
#include "tests/gateway/front/keyed.h"

static void after_its_time_a_key_is_forgotten(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    struct fake_exchange *first = ask(&w, "event");
    fake_loop_pass(w.loop, 86400u * UINT64_C(1000000) - 1000000);
    struct fake_exchange *second = ask(&w, "event");
    fake_loop_pass(w.loop, 2000000);
    struct fake_exchange *third = ask(&w, "another");
    fake_loop_pass(w.loop, 100000);
    assert_true(is_replayed(second) && third->status == 200 && !is_replayed(third));
    fake_exchange_free(first);
    fake_exchange_free(second);
    fake_exchange_free(third);
    world_clear(&w);
}

/* A store with room for one claim in each of its stripes. */
static void make_small_store(struct world *w)
{
    struct idempotency_memory_conf conf = {.ttl_s = 60, .entries_max = 16, .bytes_max = 16 << 20};

    idempotency_memory_free(&w->idempotency);
    w->idempotency = idempotency_memory_new(&conf, 7);
    w->front.idempotency = idempotency_memory_store(w->idempotency);
}

static void without_the_store_the_streams_policy_decides(void **state)
{
    (void)state;
    for (int refuses = 0; refuses != 2; refuses++) {
        struct world w;
        struct fake_exchange *e[40];
        size_t refused = 0, processed = 0;
        world_init(&w);
        make_small_store(&w);
        struct stream_row *row = (struct stream_row *)(uintptr_t)stream_table_at(w.front.view->snapshot->streams, 0);
        row->refuses_without_idempotency = refuses != 0;
        for (size_t i = 0; i != LEN(e); i++) {
            char fields[64];
            snprintf(fields, sizeof(fields), "Idempotency-Key: key-%zu\r\n", i);
            e[i] = ask_with(&w, RECORD, fields, SPAN("event"));
        }
        fake_loop_pass(w.loop, 1000000);
        for (size_t i = 0; i != LEN(e); i++) {
            bool is_told = span_is(fake_exchange_field(e[i], "idempotency-status"), "unavailable");
            refused += e[i]->status == 503 && fake_exchange_has(e[i], "IdempotencyUnavailable") && is_told;
            processed += e[i]->status == 200 && is_told;
            fake_exchange_free(e[i]);
        }
        check((refuses ? refused : processed) >= LEN(e) - 16, "%zu refused, %zu processed", refused, processed);
        check((refuses ? processed : refused) == 0, "and none otherwise");
        assert_int_equal(w.metrics.counters[COUNT_IDEMPOTENCY_UNAVAILABLE], refused + processed);
        world_clear(&w);
    }
}

static void what_is_forgotten_early_is_counted(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    make_small_store(&w);
    for (size_t i = 0; i != 40; i++) {
        char fields[64];
        snprintf(fields, sizeof(fields), "Idempotency-Key: key-%zu\r\n", i);
        struct fake_exchange *e = ask_with(&w, RECORD, fields, SPAN("event"));
        fake_loop_pass(w.loop, 100000);
        assert_int_equal(e->status, 200);
        fake_exchange_free(e);
    }
    assert_in_range(w.metrics.counters[COUNT_IDEMPOTENCY_FORGOTTEN], 24, 39);
    world_clear(&w);
}

/* A store that looks, when something is finished, whether the caller was told already. */
struct watched_store {
    struct idempotency_store store;
    struct idempotency_store *real;
    struct fake_exchange *exchange;
    unsigned finished;
};

static enum recall_verdict watched_look(struct idempotency_store *s, struct recall *r)
{
    return recall_try(((struct watched_store *)s)->real, r);
}

static enum recall_kept watched_finish(struct idempotency_store *s, struct recall *r, struct buf *results,
                                       bool is_whole)
{
    struct watched_store *w = (struct watched_store *)s;

    check(w->exchange != NULL && w->exchange->replies == 0, "the caller was not told yet");
    w->finished++;
    return recall_finish(w->real, r, results, is_whole);
}

static void what_was_written_is_kept_before_its_caller_is_told(void **state)
{
    static const struct idempotency_ops ops = {.look = watched_look, .finish = watched_finish};
    struct watched_store watched = {.store.ops = &ops};
    struct world w;

    (void)state;
    world_init(&w);
    watched.real = w.front.idempotency;
    w.front.idempotency = &watched.store;
    watched.exchange = ask(&w, "event");
    fake_loop_pass(w.loop, 100000);
    assert_true(watched.finished == 1 && watched.exchange->status == 200);
    fake_exchange_free(watched.exchange);
    world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_its_time_a_key_is_forgotten),
        cmocka_unit_test(without_the_store_the_streams_policy_decides),
        cmocka_unit_test(what_is_forgotten_early_is_counted),
        cmocka_unit_test(what_was_written_is_kept_before_its_caller_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
