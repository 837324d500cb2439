/* A lane's queue in virtual time: room, order, fairness, deadlines, and lanes beside each other. */
#include "tests/gateway/kinesis/callers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void test_a_record_is_answered_with_what_kinesis_stored(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    struct caller *w = caller_arrive_plain(&c), *base64 = caller_arrive(&c, &(struct arrival){.is_base64 = true});
    assert_int_equal(c.net->calls, 0); /* it leaves at the end of the turn */
    fake_loop_pass(c.loop, 5000);
    assert_true(caller_is_written(w) && caller_is_written(base64));
    assert_false(w->is_possible_duplicate);
    crowd_clear(&c);
}

static void test_the_queue_is_bounded_in_records(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    c.sender.conf.queue_records_max = 3;
    for (unsigned i = 0; i != 6; i++) {
        const char *tenants[] = {"a", "b", "c", "d", "e", "f"};
        caller_arrive(&c, &(struct arrival){.tenant = tenants[i]});
    }
    for (unsigned i = 0; i != 6; i++)
        assert_int_equal(c.callers[i]->state, i < 3 ? CALLER_WAITING : CALLER_REFUSED);
    crowd_check(&c);
    fake_loop_pass(c.loop, 20000);
    assert_int_equal(caller_arrive_plain(&c)->state, CALLER_WAITING); /* room came back */
    crowd_clear(&c);
}

static void test_the_queue_is_bounded_in_bytes(void **state)
{
    struct crowd c;
    unsigned admitted = 0;

    (void)state;
    crowd_init(&c);
    c.sender.conf.queue_bytes_max = 100000;
    for (unsigned i = 0; i != 20; i++) {
        const char *tenants[] = {"a", "b", "c"};
        admitted +=
            caller_arrive(&c, &(struct arrival){.tenant = tenants[i % 3], .bytes = 9000})->state == CALLER_WAITING;
        crowd_check(&c);
    }
    assert_in_range(admitted, 1, 11);
    crowd_clear(&c);
}

static void test_a_deadline_in_the_queue_is_certainly_unsent(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    c.sender.conf.calls_in_flight_max = 1;
    c.net->delay_us = 100000;
    caller_arrive_plain(&c);
    fake_loop_settle(c.loop);
    struct caller *queued = caller_arrive(&c, &(struct arrival){.deadline_us = 50000});
    fake_loop_pass(c.loop, 50000);
    assert_int_equal(queued->failure.row, FAILURE_DEADLINE);
    assert_int_equal(queued->failure.outcome, OUTCOME_NOT_WRITTEN);
    assert_int_equal(queued->sends, 0);
    fake_loop_pass(c.loop, 200000);
    assert_int_equal(c.net->records_sent, 1);
    crowd_clear(&c);
}

static void test_a_deadline_in_flight_is_settled_later(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    c.net->delay_us = 100000;
    struct caller *w = caller_arrive(&c, &(struct arrival){.deadline_us = 50000});
    fake_loop_pass(c.loop, 60000);
    assert_int_equal(w->state, CALLER_GONE);
    fake_loop_pass(c.loop, 60000);
    assert_true(caller_is_written(w));
    crowd_clear(&c);
}

static void test_a_tenants_records_leave_in_the_order_of_their_arrival(void **state)
{
    struct crowd c;
    unsigned next = 0;

    (void)state;
    crowd_init(&c);
    c.sender.conf.calls_in_flight_max = 1;
    for (unsigned i = 0; i != 700; i++)
        caller_arrive_plain(&c);
    fake_loop_pass(c.loop, 10000000);
    for (size_t i = 0; i != c.net->ledger.len; i++)
        assert_true(span_equal(c.net->ledger.entries[i]->data, c.callers[next++]->expected_data));
    assert_int_equal(next, 700);
    crowd_clear(&c);
}

static void test_a_tenant_with_a_long_queue_delays_another_by_a_few_calls(void **state)
{
    (void)state;
    for (size_t bytes = 32; bytes <= 2048; bytes += 2016) {
        struct crowd c;
        crowd_init(&c);
        c.sender.conf.calls_in_flight_max = 1;
        for (unsigned i = 0; i != 5000; i++)
            caller_arrive(&c, &(struct arrival){.tenant = "large", .bytes = bytes});
        fake_loop_settle(c.loop);
        unsigned before = c.net->calls;
        struct caller *small = caller_arrive(&c, &(struct arrival){.tenant = "small"});
        fake_loop_pass(c.loop, 30000000);
        assert_true(caller_is_written(small));
        assert_in_range(small->stored->call, before, before + 3);
        assert_int_equal(crowd_count(&c, FAILURE_NONE), 5001); /* and nobody starves */
        crowd_clear(&c);
    }
}

