/* A batch's memory: it runs out at every moment, and there is not much of it however large the batch is. */
#include "tests/lib/batch.h"
#include "tests/lib/failing_memory.h"

static const struct {
    const char *type;
    struct span body;
} kinds[] = {
    {LINES, SPAN("{\"user\":{\"id\":\"a\\tb\"}}\n{\"user\":{\"id\":\"c\"}}\n{\"user\":{\"id\":3}}")},
    {ARRAY, SPAN("[{\"user\":{\"id\":\"a\\tb\"}},{\"user\":{\"id\":\"c\"}}]")},
    {MEMBERS, SPAN("{\"Records\":[{\"Data\":\"YWI\\/\",\"PartitionKey\":\"\\u00e9\"},"
                   "{\"Data\":\"eyJ1c2VyIjp7ImlkIjoiYSJ9fQ==\"}]}")},
};

static enum fake_fate second_time_lucky(void *ctx, unsigned call, struct span body)
{
    (void)ctx;
    (void)body;
    return call == 0 ? FAKE_THROTTLED : FAKE_STORED;
}

/* Returns whether the nth allocation failed: the run before the last had them all. */
static bool run_with_failure(size_t kind, unsigned nth)
{
    struct world w;

    world_init(&w);
    w.net->fate_of = second_time_lucky;
    struct fake_exchange *e = batch_request(&w, "clicks", kinds[kind].type, "", kinds[kind].body);
    failing_memory_begin(nth);
    front_request(&w.front, &e->exchange);
    batch_pass(&w, 4000);
    bool has_failed = failing_memory_end();
    check(e->replies == 1, "it was answered once, without allocation %u", nth);
    if (e->body.failed) { /* the fake's own memory */
        check(e->status == 200 || e->status >= 503, "status %d", e->status);
    } else if (e->status == 200) {
        json_t *answer = batch_answer(e);
        size_t failed = (size_t)json_integer_value(json_object_get(answer, "FailedRecordCount"));
        size_t records = json_array_size(json_object_get(answer, "Records"));
        check(records - failed == (size_t)w.metrics.records[RECORD_WRITTEN], "it is told what was written");
        json_decref(answer);
    } else if (w.metrics.records[RECORD_WRITTEN] != 0) {
        check(e->status == 504 && fake_exchange_has(e, "\"outcome\":\"unknown\""), "no lie without allocation %u", nth);
    } else {
        check(e->status == 503, "status %d without allocation %u", e->status, nth);
    }
    fake_exchange_free(e);
    world_clear(&w);
    return has_failed;
}

static void the_nth_allocation_fails(void **state)
{
    (void)state;
    for (size_t kind = 0; kind != LEN(kinds); kind++) {
        unsigned nth = 1;
        while (run_with_failure(kind, nth))
            nth++;
        check(nth > 10 && nth < 400, "there were %u allocations", nth);
    }
}

static size_t bytes_held(const struct batch *b)
{
    size_t bytes = b->scratch.capacity + b->items_len * sizeof(*b->items);

    for (size_t i = 0; i != b->items_len; i++)
        bytes += b->items[i].decoded.capacity;
    return bytes;
}

static void a_batch_holds_16_bytes_a_record_and_what_is_in_the_lane(void **state)
{
    struct world w;
    struct buf body = batch_lines(100000);

    (void)state;
    world_init(&w);
    w.sender.conf.queue_records_max = 1000;
    struct fake_exchange *e = batch_ask(&w, "orders", LINES, "X-Request-Timeout-Ms: 30000\r\n", buf_span(&body));
    struct ticket *t = e->exchange.gone_ctx;
    size_t most = 0;
    for (unsigned ms = 0; e->replies == 0 && ms != 100; ms++) {
        batch_pass(&w, 1);
        if (e->replies == 0 && bytes_held(t->batch) > most)
            most = bytes_held(t->batch);
    }
    check(most > 0 && most < BATCH_ITEMS_MAX * 1024, "at most %zu bytes", most);
    check(t->scratch.capacity < 65536, "the ticket's own is %zu bytes", t->scratch.capacity);
    fake_exchange_gone(e);
    batch_pass(&w, 100);
    buf_clear(&body);
    fake_exchange_free(e);
    world_clear(&w);
}

/* Data of which every slash is escaped is decoded: as much of it is held as the lane takes, and then it goes. */
static void what_is_decoded_is_bounded_by_the_lane(void **state)
{
    struct world w;
    struct buf body;

    (void)state;
    buf_init(&body, 16u << 20);
    buf_append(&body, SPAN("{\"Records\":["));
    for (size_t i = 0; i != 100; i++) {
        buf_append(&body, i == 0 ? SPAN("{\"Data\":\"") : SPAN(",{\"Data\":\""));
        for (size_t at = 0; at != 5000; at++)
            buf_append(&body, SPAN("ab\\/c"));
        buf_append(&body, SPAN("\"}"));
    }
    buf_append(&body, SPAN("]}"));
    world_init(&w);
    w.sender.conf.queue_records_max = 10;
    struct fake_exchange *e = batch_ask(&w, "orders", MEMBERS, "", buf_span(&body));
    struct ticket *t = e->exchange.gone_ctx;
    for (unsigned ms = 0; ms != 20; ms++) {
        size_t decoded = 0;
        batch_pass(&w, 1);
        for (size_t i = 0; i != t->batch->items_len; i++)
            decoded += t->batch->items[i].decoded.capacity;
        check(decoded <= 11 * 20000, "%zu bytes are decoded", decoded);
    }
    batch_pass(&w, 500);
    batch_check_all_written(e, 100);
    buf_clear(&body);
    fake_exchange_free(e);
    world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nth_allocation_fails),
        cmocka_unit_test(a_batch_holds_16_bytes_a_record_and_what_is_in_the_lane),
        cmocka_unit_test(what_is_decoded_is_bounded_by_the_lane),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
