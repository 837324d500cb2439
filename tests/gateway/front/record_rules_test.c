/* What a stream asks of a record, and what a single record is told of it. */
#include "tests/lib/batch.h"

static const struct {
    const char *what;
    struct stream_conf put;
    struct record record;
    enum failure_row want;
} rows[] = {
    {"a record that fits", {.record_bytes_max = 4}, {.data = SPAN("abc"), .data_bytes = 3}, FAILURE_NONE},
    {"a byte too many", {.record_bytes_max = 3}, {.data = SPAN("abc"), .data_bytes = 3}, FAILURE_RECORD_TOO_LARGE},
    {"a sequence number to order by",
     {.record_bytes_max = 9},
     {.data = SPAN("a"), .data_bytes = 1, .sequence_number_for_ordering = SPAN("1")},
     FAILURE_NONE},
    {"one where the stream keeps the order",
     {.record_bytes_max = 9, .is_ordered = true},
     {.data = SPAN("a"), .data_bytes = 1, .sequence_number_for_ordering = SPAN("1")},
     FAILURE_ARGUMENT},
    {"none where the stream keeps the order",
     {.record_bytes_max = 9, .is_ordered = true},
     {.data = SPAN("a"), .data_bytes = 1},
     FAILURE_NONE},
};

static void a_stream_asks_more_than_kinesis(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct stream_row stream = {.put = rows[i].put};
        struct record r = rows[i].record;
        r.partition_key = SPAN("k");
        check(stream_check_record(&stream, &r).row == rows[i].want, "%s", rows[i].what);
    }
}

static void its_size_is_known_before_its_key(void **state)
{
    struct stream_row stream = {.put = {.record_bytes_max = 10}};
    struct record r = {.data_bytes = 11};

    (void)state;
    struct failure f = stream_check_size(&stream, &r);
    assert_int_equal(f.row, FAILURE_RECORD_TOO_LARGE);
    assert_int_equal(f.bytes, 11);
    assert_int_equal(f.bytes_max, 10);
    r.data_bytes = 10;
    assert_int_equal(stream_check_size(&stream, &r).row, FAILURE_NONE);
}

static void an_aggregate_is_a_producers_own_business(void **state)
{
    struct stream_row stream = {.put = {.record_bytes_max = 100}};
    struct record r = {
        .data = SPAN(EMPTY_AGGREGATE), .data_bytes = sizeof(EMPTY_AGGREGATE) - 1, .partition_key = SPAN("k")};

    (void)state;
    assert_int_equal(stream_check_record(&stream, &r).row, FAILURE_AGGREGATE);
    stream.put.allows_kpl_input = true;
    assert_int_equal(stream_check_record(&stream, &r).row, FAILURE_NONE);
}

static void a_single_record_is_told_the_same(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    struct fake_exchange *e = world_put(&w, "orders", "", SPAN(EMPTY_AGGREGATE));
    assert_int_equal(e->status, 400);
    assert_true(fake_exchange_has(e, "\"code\":\"AggregateNotAllowed\""));
    assert_int_equal(w.metrics.records[RECORD_REJECTED], 1);
    fake_exchange_free(e);
    world_clear(&w);
}

static void records_of_sdks_and_with_a_place_of_their_own_travel_alone(void **state)
{
    struct world w;
    const char *queries[] = {"", "partitionKey=k", "explicitHashKey=7"};

    (void)state;
    world_init(&w);
    for (size_t i = 0; i != LEN(queries); i++) {
        struct fake_exchange *e = world_put(&w, "orders", queries[i], SPAN("event"));
        struct ticket *t = e->exchange.gone_ctx;
        check(t->put.record.is_alone == (i == 2), "%s", queries[i]);
        check(t->put.record.has_random_key == (i != 1), "%s", queries[i]);
        fake_loop_pass(w.loop, 100000);
        fake_exchange_free(e);
    }
    world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_asks_more_than_kinesis),
        cmocka_unit_test(its_size_is_known_before_its_key),
        cmocka_unit_test(an_aggregate_is_a_producers_own_business),
        cmocka_unit_test(a_single_record_is_told_the_same),
        cmocka_unit_test(records_of_sdks_and_with_a_place_of_their_own_travel_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
