/* What an answer to several records means for each of them: only what failed is put again, and only who is guilty pays.
 */
#include "tests/gateway/kinesis/callers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define BATCH 40

/* BATCH records of one turn; their first call meets `first`, all later ones `then`. */
struct batch {
    struct crowd crowd;
    enum fake_fate fates[2];
    struct fake_script script;
};

static void batch_init(struct batch *b, enum fake_fate first, enum fake_fate then)
{
    *b = (struct batch){.fates = {first, then}};
    b->script = (struct fake_script){b->fates, 2};
    crowd_init(&b->crowd);
    crowd_script(&b->crowd, &b->script);
}

static void batch_run(struct batch *b)
{
    for (unsigned i = 0; i != BATCH; i++)
        caller_arrive_plain(&b->crowd);
    fake_loop_settle(b->crowd.loop);
    assert_int_equal(b->crowd.net->calls_by_operation[FAKE_PUT_RECORDS], 1);
    assert_int_equal(b->crowd.net->records_sent, BATCH);
    fake_loop_pass(b->crowd.loop, 10000000);
}

static void test_only_what_was_throttled_is_put_again(void **state)
{
    struct batch b;
    struct crowd *c = &b.crowd;
    unsigned again = 0;

    (void)state;
    batch_init(&b, FAKE_SOME_THROTTLED, FAKE_STORED);
    batch_run(&b);
    assert_int_equal(crowd_count(c, FAILURE_NONE), BATCH);
    for (unsigned i = 0; i != BATCH; i++) {
        assert_int_equal(c->callers[i]->stores, 1);
        assert_false(c->callers[i]->is_possible_duplicate);
        again += c->callers[i]->sends == 2;
    }
    assert_in_range(again, 5, BATCH - 5);
    assert_int_equal(c->net->records_sent, BATCH + again);
    assert_int_equal(c->metrics.counters[COUNT_UPSTREAM_RETRIES], again);
    crowd_clear(c);
}

static void test_credentials_are_asked_for_once_a_call(void **state)
{
    struct batch b;
    struct crowd *c = &b.crowd;

    (void)state;
    batch_init(&b, FAKE_EXPIRED_TOKEN, FAKE_STORED);
    c->sender.refresh_creds = NULL; /* the new ones take their time */
    batch_run(&b);
    assert_int_equal(crowd_count(c, FAILURE_NONE), BATCH);
    assert_int_equal(c->metrics.counters[COUNT_CREDENTIAL_REFRESHES], 1);
    crowd_clear(c);
}

static void test_what_was_written_is_told_before_its_neighbours_are_tried_again(void **state)
{
    struct batch b;
    struct crowd *c = &b.crowd;

    (void)state;
    batch_init(&b, FAKE_SOME_THROTTLED, FAKE_STORED);
    batch_run(&b);
    for (unsigned i = 0; i != BATCH; i++)
        if (c->callers[i]->sends == 1)
            assert_int_equal(c->callers[i]->ended_us - c->callers[i]->arrived_us, c->net->delay_us);
    crowd_clear(c);
}

static void test_an_item_that_failed_is_unknown_and_its_neighbours_are_not(void **state)
{
    const enum fake_fate fates[] = {FAKE_SOME_FAILED, FAKE_ODD_CODE};

    (void)state;
    for (size_t i = 0; i != 2; i++)
        for (int retries = 0; retries != 2; retries++) {
            struct batch b;
            struct crowd *c = &b.crowd;
            unsigned unknown = 0;
            batch_init(&b, fates[i], FAKE_STORED);
            c->streams[0].retry_unknown = retries;
            batch_run(&b);
            for (unsigned k = 0; k != BATCH; k++) {
                const struct caller *w = c->callers[k];
                unknown += w->unknowns;
                assert_int_equal(w->sends, retries ? 1 + w->unknowns : 1);
                assert_int_equal(caller_is_written(w), retries || w->unknowns == 0);
            }
            assert_in_range(unknown, 5, BATCH - 5);
            if (!retries)
                assert_int_equal(crowd_count(c, FAILURE_UPSTREAM_UNKNOWN), unknown);
            crowd_clear(c);
        }
}

static void test_an_answer_for_another_number_of_records_acknowledges_nobody(void **state)
{
    const enum fake_fate fates[] = {FAKE_SHORT, FAKE_LONGER, FAKE_TRUNCATED, FAKE_GARBAGE};

    (void)state;
    for (size_t i = 0; i != sizeof(fates) / sizeof(fates[0]); i++) {
        struct batch b;
        batch_init(&b, fates[i], FAKE_STORED);
        b.crowd.streams[0].retry_unknown = false;
        batch_run(&b);
        assert_int_equal(crowd_count(&b.crowd, FAILURE_UPSTREAM_UNKNOWN), BATCH);
        assert_int_equal(b.crowd.net->calls, 1);
        crowd_clear(&b.crowd);
    }
}

static void test_a_guilty_record_alone_fails_and_its_neighbours_are_written_once(void **state)
{
    (void)state;
    for (unsigned guilty = 0; guilty != BATCH; guilty++) {
        struct batch b;
        struct crowd *c = &b.crowd;
        batch_init(&b, FAKE_ARGUMENT_IF_GUILTY, FAKE_ARGUMENT_IF_GUILTY);
        for (unsigned i = 0; i != BATCH; i++)
            caller_arrive(c, &(struct arrival){.word = i == guilty ? "guilty" : NULL});
        fake_loop_pass(c->loop, 10000000);
        for (unsigned i = 0; i != BATCH; i++) {
            assert_int_equal(caller_is_written(c->callers[i]), i != guilty);
            assert_int_equal(c->callers[i]->stores, i != guilty);
        }
        assert_int_equal(c->callers[guilty]->failure.row, FAILURE_ARGUMENT);
        assert_int_equal(c->callers[guilty]->failure.outcome, OUTCOME_NOT_WRITTEN);
        assert_true(c->net->calls <= 20); /* halves: twice the logarithm, and not one call a record */
        crowd_clear(c);
    }
}

