/*
 * What an error of Kinesis means, told by its code: `__type` or x-amzn-ErrorType, "ns#Code:url", XML, HTML, nothing at
 * all; the status is the fallback.
 */
#include "gateway/kinesis/put_decode_parts.h"

#define CLOCK_OFFSET_MAX_S (10ll * 365 * 86400)
#define CLOCK_TOLERANCE_S  240 /* AWS takes 5 minutes; below 4 a refused signature is not the clock's fault */

static const struct {
    struct span code;
    enum put_class class;
} codes[] = {
    {SPAN("ProvisionedThroughputExceededException"), PUT_THROTTLED},
    {SPAN("ThrottlingException"), PUT_THROTTLED},
    {SPAN("Throttling"), PUT_THROTTLED},
    {SPAN("RequestLimitExceeded"), PUT_THROTTLED},
    {SPAN("RequestThrottled"), PUT_THROTTLED},
    {SPAN("RequestThrottledException"), PUT_THROTTLED},
    {SPAN("TooManyRequestsException"), PUT_THROTTLED},
    {SPAN("LimitExceededException"), PUT_THROTTLED},
    {SPAN("KMSThrottlingException"), PUT_KMS_THROTTLED},
    {SPAN("InternalFailure"), PUT_FAILED_UNKNOWN},
    {SPAN("InternalFailureException"), PUT_FAILED_UNKNOWN},
    {SPAN("InternalServerError"), PUT_FAILED_UNKNOWN},
    {SPAN("ServiceUnavailable"), PUT_FAILED_UNKNOWN},
    {SPAN("ServiceUnavailableException"), PUT_FAILED_UNKNOWN},
    {SPAN("ExpiredTokenException"), PUT_CREDENTIALS},
    {SPAN("ExpiredToken"), PUT_CREDENTIALS},
    {SPAN("UnrecognizedClientException"), PUT_CREDENTIALS},
    {SPAN("InvalidClientTokenId"), PUT_CREDENTIALS},
    {SPAN("RequestExpired"), PUT_CLOCK},
    {SPAN("RequestInTheFuture"), PUT_CLOCK},
    {SPAN("RequestTimeTooSkewed"), PUT_CLOCK},
    {SPAN("InvalidSignatureException"), PUT_CLOCK},
    {SPAN("SignatureDoesNotMatch"), PUT_CLOCK},
    {SPAN("AuthFailure"), PUT_CLOCK},
    {SPAN("MissingAuthenticationToken"), PUT_REFUSED},
    {SPAN("MissingAuthenticationTokenException"), PUT_REFUSED},
    {SPAN("IncompleteSignature"), PUT_REFUSED},
    {SPAN("IncompleteSignatureException"), PUT_REFUSED},
    {SPAN("AccessDenied"), PUT_REFUSED},
    {SPAN("AccessDeniedException"), PUT_REFUSED},
    {SPAN("NotAuthorized"), PUT_REFUSED},
    {SPAN("OptInRequired"), PUT_REFUSED},
    {SPAN("ResourceNotFoundException"), PUT_REFUSED},
    {SPAN("ResourceInUseException"), PUT_REFUSED},
    {SPAN("KMSDisabledException"), PUT_REFUSED},
    {SPAN("KMSInvalidStateException"), PUT_REFUSED},
    {SPAN("KMSAccessDeniedException"), PUT_REFUSED},
    {SPAN("KMSNotFoundException"), PUT_REFUSED},
    {SPAN("KMSOptInRequired"), PUT_REFUSED},
    {SPAN("InvalidArgumentException"), PUT_ARGUMENT},
    {SPAN("ValidationException"), PUT_BUG},
    {SPAN("SerializationException"), PUT_BUG},
    {SPAN("UnknownOperationException"), PUT_BUG},
    {SPAN("InvalidAction"), PUT_BUG},
    {SPAN("MalformedQueryString"), PUT_BUG},
    {SPAN("DryRunOperationException"), PUT_BUG}, /* we never ask for one */
};

