#include "gateway/front/reply.h"

#include "tests/auth/check.h"

#include <jansson.h>

static void failures_are_told_as_aws_would(void **state)
{
    static const struct {
        const char *what;
        struct failure failure;
        int status;
        const char *type;
    } rows[] = {
        {"a key that is not known", {.row = FAILURE_UNAUTHENTICATED}, 400, "UnrecognizedClientException"},
        {"a signature that does not match", {.row = FAILURE_SIGNATURE}, 400, "InvalidSignatureException"},
        {"a clock that is off", {.row = FAILURE_SIGNATURE_SKEWED}, 400, "InvalidSignatureException"},
        {"a stream forbidden or unknown", {.row = FAILURE_FORBIDDEN}, 400, "AccessDeniedException"},
        {"a stream that is throttled", {.row = FAILURE_THROTTLED}, 400, "ProvisionedThroughputExceededException"},
        {"a stream that is throttled under another name",
         {.row = FAILURE_THROTTLED, .aws_code = "ThrottlingException"},
         400,
         "ProvisionedThroughputExceededException"},
        {"an aggregate's imitation", {.row = FAILURE_AGGREGATE}, 400, "InvalidArgumentException"},
        {"shedding", {.row = FAILURE_OVERLOADED}, 503, "ServiceUnavailable"},
        {"an upstream that is not there", {.row = FAILURE_UNREACHABLE}, 503, "ServiceUnavailable"},
        {"a deadline, unsent", {.row = FAILURE_DEADLINE}, 503, "ServiceUnavailable"},
        {"an unknown outcome", {.row = FAILURE_UPSTREAM_UNKNOWN, .outcome = OUTCOME_UNKNOWN}, 500, "InternalFailure"},
        {"no credentials of our own", {.row = FAILURE_UPSTREAM_CREDENTIALS}, 500, "InternalFailure"},
        {"credentials of ours that expired",
         {.row = FAILURE_UPSTREAM_CREDENTIALS, .aws_code = "ExpiredTokenException"},
         500,
         "InternalFailure"},
        {"our call refused", {.row = FAILURE_UPSTREAM_REFUSED}, 500, "InternalFailure"},
        {"our role refused",
         {.row = FAILURE_UPSTREAM_REFUSED, .aws_code = "AccessDeniedException"},
         500,
         "InternalFailure"},
        {"our signature refused",
         {.row = FAILURE_UPSTREAM_REFUSED, .aws_code = "InvalidSignatureException"},
         500,
         "InternalFailure"},
        {"our mistake", {.row = FAILURE_INTERNAL}, 500, "InternalFailure"},
        {"KMS, disabled",
         {.row = FAILURE_UPSTREAM_REFUSED, .aws_code = "KMSDisabledException"},
         400,
         "KMSDisabledException"},
        {"KMS, in a wrong state",
         {.row = FAILURE_UPSTREAM_REFUSED, .aws_code = "KMSInvalidStateException"},
         400,
         "KMSInvalidStateException"},
        {"KMS, denied",
         {.row = FAILURE_UPSTREAM_REFUSED, .aws_code = "KMSAccessDeniedException"},
         400,
         "KMSAccessDeniedException"},
        {"KMS, not found",
         {.row = FAILURE_UPSTREAM_REFUSED, .aws_code = "KMSNotFoundException"},
         400,
         "KMSNotFoundException"},
        {"KMS, not subscribed",
         {.row = FAILURE_UPSTREAM_REFUSED, .aws_code = "KMSOptInRequired"},
         400,
         "KMSOptInRequired"},
        {"KMS, throttled",
         {.row = FAILURE_KMS_THROTTLED, .aws_code = "KMSThrottlingException"},
         400,
         "KMSThrottlingException"},
        {"a stream that is not there",
         {.row = FAILURE_UPSTREAM_REFUSED, .aws_code = "ResourceNotFoundException"},
         400,
         "ResourceNotFoundException"},
        {"an argument",
         {.row = FAILURE_ARGUMENT, .parameter = "ExplicitHashKey", .detail = "d"},
         400,
         "InvalidArgumentException"},
        {"an argument that Kinesis refused",
         {.row = FAILURE_ARGUMENT, .aws_code = "InvalidArgumentException"},
         400,
         "InvalidArgumentException"},
        {"a member that is missing", {.row = FAILURE_VALIDATION, .detail = "d"}, 400, "ValidationException"},
        {"a record too large", {.row = FAILURE_RECORD_TOO_LARGE, .detail = "d"}, 400, "ValidationException"},
        {"a body that is no JSON", {.row = FAILURE_SERIALIZATION, .detail = "d"}, 400, "SerializationException"},
        {"a content type that is not spoken", {.row = FAILURE_UNSUPPORTED_TYPE}, 400, "SerializationException"},
        {"a dry run", {.row = FAILURE_DRY_RUN}, 400, "DryRunOperationException"},
        {"another operation", {.row = FAILURE_UNKNOWN_OPERATION}, 400, "UnknownOperationException"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct aws_error e = aws_error_of(&rows[i].failure, false);
        check(e.status == rows[i].status && strcmp(e.type, rows[i].type) == 0, "%s: %d %s", rows[i].what, e.status,
              e.type);
    }
}

static void nobody_at_all_is_told_that_a_token_is_missing(void **state)
{
    struct failure f = {.row = FAILURE_UNAUTHENTICATED};
    struct aws_error e = aws_error_of(&f, true);

    (void)state;
    assert_int_equal(e.status, 400);
    assert_string_equal(e.type, "MissingAuthenticationTokenException");
}

/* SDKs retry by status: a 5xx always, a 400 only for the throttling codes. */
static void a_failure_worth_a_retry_is_one_to_an_sdk_too(void **state)
{
    (void)state;
    for (int row = FAILURE_NONE + 1; row < FAILURE_ROWS; row++) {
        struct failure f = {.row = (enum failure_row)row};
        struct aws_error e = aws_error_of(&f, false);
        bool retried = e.status >= 500 || strcmp(e.type, "ProvisionedThroughputExceededException") == 0 ||
                       strcmp(e.type, "KMSThrottlingException") == 0;
        check(!failure_is_retryable(f.row) || retried, "%s", e.type);
    }
}

static void every_failure_is_json_with_a_type_and_all_but_one_with_a_message(void **state)
{
    (void)state;
    for (int row = FAILURE_NONE + 1; row < FAILURE_ROWS; row++) {
        struct failure f = {.row = (enum failure_row)row};
        struct aws_error e = aws_error_of(&f, false);
        struct buf out;
        buf_init(&out, RESPONSE_BYTES);
        aws_error_write(&e, &out);
        json_t *body = json_loadb(out.ptr, out.len, JSON_REJECT_DUPLICATES, NULL);
        const char *type = json_string_value(json_object_get(body, "__type"));
        const char *message = json_string_value(json_object_get(body, "message"));
        check(!out.failed && type != NULL && strcmp(type, e.type) == 0, "row %d", row);
        check((message == NULL) == (row == FAILURE_UNKNOWN_OPERATION), "row %d has a message", row);
        check(e.status >= 400, "row %d has a status", row);
        json_decref(body);
        buf_clear(&out);
    }
}

static void a_detail_of_ours_is_the_message(void **state)
{
    struct failure f = {.row = FAILURE_ARGUMENT, .detail = "PartitionKey \"must\" be"};
    struct aws_error e = aws_error_of(&f, false);
    struct buf out;

    (void)state;
    buf_init(&out, RESPONSE_BYTES);
    aws_error_write(&e, &out);
    assert_true(span_is(buf_span(&out),
                        "{\"__type\":\"InvalidArgumentException\",\"message\":\"PartitionKey \\\"must\\\" be\"}"));
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_are_told_as_aws_would),
        cmocka_unit_test(nobody_at_all_is_told_that_a_token_is_missing),
        cmocka_unit_test(a_failure_worth_a_retry_is_one_to_an_sdk_too),
        cmocka_unit_test(every_failure_is_json_with_a_type_and_all_but_one_with_a_message),
        cmocka_unit_test(a_detail_of_ours_is_the_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
