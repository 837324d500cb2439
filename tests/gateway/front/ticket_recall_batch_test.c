/* Batches with an idempotency key: a retry puts what was not written, and tells the rest again, in order. */
#include "tests/lib/batch.h"

#include <stdio.h>

#define KEY     "Idempotency-Key: \"8e03978e\"\r\n"
#define RECORDS 20

static struct fake_exchange *ask(struct world *w, const char *fields, size_t records)
{
    struct buf body = batch_lines(records);
    struct fake_exchange *e = batch_ask(w, "orders", LINES, fields, buf_span(&body));

    buf_clear(&body);
    return e;
}

static bool is_replayed(const struct fake_exchange *e)
{
    return span_is(fake_exchange_field(e, "idempotent-replayed"), "true");
}

static enum fake_fate some_failed(void *ctx, unsigned call, struct span body)
{
    (void)ctx;
    (void)call;
    (void)body;
    return FAKE_SOME_THROTTLED;
}

static void a_whole_batch_is_told_again(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    struct fake_exchange *first = ask(&w, KEY, RECORDS);
    fake_loop_pass(w.loop, 100000);
    struct fake_exchange *second = ask(&w, KEY, RECORDS);
    fake_loop_pass(w.loop, 1000);
    batch_check_all_written(first, RECORDS);
    check(span_equal(buf_span(&first->body), buf_span(&second->body)), "%.*s", (int)second->body.len, second->body.ptr);
    assert_true(second->status == 200 && !is_replayed(first) && is_replayed(second));
    assert_int_equal(w.net->stored, RECORDS);
    assert_int_equal(w.metrics.records[RECORD_REPLAYED], RECORDS);
    struct fake_exchange *other = ask(&w, KEY, RECORDS - 1);
    assert_int_equal(other->status, 422);
    fake_exchange_free(first);
    fake_exchange_free(second);
    fake_exchange_free(other);
    world_clear(&w);
}

/* Which of the answer's records have ids; their texts go to `ids` where there are none yet, and must be those else. */
static size_t collect(const struct fake_exchange *e, char ids[RECORDS][80])
{
    json_t *answer = batch_answer(e);
    size_t written = 0;

    check(e->status == 200 && json_array_size(json_object_get(answer, "Records")) == RECORDS, "status %d", e->status);
    for (size_t i = 0; i != RECORDS; i++) {
        const char *id = json_string_value(json_object_get(batch_item(answer, i), "SequenceNumber"));
        check(id != NULL || ids[i][0] == '\0', "record %zu was written, and still is", i);
        if (id == NULL)
            continue;
        check(ids[i][0] == '\0' || strcmp(ids[i], id) == 0, "record %zu keeps its id", i);
        snprintf(ids[i], sizeof(ids[i]), "%s", id);
        written++;
    }
    json_decref(answer);
    return written;
}

static void a_retry_puts_only_what_was_not_written(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct world w;
        char ids[RECORDS][80] = {{0}};
        size_t written = 0, before, calls = 0;
        world_init(&w);
        random_seed(&w.net->random, seed);
        w.net->fate_of = some_failed;
        w.net->throttle_percent = 80;
        do {
            before = written;
            struct fake_exchange *e = ask(&w, KEY "X-Request-Timeout-Ms: 60\r\n", RECORDS);
            batch_pass(&w, 200);
            written = collect(e, ids);
            check(written >= before, "nothing is lost");
            check(w.net->stored == written, "%u are stored, %zu are known", w.net->stored, written);
            fake_exchange_free(e);
        } while (written != RECORDS && ++calls != 100);
        assert_int_equal(written, RECORDS);
        struct fake_exchange *last = ask(&w, KEY, RECORDS);
        batch_pass(&w, 1);
        assert_true(is_replayed(last) && collect(last, ids) == RECORDS && w.net->stored == RECORDS);
        fake_exchange_free(last);
        assert_int_equal(w.metrics.records[RECORD_WRITTEN], RECORDS);
        world_clear(&w);
    }
}

