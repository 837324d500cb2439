/*
 * The decoder. A 200 counts only if it is whole JSON with a ShardId and a SequenceNumber of the right form; everything
 * else with a 2xx is an unknown outcome. Error shapes: `__type` or x-amzn-ErrorType, "ns#Code:url", XML, HTML, nothing
 * at all.
 */
#include "gateway/kinesis/put_decode.h"

#include "gateway/base/json_scan.h"

#define CLOCK_OFFSET_MAX_S (10ll * 365 * 86400)
#define CLOCK_TOLERANCE_S  240 /* AWS takes 5 minutes; below 4 a refused signature is not the clock's fault */

static const struct {
    const char *code;
    enum put_class class;
} codes[] = {
    {"ProvisionedThroughputExceededException", PUT_THROTTLED},
    {"ThrottlingException", PUT_THROTTLED},
    {"Throttling", PUT_THROTTLED},
    {"RequestLimitExceeded", PUT_THROTTLED},
    {"RequestThrottled", PUT_THROTTLED},
    {"RequestThrottledException", PUT_THROTTLED},
    {"TooManyRequestsException", PUT_THROTTLED},
    {"LimitExceededException", PUT_THROTTLED},
    {"KMSThrottlingException", PUT_KMS_THROTTLED},
    {"InternalFailure", PUT_FAILED_UNKNOWN},
    {"InternalFailureException", PUT_FAILED_UNKNOWN},
    {"InternalServerError", PUT_FAILED_UNKNOWN},
    {"ServiceUnavailable", PUT_FAILED_UNKNOWN},
    {"ServiceUnavailableException", PUT_FAILED_UNKNOWN},
    {"ExpiredTokenException", PUT_CREDENTIALS},
    {"ExpiredToken", PUT_CREDENTIALS},
    {"UnrecognizedClientException", PUT_CREDENTIALS},
    {"InvalidClientTokenId", PUT_CREDENTIALS},
    {"RequestExpired", PUT_CLOCK},
    {"RequestInTheFuture", PUT_CLOCK},
    {"RequestTimeTooSkewed", PUT_CLOCK},
    {"InvalidSignatureException", PUT_CLOCK},
    {"SignatureDoesNotMatch", PUT_CLOCK},
    {"AuthFailure", PUT_CLOCK},
    {"MissingAuthenticationToken", PUT_REFUSED},
    {"MissingAuthenticationTokenException", PUT_REFUSED},
    {"IncompleteSignature", PUT_REFUSED},
    {"IncompleteSignatureException", PUT_REFUSED},
    {"AccessDenied", PUT_REFUSED},
    {"AccessDeniedException", PUT_REFUSED},
    {"NotAuthorized", PUT_REFUSED},
    {"OptInRequired", PUT_REFUSED},
    {"ResourceNotFoundException", PUT_REFUSED},
    {"ResourceInUseException", PUT_REFUSED},
    {"KMSDisabledException", PUT_REFUSED},
    {"KMSInvalidStateException", PUT_REFUSED},
    {"KMSAccessDeniedException", PUT_REFUSED},
    {"KMSNotFoundException", PUT_REFUSED},
    {"KMSOptInRequired", PUT_REFUSED},
    {"InvalidArgumentException", PUT_ARGUMENT},
    {"ValidationException", PUT_BUG},
    {"SerializationException", PUT_BUG},
    {"UnknownOperationException", PUT_BUG},
    {"InvalidAction", PUT_BUG},
    {"MalformedQueryString", PUT_BUG},
    {"DryRunOperationException", PUT_BUG}, /* we never ask for one */
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
            if (span_equal(word, span_str(codes[k].code)))
                return word;
    }
    return SPAN("");
}

static struct span code_in_json(struct span body)
{
    struct json_scan s;
    struct json_value name, value;
    struct span code = SPAN("");

    json_scan_init(&s, body);
    for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value);)
        if (json_string_equals(&name, SPAN("__type")) && value.type == JSON_TYPE_STRING && !value.has_escapes)
            code = value.raw;
    return code; /* a body that is cut later on still told its code */
}

static void classify_error(const struct upstream_answer *a, struct put_answer *out)
{
    struct span code = bare_code(code_in_json(a->body));

    if (code.len == 0)
        code = bare_code(a->error_type);
    if (code.len == 0)
        code = code_in_xml(span_of(a->body.ptr, a->body.len < 4096 ? a->body.len : 4096));
    out->class = a->status >= 500 ? PUT_FAILED_UNKNOWN : a->status == 429 ? PUT_THROTTLED : PUT_REFUSED;
    for (size_t i = 0; i != sizeof(codes) / sizeof(codes[0]); i++) {
        if (!span_equal(code, span_str(codes[i].code)))
            continue;
        out->aws_code = codes[i].code;
        out->class = codes[i].class;
        break;
    }
    int64_t off_s = a->date_s - a->signed_s;
    bool is_believable = a->date_s != 0 && off_s < CLOCK_OFFSET_MAX_S && off_s > -CLOCK_OFFSET_MAX_S;
    if (out->class == PUT_CLOCK && (!is_believable || (off_s < CLOCK_TOLERANCE_S && off_s > -CLOCK_TOLERANCE_S)))
        out->class = PUT_REFUSED; /* the signature is wrong for another reason than its time */
}

static bool is_shard_id(struct span text)
{
    if (text.len == 0 || text.len > SHARD_ID_BYTES_MAX)
        return false;
    for (size_t i = 0; i != text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (!((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '.' || c == '-'))
            return false;
    }
    return true;
}

static bool is_sequence_number(struct span text)
{
    return record_check_sequence_number(text).row == FAILURE_NONE;
}

static bool take_member(const struct json_value *name, const struct json_value *value, struct put_result *r)
{
    if (json_string_equals(name, SPAN("ShardId"))) {
        if (value->type != JSON_TYPE_STRING || value->has_escapes || !is_shard_id(value->raw))
            return false;
        r->shard_id_len = (uint8_t)value->raw.len;
        memcpy(r->shard_id, value->raw.ptr, value->raw.len);
    } else if (json_string_equals(name, SPAN("SequenceNumber"))) {
        if (value->type != JSON_TYPE_STRING || value->has_escapes || !is_sequence_number(value->raw))
            return false;
        r->sequence_number_len = (uint8_t)value->raw.len;
        memcpy(r->sequence_number, value->raw.ptr, value->raw.len);
    } else if (json_string_equals(name, SPAN("EncryptionType"))) {
        r->encryption = json_string_equals(value, SPAN("KMS"))    ? ENCRYPTION_KMS
                        : json_string_equals(value, SPAN("NONE")) ? ENCRYPTION_NONE
                                                                  : ENCRYPTION_NOT_SAID;
    }
    return true;
}

static bool decode_result(struct span body, struct put_result *r)
{
    struct json_scan s;
    struct json_value name, value;

    json_scan_init(&s, body);
    for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value);)
        if (!take_member(&name, &value, r))
            return false;
    return json_scan_end(&s) && r->shard_id_len != 0 && r->sequence_number_len != 0;
}

void put_decode_record(const struct upstream_answer *a, struct put_answer *out)
{
    *out = (struct put_answer){.class = PUT_ODD_ANSWER};
    if (a->status == 200 && decode_result(a->body, &out->result))
        out->class = PUT_WRITTEN;
    else if (a->status < 200 || a->status > 299)
        classify_error(a, out);
}
