#include "gateway/kinesis/put_decode.h"

#include "tests/auth/check.h"

#include <stdio.h>

#define NOW_S 1700000000

static struct put_answer decode(int status, struct span body, struct span type, int64_t date_s)
{
    struct upstream_answer a = {
        .status = status, .body = body, .error_type = type, .date_s = date_s, .signed_s = NOW_S};
    struct put_answer out;

    put_decode_record(&a, &out);
    return out;
}

static bool is(const struct put_answer *a, enum put_class class, const char *code)
{
    return a->class == class &&
           (code == NULL ? a->aws_code == NULL : a->aws_code != NULL && strcmp(a->aws_code, code) == 0);
}

/* What the API reference and the pages of common errors list. */
static const struct {
    const char *code;
    int status;
    enum put_class class;
} codes[] = {
    {"ProvisionedThroughputExceededException", 400, PUT_THROTTLED},
    {"ThrottlingException", 400, PUT_THROTTLED},
    {"Throttling", 400, PUT_THROTTLED},
    {"RequestLimitExceeded", 400, PUT_THROTTLED},
    {"RequestThrottled", 400, PUT_THROTTLED},
    {"RequestThrottledException", 400, PUT_THROTTLED},
    {"TooManyRequestsException", 429, PUT_THROTTLED},
    {"LimitExceededException", 400, PUT_THROTTLED},
    {"KMSThrottlingException", 400, PUT_KMS_THROTTLED},
    {"InternalFailure", 500, PUT_FAILED_UNKNOWN},
    {"InternalFailureException", 500, PUT_FAILED_UNKNOWN},
    {"InternalServerError", 500, PUT_FAILED_UNKNOWN},
    {"ServiceUnavailable", 503, PUT_FAILED_UNKNOWN},
    {"ServiceUnavailableException", 503, PUT_FAILED_UNKNOWN},
    {"ExpiredTokenException", 400, PUT_CREDENTIALS},
    {"ExpiredToken", 403, PUT_CREDENTIALS},
    {"UnrecognizedClientException", 400, PUT_CREDENTIALS},
    {"InvalidClientTokenId", 403, PUT_CREDENTIALS},
    {"MissingAuthenticationToken", 403, PUT_REFUSED},
    {"MissingAuthenticationTokenException", 400, PUT_REFUSED},
    {"IncompleteSignature", 400, PUT_REFUSED},
    {"IncompleteSignatureException", 400, PUT_REFUSED},
    {"AccessDeniedException", 400, PUT_REFUSED},
    {"OptInRequired", 403, PUT_REFUSED},
    {"ResourceNotFoundException", 400, PUT_REFUSED},
    {"KMSDisabledException", 400, PUT_REFUSED},
    {"KMSInvalidStateException", 400, PUT_REFUSED},
    {"KMSAccessDeniedException", 400, PUT_REFUSED},
    {"KMSNotFoundException", 400, PUT_REFUSED},
    {"KMSOptInRequired", 400, PUT_REFUSED},
    {"InvalidArgumentException", 400, PUT_ARGUMENT},
    {"ValidationException", 400, PUT_BUG},
    {"SerializationException", 400, PUT_BUG},
    {"UnknownOperationException", 400, PUT_BUG},
};

static const char *const shapes[] = {
    "{\"__type\":\"%s\",\"message\":\"m\"}",
    "{\"__type\":\"%s\",\"Message\":\"m\"}",
    "{\"__type\":\"%s\"}",
    "{\"message\":\"Rate exceeded\",\"__type\":\"%s\"}",
    "{\"__type\":\"com.amazonaws.kinesis.v20131202#%s\",\"message\":null}",
    "{\"__type\":\"%s:http://internal.amazon.com/coral/com.amazon.coral.service/\"}",
    "{\"__type\":\"com.amazonaws.kinesis.v20131202#%s:http://internal.amazon.com/coral/\",\"Message\":\"m\"}",
    "{\"__type\":\"%s\",\"message\":\"a text that is cu",
    " {\n\"__type\" : \"%s\"\n}\n",
    "<%s/>",
    "<%s>\n  <Message>m</Message>\n</%s>\n",
    "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code></Error></ErrorResponse>",
};

