#include "auth/sigv4.h"

#include <stdio.h>

#include "tests/auth/check.h"
#include "tests/auth/sigv4_vectors.h"

#define HEADERS_MAX 80
#define SECRET      SPAN("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
#define SIGNED_S    1440938160

/* A received request in writable memory, so that a test can spoil any byte of it. */
struct received {
    char method[8], path[64], query[256], text[4096], body[256], authorization[512];
    struct sigv4_header headers[HEADERS_MAX];
    size_t headers_len;
};

static void headers_split(struct received *r)
{
    struct span rest = span_str(r->text);

    for (r->headers_len = 0; rest.len > 0; r->headers_len++) {
        struct sigv4_header *header = &r->headers[r->headers_len];
        struct span line = span_cut(rest, '\n', &rest);
        header->name = span_cut(line, ':', &header->value);
    }
}

static void receive(struct received *r, const struct sigv4_vector *v)
{
    strcpy(r->method, v->method);
    strcpy(r->path, v->path);
    strcpy(r->query, v->query);
    strcpy(r->text, v->headers);
    strcpy(r->body, v->body);
    strcpy(r->authorization, v->authorization);
    headers_split(r);
}

/* -1: the authorization cannot be parsed. */
static int verify(const struct received *r, struct span secret, int64_t now_s)
{
    struct sigv4_authorization a;
    uint8_t hash[SHA256_BYTES];

    if (!sigv4_authorization_parse(span_str(r->authorization), &a))
        return -1;
    digest_sha256(span_str(r->body), hash);
    return (int)sigv4_verify(&a, span_str(r->method), span_str(r->path), span_str(r->query), r->headers, r->headers_len,
                             hash, SPAN("kinesis"), secret, now_s);
}

static void what_an_independent_signer_signed_is_verified(void **state)
{
    struct received r;
    size_t verified = 0;

    (void)state;
    for (size_t i = 0; i < VECTORS_LEN; i++) {
        const struct sigv4_vector *v = &vectors[i];
        int64_t signed_s;
        if (strcmp(v->service, "kinesis") != 0 || v->security_token[0] != '\0' || strstr(v->headers, "Target") == NULL)
            continue;
        receive(&r, v);
        assert_true(sigv4_parse_date(span_str(v->date), &signed_s));
        check(verify(&r, span_str(v->secret), signed_s) == SIGV4_OK, "%s", v->what);
        check(verify(&r, SPAN("another secret"), signed_s) == SIGV4_MISMATCH, "%s", v->what);
        verified++;
    }
    assert_true(verified >= 10);
}

static void five_minutes_of_skew_are_allowed(void **state)
{
    static const struct {
        const char *what;
        int64_t now_s;
        enum sigv4_verdict want;
    } rows[] = {
        {"at once", SIGNED_S, SIGV4_OK},
        {"five minutes late", SIGNED_S + 300, SIGV4_OK},
        {"five minutes and a second late", SIGNED_S + 301, SIGV4_SKEWED_EARLY},
        {"five minutes ahead", SIGNED_S - 300, SIGV4_OK},
        {"five minutes and a second ahead", SIGNED_S - 301, SIGV4_SKEWED_LATE},
    };
    struct received r;

    (void)state;
    receive(&r, &vectors[0]);
    for (size_t i = 0; i < LEN(rows); i++) {
        check(verify(&r, SECRET, rows[i].now_s) == (int)rows[i].want, "%s", rows[i].what);
        bool is_skewed = rows[i].want != SIGV4_OK;
        check(verify(&r, SPAN("x"), rows[i].now_s) == (is_skewed ? (int)rows[i].want : SIGV4_MISMATCH),
              "%s, wrong secret", rows[i].what);
    }
}

static void spoil_each_byte(struct received *r, char *text, size_t len, const char *what)
{
    for (size_t i = 0; i < len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            char kept = text[i];
            text[i] = (char)(kept ^ 1 << bit);
            check(text[i] == '\0' || verify(r, SECRET, SIGNED_S) != SIGV4_OK, "%s: byte %zu, bit %d", what, i, bit);
            text[i] = kept;
        }
    }
}

