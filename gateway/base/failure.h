/*
 * What can go wrong for a caller: one closed table. A row gives the defaults; a failure carries the outcome, since one
 * row can end either way.
 */
#ifndef KGW_BASE_FAILURE_H
#define KGW_BASE_FAILURE_H

#include "auth/bytes.h"

/* Written or not? NOT_WRITTEN only if every attempt certainly failed. */
enum outcome { OUTCOME_NOT_WRITTEN, OUTCOME_UNKNOWN };

/*         row                          status retryable code                                     title */
#define KGW_FAILURES(X)                                                                                                \
    X(FAILURE_NONE, 200, false, "OK", "accepted")                                                                      \
    X(FAILURE_MALFORMED, 400, false, "MalformedRequest", "the request is malformed")                                   \
    X(FAILURE_ARGUMENT, 400, false, "InvalidArgumentException", "a parameter is invalid")                              \
    X(FAILURE_VALIDATION, 400, false, "ValidationException", "a member is missing or out of bounds")                   \
    X(FAILURE_SERIALIZATION, 400, false, "SerializationException", "the body is not what its content type says")       \
    X(FAILURE_AGGREGATE, 400, false, "AggregateNotAllowed", "the data imitates a KPL aggregate")                       \
    X(FAILURE_DRY_RUN, 400, false, "DryRunOperationException", "the request would have succeeded")                     \
    X(FAILURE_UNKNOWN_OPERATION, 400, false, "UnknownOperationException", "no such operation")                         \
    X(FAILURE_UNAUTHENTICATED, 401, false, "Unauthenticated", "no valid API key")                                      \
    X(FAILURE_SIGNATURE, 401, false, "InvalidSignatureException", "the signature does not match")                      \
    X(FAILURE_SIGNATURE_SKEWED, 401, false, "InvalidSignatureException",                                               \
      "the signature's time is more than 5 minutes from ours")                                                         \
    X(FAILURE_FORBIDDEN, 403, false, "Forbidden", "the key may not do this")                                           \
    X(FAILURE_NOT_FOUND, 404, false, "NotFound", "no such path")                                                       \
    X(FAILURE_METHOD, 405, false, "MethodNotAllowed", "the method is not allowed here")                                \
    X(FAILURE_IDEMPOTENCY_IN_FLIGHT, 409, true, "IdempotencyKeyInFlight",                                              \
      "a request is outstanding for this Idempotency-Key")                                                             \
    X(FAILURE_LENGTH_REQUIRED, 411, false, "LengthRequired", "the request needs a Content-Length")                     \
    X(FAILURE_BODY_TOO_LARGE, 413, false, "RequestTooLarge", "the body is too large")                                  \
    X(FAILURE_RECORD_TOO_LARGE, 413, false, "RecordTooLarge", "the record is too large")                               \
    X(FAILURE_BEYOND_QUOTA, 413, false, "QuotaBurstExceeded", "the request is larger than the tenant's quota")         \
    X(FAILURE_UNSUPPORTED_TYPE, 415, false, "UnsupportedMediaType", "the content type or encoding is not supported")   \
    X(FAILURE_EXPECTATION, 417, false, "ExpectationFailed", "the expectation is not supported")                        \
    X(FAILURE_IDEMPOTENCY_REUSED, 422, false, "IdempotencyKeyReused", "this Idempotency-Key is already used")          \
    X(FAILURE_OVER_QUOTA, 429, true, "QuotaExceeded", "the tenant is over its quota")                                  \
    X(FAILURE_ADDRESS_OVER_RATE, 429, true, "AddressRateExceeded", "this address calls too often with this key")       \
    X(FAILURE_HEAD_TOO_LARGE, 431, false, "RequestHeaderFieldsTooLarge", "the request head is too large")              \
    X(FAILURE_INTERNAL, 500, false, "InternalError", "the gateway made a mistake")                                     \
    X(FAILURE_UPSTREAM_REFUSED, 502, false, "UpstreamRefused", "Kinesis refused the gateway's call")                   \
    X(FAILURE_UPSTREAM_CREDENTIALS, 502, true, "CredentialsUnavailable", "the gateway has no usable AWS credentials")  \
    X(FAILURE_KMS_THROTTLED, 502, true, "KMSThrottlingException", "KMS throttled the stream's key")                    \
    X(FAILURE_THROTTLED, 503, true, "ProvisionedThroughputExceededException", "the stream is throttled")               \
    X(FAILURE_OVERLOADED, 503, true, "Overloaded", "the gateway is shedding load")                                     \
    X(FAILURE_KEYS_UNAVAILABLE, 503, true, "KeysUnavailable", "the gateway could not read its keys so far")            \
    X(FAILURE_IDEMPOTENCY_UNAVAILABLE, 503, true, "IdempotencyUnavailable",                                            \
      "what became of earlier calls with this Idempotency-Key cannot be looked up")                                    \
    X(FAILURE_QUOTA_UNAVAILABLE, 503, true, "QuotaUnavailable", "the tenant's quota cannot be looked up")              \
    X(FAILURE_UNREACHABLE, 503, true, "UpstreamUnreachable", "Kinesis could not be reached")                           \
    X(FAILURE_DEADLINE, 503, true, "DeadlineExceeded", "the deadline passed before the record was sent")               \
    X(FAILURE_ORDERING_GAP, 503, true, "OrderingGap", "an earlier record of the same key was not written")             \
    X(FAILURE_UPSTREAM_UNKNOWN, 504, true, "OutcomeUnknown", "Kinesis may or may not have the record")

enum failure_row {
#define X(row, status, retryable, code, title) row,
    KGW_FAILURES(X)
#undef X
        FAILURE_ROWS
};

struct failure {
    enum failure_row row;
    enum outcome outcome;
    uint32_t retry_after_ms;   /* 0: the row's default (1 s on every 503) */
    const char *aws_code;      /* static; replaces the row's code; NULL: none */
    const char *detail;        /* static sentence for the caller; NULL: none */
    const char *parameter;     /* static name of the parameter at fault; NULL: none */
    uint64_t bytes, bytes_max; /* both sizes, where a size is the matter; else 0 */
};

#define FAILURE_OK ((struct failure){.row = FAILURE_NONE})

int failure_status(enum failure_row row);
bool failure_is_retryable(enum failure_row row);
const char *failure_code(const struct failure *f); /* aws_code, or the row's */
const char *failure_title(enum failure_row row);

#define MUST_LOOK __attribute__((warn_unused_result))
#define TRY(expression)                                                                                                \
    do {                                                                                                               \
        struct failure try_failure_ = (expression);                                                                    \
        if (try_failure_.row != FAILURE_NONE)                                                                          \
            return try_failure_;                                                                                       \
    } while (0)

#endif
