/* A batch on an ordered stream: behind a record that failed nothing of its key is written, fed to the lane or not yet.
 */
#include "tests/lib/batch.h"

#include <stdio.h>

#define RECORDS 5000 /* more than are in the lane at one time */
#define KEYS    3

struct ordered_world {
    struct world w;
    struct stream_conf conf;
};

static void begin(struct ordered_world *o, bool continues_after_gap)
{
    world_init(&o->w);
    struct lane *lane = o->w.front.view->lanes[0]; /* of "orders" */
    o->conf = *lane->conf;
    o->conf.is_ordered = true;
    o->conf.continues_after_gap = continues_after_gap;
    lane->conf = &o->conf;
    o->w.net->delay_us = 100;
}

/* Every key in turn; the Data of one is "guilty". */
static struct buf members(size_t guilty)
{
    struct buf b;
    char entry[96];

    buf_init(&b, SIZE_MAX / 2);
    buf_append(&b, SPAN("{\"StreamName\":\"orders\",\"Records\":["));
    for (size_t i = 0; i != RECORDS; i++) {
        snprintf(entry, sizeof(entry), "%s{\"PartitionKey\":\"key %zu\",\"Data\":\"%s\"}", i == 0 ? "" : ",", i % KEYS,
                 i == guilty ? "Z3VpbHR5" : "YWJj");
        buf_append(&b, span_str(entry));
    }
    buf_append(&b, SPAN("]}"));
    return b;
}

static enum fake_fate guilty_fails(void *ctx, unsigned call, struct span body)
{
    (void)ctx;
    (void)call;
    (void)body;
    return FAKE_ARGUMENT_IF_GUILTY;
}

static struct fake_exchange *put(struct ordered_world *o, size_t guilty)
{
    struct buf body = members(guilty);

    o->w.net->fate_of = guilty_fails;
    struct fake_exchange *e = batch_ask(&o->w, "orders", MEMBERS, "X-Request-Timeout-Ms: 30000\r\n", buf_span(&body));
    batch_pass(&o->w, 2000);
    buf_clear(&body);
    assert_int_equal(e->status, 200);
    return e;
}

static void test_what_is_fed_after_the_gap_is_not_written(void **state)
{
    static const size_t guilty[] = {0, 1, 1000, 2047, 2048, 3000, RECORDS - 1};

    (void)state;
    for (size_t g = 0; g != LEN(guilty); g++) {
        struct ordered_world o;
        size_t failed = 1 + (RECORDS - 1 - guilty[g]) / KEYS;
        begin(&o, false);
        struct fake_exchange *e = put(&o, guilty[g]);
        json_t *answer = batch_answer(e);
        for (size_t i = 0; i != RECORDS; i++) {
            json_t *item = batch_item(answer, i);
            bool is_behind = i > guilty[g] && i % KEYS == guilty[g] % KEYS;
            check(batch_is_text(item, "ErrorCode", "OrderingGap") == is_behind, "record %zu", i);
            check((json_object_get(item, "SequenceNumber") != NULL) == (!is_behind && i != guilty[g]), "record %zu", i);
        }
        assert_int_equal(json_integer_value(json_object_get(answer, "FailedRecordCount")), failed);
        assert_int_equal(o.w.net->stored, RECORDS - failed);
        assert_int_equal(o.w.metrics.records[RECORD_FAILED], failed);
        json_decref(answer);
        fake_exchange_free(e);
        world_clear(&o.w);
    }
}

static void test_where_a_gap_is_gone_over_all_others_are_written(void **state)
{
    struct ordered_world o;

    (void)state;
    begin(&o, true);
    struct fake_exchange *e = put(&o, 1);
    assert_int_equal(o.w.net->stored, RECORDS - 1);
    assert_true(fake_exchange_has(e, "{\"FailedRecordCount\":1,"));
    fake_exchange_free(e);
    world_clear(&o.w);
}

static void test_the_next_batch_begins_anew(void **state)
{
    struct ordered_world o;

    (void)state;
    begin(&o, false);
    fake_exchange_free(put(&o, 0));
    struct fake_exchange *e = put(&o, RECORDS);
    assert_true(fake_exchange_has(e, "{\"FailedRecordCount\":0,"));
    fake_exchange_free(e);
    world_clear(&o.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_fed_after_the_gap_is_not_written),
        cmocka_unit_test(test_where_a_gap_is_gone_over_all_others_are_written),
        cmocka_unit_test(test_the_next_batch_begins_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
