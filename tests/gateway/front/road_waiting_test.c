/*
 * The ends of waiting on a request's road, in virtual time: deadlines, clients that leave, full lanes, missing
 * credentials, reloads under way.
 */
#include "tests/lib/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void test_throttled_past_the_deadline_is_a_503_that_wrote_nothing(void **state)
{
    struct world w;
    enum fake_fate fates[] = {FAKE_THROTTLED};
    struct fake_script script = {fates, 1};

    (void)state;
    world_init(&w);
    w.net->fate_of = fake_script_next;
    w.net->ctx = &script;
    struct fake_exchange *e = world_put(&w, "orders", "", SPAN("event"));
    fake_loop_pass(w.loop, 3001000);
    assert_int_equal(e->status, 503);
    assert_true(fake_exchange_has(e, "ProvisionedThroughputExceededException") && fake_exchange_has(e, "not_written"));
    assert_true(span_equal(fake_exchange_field(e, "retry-after"), SPAN("1")));
    assert_in_range(w.net->calls, 2, 40);
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_no_retry_is_begun_whose_answer_would_come_too_late(void **state)
{
    enum fake_fate fates[] = {FAKE_THROTTLED};
    struct fake_script script = {fates, 1};

    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct world w;
        world_init(&w);
        random_seed(&w.random, seed);
        w.net->fate_of = fake_script_next;
        w.net->ctx = &script;
        w.net->delay_us = 40000;
        struct fake_exchange *e = world_put(&w, "orders", "", SPAN("event"));
        fake_loop_pass(w.loop, 3001000);
        assert_int_equal(e->status, 503); /* and not 504, of an attempt that was under way */
        assert_true(w.net->calls > 2);
        fake_exchange_free(e);
        world_clear(&w);
    }
}