static void no_byte_may_differ(void **state)
{
    struct received r;
    size_t which[] = {0, 9, 11};

    (void)state;
    for (size_t v = 0; v < LEN(which); v++) {
        receive(&r, &vectors[which[v]]);
        assert_int_equal(verify(&r, SECRET, SIGNED_S), SIGV4_OK);
        spoil_each_byte(&r, r.method, strlen(r.method), "method");
        spoil_each_byte(&r, r.path, strlen(r.path), "path");
        spoil_each_byte(&r, r.body, strlen(r.body), "body");
        for (size_t i = 0; i < r.headers_len; i++) {
            char *value = r.text + (r.headers[i].value.ptr - r.text);
            spoil_each_byte(&r, value, r.headers[i].value.len, "header's value");
        }
        /* Not the id: whose secret it names is the caller's question. */
        size_t id_at = strlen("AWS4-HMAC-SHA256 Credential="), id_len = strlen("AKIDEXAMPLE");
        spoil_each_byte(&r, r.authorization, id_at, "authorization");
        spoil_each_byte(&r, r.authorization + id_at + id_len, strlen(r.authorization) - id_at - id_len,
                        "authorization's rest");
        assert_int_equal(verify(&r, SECRET, SIGNED_S), SIGV4_OK);
        strcat(r.body, "x");
        assert_int_equal(verify(&r, SECRET, SIGNED_S), SIGV4_MISMATCH);
    }
}

static void a_query_is_part_of_what_is_signed(void **state)
{
    struct received r;

    (void)state;
    receive(&r, &vectors[0]);
    strcpy(r.query, "a=b");
    assert_int_equal(verify(&r, SECRET, SIGNED_S), SIGV4_MISMATCH);
    strcpy(r.path, "/x");
    r.query[0] = '\0';
    assert_int_equal(verify(&r, SECRET, SIGNED_S), SIGV4_MISMATCH);
}

