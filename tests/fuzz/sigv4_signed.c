/*
 * What is signed verifies, and with one bit of the signature or the body's hash changed it does not. The input is a
 * target (path and query), then headers to sign, a line each.
 */
#include "auth/sigv4.h"
#include "tests/fuzz/fuzz.h"

#define HEADERS_MAX 32
#define DATE        "20150830T123600Z"
#define SCOPE       "20150830/eu-west-1/kinesis/aws4_request"
#define NOW_S       1440938160
#define SECRET      SPAN("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

/* Names that mean something to the verifier come from here, once each, as a client would send them. */
static bool is_taken(struct span name)
{
    return span_equal_nocase(name, SPAN("host")) ||
           (name.len >= 6 && span_equal_nocase(span_of(name.ptr, 6), SPAN("x-amz-")));
}

static bool is_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= ' ' || name.ptr[i] >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", name.ptr[i]) != NULL)
            return false;
    return name.len > 0;
}

static size_t gather_headers(struct span rest, struct sigv4_header headers[HEADERS_MAX])
{
    size_t len = 0;

    headers[len++] = (struct sigv4_header){SPAN("Host"), SPAN("localhost")};
    headers[len++] = (struct sigv4_header){SPAN("X-Amz-Date"), SPAN(DATE)};
    headers[len++] = (struct sigv4_header){SPAN("X-Amz-Target"), SPAN("Kinesis_20131202.PutRecord")};
    while (rest.len > 0 && len < HEADERS_MAX) {
        struct span value, line = span_cut(rest, '\n', &rest), name = span_cut(line, ':', &value);
        if (is_name(name) && !is_taken(name))
            headers[len++] = (struct sigv4_header){name, value};
    }
    return len;
}

/* False: the canonical request has no room for it. */
static bool sign(const struct sigv4_request *r, struct buf *authorization)
{
    struct buf canonical, names, text;
    uint8_t key[SHA256_BYTES];
    char signature[SIGV4_SIGNATURE_BYTES];

    buf_init(&canonical, 256 * 1024);
    buf_init(&names, 65536);
    buf_init(&text, 4096);
    bool ok = sigv4_canonical_request(r, &canonical, &names);
    if (ok) {
        sigv4_string_to_sign(SPAN(DATE), SPAN(SCOPE), buf_span(&canonical), &text);
        sigv4_key_derive(SECRET, SPAN("20150830"), SPAN("eu-west-1"), SPAN("kinesis"), key);
        sigv4_signature(key, buf_span(&text), signature);
        buf_append(authorization, SPAN("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/" SCOPE ", SignedHeaders="));
        buf_append(authorization, buf_span(&names));
        buf_append(authorization, SPAN(", Signature="));
        buf_append(authorization, span_of(signature, sizeof(signature)));
        ok = !authorization->failed;
    }
    buf_clear(&canonical);
    buf_clear(&names);
    buf_clear(&text);
    return ok;
}

static enum sigv4_verdict verify(const struct sigv4_request *r, struct span authorization,
                                 const uint8_t hash[SHA256_BYTES])
{
    struct sigv4_authorization a;

    BELIEVE(sigv4_authorization_parse(authorization, &a));
    return sigv4_verify(&a, r->method, r->path, r->query, r->headers, r->headers_len, hash, SPAN("kinesis"), SECRET,
                        NOW_S);
}

static bool is_query_signed(struct span query)
{
    while (query.len > 0)
        if (is_taken(span_cut(query, '&', &query)))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t hash[SHA256_BYTES] = {1, 2, 3};
    char hex[2 * SHA256_BYTES];
    struct sigv4_header headers[HEADERS_MAX];
    struct span rest = fuzz_span(data, size), target = fuzz_take_line(&rest);
    struct sigv4_request r = {.method = SPAN("POST"), .headers = headers, .normalize_path = true};
    struct buf authorization;

    hex_encode(hash, sizeof(hash), hex);
    r.payload_hash = span_of(hex, sizeof(hex));
    r.path = span_cut(target, '?', &r.query);
    r.headers_len = gather_headers(rest, headers);
    buf_init(&authorization, 65536);
    if (span_starts_with(r.path, SPAN("/")) && !is_query_signed(r.query) && sign(&r, &authorization)) {
        BELIEVE(verify(&r, buf_span(&authorization), hash) == SIGV4_OK);
        hash[31] ^= 1;
        BELIEVE(verify(&r, buf_span(&authorization), hash) == SIGV4_MISMATCH);
        hash[31] ^= 1;
        char *last = authorization.ptr + authorization.len - 1;
        *last = *last == '0' ? '1' : '0';
        BELIEVE(verify(&r, buf_span(&authorization), hash) == SIGV4_MISMATCH);
    }
    buf_clear(&authorization);
    fuzz_free(target);
    return 0;
}
