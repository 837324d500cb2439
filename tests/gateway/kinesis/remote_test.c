/* A record whose key is at home on another worker: it is put there, and its answer comes back, once. */
#include "gateway/kinesis/remote.h"

#include "tests/gateway/kinesis/cluster.h"
#include "tests/lib/failing_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void test_the_answer_comes_back_to_the_worker_that_asked(void **state)
{
    (void)state;
    for (size_t asker = 0; asker != WORKERS; asker++)
        for (size_t home = 0; home != WORKERS; home++) {
            struct cluster c;
            cluster_init(&c);
            struct caller *w = cluster_ask(&c, asker, home, (struct arrival){.is_base64 = home == 1});
            assert_int_equal(w->waiter.state, asker == home ? PUT_QUEUED : PUT_AT_HOME);
            cluster_pass(&c, 10000);
            assert_true(caller_is_written(w));
            assert_int_equal(c.workers[home].net->stored, 1);
            assert_int_equal(w->waiter.attempts, 1);
            assert_true(span_equal(span_of(w->waiter.upstream_id, w->waiter.upstream_id_len), SPAN("upstream-1")));
            assert_true(w->waiter.departed_us >= w->waiter.added_us);
            cluster_clear(&c);
        }
}

static void test_a_worker_without_peers_is_every_keys_home(void **state)
{
    struct crowd c;

    (void)state;
    crowd_init(&c);
    assert_int_equal(remote_home_of(&c.sender, SPAN("any")), 0);
    crowd_clear(&c);
}

static void test_all_workers_share_the_order_of_a_key(void **state)
{
    struct cluster c;
    struct caller *before = NULL;

    (void)state;
    cluster_init(&c);
    for (unsigned i = 0; i != 30; i++) {
        cluster_ask(&c, i % WORKERS, 1, (struct arrival){.deadline_us = 5000000});
        cluster_settle(&c);
    }
    cluster_pass(&c, 400000);
    assert_int_equal(cluster_count(&c, FAILURE_NONE), 30);
    assert_int_equal(c.workers[1].net->max_open, 1);
    for (unsigned i = 0; i != 30; i++) {
        struct caller *w = c.workers[i % WORKERS].callers[i / WORKERS];
        if (before != NULL)
            assert_true(span_equal(w->stored->sequence_number_for_ordering, before->stored->sequence_number));
        before = w;
    }
    cluster_clear(&c);
}

static void test_who_leaves_is_settled_later_whenever_that_is(void **state)
{
    (void)state;
    for (unsigned after_us = 0; after_us != 8000; after_us += 500) {
        struct cluster c;
        cluster_init(&c);
        struct caller *first = cluster_ask(&c, 0, 1, (struct arrival){.bytes = 50});
        struct caller *next = cluster_ask(&c, 2, 1, (struct arrival){.bytes = 50});
        cluster_pass(&c, after_us);
        if (first->state == CALLER_WAITING)
            caller_leave(first);
        cluster_pass(&c, 20000);
        assert_int_equal(first->state, CALLER_ENDED);
        assert_true(caller_is_written(first) && caller_is_written(next));
        assert_int_equal(c.workers[1].net->calls, 2);
        cluster_clear(&c);
    }
}

static void test_one_that_was_not_sent_is_told_so_in_time(void **state)
{
    struct cluster c;

    (void)state;
    cluster_init(&c);
    c.workers[1].net->delay_us = 500000;
    struct caller *under_way = cluster_ask(&c, 0, 1, (struct arrival){.deadline_us = 200000});
    struct caller *behind = cluster_ask(&c, 0, 1, (struct arrival){.deadline_us = 100000});
    cluster_pass(&c, 99000);
    assert_int_equal(behind->state, CALLER_ENDED);
    assert_int_equal(behind->failure.row, FAILURE_DEADLINE);
    assert_int_equal(behind->failure.outcome, OUTCOME_NOT_WRITTEN);
    cluster_pass(&c, 105000);
    assert_int_equal(under_way->state, CALLER_GONE); /* in flight at its deadline: nobody knows */
    cluster_pass(&c, 400000);
    assert_true(caller_is_written(under_way));
    cluster_clear(&c);
}