static void some_kinds_of_signing_are_refused(void **state)
{
    static const struct {
        const char *what, *query, *more_headers;
        enum sigv4_verdict want;
    } rows[] = {
        {"an unsigned header is nobody's business", "", "User-Agent:x\nX-Other: y\n", SIGV4_OK},
        {"an unsigned payload", "", "X-Amz-Content-Sha256:UNSIGNED-PAYLOAD\n", SIGV4_MALFORMED},
        {"a streamed payload", "", "x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD\n", SIGV4_MALFORMED},
        {"a streamed payload with a trailer", "", "X-AMZ-CONTENT-SHA256:STREAMING-UNSIGNED-PAYLOAD-TRAILER\n",
         SIGV4_MALFORMED},
        {"the right hash, declared", "",
         "x-amz-content-sha256: 44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\n", SIGV4_OK},
        {"a wrong hash, declared", "",
         "x-amz-content-sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8b\n", SIGV4_MISMATCH},
        {"a right and a wrong hash", "",
         "x-amz-content-sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\nx-amz-content-sha256:"
         "0\n",
         SIGV4_MISMATCH},
        {"an empty hash", "", "x-amz-content-sha256:\n", SIGV4_MISMATCH},
        {"a session token", "", "X-Amz-Security-Token:t\n", SIGV4_SESSION_TOKEN},
        {"a signature in the query", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0", "", SIGV4_MALFORMED},
        {"a token in the query", "a=b&x-amz-security-token=t", "", SIGV4_MALFORMED},
        {"two dates", "", "X-Amz-Date:20150830T123600Z\n", SIGV4_MALFORMED},
        {"two hosts", "", "Host:127.0.0.1:4567\n", SIGV4_MALFORMED},
        {"two targets", "", "X-AMZ-TARGET:Kinesis_20131202.PutRecord\n", SIGV4_MALFORMED},
    };
    struct received r;
    struct sigv4_vector v = vectors[4]; /* its body is {} */

    (void)state;
    assert_string_equal(v.body, "{}");
    for (size_t i = 0; i < LEN(rows); i++) {
        receive(&r, &v);
        strcat(r.text, rows[i].more_headers);
        strcpy(r.query, rows[i].query);
        headers_split(&r);
        check(verify(&r, SECRET, SIGNED_S) == (int)rows[i].want, "%s", rows[i].what);
    }
}

#define SIGNATURE  "0000000000000000000000000000000000000000000000000000000000000000"
#define CREDENTIAL "Credential=AKID/20150830/us-east-1/kinesis/aws4_request"

static void authorizations_are_read_strictly(void **state)
{
    static const struct {
        const char *what, *value;
        bool ok;
    } rows[] = {
        {"as AWS writes it", "AWS4-HMAC-SHA256 " CREDENTIAL ", SignedHeaders=a;b, Signature=" SIGNATURE, true},
        {"no space after commas", "AWS4-HMAC-SHA256 " CREDENTIAL ",SignedHeaders=a,Signature=" SIGNATURE, true},
        {"another order", "AWS4-HMAC-SHA256 Signature=" SIGNATURE ", SignedHeaders=a, " CREDENTIAL, true},
        {"white space around", " AWS4-HMAC-SHA256   " CREDENTIAL " , SignedHeaders=a , Signature=" SIGNATURE " ", true},
        {"nothing", "", false},
        {"the scheme alone", "AWS4-HMAC-SHA256", false},
        {"another algorithm", "AWS4-ECDSA-P256-SHA256 " CREDENTIAL ", SignedHeaders=a, Signature=" SIGNATURE, false},
        {"the scheme in lower case", "aws4-hmac-sha256 " CREDENTIAL ", SignedHeaders=a, Signature=" SIGNATURE, false},
        {"no signature", "AWS4-HMAC-SHA256 " CREDENTIAL ", SignedHeaders=a", false},
        {"no list", "AWS4-HMAC-SHA256 " CREDENTIAL ", Signature=" SIGNATURE, false},
        {"no credential", "AWS4-HMAC-SHA256 SignedHeaders=a, Signature=" SIGNATURE, false},
        {"an empty list", "AWS4-HMAC-SHA256 " CREDENTIAL ", SignedHeaders=, Signature=" SIGNATURE, false},
        {"a comma at the end", "AWS4-HMAC-SHA256 " CREDENTIAL ", SignedHeaders=a, Signature=" SIGNATURE ",", false},
        {"a part twice", "AWS4-HMAC-SHA256 " CREDENTIAL ", " CREDENTIAL ", Signature=" SIGNATURE, false},
        {"a fourth part", "AWS4-HMAC-SHA256 " CREDENTIAL ", SignedHeaders=a, Signature=" SIGNATURE ", x=y", false},
        {"a part of another name", "AWS4-HMAC-SHA256 " CREDENTIAL ", SignedHeader=a, Signature=" SIGNATURE, false},
        {"a short signature", "AWS4-HMAC-SHA256 " CREDENTIAL ", SignedHeaders=a, Signature=00", false},
        {"a signature in capitals",
         "AWS4-HMAC-SHA256 " CREDENTIAL
         ", SignedHeaders=a, Signature=A000000000000000000000000000000000000000000000000000000000000000",
         false},
        {"a scope of three parts",
         "AWS4-HMAC-SHA256 Credential=A/20150830/kinesis/aws4_request, SignedHeaders=a, Signature=" SIGNATURE, false},
        {"a scope of five parts",
         "AWS4-HMAC-SHA256 Credential=A/20150830/r/kinesis/aws4_request/x, SignedHeaders=a, Signature=" SIGNATURE,
         false},
        {"an empty region",
         "AWS4-HMAC-SHA256 Credential=A/20150830//kinesis/aws4_request, SignedHeaders=a, Signature=" SIGNATURE, false},
        {"an empty id",
         "AWS4-HMAC-SHA256 Credential=/20150830/r/kinesis/aws4_request, SignedHeaders=a, Signature=" SIGNATURE, false},
        {"a short date",
         "AWS4-HMAC-SHA256 Credential=A/2015083/r/kinesis/aws4_request, SignedHeaders=a, Signature=" SIGNATURE, false},
        {"another end",
         "AWS4-HMAC-SHA256 Credential=A/20150830/r/kinesis/aws5_request, SignedHeaders=a, Signature=" SIGNATURE, false},
    };
    struct sigv4_authorization a;

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        check(sigv4_authorization_parse(span_str(rows[i].value), &a) == rows[i].ok, "%s", rows[i].what);
    assert_false(sigv4_authorization_parse((struct span){0}, &a));
    assert_true(sigv4_authorization_parse(span_str(rows[0].value), &a));
    assert_true(span_is(a.access_key_id, "AKID"));
    assert_true(span_is(a.date, "20150830"));
    assert_true(span_is(a.region, "us-east-1"));
    assert_true(span_is(a.service, "kinesis"));
    assert_true(span_is(a.scope, "20150830/us-east-1/kinesis/aws4_request"));
    assert_true(span_is(a.signed_headers, "a;b"));
    assert_true(span_is(a.signature, SIGNATURE));
}

static void scope_and_list_must_be_ours(void **state)
{
    static const struct {
        const char *what, *credential, *list;
        enum sigv4_verdict want;
    } rows[] = {
        {"all in order", CREDENTIAL, "host;x-amz-date;x-amz-target", SIGV4_MISMATCH},
        {"any region", "Credential=AKID/20150830/moon-1/kinesis/aws4_request", "host;x-amz-date;x-amz-target",
         SIGV4_MISMATCH},
        {"another service", "Credential=AKID/20150830/us-east-1/s3/aws4_request", "host;x-amz-date;x-amz-target",
         SIGV4_MALFORMED},
        {"another day", "Credential=AKID/20150831/us-east-1/kinesis/aws4_request", "host;x-amz-date;x-amz-target",
         SIGV4_MALFORMED},
        {"no host", CREDENTIAL, "x-amz-date;x-amz-target", SIGV4_MALFORMED},
        {"no date", CREDENTIAL, "host;x-amz-target", SIGV4_MALFORMED},
        {"no target", CREDENTIAL, "host;x-amz-date", SIGV4_MALFORMED},
        {"not sorted", CREDENTIAL, "x-amz-date;host;x-amz-target", SIGV4_MALFORMED},
        {"twice the same", CREDENTIAL, "host;host;x-amz-date;x-amz-target", SIGV4_MALFORMED},
        {"in capitals", CREDENTIAL, "Host;x-amz-date;x-amz-target", SIGV4_MALFORMED},
        {"an absent header", CREDENTIAL, "host;range;x-amz-date;x-amz-target", SIGV4_MALFORMED},
        {"an empty name first", CREDENTIAL, ";host;x-amz-date;x-amz-target", SIGV4_MALFORMED},
        {"an empty name last", CREDENTIAL, "host;x-amz-date;x-amz-target;", SIGV4_MALFORMED},
        {"an empty name inside", CREDENTIAL, "host;;x-amz-date;x-amz-target", SIGV4_MALFORMED},
        {"a space", CREDENTIAL, "host; x-amz-date;x-amz-target", SIGV4_MALFORMED},
    };
    struct received r;

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        receive(&r, &vectors[0]);
        snprintf(r.authorization, sizeof(r.authorization), "AWS4-HMAC-SHA256 %s, SignedHeaders=%s, Signature=%s",
                 rows[i].credential, rows[i].list, SIGNATURE);
        check(verify(&r, SECRET, SIGNED_S) == (int)rows[i].want, "%s", rows[i].what);
    }
}

static void more_signed_lines_than_the_limit_are_refused(void **state)
{
    struct received r;

    (void)state;
    receive(&r, &vectors[0]);
    snprintf(r.authorization, sizeof(r.authorization),
             "AWS4-HMAC-SHA256 " CREDENTIAL ", SignedHeaders=host;x;x-amz-date;x-amz-target, Signature=" SIGNATURE);
    for (int i = 0; i < 61; i++)
        strcat(r.text, "x:y\n");
    headers_split(&r);
    assert_int_equal(verify(&r, SECRET, SIGNED_S), SIGV4_MISMATCH);
    strcat(r.text, "x:y\n");
    headers_split(&r);
    assert_int_equal(verify(&r, SECRET, SIGNED_S), SIGV4_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_independent_signer_signed_is_verified),
        cmocka_unit_test(five_minutes_of_skew_are_allowed),
        cmocka_unit_test(no_byte_may_differ),
        cmocka_unit_test(a_query_is_part_of_what_is_signed),
        cmocka_unit_test(some_kinds_of_signing_are_refused),
        cmocka_unit_test(authorizations_are_read_strictly),
        cmocka_unit_test(scope_and_list_must_be_ours),
        cmocka_unit_test(more_signed_lines_than_the_limit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
