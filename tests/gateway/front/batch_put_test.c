/* A batch whose wait ends before its records do: its deadline passes, its client leaves, its lane has no more room. */
#include "tests/lib/batch.h"

#define SOON "X-Request-Timeout-Ms: 100\r\n"

/* One call at a time, each under way for so long. */
static void slow_world(struct world *w, uint64_t delay_us)
{
    world_init(w);
    w->sender.conf.calls_in_flight_max = 1;
    w->sender.conf.queue_records_max = 4;
    w->net->delay_us = delay_us;
}

static size_t count_of(const json_t *answer, const char *name, const char *want)
{
    size_t count = 0;

    for (size_t i = 0; i != json_array_size(json_object_get(answer, "Records")); i++)
        count += batch_is_text(batch_item(answer, i), name, want);
    return count;
}

static void the_deadline_tells_of_each_record_what_is_known(void **state)
{
    struct world w;
    struct buf body = batch_lines(50);

    (void)state;
    slow_world(&w, 30000);
    struct fake_exchange *e = batch_ask(&w, "orders", LINES, SOON, buf_span(&body));
    batch_pass(&w, 99);
    assert_int_equal(e->replies, 0);
    batch_pass(&w, 2);
    assert_int_equal(e->status, 200);
    json_t *answer = batch_answer(e);
    size_t written = 50 - (size_t)json_integer_value(json_object_get(answer, "FailedRecordCount"));
    assert_int_equal(json_array_size(json_object_get(answer, "Records")), 50);
    assert_true(written > 0 && count_of(answer, "Outcome", "unknown") > 0);
    assert_int_equal(count_of(answer, "Outcome", "unknown"), w.metrics.records[RECORD_IN_FLIGHT]);
    assert_int_equal(count_of(answer, "ErrorCode", "OutcomeUnknown"), w.metrics.records[RECORD_IN_FLIGHT]);
    assert_int_equal(count_of(answer, "ErrorCode", "DeadlineExceeded"), w.metrics.records[RECORD_FAILED]);
    assert_int_equal(written, w.metrics.records[RECORD_WRITTEN]);
    assert_true(json_object_get(batch_item(answer, 0), "SequenceNumber") != NULL);
    assert_true(batch_is_text(batch_item(answer, 49), "Outcome", "not_written"));
    json_decref(answer);
    size_t in_flight = (size_t)w.metrics.records[RECORD_IN_FLIGHT];
    batch_pass(&w, 100);
    assert_int_equal(w.metrics.records[RECORD_WRITTEN], written + in_flight);
    assert_int_equal(w.metrics.counters[COUNT_RESULTS_LATE], in_flight);
    buf_clear(&body);
    fake_exchange_free(e);
    world_clear(&w);
}

static void a_deadline_before_the_first_record_is_a_refusal(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    struct buf body = batch_lines(100000);
    struct fake_exchange *e = batch_ask(&w, "orders", LINES, "X-Request-Timeout-Ms: 1\r\n", buf_span(&body));
    struct ticket *t = e->exchange.gone_ctx;
    loop_timer_stop(w.loop, &t->go_on); /* as if the loop had no turn for it */
    batch_pass(&w, 2);
    assert_int_equal(e->status, 503);
    assert_true(fake_exchange_has(e, "DeadlineExceeded"));
    assert_int_equal(w.metrics.records[RECORD_REJECTED], 1);
    buf_clear(&body);
    fake_exchange_free(e);
    world_clear(&w);
}

static void a_client_that_leaves_cancels_what_was_not_sent(void **state)
{
    (void)state;
    for (unsigned ms = 0; ms < 80; ms += 3) {
        struct world w;
        struct buf body = batch_lines(50);
        slow_world(&w, 20000);
        struct fake_exchange *e = batch_ask(&w, "orders", LINES, "", buf_span(&body));
        batch_pass(&w, ms);
        unsigned sent = w.net->calls;
        fake_exchange_gone(e);
        batch_pass(&w, 200);
        assert_int_equal(w.net->calls, sent);
        assert_int_equal(w.metrics.records[RECORD_WRITTEN] + w.metrics.records[RECORD_FAILED], 50);
        assert_int_equal(w.front.tickets_in_use, 0);
        buf_clear(&body);
        fake_exchange_free(e);
        world_clear(&w);
    }
}

static void a_client_that_leaves_while_its_batch_is_read_is_one_refusal(void **state)
{
    struct world w;
    struct buf body = batch_lines(100000);

    (void)state;
    world_init(&w);
    struct fake_exchange *e = batch_ask(&w, "orders", LINES, "", buf_span(&body));
    fake_exchange_gone(e);
    batch_pass(&w, 10);
    assert_int_equal(w.net->calls, 0);
    assert_int_equal(w.metrics.records[RECORD_REJECTED], 1);
    buf_clear(&body);
    fake_exchange_free(e);
    world_clear(&w);
}

/* The queue is taken away while the batch is on its way: what is in it ends well, the rest is told to come again. */
static void room_that_never_comes_fails_the_rest(void **state)
{
    struct world w;
    struct buf body = batch_lines(50);

    (void)state;
    slow_world(&w, 5000);
    struct fake_exchange *e = batch_ask(&w, "orders", LINES, "", buf_span(&body));
    batch_pass(&w, 1);
    w.sender.conf.queue_records_max = 0;
    batch_pass(&w, 200);
    assert_int_equal(e->status, 200);
    json_t *answer = batch_answer(e);
    size_t failed = (size_t)json_integer_value(json_object_get(answer, "FailedRecordCount"));
    assert_true(failed > 0 && failed < 50);
    assert_int_equal(count_of(answer, "ErrorCode", "Overloaded"), failed);
    assert_int_equal(w.metrics.records[RECORD_FAILED], failed);
    assert_true(json_object_get(batch_item(answer, 0), "SequenceNumber") != NULL);
    json_decref(answer);
    buf_clear(&body);
    fake_exchange_free(e);
    world_clear(&w);
}

static void without_credentials_every_record_says_so(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    aws_creds_release(&w.sender.creds);
    struct fake_exchange *e = batch_ask(&w, "orders", LINES, "", SPAN("a\nb"));
    batch_pass(&w, 10);
    json_t *answer = batch_answer(e);
    assert_int_equal(e->status, 200);
    assert_int_equal(count_of(answer, "ErrorCode", "CredentialsUnavailable"), 2);
    json_decref(answer);
    fake_exchange_free(e);
    world_clear(&w);
}

static void a_reload_under_way_changes_nothing_for_a_batch(void **state)
{
    struct world w;
    struct buf body = batch_lines(40);

    (void)state;
    slow_world(&w, 1000);
    struct fake_exchange *e = batch_ask(&w, "orders", LINES, "", buf_span(&body));
    batch_pass(&w, 5);
    world_reload(&w);
    world_reload_without_streams(&w);
    batch_pass(&w, 500);
    batch_check_all_written(e, 40);
    buf_clear(&body);
    fake_exchange_free(e);
    world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_deadline_tells_of_each_record_what_is_known),
        cmocka_unit_test(a_deadline_before_the_first_record_is_a_refusal),
        cmocka_unit_test(a_client_that_leaves_cancels_what_was_not_sent),
        cmocka_unit_test(a_client_that_leaves_while_its_batch_is_read_is_one_refusal),
        cmocka_unit_test(room_that_never_comes_fails_the_rest),
        cmocka_unit_test(without_credentials_every_record_says_so),
        cmocka_unit_test(a_reload_under_way_changes_nothing_for_a_batch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
