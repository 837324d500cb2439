/* Calls with an idempotency key whose store is a Redis in virtual time: what is told, when, and what is kept. */
#include "tests/gateway/front/keyed.h"
#include "tests/lib/batch.h"
#include "tests/lib/failing_memory.h"

static void begin(struct world *w)
{
    world_init(w);
    world_share_keys(w);
}

static void a_retry_is_told_the_first_ids(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    struct fake_exchange *first = ask(&w, "event");
    fake_loop_pass(w.loop, 100000);
    struct fake_exchange *second = ask(&w, "event"), *other = ask(&w, "another");
    fake_loop_pass(w.loop, 100000);
    assert_true(first->status == 200 && !is_replayed(first));
    assert_true(is_same_answer(first, second) && is_replayed(second));
    assert_int_equal(other->status, 422);
    assert_int_equal(w.net->stored, 1);
    fake_exchange_free(first);
    fake_exchange_free(second);
    fake_exchange_free(other);
    world_clear(&w);
}

static void the_answer_waits_until_it_is_kept(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    struct fake_exchange *e = ask(&w, "event");
    w.redis.delay_us = 5000;
    while (w.net->stored == 0)
        fake_loop_pass(w.loop, 1000);
    while (w.redis.calls != 2)
        fake_loop_pass(w.loop, 100);
    fake_loop_pass(w.loop, 4800);
    assert_int_equal(e->replies, 0);
    fake_loop_pass(w.loop, 1000);
    assert_int_equal(e->status, 200);
    assert_int_equal(w.metrics.counters[COUNT_IDEMPOTENCY_UNKEPT], 0);
    fake_exchange_free(e);
    world_clear(&w);
}

/* The record is written: that is told whatever becomes of the key. */
static void what_cannot_be_kept_is_told_all_the_same(void **state)
{
    static const enum fake_redis_fate fates[] = {FAKE_REDIS_AWAY, FAKE_REDIS_SILENT, FAKE_REDIS_LOST, FAKE_REDIS_ERROR};

    (void)state;
    for (size_t i = 0; i != LEN(fates) * 2; i++) {
        bool is_batch = i >= LEN(fates);
        struct buf lines = batch_lines(3);
        struct world w;
        begin(&w);
        struct fake_exchange *e = is_batch ? batch_ask(&w, "orders", LINES, KEY, buf_span(&lines)) : ask(&w, "event");
        while (w.net->stored == 0)
            fake_loop_pass(w.loop, 100);
        w.redis.fate = fates[i % LEN(fates)];
        fake_loop_pass(w.loop, 100000);
        check(e->status == 200 && span_is(fake_exchange_field(e, "idempotency-status"), "unavailable"), "row %zu: %d",
              i, e->status);
        assert_int_equal(w.metrics.counters[COUNT_IDEMPOTENCY_UNKEPT], 1);
        w.redis.fate = FAKE_REDIS_ANSWERS;
        fake_loop_pass(w.loop, 1100000);
        assert_int_equal(w.metrics.counters[COUNT_IDEMPOTENCY_LOST], 0); /* it was kept a second later */
        fake_exchange_free(e);
        buf_clear(&lines);
        world_clear(&w);
    }
}

static void without_redis_the_streams_policy_decides(void **state)
{
    (void)state;
    for (int refuses = 0; refuses != 2; refuses++) {
        struct world w;
        begin(&w);
        struct stream_row *row = (struct stream_row *)(uintptr_t)stream_table_at(w.front.view->snapshot->streams, 0);
        row->refuses_without_idempotency = refuses != 0;
        w.redis.fate = FAKE_REDIS_SILENT;
        struct fake_exchange *e = ask(&w, "event");
        fake_loop_pass(w.loop, 100000);
        assert_int_equal(e->status, refuses ? 503 : 200);
        assert_true(span_is(fake_exchange_field(e, "idempotency-status"), "unavailable"));
        assert_int_equal(w.net->stored, !refuses);
        fake_exchange_free(e);
        world_clear(&w);
    }
}

static void the_same_in_flight_is_waited_for_or_told(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    w.net->delay_us = 500000;
    struct fake_exchange *first = ask(&w, "event");
    fake_loop_pass(w.loop, 1000);
    struct fake_exchange *second = ask(&w, "event");
    struct fake_exchange *hasty = ask_with(&w, RECORD, KEY "X-Request-Timeout-Ms: 100\r\n", SPAN("event"));
    struct fake_exchange *leaving = ask(&w, "event");
    fake_loop_pass(w.loop, 101000);
    assert_int_equal(hasty->status, 409);
    fake_exchange_gone(leaving);
    fake_loop_pass(w.loop, 600000);
    assert_true(is_same_answer(first, second) && is_replayed(second));
    assert_int_equal(w.net->stored, 1);
    fake_exchange_free(first);
    fake_exchange_free(second);
    fake_exchange_free(hasty);
    fake_exchange_free(leaving);
    world_clear(&w);
}