static void test_tenants_share_a_full_lane_by_bytes(void **state)
{
    struct crowd c;
    size_t written[2] = {0};

    (void)state;
    crowd_init(&c);
    c.sender.conf.calls_in_flight_max = 1;
    for (unsigned i = 0; i != 2000; i++) {
        caller_arrive(&c, &(struct arrival){.tenant = "a", .bytes = 10000});
        caller_arrive(&c, &(struct arrival){.tenant = "b", .bytes = 1000});
    }
    while (crowd_count(&c, FAILURE_NONE) < 1000)
        fake_loop_pass(c.loop, 5000);
    for (unsigned i = 0; i != c.len; i++)
        if (caller_is_written(c.callers[i]))
            written[i % 2] += c.callers[i]->expected_data.len;
    assert_in_range(written[0], written[1] / 2, written[1] * 2);
    crowd_clear(&c);
}

static enum fake_fate slow_stream_is_throttled(void *ctx, unsigned call, struct span body)
{
    static const char name[] = "\"stream-0\"";

    (void)ctx;
    (void)call;
    return memmem(body.ptr, body.len, name, sizeof(name) - 1) != NULL ? FAKE_THROTTLED : FAKE_STORED;
}

static void test_one_streams_throttling_leaves_another_lane_alone(void **state)
{
    struct crowd c;
    struct caller *other[100];

    (void)state;
    crowd_init(&c);
    c.net->fate_of = slow_stream_is_throttled;
    for (unsigned i = 0; i != 100; i++) {
        for (unsigned k = 0; k != 20; k++)
            caller_arrive(&c, &(struct arrival){.lane = 0, .deadline_us = 1000000});
        other[i] = caller_arrive(&c, &(struct arrival){.lane = 1});
        fake_loop_pass(c.loop, 5000);
        assert_true(caller_is_written(other[i])); /* within one call's time */
        crowd_check(&c);
    }
    fake_loop_pass(c.loop, 2000000);
    assert_int_equal(crowd_count(&c, FAILURE_NONE), 100);
    crowd_clear(&c);
}

static void test_all_lanes_together_keep_the_bound_of_calls(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    c.sender.conf.calls_max = 2;
    for (unsigned i = 0; i != 60; i++) {
        caller_arrive(&c, &(struct arrival){.lane = i % CROWD_LANES});
        fake_loop_settle(c.loop);
        crowd_check(&c);
    }
    fake_loop_pass(c.loop, 1000000);
    assert_int_equal(c.net->max_open, 2);
    assert_int_equal(crowd_count(&c, FAILURE_NONE), 60);
    crowd_clear(&c);
}

static void test_a_lasting_outage_costs_no_more_calls_than_the_budget(void **state)
{
    struct crowd c;
    const enum fake_fate fates[] = {FAKE_INTERNAL};
    struct fake_script script = {fates, 1};

    (void)state;
    crowd_init(&c);
    crowd_script(&c, &script);
    c.sender.conf.retry.budget_burst = 10;
    for (unsigned i = 0; i != 1000; i++) {
        caller_arrive(&c, &(struct arrival){.deadline_us = 3000000});
        fake_loop_pass(c.loop, 10000);
    }
    fake_loop_pass(c.loop, 5000000);
    assert_in_range(c.net->calls, 900, 1000 + 10 + 100);
    assert_int_equal(crowd_count(&c, FAILURE_UPSTREAM_UNKNOWN), 1000);
    crowd_clear(&c);
}

static void test_a_lane_outlives_its_owner_until_its_last_record_is_settled(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    c.sender.conf.calls_in_flight_max = 1;
    for (unsigned i = 0; i != 10; i++)
        caller_arrive_plain(&c);
    lane_release(&c.lanes[0]);
    fake_loop_pass(c.loop, 1000000);
    assert_int_equal(crowd_count(&c, FAILURE_NONE), 10);
    crowd_clear(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_record_is_answered_with_what_kinesis_stored),
        cmocka_unit_test(test_the_queue_is_bounded_in_records),
        cmocka_unit_test(test_the_queue_is_bounded_in_bytes),
        cmocka_unit_test(test_a_deadline_in_the_queue_is_certainly_unsent),
        cmocka_unit_test(test_a_deadline_in_flight_is_settled_later),
        cmocka_unit_test(test_a_tenants_records_leave_in_the_order_of_their_arrival),
        cmocka_unit_test(test_a_tenant_with_a_long_queue_delays_another_by_a_few_calls),
        cmocka_unit_test(test_tenants_share_a_full_lane_by_bytes),
        cmocka_unit_test(test_one_streams_throttling_leaves_another_lane_alone),
        cmocka_unit_test(test_all_lanes_together_keep_the_bound_of_calls),
        cmocka_unit_test(test_a_lasting_outage_costs_no_more_calls_than_the_budget),
        cmocka_unit_test(test_a_lane_outlives_its_owner_until_its_last_record_is_settled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
