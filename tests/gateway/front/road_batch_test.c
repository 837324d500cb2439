/*
 * The road of a batch, end to end in virtual time: every record gets its own answer, in its own place, however the
 * batch came in and however many calls carried it.
 */
#include "tests/lib/batch.h"

#include <stdio.h>

static const struct {
    const char *what, *type;
    struct span body;
    size_t records;
} forms[] = {
    {"lines", LINES, SPAN("{\"a\":1}\r\n\n\r\nnot json\nlast, and open"), 3},
    {"lines, with a parameter of the type", LINES "; charset=utf-8", SPAN("a\nb\n"), 2},
    {"one line", LINES, SPAN("a"), 1},
    {"an array", ARRAY, SPAN(" [ {\"a\": [1, 2]} , \"text\", 7, null ] "), 4},
    {"members", MEMBERS,
     SPAN("{\"Records\":[{\"Data\":\"YQ==\",\"PartitionKey\":\"k\"},{\"Data\":\"YWI\\/\",\"PartitionKey\":\"\\u00e9\"},"
          "{\"Data\":\"\"}],\"StreamName\":\"orders\"}"),
     3},
};

static void test_every_form_is_put_and_answered_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(forms); i++) {
        struct world w;
        world_init(&w);
        struct fake_exchange *e = batch_ask(&w, "orders", forms[i].type, "", forms[i].body);
        assert_int_equal(e->replies, 0);
        batch_pass(&w, 100);
        batch_check_all_written(e, forms[i].records);
        check(w.metrics.records[RECORD_WRITTEN] == (int64_t)forms[i].records, "%s", forms[i].what);
        assert_int_equal(w.metrics.counters[COUNT_RECORDS_RECEIVED], forms[i].records);
        assert_true(fake_exchange_has(e, "],\"EncryptionType\":\"NONE\"}"));
        assert_int_equal(world_log_lines(&w), 1);
        fake_exchange_free(e);
        world_clear(&w);
    }
}

static enum fake_fate guilty_fails(void *ctx, unsigned call, struct span body)
{
    (void)ctx;
    (void)call;
    return memmem(body.ptr, body.len, "\"Z3VpbHR5", 9) != NULL ? FAKE_ARGUMENT : FAKE_STORED;
}

