/* Records that share calls: who travels with whom, and that each caller gets its own answer. */
#include "tests/gateway/kinesis/callers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define BATCH          10
#define CALL_BYTES_MAX (1u << 20)

static void arrive(struct crowd *c, unsigned records)
{
    const char *const tenants[] = {"a", "b", "c"};

    for (unsigned i = 0; i != records; i++)
        caller_arrive(c, &(struct arrival){.tenant = tenants[i % 3]});
}

static void assert_all_written(const struct crowd *c)
{
    assert_int_equal(crowd_count(c, FAILURE_NONE), c->len);
}

static void test_a_batch_of_one_travels_as_put_record(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    for (unsigned i = 0; i != 3; i++) {
        caller_arrive_plain(&c);
        fake_loop_pass(c.loop, 5000);
    }
    assert_int_equal(c.net->calls_by_operation[FAKE_PUT_RECORD], 3);
    assert_int_equal(c.net->calls_by_operation[FAKE_PUT_RECORDS], 0);
    assert_all_written(&c);
    crowd_clear(&c);
}

static void test_what_arrives_in_one_turn_travels_together_as_put_records(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    arrive(&c, BATCH);
    fake_loop_pass(c.loop, 5000);
    assert_int_equal(c.net->calls, 1);
    assert_int_equal(c.net->calls_by_operation[FAKE_PUT_RECORDS], 1);
    assert_int_equal(c.net->records_sent, BATCH);
    assert_all_written(&c);
    assert_int_equal(c.metrics.counters[COUNT_UPSTREAM_CALLS], 1);
    crowd_clear(&c);
}

static void test_what_finds_the_window_full_leaves_the_moment_a_call_returns(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    c.sender.conf.calls_in_flight_max = 1;
    caller_arrive_plain(&c);
    fake_loop_settle(c.loop);
    for (unsigned i = 0; i != BATCH; i++) { /* one a turn */
        caller_arrive_plain(&c);
        fake_loop_pass(c.loop, 100);
    }
    assert_int_equal(c.net->calls, 1);
    fake_loop_pass(c.loop, 5000 - BATCH * 100);
    assert_true(caller_is_written(c.callers[0]));
    assert_int_equal(c.net->calls, 2);
    assert_int_equal(c.net->records_sent, 1 + BATCH);
    assert_int_equal(c.net->ledger.entries[1]->at_us, c.callers[0]->ended_us);
    crowd_clear(&c);
}

static void test_a_call_carries_at_most_500_records(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    arrive(&c, 1200);
    fake_loop_pass(c.loop, 100000);
    assert_int_equal(c.net->calls, 3);
    assert_all_written(&c);
    crowd_clear(&c);
}

static void test_a_call_carries_at_most_a_mebibyte_unless_one_record_is_larger(void **state)
{
    struct crowd c;
    uint64_t bytes[64] = {0};
    unsigned records[64] = {0};

    (void)state;
    crowd_init(&c);
    for (unsigned i = 0; i != 30; i++)
        caller_arrive(&c, &(struct arrival){.bytes = i % 10 == 9 ? CALL_BYTES_MAX : 200000});
    fake_loop_pass(c.loop, 1000000);
    assert_all_written(&c);
    assert_true(c.net->calls < 20);
    for (unsigned i = 0; i != c.len; i++) {
        const struct fake_stored *e = c.callers[i]->stored;
        bytes[e->call] += e->data.len + e->partition_key.len;
        records[e->call]++;
    }
    for (unsigned i = 0; i != c.net->calls; i++)
        assert_true(bytes[i] <= CALL_BYTES_MAX || records[i] == 1);
    crowd_clear(&c);
}

static void test_a_sequence_number_for_ordering_travels_alone(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    caller_arrive_plain(&c);
    struct caller *ordered = caller_arrive(&c, &(struct arrival){.after = SPAN("4960123")});
    caller_arrive_plain(&c);
    fake_loop_pass(c.loop, 100000);
    assert_all_written(&c);
    assert_true(span_equal(ordered->stored->sequence_number_for_ordering, SPAN("4960123")));
    for (unsigned i = 0; i != c.len; i++)
        assert_true(c.callers[i] == ordered || c.callers[i]->stored->call != ordered->stored->call);
    crowd_clear(&c);
}

static void test_a_detached_waiters_neighbours_are_unaffected(void **state)
{
    (void)state;
    for (unsigned gone = 0; gone != BATCH; gone++)
        for (int is_in_flight = 0; is_in_flight != 2; is_in_flight++) {
            struct crowd c;
            crowd_init(&c);
            arrive(&c, BATCH);
            if (is_in_flight)
                fake_loop_settle(c.loop);
            caller_leave(c.callers[gone]);
            assert_int_equal(c.callers[gone]->state, is_in_flight ? CALLER_GONE : CALLER_ENDED);
            fake_loop_pass(c.loop, 5000);
            assert_int_equal(crowd_count(&c, FAILURE_NONE), is_in_flight ? BATCH : BATCH - 1);
            assert_int_equal(c.net->records_sent, is_in_flight ? BATCH : BATCH - 1);
            crowd_clear(&c);
        }
}

static void test_a_whole_batch_may_leave(void **state)
{
    const enum fake_fate fates[] = {FAKE_STORED, FAKE_THROTTLED, FAKE_SILENCE, FAKE_NO_ROUTE, FAKE_SHORT};

    (void)state;
    for (size_t i = 0; i != sizeof(fates) / sizeof(fates[0]); i++) {
        struct crowd c;
        struct fake_script script = {&fates[i], 1};
        crowd_init(&c);
        crowd_script(&c, &script);
        arrive(&c, BATCH);
        fake_loop_settle(c.loop);
        for (unsigned k = 0; k != BATCH; k++)
            caller_leave(c.callers[k]);
        fake_loop_pass(c.loop, 3000000);
        assert_int_equal(c.net->records_sent, BATCH); /* nobody waits, so nothing is tried again */
        crowd_clear(&c);
    }
}

static void test_one_who_leaves_an_unsent_call_leaves_the_others_in_it(void **state)
{
    const enum fake_fate fates[] = {FAKE_NO_ROUTE, FAKE_STORED};
    struct crowd c;
    struct fake_script script = {fates, 2};

    (void)state;
    crowd_init(&c);
    crowd_script(&c, &script);
    arrive(&c, BATCH);
    fake_loop_settle(c.loop);
    caller_leave(c.callers[3]);
    fake_loop_pass(c.loop, 10000000);
    assert_int_equal(crowd_count(&c, FAILURE_NONE), BATCH - 1);
    assert_int_equal(c.callers[3]->failure.outcome, OUTCOME_NOT_WRITTEN);
    crowd_clear(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_batch_of_one_travels_as_put_record),
        cmocka_unit_test(test_what_arrives_in_one_turn_travels_together_as_put_records),
        cmocka_unit_test(test_what_finds_the_window_full_leaves_the_moment_a_call_returns),
        cmocka_unit_test(test_a_call_carries_at_most_500_records),
        cmocka_unit_test(test_a_call_carries_at_most_a_mebibyte_unless_one_record_is_larger),
        cmocka_unit_test(test_a_sequence_number_for_ordering_travels_alone),
        cmocka_unit_test(test_a_detached_waiters_neighbours_are_unaffected),
        cmocka_unit_test(test_a_whole_batch_may_leave),
        cmocka_unit_test(test_one_who_leaves_an_unsent_call_leaves_the_others_in_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
