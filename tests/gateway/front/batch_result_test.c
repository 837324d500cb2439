/* Results are kept in 16 bytes and a text, and told as the caller's kind of call wants them. */
#include "tests/lib/batch.h"

/* A batch of `records` as far as results see it, on a world that has nothing to send. */
struct bench {
    struct world world;
    struct fake_exchange *exchange;
    struct ticket *ticket;
};

static void bench_init(struct bench *b, size_t records, bool is_aws)
{
    struct buf body = batch_members("orders", records, "x");

    world_init(&b->world);
    b->world.sender.conf.calls_in_flight_max = 0;
    b->exchange = is_aws ? batch_ask_aws(&b->world, buf_span(&body))
                         : batch_ask(&b->world, "orders", MEMBERS, "", buf_span(&body));
    b->ticket = b->exchange->exchange.gone_ctx;
    buf_clear(&body);
    fake_loop_settle(b->world.loop);
}

/* Every record ends as its result says. */
static json_t *bench_end(struct bench *b, const struct put_result *results)
{
    struct batch *batch = b->ticket->batch;

    for (size_t i = 0; i != batch->records; i++) {
        struct put_waiter *w = &batch->items[i].waiter;
        size_t index = batch->items[i].index;
        assert_true(lane_detach(w));
        w->result = results[index];
        w->done(w);
    }
    fake_loop_settle(b->world.loop);
    return batch_answer(b->exchange);
}

static void bench_clear(struct bench *b)
{
    fake_exchange_free(b->exchange);
    world_clear(&b->world);
}

#define IDS .sequence_number = SPAN("4960"), .shard_id = SPAN("shardId-1")

static const struct put_result results[] = {
    {IDS, .encryption = ENCRYPTION_NONE},
    {IDS, .is_possible_duplicate = true, .has_sub_sequence_number = true, .sub_sequence_number = 7},
    {.failure = {.row = FAILURE_THROTTLED, .aws_code = "ThrottlingException"}},
    {.failure = {.row = FAILURE_UPSTREAM_UNKNOWN, .outcome = OUTCOME_UNKNOWN, .aws_code = "InternalFailure"}},
    {.failure = {.row = FAILURE_UPSTREAM_REFUSED, .aws_code = "KMSDisabledException"}},
    {.failure = {.row = FAILURE_DEADLINE}},
    {IDS, .encryption = ENCRYPTION_KMS},
};

static void a_native_caller_is_told_all_that_is_known(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, LEN(results), false);
    json_t *answer = bench_end(&b, results);
    assert_int_equal(json_integer_value(json_object_get(answer, "FailedRecordCount")), 4);
    assert_true(batch_is_text(answer, "EncryptionType", "KMS")); /* if any of them was */
    assert_int_equal(json_object_size(batch_item(answer, 0)), 2);
    assert_true(batch_is_text(batch_item(answer, 0), "SequenceNumber", "4960"));
    assert_true(batch_is_text(batch_item(answer, 0), "ShardId", "shardId-1"));
    assert_int_equal(json_integer_value(json_object_get(batch_item(answer, 1), "SubSequenceNumber")), 7);
    assert_true(json_is_true(json_object_get(batch_item(answer, 1), "PossibleDuplicate")));
    assert_true(batch_is_text(batch_item(answer, 2), "ErrorCode", "ThrottlingException"));
    assert_true(batch_is_text(batch_item(answer, 2), "Outcome", "not_written"));
    assert_true(json_is_true(json_object_get(batch_item(answer, 2), "Retryable")));
    assert_true(batch_is_text(batch_item(answer, 3), "Outcome", "unknown"));
    assert_true(batch_is_text(batch_item(answer, 4), "ErrorCode", "KMSDisabledException"));
    assert_true(json_is_false(json_object_get(batch_item(answer, 4), "Retryable")));
    assert_true(batch_is_text(batch_item(answer, 5), "ErrorCode", "DeadlineExceeded"));
    json_decref(answer);
    bench_clear(&b);
}

static void a_caller_of_aws_is_told_as_aws_would(void **state)
{
    static const char *const codes[] = {NULL,
                                        NULL,
                                        "ProvisionedThroughputExceededException",
                                        "InternalFailure",
                                        "KMSDisabledException",
                                        "ServiceUnavailable",
                                        NULL};
    struct bench b;

    (void)state;
    bench_init(&b, LEN(results), true);
    json_t *answer = bench_end(&b, results);
    for (size_t i = 0; i != LEN(results); i++) {
        json_t *item = batch_item(answer, i);
        check(codes[i] == NULL ? json_object_get(item, "SequenceNumber") != NULL
                               : batch_is_text(item, "ErrorCode", codes[i]) && json_object_size(item) == 2 &&
                                     json_object_get(item, "ErrorMessage") != NULL,
              "record %zu", i);
    }
    json_decref(answer);
    bench_clear(&b);
}

static void every_failure_can_be_told(void **state)
{
    (void)state;
    for (int row = FAILURE_NONE + 1; row != FAILURE_ROWS; row++)
        for (int is_aws = 0; is_aws != 2; is_aws++) {
            struct bench b;
            struct put_result result = {.failure = {.row = (enum failure_row)row}};
            bench_init(&b, 1, is_aws);
            json_t *answer = bench_end(&b, &result);
            check(b.exchange->status == 200 && json_object_get(batch_item(answer, 0), "ErrorMessage") != NULL, "row %d",
                  row);
            json_decref(answer);
            bench_clear(&b);
        }
}

static void the_longest_result_has_room(void **state)
{
    char number[SEQUENCE_NUMBER_BYTES_MAX], shard[SHARD_ID_BYTES_MAX];
    struct put_result longest[3];
    struct bench b;

    (void)state;
    memset(number, '9', sizeof(number));
    memset(shard, '\x01', sizeof(shard)); /* six bytes each, as JSON */
    for (size_t i = 0; i != LEN(longest); i++)
        longest[i] = (struct put_result){.sequence_number = span_of(number, sizeof(number)),
                                         .shard_id = span_of(shard, sizeof(shard)),
                                         .is_possible_duplicate = true,
                                         .has_sub_sequence_number = true,
                                         .sub_sequence_number = UINT32_MAX};
    bench_init(&b, LEN(longest), false);
    json_t *answer = bench_end(&b, longest);
    assert_int_equal(json_array_size(json_object_get(answer, "Records")), LEN(longest));
    json_decref(answer);
    bench_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_native_caller_is_told_all_that_is_known),
        cmocka_unit_test(a_caller_of_aws_is_told_as_aws_would),
        cmocka_unit_test(every_failure_can_be_told),
        cmocka_unit_test(the_longest_result_has_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
