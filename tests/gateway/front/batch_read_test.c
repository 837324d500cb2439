/* Both readings of a batch give the same records, whatever the slices; what is decoded has room. */
#include "tests/lib/batch.h"

struct bench {
    struct world world;
    struct fake_exchange *exchange;
    struct ticket *ticket;
    struct batch *batch;
};

/* A batch that is checked and not sent. */
static void bench_init(struct bench *b, const char *stream, const char *type, struct span body)
{
    world_init(&b->world);
    b->world.sender.conf.calls_in_flight_max = 0;
    b->exchange = batch_ask(&b->world, stream, type, "", body);
    fake_loop_settle(b->world.loop);
    check(b->exchange->replies == 0, "%.*s", (int)b->exchange->body.len, b->exchange->body.ptr);
    b->ticket = b->exchange->exchange.gone_ctx;
    b->batch = b->ticket->batch;
    batch_rewind(b->batch);
}

static void bench_clear(struct bench *b)
{
    fake_exchange_gone(b->exchange);
    fake_exchange_free(b->exchange);
    world_clear(&b->world);
}

static enum batch_step read_in_slices(struct batch *b, size_t slice, struct record *r, struct failure *f)
{
    static char text[PARTITION_TEXT_BYTES];
    enum batch_step step = BATCH_MORE;

    while (step == BATCH_MORE) {
        size_t budget = slice;
        step = batch_read(b, &budget, text, r, f);
        check(budget <= slice, "a budget only falls");
    }
    return step;
}

static void an_entry_is_read_whole(void **state)
{
    struct bench b;
    struct record r;
    struct failure f;

    (void)state;
    for (size_t slice = 1; slice <= 256; slice *= 2) {
        bench_init(
            &b, "clicks", MEMBERS,
            SPAN("{\"Records\":[{\"Data\":\"YWI\\/\",\"PartitionKey\":\"\\u00e9\",\"ExplicitHashKey\":\"\\u0037\"},"
                 "{\"Data\":\"eyJ1c2VyIjp7ImlkIjoiYVx0YiJ9fQ==\"}]}"));
        assert_int_equal(read_in_slices(b.batch, slice, &r, &f), BATCH_RECORD);
        assert_int_equal(f.row, FAILURE_NONE);
        assert_true(span_is(r.data, "YWI/") && r.data_is_base64 && r.data_bytes == 3);
        assert_true(span_is(r.partition_key, "\303\251") && span_is(r.explicit_hash_key, "7") && r.is_alone);
        assert_int_equal(read_in_slices(b.batch, slice, &r, &f), BATCH_RECORD);
        assert_true(span_is(r.partition_key, "a\tb") && !r.is_alone); /* where the stream's rule looks for it */
        assert_int_equal(read_in_slices(b.batch, slice, &r, &f), BATCH_END);
        bench_clear(&b);
    }
}

static void a_line_is_its_own_data(void **state)
{
    struct bench b;
    struct record r;
    struct failure f;

    (void)state;
    bench_init(&b, "orders", LINES, SPAN("a\r\n\nb"));
    assert_int_equal(read_in_slices(b.batch, 1, &r, &f), BATCH_RECORD);
    assert_true(span_is(r.data, "a") && !r.data_is_base64 && r.data_bytes == 1 && r.has_random_key);
    assert_int_equal(read_in_slices(b.batch, 1, &r, &f), BATCH_RECORD);
    assert_true(span_is(r.data, "b"));
    assert_int_equal(b.batch->scratch.capacity, 0); /* nothing was decoded */
    assert_int_equal(read_in_slices(b.batch, 1, &r, &f), BATCH_END);
    bench_clear(&b);
}

static void what_was_decoded_is_kept_with_its_record(void **state)
{
    struct bench b;

    (void)state;
    bench_init(
        &b, "orders", MEMBERS,
        SPAN("{\"Records\":[{\"Data\":\"YWI\\/\",\"PartitionKey\":\"\\u00e9\"},"
             "{\"Data\":\"YWJj\",\"PartitionKey\":\"plain\"},{\"Data\":\"Y2I\\/\",\"PartitionKey\":\"\\u00fc\"}]}"));
    const struct batch_item *items = b.batch->items;
    assert_true(span_is(items[0].waiter.record.data, "YWI/") &&
                span_is(items[0].waiter.record.partition_key, "\303\251"));
    assert_true(span_is(items[1].waiter.record.data, "YWJj") && items[1].decoded.capacity == 0);
    assert_true(span_is(items[2].waiter.record.data, "Y2I/") &&
                span_is(items[2].waiter.record.partition_key, "\303\274"));
    bench_clear(&b);
}

/* More text than any record's could be: it is refused by its length, and no memory is taken to decode it. */
static void a_hopeless_entry_is_not_decoded(void **state)
{
    struct world w;
    struct buf body;

    (void)state;
    buf_init(&body, 32u << 20);
    buf_append(&body, SPAN("{\"Records\":[{\"Data\":\""));
    for (size_t i = 0; i != 1600000; i++)
        buf_append(&body, SPAN("\\u0041"));
    buf_append(&body, SPAN("\"}]}"));
    world_init(&w);
    struct fake_exchange *e = batch_ask(&w, "orders", MEMBERS, "", buf_span(&body));
    struct ticket *t = e->exchange.gone_ctx;
    while (e->replies == 0) {
        check(t->batch->scratch.capacity == 0, "nothing is decoded");
        fake_loop_pass(w.loop, 1);
    }
    assert_int_equal(e->status, 413);
    buf_clear(&body);
    fake_exchange_free(e);
    world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_read_whole),
        cmocka_unit_test(a_line_is_its_own_data),
        cmocka_unit_test(what_was_decoded_is_kept_with_its_record),
        cmocka_unit_test(a_hopeless_entry_is_not_decoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
