/* A batch's form is its content type's; what belongs to a single record is refused. */
#include "tests/lib/batch.h"

#include <stdio.h>

static const struct {
    const char *type;
    enum batch_form form;
    enum failure_row want;
} types[] = {
    {"application/x-ndjson", BATCH_LINES, FAILURE_NONE},
    {"Application/X-NDJSON", BATCH_LINES, FAILURE_NONE},
    {"application/x-ndjson ; charset=utf-8", BATCH_LINES, FAILURE_NONE},
    {"application/json", BATCH_ARRAY, FAILURE_NONE},
    {"application/json;x=application/x-ndjson", BATCH_ARRAY, FAILURE_NONE},
    {"application/vnd.kinesis.v1+json", BATCH_ENTRIES, FAILURE_NONE},
    {"", BATCH_LINES, FAILURE_UNSUPPORTED_TYPE},
    {"application/ndjson", BATCH_LINES, FAILURE_UNSUPPORTED_TYPE},
    {"application/x-amz-json-1.1", BATCH_LINES, FAILURE_UNSUPPORTED_TYPE},
    {"application/cloudevents-batch+json; charset=utf-8", BATCH_EVENTS, FAILURE_NONE},
    {"application/cloudevents+json", BATCH_LINES, FAILURE_UNSUPPORTED_TYPE},
    {"application/jsonx", BATCH_LINES, FAILURE_UNSUPPORTED_TYPE},
};

static const struct {
    const char *query, *fields, *parameter; /* NULL: taken */
} parameters[] = {
    {"", "", NULL},
    {"dryRun=true&user=1", "", NULL},
    {"partitionKey=", "", "PartitionKey"},
    {"", "X-KINESIS-partition-key: \r\n", "PartitionKey"},
    {"explicitHashKey=1", "", "ExplicitHashKey"},
    {"", "X-Kinesis-Explicit-Hash-Key: 1\r\n", "ExplicitHashKey"},
    {"sequenceNumberForOrdering=1", "", "SequenceNumberForOrdering"},
    {"", "X-Kinesis-Sequence-Number-For-Ordering: 1\r\n", "SequenceNumberForOrdering"},
};

static struct failure parse(const char *type, const char *query, const char *fields, enum batch_form *form)
{
    char all[512];
    struct ticket t = {.route = &route_none};

    snprintf(all, sizeof(all), "Content-Type: %s\r\n%s", type, fields);
    struct fake_exchange *e = fake_request("POST /v1/streams/orders/records", all, SPAN("[]"));
    t.exchange = &e->exchange;
    buf_init(&t.scratch, 4096);
    struct failure f = query_parse(span_str(query), &t.scratch, &t.query);
    if (f.row == FAILURE_NONE)
        f = body_parse_records(&t);
    if (t.batch != NULL)
        *form = t.batch->form;
    batch_free(&t.batch);
    buf_clear(&t.scratch);
    fake_exchange_gone(e);
    fake_exchange_free(e);
    return f;
}

static void the_content_type_says_how_records_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(types); i++) {
        enum batch_form form = BATCH_LINES;
        struct failure f = parse(types[i].type, "", "", &form);
        check(f.row == types[i].want && form == types[i].form, "%s", types[i].type);
    }
}

static void parameters_of_a_single_record_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(parameters); i++) {
        enum batch_form form;
        struct failure f = parse(LINES, parameters[i].query, parameters[i].fields, &form);
        check(f.row == (parameters[i].parameter != NULL ? FAILURE_MALFORMED : FAILURE_NONE) &&
                  span_equal(span_str(f.parameter), span_str(parameters[i].parameter)),
              "%s %s", parameters[i].query, parameters[i].fields);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_content_type_says_how_records_are_told_apart),
        cmocka_unit_test(parameters_of_a_single_record_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