static void test_a_deadline_shorter_than_the_way_back_ends_too(void **state)
{
    (void)state;
    for (unsigned us = 1; us < 12000; us += 700) {
        struct cluster c;
        cluster_init(&c);
        struct caller *w = cluster_ask(&c, 0, 1, (struct arrival){.deadline_us = us});
        cluster_pass(&c, 20000);
        assert_int_equal(w->state, CALLER_ENDED);
        cluster_clear(&c);
    }
}

static void test_a_full_queue_at_home_refuses(void **state)
{
    struct cluster c;

    (void)state;
    cluster_init(&c);
    c.workers[1].sender.conf.queue_records_max = 2;
    for (unsigned i = 0; i != 5; i++)
        cluster_ask(&c, 0, 1, (struct arrival){.bytes = 50});
    struct caller *elsewhere = cluster_ask(&c, 0, 2, (struct arrival){.bytes = 50});
    cluster_pass(&c, 100000);
    assert_true(caller_is_written(elsewhere));
    assert_int_equal(cluster_count(&c, FAILURE_NONE), 3);
    assert_int_equal(cluster_count(&c, FAILURE_OVERLOADED), 3);
    assert_int_equal(c.workers[1].net->records_sent, 2);
    cluster_clear(&c);
}

static void test_a_home_that_lost_the_stream_refuses_and_keeps_what_it_has(void **state)
{
    struct cluster c;

    (void)state;
    cluster_init(&c);
    struct caller *before = cluster_ask(&c, 0, 1, (struct arrival){.bytes = 50});
    cluster_settle(&c);
    struct caller *on_the_way = cluster_ask(&c, 0, 1, (struct arrival){.bytes = 50});
    lane_release(&c.workers[1].lanes[0]);
    cluster_pass(&c, 20000);
    assert_true(caller_is_written(before));
    assert_int_equal(on_the_way->failure.row, FAILURE_OVERLOADED);
    cluster_clear(&c);
}

/* As at the end of a drain: every worker's view is gone, and what is under way keeps the lanes. */
static void test_records_under_way_outlive_the_views_of_all_workers(void **state)
{
    (void)state;
    for (unsigned after_us = 0; after_us != 8000; after_us += 500) {
        struct cluster c;
        cluster_init(&c);
        for (unsigned i = 0; i != 12; i++)
            cluster_ask(&c, i % WORKERS, i / 4, (struct arrival){.deadline_us = 1000000});
        cluster_pass(&c, after_us);
        for (size_t i = 0; i != WORKERS; i++)
            lane_release(&c.workers[i].lanes[0]);
        cluster_pass(&c, 100000);
        assert_int_equal(cluster_count(&c, FAILURE_NONE) + cluster_count(&c, FAILURE_OVERLOADED), 12);
        assert_true(after_us == 0 || cluster_count(&c, FAILURE_OVERLOADED) == 0);
        cluster_clear(&c);
    }
}

static bool run_with_failure(unsigned nth)
{
    struct cluster c;

    cluster_init(&c);
    failing_memory_begin(nth);
    for (unsigned i = 0; i != 6; i++)
        cluster_ask(&c, i % 2, 1, (struct arrival){.deadline_us = 1000000, .may_lack_memory = true});
    cluster_pass(&c, 500000);
    bool failed = failing_memory_end();
    assert_true(cluster_count(&c, FAILURE_NONE) >= 5 || cluster_count(&c, FAILURE_ORDERING_GAP) != 0);
    cluster_clear(&c);
    return failed;
}

static void test_the_nth_allocation_fails(void **state)
{
    unsigned nth = 1;

    (void)state;
    while (run_with_failure(nth))
        nth++;
    assert_in_range(nth, 10, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_answer_comes_back_to_the_worker_that_asked),
        cmocka_unit_test(test_a_worker_without_peers_is_every_keys_home),
        cmocka_unit_test(test_all_workers_share_the_order_of_a_key),
        cmocka_unit_test(test_who_leaves_is_settled_later_whenever_that_is),
        cmocka_unit_test(test_one_that_was_not_sent_is_told_so_in_time),
        cmocka_unit_test(test_a_deadline_shorter_than_the_way_back_ends_too),
        cmocka_unit_test(test_a_full_queue_at_home_refuses),
        cmocka_unit_test(test_a_home_that_lost_the_stream_refuses_and_keeps_what_it_has),
        cmocka_unit_test(test_records_under_way_outlive_the_views_of_all_workers),
        cmocka_unit_test(test_the_nth_allocation_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
