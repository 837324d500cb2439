/* One record that is invalid refuses them all, before anything is spent; and what a batch may be at all. */
#include "tests/lib/batch.h"

#define BIG_BYTES (RECORD_BYTES_DEFAULT + 1)

static const struct {
    const char *what, *path, *type, *fields;
    struct span body;
    int status;
    const char *in_body;
} refusals[] = {
    {"no records in lines", "orders", LINES, "", SPAN("\n\r\n"), 400, "the batch has no records"},
    {"no records in an empty body", "orders", LINES, "", SPAN(""), 400, "\"code\":\"ValidationException\""},
    {"no records in an array", "orders", ARRAY, "", SPAN("[]"), 400, "the batch has no records"},
    {"an array that is cut", "orders", ARRAY, "", SPAN("[1,2"), 400, "SerializationException"},
    {"an object where an array is asked for", "orders", ARRAY, "", SPAN("{}"), 400, "SerializationException"},
    {"nothing where an array is asked for", "orders", ARRAY, "", SPAN(""), 400, "SerializationException"},
    {"members that are no object", "orders", MEMBERS, "", SPAN("[]"), 400, "SerializationException"},
    {"members without Records", "orders", MEMBERS, "", SPAN("{}"), 400, "Records is missing"},
    {"members of another stream", "orders", MEMBERS, "",
     SPAN("{\"StreamName\":\"report\",\"Records\":[{\"Data\":\"\"}]}"), 400, "\"parameter\":\"StreamName\""},
    {"members with an ARN that is not the stream's", "clicks", MEMBERS, "",
     SPAN("{\"StreamARN\":\"arn:aws:kinesis:eu-west-1:1:stream/x\",\"Records\":[{\"Data\":\"\"}]}"), 400,
     "\"parameter\":\"StreamARN\""},
    {"Data that is no base64", "orders", MEMBERS, "",
     SPAN("{\"Records\":[{\"Data\":\"YQ==\"},{\"Data\":\"Y\"},{\"Data\":\"YQ\"}]}"), 400, "\"invalid\":[1,2]"},
    {"an empty partition key", "orders", MEMBERS, "", SPAN("{\"Records\":[{\"Data\":\"YQ==\",\"PartitionKey\":\"\"}]}"),
     400, "\"invalid\":[0]"},
    {"an explicit hash key that is no number", "orders", MEMBERS, "",
     SPAN("{\"Records\":[{\"Data\":\"YQ==\",\"ExplicitHashKey\":\"x\"}]}"), 400, "\"parameter\":\"ExplicitHashKey\""},
    {"records without the key that the rule asks for", "clicks", LINES, "", SPAN("{\"user\":{\"id\":1}}\n{}\n\nx\n"),
     400, "\"invalid\":[1,2]"},
    {"lines that are no JSON where the rule asks for a key", "clicks", LINES, "", SPAN("x"), 400,
     "\"code\":\"InvalidArgumentException\""},
    {"a record that imitates an aggregate", "orders", LINES, "", SPAN("a\n" EMPTY_AGGREGATE), 400,
     "\"code\":\"AggregateNotAllowed\""},
    {"the type of a single record", "orders", "text/plain", "", SPAN("a"), 415, "UnsupportedMediaType"},
    {"a partition key for all", "orders?partitionKey=k", LINES, "", SPAN("a"), 400, "\"parameter\":\"PartitionKey\""},
    {"a partition key for all, in a header", "orders", LINES, "X-Kinesis-Partition-Key: k\r\n", SPAN("a"), 400,
     "\"parameter\":\"PartitionKey\""},
    {"a hash key for all", "orders?explicitHashKey=1", LINES, "", SPAN("a"), 400, "\"parameter\":\"ExplicitHashKey\""},
    {"a sequence number for all", "orders", LINES, "X-Kinesis-Sequence-Number-For-Ordering: 1\r\n", SPAN("a"), 400,
     "\"parameter\":\"SequenceNumberForOrdering\""},
    {"a stream that the key may not use", "secret", LINES, "", SPAN("a"), 403, "Forbidden"},
    {"a stream that is not there", "nowhere", LINES, "", SPAN("a"), 403, "Forbidden"},
};

static void check_refused(struct world *w, struct fake_exchange *e, const char *what, int status, const char *in_body)
{
    batch_pass(w, 50);
    check(e->replies == 1 && e->status == status && fake_exchange_has(e, in_body), "%s: %d %.*s", what, e->status,
          (int)e->body.len, e->body.ptr);
    check(w->net->calls == 0 && w->metrics.records[RECORD_REJECTED] == 1 &&
              w->metrics.counters[COUNT_RECORDS_RECEIVED] == 1,
          "%s: nothing was spent, and it counts once", what);
    fake_exchange_free(e);
    world_clear(w);
}

static void what_is_no_batch_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(refusals); i++) {
        struct world w;
        world_init(&w);
        struct fake_exchange *e =
            batch_ask(&w, refusals[i].path, refusals[i].type, refusals[i].fields, refusals[i].body);
        check_refused(&w, e, refusals[i].what, refusals[i].status, refusals[i].in_body);
    }
}

