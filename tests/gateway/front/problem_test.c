#include "gateway/front/batch.h"
#include "gateway/front/reply.h"

#include "tests/auth/check.h"

#include <jansson.h>

static json_t *problem_of_batch(struct failure f, const struct batch_invalid *invalid, struct span request_id)
{
    struct buf out;

    buf_init(&out, RESPONSE_BYTES);
    problem_write(&f, invalid, request_id, &out);
    assert_false(out.failed);
    json_t *problem = json_loadb(out.ptr, out.len, JSON_REJECT_DUPLICATES, NULL);
    check(problem != NULL, "%.*s is JSON", (int)out.len, out.ptr);
    buf_clear(&out);
    return problem;
}

static json_t *problem_of(struct failure f, struct span request_id)
{
    return problem_of_batch(f, NULL, request_id);
}

static bool is_text(json_t *problem, const char *name, const char *want)
{
    const char *got = json_string_value(json_object_get(problem, name));

    return got != NULL && strcmp(got, want) == 0;
}

static void every_failure_is_told_by_its_row(void **state)
{
    (void)state;
    for (int row = FAILURE_NONE + 1; row < FAILURE_ROWS; row++) {
        struct failure f = {.row = (enum failure_row)row, .detail = "a sentence"};
        json_t *p = problem_of(f, SPAN("request-1"));
        check(is_text(p, "type", "about:blank"), "row %d has a type", row);
        check(is_text(p, "title", failure_title(f.row)), "row %d has a title", row);
        check(json_integer_value(json_object_get(p, "status")) == failure_status(f.row), "row %d has a status", row);
        check(is_text(p, "detail", "a sentence"), "row %d has a detail", row);
        check(is_text(p, "code", failure_code(&f)), "row %d has a code", row);
        check(json_is_boolean(json_object_get(p, "retryable")) &&
                  json_boolean_value(json_object_get(p, "retryable")) == failure_is_retryable(f.row),
              "row %d says whether to try again", row);
        check(is_text(p, "outcome", "not_written"), "row %d has an outcome", row);
        check(is_text(p, "request_id", "request-1"), "row %d has a request id", row);
        json_decref(p);
    }
}

static void every_problem_has_all_members(void **state)
{
    static const char *const names[] = {"type", "title",     "status",  "detail",
                                        "code", "retryable", "outcome", "request_id"};

    (void)state;
    for (int row = FAILURE_NONE + 1; row < FAILURE_ROWS; row++) {
        json_t *p = problem_of((struct failure){.row = (enum failure_row)row}, SPAN("request-1"));
        for (size_t i = 0; i < LEN(names); i++)
            check(json_object_get(p, names[i]) != NULL, "row %d has %s", row, names[i]);
        json_decref(p);
    }
}

static void what_a_failure_adds_is_told(void **state)
{
    json_t *p = problem_of((struct failure){.row = FAILURE_UPSTREAM_REFUSED,
                                            .outcome = OUTCOME_UNKNOWN,
                                            .aws_code = "KMSDisabledException",
                                            .parameter = "PartitionKey"},
                           SPAN("r"));

    (void)state;
    assert_true(is_text(p, "code", "KMSDisabledException") && is_text(p, "outcome", "unknown"));
    assert_true(is_text(p, "parameter", "PartitionKey"));
    assert_null(json_object_get(p, "bytes"));
    json_decref(p);
    p = problem_of((struct failure){.row = FAILURE_RECORD_TOO_LARGE, .bytes = 1048577, .bytes_max = 1048576},
                   SPAN("r"));
    assert_int_equal(json_integer_value(json_object_get(p, "bytes")), 1048577);
    assert_int_equal(json_integer_value(json_object_get(p, "bytes_max")), 1048576);
    assert_null(json_object_get(p, "parameter"));
    json_decref(p);
}

static void invalid_records_are_named_by_their_places(void **state)
{
    struct batch_invalid invalid = {.len = 2, .at = {0, 4294967295u}, .is_why = true};

    (void)state;
    json_t *p = problem_of_batch((struct failure){.row = FAILURE_ARGUMENT}, &invalid, SPAN("r"));
    json_t *at = json_object_get(p, "invalid");
    assert_int_equal(json_array_size(at), 2);
    assert_int_equal(json_integer_value(json_array_get(at, 1)), 4294967295);
    json_decref(p);
    invalid.is_why = false; /* the batch is refused for something else */
    p = problem_of_batch((struct failure){.row = FAILURE_DEADLINE}, &invalid, SPAN("r"));
    assert_null(json_object_get(p, "invalid"));
    json_decref(p);
}

static void statuses_are_those_of_the_contract(void **state)
{
    static const struct {
        enum failure_row row;
        int status;
        bool retryable;
    } rows[] = {
        {FAILURE_MALFORMED, 400, false},        {FAILURE_ARGUMENT, 400, false},
        {FAILURE_UNAUTHENTICATED, 401, false},  {FAILURE_FORBIDDEN, 403, false},
        {FAILURE_NOT_FOUND, 404, false},        {FAILURE_METHOD, 405, false},
        {FAILURE_LENGTH_REQUIRED, 411, false},  {FAILURE_BODY_TOO_LARGE, 413, false},
        {FAILURE_RECORD_TOO_LARGE, 413, false}, {FAILURE_UNSUPPORTED_TYPE, 415, false},
        {FAILURE_INTERNAL, 500, false},         {FAILURE_UPSTREAM_REFUSED, 502, false},
        {FAILURE_KMS_THROTTLED, 502, true},     {FAILURE_UPSTREAM_CREDENTIALS, 502, true},
        {FAILURE_THROTTLED, 503, true},         {FAILURE_OVERLOADED, 503, true},
        {FAILURE_DEADLINE, 503, true},          {FAILURE_UPSTREAM_UNKNOWN, 504, true},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        check(failure_status(rows[i].row) == rows[i].status && failure_is_retryable(rows[i].row) == rows[i].retryable,
              "%s", failure_title(rows[i].row));
}

static void the_longest_problem_fits_the_room_taken_for_it(void **state)
{
    char request_id[REQUEST_ID_BYTES_MAX];
    struct batch_invalid invalid = {.len = BATCH_INVALID_MAX, .is_why = true};

    (void)state;
    memset(invalid.at, 0xff, sizeof(invalid.at));
    memset(request_id, '"', sizeof(request_id)); /* doubled by escaping */
    for (int row = 0; row < FAILURE_ROWS; row++)
        json_decref(
            problem_of_batch((struct failure){.row = (enum failure_row)row,
                                              .outcome = OUTCOME_UNKNOWN,
                                              .aws_code = "ProvisionedThroughputExceededException",
                                              .detail = "SequenceNumberForOrdering must be a decimal number of at "
                                                        "most 129 digits, without leading zeros",
                                              .parameter = "SequenceNumberForOrdering",
                                              .bytes = INT64_MAX,
                                              .bytes_max = INT64_MAX},
                             &invalid, span_of(request_id, sizeof(request_id))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failure_is_told_by_its_row),
        cmocka_unit_test(every_problem_has_all_members),
        cmocka_unit_test(what_a_failure_adds_is_told),
        cmocka_unit_test(invalid_records_are_named_by_their_places),
        cmocka_unit_test(statuses_are_those_of_the_contract),
        cmocka_unit_test(the_longest_problem_fits_the_room_taken_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