/* "com.amazonaws.kinesis.v20131202#ResourceNotFoundException:http://…" → ResourceNotFoundException */
static struct span bare_code(struct span type)
{
    struct span rest, code = span_trim(span_cut(type, ':', &rest));

    span_cut(code, '#', &rest);
    return rest.len != 0 ? rest : code;
}

/* The first code of the table that stands in an XML element's name or text: <ServiceUnavailableException/>,
 * <Code>X</Code> */
static struct span code_in_xml(struct span body)
{
    for (size_t i = 0; i + 1 < body.len; i++) {
        if (body.ptr[i] != '<' && body.ptr[i] != '>')
            continue;
        size_t end = i + 1;
        while (end < body.len && ((body.ptr[end] | 32) >= 'a' && (body.ptr[end] | 32) <= 'z'))
            end++;
        struct span word = span_of(body.ptr + i + 1, end - i - 1);
        for (size_t k = 0; k != sizeof(codes) / sizeof(codes[0]); k++)
            if (span_equal(word, codes[k].code))
                return word;
    }
    return SPAN("");
}

/* A body that is cut later on still told its code. */
static void read_json(struct span body, struct span *code, struct json_value *message)
{
    struct json_scan s;
    struct json_value name, value;

    json_scan_init(&s, body);
    for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value);) {
        if (value.type != JSON_TYPE_STRING)
            continue;
        if (json_string_equals(&name, SPAN("__type")) && !value.has_escapes)
            *code = value.raw;
        else if (json_string_equals(&name, SPAN("message")) || json_string_equals(&name, SPAN("Message")))
            *message = value;
    }
}

static struct span read_code(const struct upstream_answer *a, struct json_value *message)
{
    struct span code = SPAN("");

    read_json(a->body, &code, message);
    if (bare_code(code).len == 0)
        code = a->error_type;
    if (bare_code(code).len == 0)
        code = code_in_xml(span_of(a->body.ptr, a->body.len < 4096 ? a->body.len : 4096));
    return code;
}

void put_decode_call_error(const struct upstream_answer *a, struct put_answer *out)
{
    struct json_value message = {.type = JSON_TYPE_NULL};

    out->class = a->status >= 500 ? PUT_FAILED_UNKNOWN : a->status == 429 ? PUT_THROTTLED : PUT_REFUSED;
    put_decode_code(read_code(a, &message), out);
    if (out->class == PUT_THROTTLED)
        out->result.shard_id = put_decode_named_shard(&message);
    int64_t off_s = a->date_s - a->signed_s;
    bool is_believable = a->date_s != 0 && off_s < CLOCK_OFFSET_MAX_S && off_s > -CLOCK_OFFSET_MAX_S;
    if (out->class == PUT_CLOCK && (!is_believable || (off_s < CLOCK_TOLERANCE_S && off_s > -CLOCK_TOLERANCE_S)))
        out->class = PUT_REFUSED; /* the signature is wrong for another reason than its time */
}

void put_decode_code(struct span code, struct put_answer *out)
{
    code = bare_code(code);
    for (size_t i = 0; i != sizeof(codes) / sizeof(codes[0]); i++) {
        if (!span_equal(code, codes[i].code))
            continue;
        out->aws_code = codes[i].code.ptr;
        out->class = codes[i].class;
        return;
    }
}

/* "Rate exceeded for shard shardId-000000000001 in stream clicks under account 111122223333." */
struct span put_decode_named_shard(const struct json_value *message)
{
    struct span prefix = SPAN("shardId-"), text = message->raw;

    if (message->type != JSON_TYPE_STRING || message->has_escapes || text.len == 0)
        return SPAN("");
    const char *start = memmem(text.ptr, text.len, prefix.ptr, prefix.len);
    if (start == NULL)
        return SPAN("");
    const char *at = start + prefix.len, *end = text.ptr + text.len;
    while (at != end && ((*at >= '0' && *at <= '9') || ((*at | 32) >= 'a' && (*at | 32) <= 'z')))
        at++;
    size_t len = (size_t)(at - start);
    return len == prefix.len || len > SHARD_ID_BYTES_MAX ? SPAN("") : span_of(start, len);
}
