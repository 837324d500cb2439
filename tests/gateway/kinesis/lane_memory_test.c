/*
 * Memory runs out at every moment of a lane's work, or any one call meets any fate: nobody is lied to or forgotten,
 * nothing is kept.
 */
#include "tests/gateway/kinesis/packed.h"
#include "tests/lib/failing_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define RECORDS 12
#define KEYS    3

static const struct {
    const char *what;
    bool is_ordered, continues_after_gap, has_large;
    uint32_t aggregate_buckets;
} kinds[] = {
    {.what = "batches", .has_large = true},
    {.what = "ordered", .is_ordered = true},
    {.what = "ordered, going on after a gap", .is_ordered = true, .continues_after_gap = true},
    {.what = "aggregates", .aggregate_buckets = 8},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void saw(void *ctx, const struct fake_attempt *a)
{
    struct crowd *c = ctx;

    if (c->lanes[0]->conf->is_ordered)
        caller_of(c, a->record->data)->expected_after = a->record->sequence_number_for_ordering;
    packed_saw(c, a);
}

static void begin(struct crowd *c, size_t kind)
{
    crowd_init(c);
    packed_init(c);
    c->net->saw = saw;
    c->sender.conf.calls_in_flight_max = 3;
    c->streams[0].is_ordered = kinds[kind].is_ordered;
    c->streams[0].continues_after_gap = kinds[kind].continues_after_gap;
    c->streams[0].aggregate_buckets = kinds[kind].aggregate_buckets;
    crowd_lane(c, 0);
}

static void arrive(struct crowd *c, size_t kind)
{
    static const char *const tenants[] = {"acme", "globex"};
    char key[16];

    for (unsigned i = 0; i != RECORDS; i++) {
        struct arrival a = {.tenant = tenants[i % 2], .key = key, .may_lack_memory = true, .is_base64 = i % 3 == 0};
        snprintf(key, sizeof(key), "key %u", i % KEYS);
        a.bytes = kinds[kind].has_large && i == RECORDS / 2 ? LARGE_RECORD_BYTES + 1 : 100;
        a.has_random_key = kinds[kind].aggregate_buckets != 0 && i % 4 < 2;
        caller_arrive(c, &a);
        if (i == RECORDS / 2)
            fake_loop_settle(c->loop);
    }
}

/* Everything happens that takes memory: batches, splits, shards that are known to throttle. */
static const enum fake_fate fates[] = {FAKE_SOME_THROTTLED, FAKE_ARGUMENT, FAKE_SOME_THROTTLED, FAKE_STORED};

static bool run_with_failure(size_t kind, unsigned nth)
{
    struct crowd c;
    struct fake_script script = {fates, sizeof(fates) / sizeof(fates[0])};

    begin(&c, kind);
    crowd_script(&c, &script);
    failing_memory_begin(nth);
    arrive(&c, kind);
    fake_loop_pass(c.loop, 10000000);
    bool failed = failing_memory_end();
    unsigned refused = 0;
    for (unsigned i = 0; i != c.len; i++)
        refused += c.callers[i]->state == CALLER_REFUSED;
    assert_true(refused <= 1);
    assert_int_equal(crowd_count(&c, FAILURE_UNREACHABLE) + crowd_count(&c, FAILURE_UPSTREAM_UNKNOWN), 0);
    crowd_clear(&c);
    return failed;
}

static void test_the_nth_allocation_fails(void **state)
{
    (void)state;
    for (size_t kind = 0; kind != KINDS; kind++) {
        unsigned nth = 1;
        while (run_with_failure(kind, nth))
            nth++;
        assert_in_range(nth, 10, 1000);
    }
}

struct one_of_them {
    unsigned nth;
    enum fake_fate fate;
};

static enum fake_fate nth_fails(void *ctx, unsigned call, struct span body)
{
    const struct one_of_them *o = ctx;

    (void)body;
    return call == o->nth ? o->fate : FAKE_STORED;
}

static bool is_final(enum fake_fate fate)
{
    return fate == FAKE_ACCESS_DENIED || fate == FAKE_ARGUMENT;
}

static bool run_with_fate(size_t kind, struct one_of_them *o)
{
    struct crowd c;

    begin(&c, kind);
    c.net->fate_of = nth_fails;
    c.net->ctx = o;
    arrive(&c, kind);
    fake_loop_pass(c.loop, 10000000);
    if (!is_final(o->fate)) /* once is no reason to fail */
        assert_int_equal(crowd_count(&c, FAILURE_NONE), RECORDS);
    bool has_met = o->nth < c.net->calls;
    crowd_clear(&c);
    return has_met;
}

static void test_the_nth_call_meets_every_fate(void **state)
{
    struct one_of_them o;

    (void)state;
    for (size_t kind = 0; kind != KINDS; kind++)
        for (o.fate = 0; o.fate != FAKE_FATES; o.fate++) {
            o.nth = 0;
            while (run_with_fate(kind, &o))
                o.nth++;
            assert_in_range(o.nth, 2, 100);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_nth_allocation_fails),
        cmocka_unit_test(test_the_nth_call_meets_every_fate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
