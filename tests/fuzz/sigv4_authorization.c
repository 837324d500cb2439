/*
 * An Authorization (the first line) and headers (a line each) from outside: parsed within their bounds, and never
 * verified, since nobody here knows the secret.
 */
#include "auth/sigv4.h"
#include "tests/fuzz/fuzz.h"

#define HEADERS_MAX 100

static size_t split_headers(struct span rest, struct sigv4_header headers[HEADERS_MAX])
{
    size_t len = 0;

    while (rest.len > 0 && len < HEADERS_MAX) {
        struct span line = span_cut(rest, '\n', &rest);
        headers[len].name = span_cut(line, ':', &headers[len].value);
        len++;
    }
    return len;
}

static int64_t time_of(const struct sigv4_header *headers, size_t len)
{
    int64_t signed_s;

    for (size_t i = 0; i < len; i++)
        if (span_equal_nocase(headers[i].name, SPAN("x-amz-date")) &&
            sigv4_parse_date(span_trim(headers[i].value), &signed_s))
            return signed_s;
    return 1440938160;
}

static void check_parts(struct span value, const struct sigv4_authorization *a)
{
    struct buf scope;

    BELIEVE(fuzz_is_within(a->scope, value) && fuzz_is_within(a->signed_headers, value));
    BELIEVE(a->access_key_id.len > 0 && a->signature.len == SIGV4_SIGNATURE_BYTES && a->signed_headers.len > 0);
    buf_init(&scope, value.len + 16);
    buf_append(&scope, a->date);
    buf_append_char(&scope, '/');
    buf_append(&scope, a->region);
    buf_append_char(&scope, '/');
    buf_append(&scope, a->service);
    buf_append(&scope, SPAN("/aws4_request"));
    BELIEVE(!scope.failed && span_equal(buf_span(&scope), a->scope));
    buf_clear(&scope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t hash[SHA256_BYTES] = {1, 2, 3};
    struct sigv4_header headers[HEADERS_MAX];
    struct span rest = fuzz_span(data, size), value = fuzz_take_line(&rest);
    struct sigv4_authorization a;

    if (sigv4_authorization_parse(value, &a)) {
        size_t len = split_headers(rest, headers);
        check_parts(value, &a);
        BELIEVE(sigv4_verify(&a, SPAN("POST"), SPAN("/"), SPAN(""), headers, len, hash, SPAN("kinesis"),
                             SPAN("nobody knows this secret"), time_of(headers, len)) != SIGV4_OK);
    }
    fuzz_free(value);
    return 0;
}