/* At every moment, in steps finer than anything takes. */
static void whoever_leaves_and_whenever_it_is_written_once(void **state)
{
    (void)state;
    for (uint64_t after_us = 0; after_us < 6000; after_us += 100) {
        for (int is_batch = 0; is_batch != 2; is_batch++) {
            struct buf lines = batch_lines(3);
            struct world w;
            struct fake_exchange *e[2];
            begin(&w);
            for (int i = 0; i != 2; i++) {
                e[i] = is_batch ? batch_ask(&w, "orders", LINES, KEY, buf_span(&lines)) : ask(&w, "event");
                fake_loop_pass(w.loop, i == 0 ? after_us : 3000000);
                if (i == 0 && e[0]->replies == 0)
                    fake_exchange_gone(e[0]);
            }
            check(e[1]->status == 200, "left after %u us: %d", (unsigned)after_us, e[1]->status);
            assert_int_equal(w.net->stored, is_batch ? 3 : 1);
            for (int i = 0; i != 2; i++)
                fake_exchange_free(e[i]);
            buf_clear(&lines);
            world_clear(&w);
        }
    }
}

static void a_late_result_is_kept_for_the_retry(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    w.net->delay_us = 1000000;
    struct fake_exchange *first = ask_with(&w, RECORD, KEY "X-Request-Timeout-Ms: 100\r\n", SPAN("event"));
    fake_loop_pass(w.loop, 101000);
    assert_int_equal(first->status, 504);
    struct fake_exchange *second = ask(&w, "event");
    fake_loop_pass(w.loop, 1500000);
    assert_true(second->status == 200 && is_replayed(second));
    assert_int_equal(w.net->stored, 1);
    fake_exchange_free(first);
    fake_exchange_free(second);
    world_clear(&w);
}

static void of_a_batch_the_rest_is_put(void **state)
{
    const enum fake_fate fates[] = {FAKE_SOME_THROTTLED, FAKE_THROTTLED, FAKE_STORED};
    struct fake_script script = {fates, LEN(fates) - 1};
    struct buf lines = batch_lines(20);
    struct world w;
    struct fake_exchange *e[3];

    (void)state;
    begin(&w);
    set_fates(&w, &script);
    for (int i = 0; i != 3; i++) {
        e[i] = batch_ask(&w, "orders", LINES, KEY, buf_span(&lines));
        fake_loop_pass(w.loop, 5000000);
        assert_int_equal(e[i]->status, 200);
        check(i != 0 || (w.net->stored > 0 && w.net->stored < 20), "at first %u are stored", w.net->stored);
        script.fates = &fates[LEN(fates) - 1];
        script.len = 1;
    }
    assert_true(!is_replayed(e[0]) && !is_replayed(e[1]) && is_replayed(e[2]));
    assert_int_equal(w.net->stored, 20);
    assert_true(fake_exchange_has(e[2], "\"FailedRecordCount\":0"));
    for (int i = 0; i != 3; i++)
        fake_exchange_free(e[i]);
    buf_clear(&lines);
    world_clear(&w);
}

/* Memory runs out at every moment of the first call; the last one says that it is written, and it is, once. */
static bool run_with_failure(unsigned nth)
{
    struct world w;
    char fields[256];

    begin(&w);
    snprintf(fields, sizeof(fields), "%s" KEY, w.key);
    struct fake_exchange *first = fake_request(RECORD, fields, SPAN("event"));
    failing_memory_begin(nth);
    front_request(&w.front, &first->exchange);
    fake_loop_pass(w.loop, 4000000);
    bool has_failed = failing_memory_end();
    struct fake_exchange *last = ask(&w, "event");
    fake_loop_pass(w.loop, 4000000);
    check(first->replies == 1 && (first->status == 200 || first->status >= 503), "the first: %d", first->status);
    bool went_without = first->status == 200 &&
                        span_is(fake_exchange_field(first, "idempotency-status"), "unavailable") && !is_replayed(last);
    assert_int_equal(last->status, 200);
    assert_int_equal(w.net->stored, went_without ? 2 : 1);
    fake_exchange_free(first);
    fake_exchange_free(last);
    world_clear(&w);
    return has_failed;
}

static void the_nth_allocation_fails(void **state)
{
    unsigned nth = 1;

    (void)state;
    while (run_with_failure(nth))
        nth++;
    check(nth > 5 && nth < 300, "%u allocations", nth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_retry_is_told_the_first_ids),
        cmocka_unit_test(the_answer_waits_until_it_is_kept),
        cmocka_unit_test(what_cannot_be_kept_is_told_all_the_same),
        cmocka_unit_test(without_redis_the_streams_policy_decides),
        cmocka_unit_test(the_same_in_flight_is_waited_for_or_told),
        cmocka_unit_test(whoever_leaves_and_whenever_it_is_written_once),
        cmocka_unit_test(a_late_result_is_kept_for_the_retry),
        cmocka_unit_test(of_a_batch_the_rest_is_put),
        cmocka_unit_test(the_nth_allocation_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
