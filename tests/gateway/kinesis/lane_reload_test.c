/*
 * A reload changes what a lane does with records, and nothing about those that it has: they keep their queue, their
 * turn and their answer, whatever they were queued as.
 */
#include "tests/gateway/kinesis/packed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define RECORDS 30
#define KEYS    4

static const struct {
    bool is_ordered, continues_after_gap;
    uint32_t aggregate_buckets;
} kinds[] = {
    {.is_ordered = false},     {.is_ordered = true},      {.is_ordered = true, .continues_after_gap = true},
    {.aggregate_buckets = 16}, {.aggregate_buckets = 64},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void load(struct crowd *c, size_t kind)
{
    struct stream_conf conf = c->streams[0];

    conf.is_ordered = kinds[kind].is_ordered;
    conf.continues_after_gap = kinds[kind].continues_after_gap;
    conf.aggregate_buckets = kinds[kind].aggregate_buckets;
    crowd_reload(c, 0, &conf);
}

/* With the number that an ordered lane gives them. */
static void saw(void *ctx, const struct fake_attempt *a)
{
    struct crowd *c = ctx;

    struct span after = a->record->sequence_number_for_ordering;

    if (after.len != 0)
        caller_of(c, a->record->data)->expected_after = after;
    packed_saw(c, a);
}

static void arrive(struct crowd *c, unsigned records)
{
    char key[16];

    for (unsigned i = 0; i != records; i++) {
        snprintf(key, sizeof(key), "key %u", i % KEYS);
        caller_arrive(c, &(struct arrival){.key = key});
    }
}

static void begin(struct crowd *c, size_t kind)
{
    crowd_init(c);
    packed_init(c);
    c->net->saw = saw;
    c->sender.conf.calls_in_flight_max = 1;
    load(c, kind);
    arrive(c, 1);
    fake_loop_settle(c->loop);
    arrive(c, RECORDS);
    fake_loop_settle(c->loop);
    assert_int_equal(c->net->records_sent, 1);
}

static void test_what_is_queued_is_put_and_answered_under_any_settings(void **state)
{
    (void)state;
    for (size_t from = 0; from != KINDS; from++)
        for (size_t to = 0; to != KINDS; to++) {
            struct crowd c;
            begin(&c, from);
            load(&c, to);
            arrive(&c, RECORDS);
            fake_loop_pass(c.loop, 2000000);
            assert_int_equal(crowd_count(&c, FAILURE_NONE), 1 + 2 * RECORDS);
            crowd_clear(&c);
        }
}

static void test_what_is_backing_off_too(void **state)
{
    static const enum fake_fate fates[] = {FAKE_THROTTLED, FAKE_RESET_STORED, FAKE_SOME_THROTTLED, FAKE_ARGUMENT,
                                           FAKE_STORED};
    struct fake_script script = {fates, 5};

    (void)state;
    for (size_t from = 0; from != KINDS; from++)
        for (size_t to = 0; to != KINDS; to++) {
            struct crowd c;
            begin(&c, from);
            crowd_script(&c, &script);
            for (unsigned i = 0; i != 8; i++) {
                load(&c, i % 2 == 0 ? to : from);
                fake_loop_pass(c.loop, 7000);
            }
            fake_loop_pass(c.loop, 5000000);
            /* one that went alone when it was its turn */
            unsigned guilty = crowd_count(&c, FAILURE_ARGUMENT) + crowd_count(&c, FAILURE_UPSTREAM_UNKNOWN);
            assert_true(guilty <= 1);
            assert_int_equal(crowd_count(&c, FAILURE_NONE) + guilty + crowd_count(&c, FAILURE_ORDERING_GAP), c.len);
            crowd_clear(&c);
        }
}

static void test_turns_are_kept_by_those_that_had_one(void **state)
{
    (void)state;
    for (size_t to = 0; to != KINDS; to++) {
        struct crowd c;
        begin(&c, 1);
        load(&c, to);
        fake_loop_pass(c.loop, 2000000);
        for (unsigned i = 1 + KEYS; i != c.len; i++) {
            const struct caller *before = c.callers[i - KEYS];
            assert_true(before->ended_us < c.callers[i]->ended_us);
            struct span after = c.callers[i]->stored->sequence_number_for_ordering;
            assert_true(span_equal(after, before->stored->sequence_number));
        }
        crowd_clear(&c);
    }
}

static void test_a_gap_is_what_the_newest_settings_say(void **state)
{
    (void)state;
    for (size_t to = 1; to != 3; to++) {
        struct crowd c;
        begin(&c, 3 - to);
        caller_leave(c.callers[KEYS]); /* first of its key, queued */
        assert_int_equal(crowd_count(&c, FAILURE_ORDERING_GAP) != 0, 3 - to == 1);
        load(&c, to);
        unsigned before = crowd_count(&c, FAILURE_ORDERING_GAP);
        caller_leave(c.callers[KEYS - 1]);
        assert_int_equal(crowd_count(&c, FAILURE_ORDERING_GAP) != before, to == 1);
        crowd_clear(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_queued_is_put_and_answered_under_any_settings),
        cmocka_unit_test(test_what_is_backing_off_too),
        cmocka_unit_test(test_turns_are_kept_by_those_that_had_one),
        cmocka_unit_test(test_a_gap_is_what_the_newest_settings_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
