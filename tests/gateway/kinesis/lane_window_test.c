/* The window decides how many calls a lane has under way, and below what the settings allow it is the window alone. */
#include "tests/gateway/kinesis/callers.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define RECORDS 40

/* Each goes alone, so that a call is a record. */
static void arrive_alone(struct crowd *c, unsigned records)
{
    for (unsigned i = 0; i != records; i++)
        caller_arrive(c, &(struct arrival){.after = SPAN("4960")});
}

static void test_below_the_bound_the_window_holds_calls_back(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    arrive_alone(&c, RECORDS);
    fake_loop_settle(c.loop);
    const struct lane *lane = c.lanes[0];
    assert_int_equal(c.net->open, lane->window.size);
    assert_true(lane->window.size < c.sender.conf.calls_in_flight_max);
    fake_loop_pass(c.loop, 1000000);
    assert_int_equal(crowd_count(&c, FAILURE_NONE), RECORDS);
    crowd_clear(&c);
}

static void test_need_opens_it_up_to_the_bound_and_no_further(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    arrive_alone(&c, 20 * RECORDS);
    for (unsigned i = 0; i != 100; i++) {
        fake_loop_pass(c.loop, 5000);
        assert_true(c.net->open <= c.lanes[0]->window.size);
    }
    assert_int_equal(c.lanes[0]->window.size, c.sender.conf.calls_in_flight_max);
    assert_int_equal(c.net->max_open, c.sender.conf.calls_in_flight_max);
    crowd_clear(&c);
}

static enum fake_fate throttled_once(void *ctx, unsigned call, struct span body)
{
    (void)body;
    return call == *(unsigned *)ctx ? FAKE_THROTTLED : FAKE_STORED;
}

static void test_after_a_throttling_calls_end_before_one_begins(void **state)
{
    struct crowd c;
    unsigned throttled;

    (void)state;
    crowd_init(&c);
    arrive_alone(&c, 10 * RECORDS);
    fake_loop_pass(c.loop, 100000);
    assert_int_equal(c.net->open, 8);
    throttled = c.net->calls;
    c.net->fate_of = throttled_once;
    c.net->ctx = &throttled;
    fake_loop_pass(c.loop, 10000);
    assert_in_range(c.lanes[0]->window.size, 2, 5);
    assert_true(c.net->open <= c.lanes[0]->window.size);
    fake_loop_pass(c.loop, 2000000);
    assert_int_equal(crowd_count(&c, FAILURE_NONE), c.len);
    crowd_clear(&c);
}

static void test_large_records_have_calls_of_their_own(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    c.sender.conf.large_calls_max = 1;
    c.net->delay_us = 50000;
    for (unsigned i = 0; i != 3; i++)
        caller_arrive(&c, &(struct arrival){.bytes = LARGE_RECORD_BYTES + 1});
    arrive_alone(&c, RECORDS);
    fake_loop_pass(c.loop, 1000);
    assert_int_equal(c.net->open, c.lanes[0]->window.size + 1);
    assert_int_equal(c.lanes[0]->large.calls, 1);
    fake_loop_pass(c.loop, 5000000);
    assert_int_equal(crowd_count(&c, FAILURE_NONE), c.len);
    crowd_clear(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_below_the_bound_the_window_holds_calls_back),
        cmocka_unit_test(test_need_opens_it_up_to_the_bound_and_no_further),
        cmocka_unit_test(test_after_a_throttling_calls_end_before_one_begins),
        cmocka_unit_test(test_large_records_have_calls_of_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
