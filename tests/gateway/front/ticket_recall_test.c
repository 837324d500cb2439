/*
 * A record with an idempotency key on its road, in virtual time: what is the same call, and what its retry is told.
 */
#include "tests/gateway/front/keyed.h"

static void a_retry_gets_the_first_ones_ids(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    struct fake_exchange *first = ask(&w, "event");
    fake_loop_pass(w.loop, 100000);
    struct fake_exchange *second = ask(&w, "event");
    assert_int_equal(second->replies, 1); /* at once */
    assert_true(first->status == 200 && is_same_answer(first, second));
    assert_true(!is_replayed(first) && is_replayed(second));
    assert_int_equal(w.net->stored, 1);
    assert_int_equal(w.metrics.records[RECORD_WRITTEN], 1);
    assert_int_equal(w.metrics.records[RECORD_REPLAYED], 1);
    assert_true(world_is_balanced(&w));
    fake_exchange_free(first);
    fake_exchange_free(second);
    world_clear(&w);
}

static void a_possible_duplicate_is_one_in_its_replay_too(void **state)
{
    struct world w;
    enum fake_fate fates[] = {FAKE_RESET, FAKE_STORED};
    struct fake_script script = {fates, 2};

    (void)state;
    world_init(&w);
    set_fates(&w, &script);
    struct fake_exchange *first = ask(&w, "event");
    fake_loop_pass(w.loop, 1000000);
    struct fake_exchange *second = ask(&w, "event");
    assert_true(is_same_answer(first, second));
    assert_true(span_is(fake_exchange_field(second, "kgw-possible-duplicate"), "true"));
    fake_exchange_free(first);
    fake_exchange_free(second);
    world_clear(&w);
}

/* After a first `RECORD` with body "event". */
static const struct {
    const char *what, *line, *fields, *body;
    int status;
    bool is_replayed;
} seconds[] = {
    {"the same", RECORD, KEY, "event", 200, true},
    {"the same key without quotes", RECORD, "Idempotency-Key: 8e03978e\r\n", "event", 200, true},
    {"the same key twice", RECORD, KEY KEY, "event", 200, true},
    {"a parameter that nobody defined", RECORD, "Idempotency-Key: \"8e03978e\";v=1\r\n", "event", 200, true},
    {"two keys", RECORD, KEY "Idempotency-Key: other\r\n", "event", 400, false},
    {"a key that is none", RECORD, "Idempotency-Key: \"\"\r\n", "event", 400, false},
    {"another key", RECORD, "Idempotency-Key: other\r\n", "event", 200, false},
    {"no key", RECORD, "", "event", 200, false},
    {"another body", RECORD, KEY, "Event", 422, false},
    {"another content type", RECORD, KEY "Content-Type: text/plain\r\n", "event", 422, false},
    {"a partition key", RECORD "?partitionKey=a", KEY, "event", 422, false},
    {"a partition key in a header", RECORD, KEY "X-Kinesis-Partition-Key: a\r\n", "event", 422, false},
    {"an explicit hash key", RECORD "?explicitHashKey=1", KEY, "event", 422, false},
    {"a sequence number", RECORD "?sequenceNumberForOrdering=1", KEY, "event", 422, false},
    {"a batch of the same body", RECORD "s", KEY "Content-Type: application/x-ndjson\r\n", "event", 422, false},
    {"another stream", REPORT, KEY, "event", 200, false},
    {"a dry run", RECORD "?dryRun=true", KEY, "event", 200, false},
    {"what differs in what does not matter", RECORD, KEY "X-Request-Id: x\r\nX-Request-Timeout-Ms: 9\r\n", "event", 200,
     true},
};

static void a_second_call_is_the_same_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(seconds); i++) {
        struct world w;
        world_init(&w);
        struct fake_exchange *first = ask(&w, "event");
        fake_loop_pass(w.loop, 100000);
        struct fake_exchange *second = ask_with(&w, seconds[i].line, seconds[i].fields, span_str(seconds[i].body));
        fake_loop_pass(w.loop, 100000);
        check(second->status == seconds[i].status, "%s: %d %.*s", seconds[i].what, second->status,
              (int)second->body.len, second->body.ptr);
        check(is_replayed(second) == seconds[i].is_replayed, "%s", seconds[i].what);
        if (second->status == 422)
            check(fake_exchange_has(second, "\"code\":\"IdempotencyKeyReused\"") &&
                      fake_exchange_has(second, "\"retryable\":false"),
                  "%s is told by name", seconds[i].what);
        check(world_is_balanced(&w), "%s: the audit is balanced", seconds[i].what);
        fake_exchange_free(first);
        fake_exchange_free(second);
        world_clear(&w);
    }
}

static void a_call_shaped_like_awss_knows_no_such_header(void **state)
{
    static const char body[] = "{\"StreamName\":\"orders\",\"Data\":\"aGk=\",\"PartitionKey\":\"k\"}";
    struct world w;

    (void)state;
    world_init(&w);
    for (int i = 0; i != 2; i++) {
        struct fake_exchange *e = ask_with(
            &w, "POST /",
            KEY "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: Kinesis_20131202.PutRecord\r\n", SPAN(body));
        fake_loop_pass(w.loop, 100000);
        assert_true(e->status == 200 && !is_replayed(e));
        fake_exchange_free(e);
    }
    assert_int_equal(w.net->stored, 2);
    world_clear(&w);
}

static void what_the_rule_looks_at_is_part_of_the_request(void **state)
{
    struct world w;
    struct stream_row *row;
    const char *users[] = {"X-User: a\r\n" KEY, "X-User: b\r\n" KEY};

    (void)state;
    world_init(&w);
    row = (struct stream_row *)(uintptr_t)stream_table_at(w.front.view->snapshot->streams, 0);
    row->partition = (struct partition_rule){.source = PARTITION_HEADER, .argument = SPAN("x-user")};
    struct fake_exchange *first = ask_with(&w, RECORD, users[0], SPAN("event"));
    fake_loop_pass(w.loop, 100000);
    struct fake_exchange *other = ask_with(&w, RECORD, users[1], SPAN("event"));
    struct fake_exchange *same = ask_with(&w, RECORD, users[0], SPAN("event"));
    assert_true(other->status == 422 && is_replayed(same));
    fake_exchange_free(first);
    fake_exchange_free(other);
    fake_exchange_free(same);
    world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_retry_gets_the_first_ones_ids),
        cmocka_unit_test(a_possible_duplicate_is_one_in_its_replay_too),
        cmocka_unit_test(a_second_call_is_the_same_or_not),
        cmocka_unit_test(a_call_shaped_like_awss_knows_no_such_header),
        cmocka_unit_test(what_the_rule_looks_at_is_part_of_the_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