static const struct {
    const char *what;
    struct span body;
    const char *in_body;
} aws_refusals[] = {
    {"no stream", SPAN("{\"Records\":[{\"Data\":\"\",\"PartitionKey\":\"k\"}]}"), "ValidationException"},
    {"an unknown stream", SPAN("{\"StreamName\":\"x\",\"Records\":[{\"Data\":\"\",\"PartitionKey\":\"k\"}]}"),
     "AccessDeniedException"},
    {"a forbidden stream", SPAN("{\"StreamName\":\"secret\",\"Records\":[{\"Data\":\"\",\"PartitionKey\":\"k\"}]}"),
     "AccessDeniedException"},
    {"no Records", SPAN("{\"StreamName\":\"orders\"}"), "ValidationException"},
    {"empty Records", SPAN("{\"StreamName\":\"orders\",\"Records\":[]}"), "ValidationException"},
    {"a record without a key", SPAN("{\"StreamName\":\"orders\",\"Records\":[{\"Data\":\"\"}]}"),
     "PartitionKey is missing"},
    {"a record that is no object", SPAN("{\"StreamName\":\"orders\",\"Records\":[1]}"), "SerializationException"},
    {"a record that imitates an aggregate",
     SPAN("{\"StreamName\":\"orders\",\"Records\":[{\"Data\":\"" EMPTY_AGGREGATE_BASE64 "\",\"PartitionKey\":\"k\"}]}"),
     "InvalidArgumentException"},
    {"a dry run",
     SPAN("{\"StreamName\":\"orders\",\"DryRun\":true,\"Records\":[{\"Data\":\"\",\"PartitionKey\":\"k\"}]}"),
     "DryRunOperationException"},
};

static void aws_is_refused_in_its_own_words(void **state)
{
    struct world w;

    (void)state;
    for (size_t i = 0; i != LEN(aws_refusals); i++) {
        world_init(&w);
        struct fake_exchange *e = batch_ask_aws(&w, aws_refusals[i].body);
        check_refused(&w, e, aws_refusals[i].what, 400, aws_refusals[i].in_body);
    }
    struct buf body = batch_members("orders", BATCH_AWS_RECORDS_MAX + 1, "x");
    world_init(&w);
    check_refused(&w, batch_ask_aws(&w, buf_span(&body)), "501 records", 400, "Records must have at most 500 members");
    buf_clear(&body);
}

static struct buf lines_with_big_ones(size_t big, bool has_bad)
{
    struct buf b;

    buf_init(&b, SIZE_MAX / 2);
    buf_append(&b, has_bad ? SPAN(EMPTY_AGGREGATE "\n") : SPAN("a\n"));
    for (size_t i = 0; i != big; i++) {
        if (!buf_reserve(&b, BIG_BYTES + 1))
            abort();
        memset(b.ptr + b.len, 'x', BIG_BYTES);
        b.len += BIG_BYTES;
        buf_append_char(&b, '\n');
    }
    return b;
}

static void records_that_are_all_too_large_are_a_413(void **state)
{
    struct world w;
    struct buf large = lines_with_big_ones(3, false), mixed = lines_with_big_ones(1, true);

    (void)state;
    world_init(&w);
    check_refused(&w, batch_ask(&w, "orders", LINES, "", buf_span(&large)), "too large", 413, "\"invalid\":[1,2,3]");
    world_init(&w);
    check_refused(&w, batch_ask(&w, "orders", LINES, "", buf_span(&mixed)), "mixed", 400,
                  "\"code\":\"AggregateNotAllowed\"");
    world_init(&w); /* no key is looked for in them, so none is missing */
    check_refused(&w, batch_ask(&w, "clicks", LINES, "", span_of(large.ptr + 2, large.len - 2)), "too large", 413,
                  "\"invalid\":[0,1,2]");
    buf_clear(&large);
    buf_clear(&mixed);
}

static void at_most_20_indexes_are_told(void **state)
{
    struct world w;
    struct buf body = batch_lines(5000);

    (void)state;
    world_init(&w);
    check_refused(&w, batch_ask(&w, "clicks", LINES, "", buf_span(&body)), "all", 400,
                  "\"invalid\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19],");
    buf_clear(&body);
}

static void the_count_of_records_is_bounded(void **state)
{
    struct world w;
    struct buf body = batch_lines(11);

    (void)state;
    world_init(&w);
    w.front.conf.batch_records_max = 10;
    check_refused(&w, batch_ask(&w, "orders", LINES, "", buf_span(&body)), "11", 413, "the batch has too many records");
    world_init(&w);
    w.front.conf.batch_records_max = 11;
    struct fake_exchange *e = batch_ask(&w, "orders", LINES, "", buf_span(&body));
    batch_pass(&w, 100);
    batch_check_all_written(e, 11);
    fake_exchange_free(e);
    world_clear(&w);
    buf_clear(&body);
}

static void a_dry_run_checks_all_and_writes_nothing(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    check_refused(&w, batch_ask(&w, "orders?dryRun=true", LINES, "", SPAN("a\nb")), "lines", 200, "{\"DryRun\":true}");
    world_init(&w);
    check_refused(&w, batch_ask(&w, "orders", MEMBERS, "", SPAN("{\"DryRun\":true,\"Records\":[{\"Data\":\"\"}]}")),
                  "members", 200, "{\"DryRun\":true}");
    world_init(&w);
    check_refused(&w, batch_ask(&w, "clicks?dryRun=true", LINES, "", SPAN("a\nb")), "invalid", 400,
                  "\"invalid\":[0,1]");
}

static void a_lane_without_room_for_the_first_record_refuses_all(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    w.sender.conf.queue_records_max = 0;
    check_refused(&w, batch_ask(&w, "orders", LINES, "", SPAN("a\nb")), "full", 503, "\"code\":\"Overloaded\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_batch_is_refused),
        cmocka_unit_test(aws_is_refused_in_its_own_words),
        cmocka_unit_test(records_that_are_all_too_large_are_a_413),
        cmocka_unit_test(at_most_20_indexes_are_told),
        cmocka_unit_test(the_count_of_records_is_bounded),
        cmocka_unit_test(a_dry_run_checks_all_and_writes_nothing),
        cmocka_unit_test(a_lane_without_room_for_the_first_record_refuses_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