static void test_a_failed_record_is_told_in_its_place(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    w.net->fate_of = guilty_fails;
    struct fake_exchange *e = batch_ask(&w, "orders", LINES, "", SPAN("good\nguilty\ngood\ngood"));
    batch_pass(&w, 500);
    assert_int_equal(e->status, 200);
    json_t *answer = batch_answer(e);
    assert_int_equal(json_integer_value(json_object_get(answer, "FailedRecordCount")), 1);
    for (size_t i = 0; i != 4; i++)
        assert_int_equal(json_object_get(batch_item(answer, i), "SequenceNumber") != NULL, i != 1);
    json_t *failed = batch_item(answer, 1);
    assert_true(batch_is_text(failed, "ErrorCode", "InvalidArgumentException"));
    assert_true(batch_is_text(failed, "ErrorMessage", "a parameter is invalid"));
    assert_true(batch_is_text(failed, "Outcome", "not_written"));
    assert_true(json_is_false(json_object_get(failed, "Retryable")));
    assert_int_equal(w.metrics.records[RECORD_FAILED], 1);
    json_decref(answer);
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_a_batch_of_failures_is_still_a_200(void **state)
{
    struct world w;
    enum fake_fate fates[] = {FAKE_INTERNAL};
    struct fake_script script = {fates, 1};

    (void)state;
    world_init(&w);
    w.net->fate_of = fake_script_next;
    w.net->ctx = &script;
    struct fake_exchange *e = batch_ask(&w, "report", LINES, "", SPAN("a\nb"));
    batch_pass(&w, 100);
    assert_int_equal(e->status, 200);
    assert_true(fake_exchange_has(e, "{\"FailedRecordCount\":2,\"Records\":[{\"ErrorCode\":\"InternalFailure\""));
    assert_true(fake_exchange_has(e, "\"Outcome\":\"unknown\",\"Retryable\":true}]}"));
    assert_int_equal(w.metrics.records[RECORD_UNKNOWN], 2);
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_a_possible_duplicate_says_so(void **state)
{
    struct world w;
    enum fake_fate fates[] = {FAKE_RESET_STORED, FAKE_STORED};
    struct fake_script script = {fates, 2};

    (void)state;
    world_init(&w);
    w.net->fate_of = fake_script_next;
    w.net->ctx = &script;
    struct fake_exchange *e = batch_ask(&w, "orders", LINES, "", SPAN("a"));
    batch_pass(&w, 500);
    assert_true(fake_exchange_has(e, ",\"PossibleDuplicate\":true}]"));
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_more_records_than_the_queue_takes_go_through_it(void **state)
{
    struct world w;
    struct buf body = batch_lines(5000);

    (void)state;
    world_init(&w);
    w.sender.conf.queue_records_max = 100;
    struct fake_exchange *e = batch_ask(&w, "orders", LINES, "", buf_span(&body));
    batch_pass(&w, 2000);
    batch_check_all_written(e, 5000);
    assert_int_equal(w.metrics.records[RECORD_WRITTEN], 5000);
    buf_clear(&body);
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_two_batches_share_a_lane_and_both_end(void **state)
{
    struct world w;
    struct buf body = batch_lines(700);

    (void)state;
    world_init(&w);
    w.sender.conf.queue_records_max = 64;
    struct fake_exchange *first = batch_ask(&w, "orders", LINES, "", buf_span(&body));
    fake_loop_pass(w.loop, 8000);
    struct fake_exchange *second = batch_ask(&w, "orders", LINES, "", SPAN("a\nb\nc"));
    struct fake_exchange *single = world_put(&w, "report", "", SPAN("event"));
    batch_pass(&w, 2000);
    batch_check_all_written(first, 700);
    assert_true(second->status == 200 || second->status == 503); /* no room for its first record */
    assert_int_equal(single->status, 200);
    buf_clear(&body);
    fake_exchange_free(first);
    fake_exchange_free(second);
    fake_exchange_free(single);
    world_clear(&w);
}

static void test_large_bodies_are_read_in_slices(void **state)
{
    struct world w;
    struct buf body;

    (void)state;
    buf_init(&body, 8u << 20);
    for (size_t i = 0; i != 40; i++) {
        buf_append_u64(&body, 1000 + i);
        for (size_t at = 0; at != 100000; at++)
            buf_append_char(&body, 'x');
        buf_append_char(&body, '\n');
    }
    world_init(&w);
    struct fake_exchange *e = batch_ask(&w, "orders", LINES, "", buf_span(&body));
    struct ticket *t = e->exchange.gone_ctx;
    assert_true(t->batch->records <= 1); /* one slice, and the record that it ended in */
    batch_pass(&w, 200);
    batch_check_all_written(e, 40);
    buf_clear(&body);
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_a_key_is_found_in_each_record(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    struct fake_exchange *e =
        batch_ask(&w, "clicks", LINES, "", SPAN("{\"user\":{\"id\":\"a\\nb\"}}\n{\"user\":{\"id\":7}}"));
    struct ticket *t = e->exchange.gone_ctx;
    assert_true(span_is(t->batch->items[0].waiter.record.partition_key, "a\nb"));
    assert_true(span_is(t->batch->items[1].waiter.record.partition_key, "7"));
    assert_false(t->batch->items[0].waiter.record.has_random_key);
    batch_pass(&w, 100);
    batch_check_all_written(e, 2);
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_an_event_may_say_its_partition_key(void **state)
{
    struct span body =
        SPAN("[{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"}, "
             "{\"partitionkey\":\"k\",\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"/s\",\"type\":\"t\"}]");
    struct world w;

    (void)state;
    world_init(&w);
    struct fake_exchange *e = batch_ask(&w, "orders", "application/cloudevents-batch+json", "", body);
    struct ticket *t = e->exchange.gone_ctx;
    assert_true(t->batch->items[0].waiter.record.has_random_key);
    assert_true(span_is(t->batch->items[1].waiter.record.partition_key, "k"));
    assert_int_equal(t->batch->items[0].waiter.record.data.len + t->batch->items[1].waiter.record.data.len,
                     body.len - 4);
    batch_pass(&w, 100);
    batch_check_all_written(e, 2);
    fake_exchange_free(e);
    e = batch_ask(&w, "orders", "application/cloudevents-batch+json", "", SPAN("[{\"specversion\":\"1.0\"}]"));
    batch_pass(&w, 100);
    assert_int_equal(e->status, 400);
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_aws_is_answered_in_its_own_shape(void **state)
{
    struct world w;
    struct buf body = batch_members("orders", 3, "guilty");

    (void)state;
    world_init(&w);
    struct fake_exchange *e = batch_ask_aws(&w, buf_span(&body));
    struct ticket *t = e->exchange.gone_ctx;
    assert_true(t->batch->items[0].waiter.record.is_alone);
    batch_pass(&w, 100);
    batch_check_all_written(e, 3);
    assert_true(span_is(fake_exchange_field(e, "content-type"), "application/x-amz-json-1.1"));
    assert_true(fake_exchange_field(e, "x-amzn-requestid").len != 0);
    fake_exchange_free(e);
    w.net->fate_of = guilty_fails;
    e = batch_ask_aws(&w, buf_span(&body));
    batch_pass(&w, 500);
    assert_int_equal(e->status, 200);
    assert_true(fake_exchange_has(e, "{\"FailedRecordCount\":3,\"Records\":[{\"ErrorCode\":\"InvalidArgumentException\""
                                     ",\"ErrorMessage\":\"a parameter is invalid\"},{"));
    assert_false(fake_exchange_has(e, "Outcome"));
    fake_exchange_free(e);
    buf_clear(&body);
    world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form_is_put_and_answered_in_order),
        cmocka_unit_test(test_a_failed_record_is_told_in_its_place),
        cmocka_unit_test(test_a_batch_of_failures_is_still_a_200),
        cmocka_unit_test(test_a_possible_duplicate_says_so),
        cmocka_unit_test(test_more_records_than_the_queue_takes_go_through_it),
        cmocka_unit_test(test_two_batches_share_a_lane_and_both_end),
        cmocka_unit_test(test_large_bodies_are_read_in_slices),
        cmocka_unit_test(test_a_key_is_found_in_each_record),
        cmocka_unit_test(test_an_event_may_say_its_partition_key),
        cmocka_unit_test(test_aws_is_answered_in_its_own_shape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