static enum fake_fate guilty(void *ctx, unsigned call, struct span body)
{
    (void)ctx;
    (void)call;
    (void)body;
    return FAKE_ARGUMENT_IF_GUILTY;
}

static void what_is_told_again_is_told_though_there_is_no_room_or_time(void **state)
{
    static const struct {
        const char *what;
        uint32_t queue_records_max;
        bool is_silent;
    } rows[] = {{"no room in the lane", 0, false}, {"silence until the deadline", 1000, true}};

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct world w;
        enum fake_fate silence[] = {FAKE_SILENCE};
        struct fake_script script = {silence, 1};
        world_init(&w);
        w.net->fate_of = guilty;
        struct fake_exchange *first = batch_ask(&w, "orders", LINES, KEY, SPAN("a\nguilty\nb\n"));
        batch_pass(&w, 500);
        check(fake_exchange_has(first, "\"FailedRecordCount\":1"), "one failed");
        w.sender.conf.queue_records_max = rows[i].queue_records_max;
        if (rows[i].is_silent) {
            w.net->fate_of = fake_script_next;
            w.net->ctx = &script;
        }
        struct fake_exchange *second = batch_ask(&w, "orders", LINES, KEY, SPAN("a\nguilty\nb\n"));
        batch_pass(&w, 3100);
        check(second->status == 200 && fake_exchange_has(second, "\"FailedRecordCount\":1") && !is_replayed(second),
              "%s: %d %.*s", rows[i].what, second->status, (int)second->body.len, second->body.ptr);
        check(w.metrics.records[RECORD_REPLAYED] == 2, "%s", rows[i].what);
        fake_exchange_free(first);
        fake_exchange_free(second);
        world_clear(&w);
    }
}

static void late_results_of_a_batch_are_kept(void **state)
{
    (void)state;
    for (int leaves = 0; leaves != 2; leaves++) {
        struct world w;
        world_init(&w);
        w.net->delay_us = 1500000;
        struct fake_exchange *first = ask(&w, KEY "X-Request-Timeout-Ms: 100\r\n", RECORDS);
        fake_loop_pass(w.loop, 1000);
        if (leaves)
            fake_exchange_gone(first);
        fake_loop_pass(w.loop, 100000);
        check(leaves || fake_exchange_has(first, "\"Outcome\":\"unknown\""), "at its deadline nothing is known");
        struct fake_exchange *second = ask(&w, KEY, RECORDS);
        fake_loop_pass(w.loop, 1600000);
        batch_check_all_written(second, RECORDS);
        assert_true(is_replayed(second));
        assert_int_equal(w.net->stored, RECORDS);
        fake_exchange_free(first);
        fake_exchange_free(second);
        world_clear(&w);
    }
}

static void a_batch_with_a_key_has_at_most_500_records(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    w.sender.conf.queue_records_max = 10000;
    struct fake_exchange *most = ask(&w, KEY, 500), *more = ask(&w, "Idempotency-Key: x\r\n", 501);
    struct fake_exchange *without = ask(&w, "", 501);
    batch_pass(&w, 1000);
    assert_int_equal(more->status, 400);
    assert_true(fake_exchange_has(more, "\"parameter\":\"Idempotency-Key\""));
    batch_check_all_written(most, 500);
    assert_int_equal(without->status, 200);
    fake_exchange_free(most);
    fake_exchange_free(more);
    fake_exchange_free(without);
    world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_batch_is_told_again),
        cmocka_unit_test(a_retry_puts_only_what_was_not_written),
        cmocka_unit_test(what_is_told_again_is_told_though_there_is_no_room_or_time),
        cmocka_unit_test(late_results_of_a_batch_are_kept),
        cmocka_unit_test(a_batch_with_a_key_has_at_most_500_records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