static void every_code_has_its_class_in_every_shape(void **state)
{
    char body[512];

    (void)state;
    for (size_t i = 0; i < LEN(codes); i++)
        for (size_t k = 0; k < LEN(shapes); k++) {
            int len = snprintf(body, sizeof(body), shapes[k], codes[i].code, codes[i].code);
            struct put_answer a = decode(codes[i].status, span_of(body, (size_t)len), SPAN(""), 0);
            check(is(&a, codes[i].class, codes[i].code), "%s, status %d", body, codes[i].status);
        }
}

static void every_code_is_found_in_the_header_too(void **state)
{
    static const char *const bodies[] = {"", "{}", "{\"message\":\"m\"}", "{\"__type\":null}", "<html></html>", "not"};
    static const char *const values[] = {"%s", "%s:http://internal.amazon.com/coral/", "ns#%s", "ns#%s:http://x/"};
    char type[256];

    (void)state;
    for (size_t i = 0; i < LEN(codes); i++)
        for (size_t k = 0; k < LEN(values); k++)
            for (size_t b = 0; b < LEN(bodies); b++) {
                int len = snprintf(type, sizeof(type), values[k], codes[i].code);
                struct put_answer a = decode(codes[i].status, span_str(bodies[b]), span_of(type, (size_t)len), 0);
                check(is(&a, codes[i].class, codes[i].code), "%s with %s", type, bodies[b]);
            }
}

static void the_body_counts_before_the_header_and_the_code_before_the_status(void **state)
{
    struct put_answer a =
        decode(400, SPAN("{\"__type\":\"InvalidArgumentException\"}"), SPAN("ThrottlingException"), 0);

    (void)state;
    assert_true(is(&a, PUT_ARGUMENT, "InvalidArgumentException"));
    a = decode(503, SPAN("{\"__type\":\"ThrottlingException\"}"), SPAN(""), 0);
    assert_true(is(&a, PUT_THROTTLED, "ThrottlingException"));
    a = decode(400, SPAN("{\"__type\":\"InternalFailure\"}"), SPAN(""), 0);
    assert_true(is(&a, PUT_FAILED_UNKNOWN, "InternalFailure"));
    a = decode(403, SPAN("{\"__type\":\"AccessDeniedException\"}"), SPAN(""), 0);
    assert_true(is(&a, PUT_REFUSED, "AccessDeniedException"));
}

static void without_a_code_the_status_decides(void **state)
{
    static const char *const bodies[] = {
        "",
        "{}",
        "null",
        "[]",
        "{\"message\":\"ThrottlingException\"}",
        "{\"__type\":\"SomethingNew\"}",
        "{\"__type\":7}",
        "{\"__type\":\"\"}",
        "{\"__typ",
        "<html><head><title>503 Service Temporarily Unavailable</title></head></html>",
        "upstream connect error",
        "\377\376",
    };

    (void)state;
    for (size_t i = 0; i < LEN(bodies); i++)
        for (int status = 300; status < 600; status++) {
            struct put_answer a = decode(status, span_str(bodies[i]), SPAN(""), 0);
            enum put_class want = status >= 500 ? PUT_FAILED_UNKNOWN : status == 429 ? PUT_THROTTLED : PUT_REFUSED;
            check(is(&a, want, NULL), "'%s' with status %d", bodies[i], status);
        }
}