static void test_a_late_result_settles_what_its_caller_was_not_told(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    w.net->delay_us = 1500000;
    char fields[256];
    snprintf(fields, sizeof(fields), "%sX-Request-Timeout-Ms: 100\r\n", w.key);
    struct fake_exchange *e = fake_request("POST /v1/streams/orders/record", fields, SPAN("event"));
    front_request(&w.front, &e->exchange);
    fake_loop_pass(w.loop, 101000);
    assert_int_equal(e->status, 504);
    assert_int_equal(w.metrics.records[RECORD_IN_FLIGHT], 1);
    assert_true(world_is_balanced(&w));
    fake_loop_pass(w.loop, 2000000);
    assert_int_equal(w.metrics.records[RECORD_WRITTEN], 1);
    assert_int_equal(w.metrics.counters[COUNT_RESULTS_LATE], 1);
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_the_deadline_in_the_queue_is_certainly_unsent(void **state)
{
    struct world w;
    char fields[256];

    (void)state;
    world_init(&w);
    w.sender.conf.calls_in_flight_max = 1;
    w.net->delay_us = 1900000;
    struct fake_exchange *first = world_put(&w, "orders", "", SPAN("1"));
    fake_loop_settle(w.loop);
    struct fake_exchange *second = world_put(&w, "orders", "", SPAN("2"));
    fake_loop_pass(w.loop, 2000000); /* the second has left, and the third must wait for it */
    snprintf(fields, sizeof(fields), "%sX-Request-Timeout-Ms: 1000\r\n", w.key);
    struct fake_exchange *third = fake_request("POST /v1/streams/orders/record", fields, SPAN("3"));
    front_request(&w.front, &third->exchange);
    fake_loop_pass(w.loop, 1100000);
    assert_int_equal(first->status, 200);
    assert_int_equal(second->status, 504);
    assert_int_equal(third->status, 503);
    assert_true(fake_exchange_has(third, "DeadlineExceeded") && fake_exchange_has(third, "not_written"));
    fake_exchange_free(first);
    fake_exchange_free(second);
    fake_exchange_free(third);
    world_clear(&w);
}

static void test_a_client_that_leaves_does_not_cancel_what_was_sent(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    w.sender.conf.calls_in_flight_max = 1;
    struct fake_exchange *sent = world_put(&w, "orders", "", SPAN("1"));
    fake_loop_settle(w.loop);
    struct fake_exchange *queued = world_put(&w, "orders", "", SPAN("2"));
    fake_loop_settle(w.loop);
    fake_exchange_gone(sent);
    fake_exchange_gone(queued);
    fake_loop_pass(w.loop, 1000000);
    assert_int_equal(w.net->calls, 1);
    assert_int_equal(w.metrics.records[RECORD_WRITTEN], 1);
    assert_int_equal(w.metrics.records[RECORD_FAILED], 1);
    fake_exchange_free(sent);
    fake_exchange_free(queued);
    world_clear(&w);
}

static void test_a_full_lane_refuses_early(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    w.sender.conf.queue_records_max = 2;
    struct fake_exchange *e[3];
    for (size_t i = 0; i != 3; i++)
        e[i] = world_put(&w, "orders", "", SPAN("x"));
    assert_int_equal(e[2]->status, 503);
    assert_true(fake_exchange_has(e[2], "Overloaded"));
    assert_int_equal(w.metrics.records[RECORD_REJECTED], 1);
    fake_loop_pass(w.loop, 1000000);
    for (size_t i = 0; i != 3; i++)
        fake_exchange_free(e[i]);
    world_clear(&w);
}

static void test_without_credentials_nothing_is_sent(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    aws_creds_release(&w.sender.creds);
    struct fake_exchange *e = world_put(&w, "orders", "", SPAN("x"));
    fake_loop_settle(w.loop);
    assert_int_equal(e->status, 502);
    assert_true(fake_exchange_has(e, "CredentialsUnavailable"));
    assert_int_equal(w.net->calls, 0);
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_a_reload_under_way_changes_nothing_for_those_on_the_road(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    struct fake_exchange *before = world_put(&w, "orders", "", SPAN("1"));
    world_reload(&w);
    struct fake_exchange *after = world_put(&w, "orders", "", SPAN("2"));
    fake_loop_settle(w.loop);
    world_reload(&w);
    fake_loop_pass(w.loop, 1000000);
    assert_int_equal(before->status, 200);
    assert_int_equal(after->status, 200);
    fake_exchange_free(before);
    fake_exchange_free(after);
    world_clear(&w);
}

static void test_two_reloads_under_a_request_leave_its_stream_where_it_was(void **state)
{
    struct world w;
    enum fake_fate fates[] = {FAKE_THROTTLED, FAKE_THROTTLED, FAKE_STORED};
    struct fake_script script = {fates, 3};

    (void)state;
    world_init(&w);
    w.net->fate_of = fake_script_next;
    w.net->ctx = &script;
    struct fake_exchange *e = world_put(&w, "orders", "", SPAN("1"));
    fake_loop_settle(w.loop);
    world_reload(&w);                 /* the lane's settings are the new snapshot's now … */
    world_reload_without_streams(&w); /* … which goes, with the stream */
    fake_loop_pass(w.loop, 4000000);
    assert_int_equal(e->status, 200);
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_what_never_left_by_the_deadline_is_certainly_unsent(void **state)
{
    struct world w;
    enum fake_fate fates[] = {FAKE_NO_ROUTE};
    struct fake_script script = {fates, 1};
    char fields[256];

    (void)state;
    world_init(&w);
    w.net->fate_of = fake_script_next;
    w.net->ctx = &script;
    snprintf(fields, sizeof(fields), "%sX-Request-Timeout-Ms: 500\r\n", w.key);
    struct fake_exchange *e = fake_request("POST /v1/streams/orders/record", fields, SPAN("event"));
    front_request(&w.front, &e->exchange);
    fake_loop_pass(w.loop, 501000);
    assert_int_equal(e->status, 503);
    assert_true(fake_exchange_has(e, "not_written"));
    assert_int_equal(w.net->open, 0); /* the call was given up */
    assert_int_equal(w.metrics.records[RECORD_FAILED], 1);
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_streams_share_the_calls_that_descriptors_allow(void **state)
{
    struct world w;
    struct fake_exchange *e[6];

    (void)state;
    world_init(&w);
    w.sender.conf.calls_max = 2;
    for (size_t i = 0; i != 6; i++)
        e[i] = world_put(&w, i % 2 == 0 ? "orders" : "report", "", SPAN("x"));
    fake_loop_settle(w.loop);
    assert_int_equal(w.net->open, 2);
    fake_loop_pass(w.loop, 1000000);
    for (size_t i = 0; i != 6; i++) {
        assert_int_equal(e[i]->status, 200);
        fake_exchange_free(e[i]);
    }
    world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_throttled_past_the_deadline_is_a_503_that_wrote_nothing),
        cmocka_unit_test(test_no_retry_is_begun_whose_answer_would_come_too_late),
        cmocka_unit_test(test_a_late_result_settles_what_its_caller_was_not_told),
        cmocka_unit_test(test_the_deadline_in_the_queue_is_certainly_unsent),
        cmocka_unit_test(test_a_client_that_leaves_does_not_cancel_what_was_sent),
        cmocka_unit_test(test_a_full_lane_refuses_early),
        cmocka_unit_test(test_without_credentials_nothing_is_sent),
        cmocka_unit_test(test_two_reloads_under_a_request_leave_its_stream_where_it_was),
        cmocka_unit_test(test_what_never_left_by_the_deadline_is_certainly_unsent),
        cmocka_unit_test(test_streams_share_the_calls_that_descriptors_allow),
        cmocka_unit_test(test_a_reload_under_way_changes_nothing_for_those_on_the_road),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
