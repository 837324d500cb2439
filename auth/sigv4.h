/*
 * AWS Signature Version 4, header signing, in its three named stages: canonical request, string to sign, signature.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * Pure: the time is an argument. The general stages serve the verifier and the published test suite; sigv4_sign_post()
 * is the narrow fast road of the gateway's own calls.
 */
#ifndef KGW_AUTH_SIGV4_H
#define KGW_AUTH_SIGV4_H

#include "auth/digest.h"
#include "auth/sigv4_key.h"

#define SIGV4_DATE_BYTES      16 /* 20150830T123600Z */
#define SIGV4_SIGNATURE_BYTES 64 /* lower-case hex */

struct sigv4_header {
    struct span name; /* any case */
    struct span value;
};

struct sigv4_request {
    struct span method;
    struct span path;                   /* raw, as on the request line, without the query */
    struct span query;                  /* raw, without '?' */
    const struct sigv4_header *headers; /* those to be signed; the same name may come several times */
    size_t headers_len;
    struct span payload_hash; /* 64 lower-case hex digits */
    bool normalize_path;      /* remove dot segments and repeated slashes (every service but S3) */
};

/* Stage 1. Also gives the SignedHeaders list. False: out of memory, limit, or more than 64 headers. */
bool sigv4_canonical_request(const struct sigv4_request *r, struct buf *canonical, struct buf *signed_headers);
/* Stage 2. */
void sigv4_string_to_sign(struct span date, struct span scope, struct span canonical, struct buf *out);
/* Stage 3. */
void sigv4_signature(const uint8_t signing_key[SHA256_BYTES], struct span string_to_sign,
                     char out[SIGV4_SIGNATURE_BYTES]);

void sigv4_format_date(int64_t unix_s, char out[SIGV4_DATE_BYTES]); /* UTC */
bool sigv4_parse_date(struct span text, int64_t *unix_s);

/*
 * Signs `POST /` with exactly the headers content-type, host, x-amz-date, x-amz-security-token (when not empty) and
 * x-amz-target, and appends to *authorization the value of the Authorization header. The values are signed as they are
 * given: no white space at their ends, no runs of it inside. False: out of memory or past authorization's limit.
 */
struct sigv4_post {
    struct span host; /* as sent, with the port if it is not the scheme's own */
    struct span content_type;
    struct span target;
    struct span security_token; /* empty: none */
    struct span access_key_id;
    struct span region;
    struct span service;
    struct span body;
    const uint8_t *body_sha256; /* of the body, where it was hashed already; NULL: it is hashed here */
    char date[SIGV4_DATE_BYTES];
};
bool sigv4_sign_post(const struct sigv4_post *p, const uint8_t signing_key[SHA256_BYTES], struct buf *authorization);

/*
 * The parts of an incoming `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`. Spans point
 * into the value.
 */
struct sigv4_authorization {
    struct span access_key_id, date, region, service; /* of the credential scope; date is YYYYMMDD */
    struct span scope;                                /* date/region/service/aws4_request */
    struct span signed_headers;                       /* a;b;c */
    struct span signature;                            /* 64 hex digits */
};
bool sigv4_authorization_parse(struct span value, struct sigv4_authorization *out);

enum sigv4_verdict {
    SIGV4_OK,
    SIGV4_MALFORMED,    /* scope, date or list of signed headers is not what the service asks for */
    SIGV4_SKEWED_EARLY, /* the signature's time is more than 5 minutes behind now */
    SIGV4_SKEWED_LATE,  /* … ahead of now */
    SIGV4_MISMATCH,
    SIGV4_SESSION_TOKEN, /* there is one: whatever else is right, it is not ours */
};
/*
 * Verifies a parsed authorization over a received request. `headers` are all of the request's, in order; those in
 * signed_headers are looked up there. Required among them, once each: host, x-amz-date, x-amz-target. `signing_secret`
 * is the secret access key. Unsigned or streamed payloads and signed queries are SIGV4_MALFORMED; so are more than 64
 * signed header lines. Compares in constant time; the time taken depends on no secret.
 */
enum sigv4_verdict sigv4_verify(const struct sigv4_authorization *a, struct span method, struct span path,
                                struct span query, const struct sigv4_header *headers, size_t headers_len,
                                const uint8_t body_sha256[SHA256_BYTES], struct span service,
                                struct span signing_secret, int64_t now_s);

#endif