static void test_several_guilty_ones_fail_each_for_itself(void **state)
{
    struct batch b;
    struct crowd *c = &b.crowd;

    (void)state;
    batch_init(&b, FAKE_ARGUMENT_IF_GUILTY, FAKE_ARGUMENT_IF_GUILTY);
    for (unsigned i = 0; i != 100; i++)
        caller_arrive(c, &(struct arrival){.word = i % 7 == 3 ? "guilty" : NULL});
    fake_loop_pass(c->loop, 30000000);
    for (unsigned i = 0; i != 100; i++) {
        assert_int_equal(c->callers[i]->failure.row, i % 7 == 3 ? FAILURE_ARGUMENT : FAILURE_NONE);
        assert_int_equal(c->callers[i]->stores, i % 7 != 3);
    }
    crowd_clear(c);
}

static void test_a_failure_of_the_whole_call_is_everybodys(void **state)
{
    const struct {
        enum fake_fate fate;
        enum failure_row row;
        unsigned sends;
        bool is_possible_duplicate;
    } cases[] = {
        {FAKE_THROTTLED, FAILURE_NONE, 2, false},
        {FAKE_REFUSED_DIAL, FAILURE_NONE, 2, false},
        {FAKE_RESET_STORED, FAILURE_NONE, 2, true},
        {FAKE_INTERNAL_STORED, FAILURE_NONE, 2, true},
        {FAKE_EXPIRED_TOKEN, FAILURE_NONE, 2, false},
        {FAKE_SKEWED, FAILURE_NONE, 2, false},
        {FAKE_ACCESS_DENIED, FAILURE_UPSTREAM_REFUSED, 1, false},
    };

    (void)state;
    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); i++) {
        struct batch b;
        batch_init(&b, cases[i].fate, FAKE_STORED);
        batch_run(&b);
        for (unsigned k = 0; k != BATCH; k++) {
            const struct caller *w = b.crowd.callers[k];
            assert_int_equal(w->failure.row, cases[i].row);
            assert_int_equal(w->sends, cases[i].sends);
            assert_int_equal(w->is_possible_duplicate, cases[i].is_possible_duplicate);
        }
        crowd_clear(&b.crowd);
    }
}

static void test_who_left_is_not_tried_again_with_its_neighbours(void **state)
{
    const enum fake_fate fates[] = {FAKE_THROTTLED, FAKE_INTERNAL, FAKE_ARGUMENT_IF_GUILTY};

    (void)state;
    for (size_t i = 0; i != sizeof(fates) / sizeof(fates[0]); i++) {
        struct batch b;
        struct crowd *c = &b.crowd;
        batch_init(&b, fates[i], fates[i] == FAKE_ARGUMENT_IF_GUILTY ? fates[i] : FAKE_STORED);
        for (unsigned k = 0; k != BATCH; k++)
            caller_arrive(c, &(struct arrival){.word = k == 5 ? "guilty" : NULL});
        fake_loop_settle(c->loop);
        caller_leave(c->callers[20]);
        fake_loop_pass(c->loop, 10000000);
        assert_int_equal(c->callers[20]->sends, 1);
        assert_int_equal(crowd_count(c, FAILURE_NONE), fates[i] == FAKE_ARGUMENT_IF_GUILTY ? BATCH - 2 : BATCH - 1);
        crowd_clear(c);
    }
}

static void test_one_shards_throttling_leaves_the_others_records_alone(void **state)
{
    struct batch b;
    struct crowd *c = &b.crowd;

    (void)state;
    batch_init(&b, FAKE_SOME_THROTTLED, FAKE_SOME_THROTTLED);
    c->net->throttle_percent = 100;
    c->net->throttled_shards = 1;
    for (unsigned i = 0; i != 300; i++) {
        caller_arrive(c, &(struct arrival){.deadline_us = 1000000});
        fake_loop_pass(c->loop, 10000);
    }
    fake_loop_pass(c->loop, 2000000);
    for (unsigned i = 0; i != c->len; i++) {
        const struct caller *w = c->callers[i];
        struct fake_record r = {.partition_key = w->expected_key};
        bool is_throttled = fake_shard_of(&r, c->net->shards) == 0;
        assert_int_equal(caller_is_written(w), !is_throttled);
        if (!is_throttled) /* at worst it found the window full */
            assert_in_range(w->ended_us - w->arrived_us, c->net->delay_us, 2 * c->net->delay_us);
    }
    assert_in_range(crowd_count(c, FAILURE_NONE), 200, 250);
    crowd_clear(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_was_throttled_is_put_again),
        cmocka_unit_test(test_credentials_are_asked_for_once_a_call),
        cmocka_unit_test(test_what_was_written_is_told_before_its_neighbours_are_tried_again),
        cmocka_unit_test(test_an_item_that_failed_is_unknown_and_its_neighbours_are_not),
        cmocka_unit_test(test_an_answer_for_another_number_of_records_acknowledges_nobody),
        cmocka_unit_test(test_a_guilty_record_alone_fails_and_its_neighbours_are_written_once),
        cmocka_unit_test(test_several_guilty_ones_fail_each_for_itself),
        cmocka_unit_test(test_a_failure_of_the_whole_call_is_everybodys),
        cmocka_unit_test(test_one_shards_throttling_leaves_the_others_records_alone),
        cmocka_unit_test(test_who_left_is_not_tried_again_with_its_neighbours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
