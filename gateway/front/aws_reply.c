/*
 * Errors as AWS words them, for SDKs that decide by __type and status whether to retry: common errors of
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/CommonErrors.html and PutRecord's own.
 */
#include "gateway/base/json_write.h"
#include "gateway/front/reply.h"

static const struct {
    enum failure_row row;
    struct aws_error error;
} rows[] = {
    {FAILURE_DRY_RUN, {400, "DryRunOperationException", "The request would have succeeded, but DryRun is set."}},
    {FAILURE_UNKNOWN_OPERATION, {400, "UnknownOperationException", NULL}},
    {FAILURE_UNAUTHENTICATED,
     {400, "UnrecognizedClientException", "The security token included in the request is invalid."}},
    {FAILURE_SIGNATURE,
     {400, "InvalidSignatureException",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
      "and "
      "signing method."}},
    {FAILURE_SIGNATURE_SKEWED,
     {400, "InvalidSignatureException",
      "Signature expired or not yet current: its time is more than 5 min. from ours."}},
    {FAILURE_AGGREGATE, {400, "InvalidArgumentException", NULL}},
    {FAILURE_FORBIDDEN, {400, "AccessDeniedException", "The key is not allowed to put records into this stream."}},
    {FAILURE_RECORD_TOO_LARGE, {400, "ValidationException", NULL}},
    {FAILURE_UNSUPPORTED_TYPE, {400, "SerializationException", NULL}},
    {FAILURE_MALFORMED, {400, "ValidationException", NULL}},
    {FAILURE_KMS_THROTTLED,
     {400, "KMSThrottlingException", "The request was denied due to request throttling by KMS."}},
    {FAILURE_THROTTLED, {400, "ProvisionedThroughputExceededException", "Rate exceeded for the stream."}},
    {FAILURE_OVER_QUOTA, {400, "ProvisionedThroughputExceededException", "Rate exceeded for the tenant."}},
    {FAILURE_ADDRESS_OVER_RATE, {400, "ProvisionedThroughputExceededException", NULL}},
    {FAILURE_BEYOND_QUOTA, {400, "ValidationException", NULL}},
    {FAILURE_QUOTA_UNAVAILABLE, {503, "ServiceUnavailable", NULL}},
    {FAILURE_OVERLOADED, {503, "ServiceUnavailable", NULL}},
    {FAILURE_KEYS_UNAVAILABLE, {503, "ServiceUnavailable", NULL}},
    {FAILURE_IDEMPOTENCY_IN_FLIGHT, {503, "ServiceUnavailable", NULL}},
    {FAILURE_IDEMPOTENCY_UNAVAILABLE, {503, "ServiceUnavailable", NULL}},
    {FAILURE_UNREACHABLE, {503, "ServiceUnavailable", NULL}},
    {FAILURE_DEADLINE, {503, "ServiceUnavailable", NULL}},
    {FAILURE_UPSTREAM_UNKNOWN, {500, "InternalFailure", NULL}},
    {FAILURE_UPSTREAM_REFUSED, {500, "InternalFailure", NULL}},
    {FAILURE_UPSTREAM_CREDENTIALS, {500, "InternalFailure", NULL}},
    {FAILURE_INTERNAL, {500, "InternalFailure", NULL}},
};

/* The stream's own state, which a caller of AWS would be told by name; everything else of ours is an internal failure.
 */
static bool is_told_by_name(const char *aws_code)
{
    return aws_code != NULL && (strncmp(aws_code, "KMS", 3) == 0 || strcmp(aws_code, "ResourceNotFoundException") == 0);
}

struct aws_error aws_error_of(const struct failure *f, bool has_no_credentials)
{
    struct aws_error e = {failure_status(f->row), failure_code(f), NULL};

    if (has_no_credentials)
        return (struct aws_error){400, "MissingAuthenticationTokenException", "Missing Authentication Token"};
    if (f->row == FAILURE_UPSTREAM_REFUSED && is_told_by_name(f->aws_code))
        return (struct aws_error){400, f->aws_code, failure_title(f->row)};
    for (size_t i = 0; i != sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].row == f->row)
            e = rows[i].error;
    if (e.message == NULL && f->row != FAILURE_UNKNOWN_OPERATION)
        e.message = f->detail != NULL ? f->detail : failure_title(f->row);
    return e;
}

void aws_error_write(const struct aws_error *e, struct buf *out)
{
    json_write_member(out, "__type", span_str(e->type));
    if (e->message != NULL)
        json_write_member(out, "message", span_str(e->message));
    buf_append_char(out, '}');
}