static void no_cut_error_is_an_acknowledgement_or_another_error(void **state)
{
    static const char *const bodies[] = {
        "{\"__type\":\"ns#ProvisionedThroughputExceededException:http://x/\",\"message\":\"m\"}",
        "{\"message\":\"m\",\"__type\":\"ThrottlingException\"}",
        "<ErrorResponse><Error><Code>ThrottlingException</Code></Error></ErrorResponse>",
    };

    (void)state;
    for (size_t i = 0; i < LEN(bodies); i++)
        for (size_t len = 0; len <= strlen(bodies[i]); len++) {
            char *exact = malloc(len + 1);
            memcpy(exact, bodies[i], len);
            struct put_answer a = decode(400, span_of(exact, len), SPAN(""), 0);
            check(a.class == PUT_THROTTLED || a.class == PUT_REFUSED, "the first %zu bytes of %s", len, bodies[i]);
            free(exact);
        }
}

static void a_signature_was_refused_for_its_time_only_if_the_date_says_so(void **state)
{
    static const char *const names[] = {"RequestExpired",        "RequestInTheFuture",
                                        "RequestTimeTooSkewed",  "InvalidSignatureException",
                                        "SignatureDoesNotMatch", "AuthFailure"};
    static const struct {
        const char *what;
        int64_t date_s;
        enum put_class class;
    } rows[] = {
        {"no Date", 0, PUT_REFUSED},
        {"the same time", NOW_S, PUT_REFUSED},
        {"a little ahead", NOW_S + 239, PUT_REFUSED},
        {"a little behind", NOW_S - 239, PUT_REFUSED},
        {"four minutes ahead", NOW_S + 240, PUT_CLOCK},
        {"four minutes behind", NOW_S - 240, PUT_CLOCK},
        {"years ahead", NOW_S + 100000000, PUT_CLOCK},
        {"years behind", NOW_S - 100000000, PUT_CLOCK},
    };
    char body[128];

    (void)state;
    for (size_t n = 0; n < LEN(names); n++)
        for (size_t i = 0; i < LEN(rows); i++) {
            int len = snprintf(body, sizeof(body), "{\"__type\":\"%s\"}", names[n]);
            struct put_answer a = decode(400, span_of(body, (size_t)len), SPAN(""), rows[i].date_s);
            check(is(&a, rows[i].class, names[n]), "%s: %s", names[n], rows[i].what);
        }
    struct put_answer a = decode(400, SPAN("{\"__type\":\"AccessDeniedException\"}"), SPAN(""), NOW_S + 1000);
    check(is(&a, PUT_REFUSED, "AccessDeniedException"), "what is not about time is not made so by a Date");
}

static void a_throttled_record_names_its_shard_if_the_message_does(void **state)
{
    static const struct {
        const char *what, *body, *want;
    } rows[] = {
        {"as Kinesis words it",
         "{\"__type\":\"ProvisionedThroughputExceededException\",\"message\":\"Rate exceeded for shard "
         "shardId-000000000012 in stream clicks under account 111122223333.\"}",
         "shardId-000000000012"},
        {"before the code, with a capital letter",
         "{\"Message\":\"for shard shardId-000000000012\",\"__type\":\"ThrottlingException\"}", "shardId-000000000012"},
        {"no shard", "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}", ""},
        {"a null", "{\"__type\":\"ThrottlingException\",\"message\":null}", ""},
        {"no message", "{\"__type\":\"ThrottlingException\"}", ""},
        {"an error of another kind", "{\"__type\":\"AccessDeniedException\",\"message\":\"shardId-000000000012\"}", ""},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct put_answer a = decode(400, span_str(rows[i].body), SPAN(""), 0);
        check(span_is(a.result.shard_id, rows[i].want), "%s", rows[i].what);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_its_class_in_every_shape),
        cmocka_unit_test(every_code_is_found_in_the_header_too),
        cmocka_unit_test(the_body_counts_before_the_header_and_the_code_before_the_status),
        cmocka_unit_test(without_a_code_the_status_decides),
        cmocka_unit_test(a_throttled_record_names_its_shard_if_the_message_does),
        cmocka_unit_test(no_cut_error_is_an_acknowledgement_or_another_error),
        cmocka_unit_test(a_signature_was_refused_for_its_time_only_if_the_date_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
