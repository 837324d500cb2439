#include "auth/sigv4.h"

#include <stdio.h>

#include "tests/auth/check.h"
#include "tests/auth/sigv4_vectors.h"

#define HEADERS_MAX 64

static size_t headers_split(const char *text, struct sigv4_header headers[HEADERS_MAX])
{
    struct span rest = span_str(text);
    size_t len = 0;

    while (rest.len > 0) {
        struct span line = span_cut(rest, '\n', &rest);
        headers[len].name = span_cut(line, ':', &headers[len].value);
        len++;
    }
    return len;
}

static void hash_hex(struct span body, char out[2 * SHA256_BYTES])
{
    uint8_t hash[SHA256_BYTES];
    digest_sha256(body, hash);
    hex_encode(hash, sizeof(hash), out);
}

/* All three stages, and the header that comes of them. */
static void authorize(const struct sigv4_vector *v, struct buf *out)
{
    struct sigv4_header headers[HEADERS_MAX];
    char hash[2 * SHA256_BYTES], signature[SIGV4_SIGNATURE_BYTES];
    uint8_t key[SHA256_BYTES];
    struct buf canonical, names, scope, text;
    struct sigv4_request r = {
        span_str(v->method), span_str(v->path), span_str(v->query), headers, 0, span_of(hash, sizeof(hash)), true};

    buf_init(&canonical, 65536);
    buf_init(&names, 65536);
    buf_init(&scope, 65536);
    buf_init(&text, 65536);
    r.headers_len = headers_split(v->headers, headers);
    hash_hex(span_str(v->body), hash);
    check(sigv4_canonical_request(&r, &canonical, &names), "%s", v->what);
    buf_append(&scope, span_of(v->date, 8));
    const char *const parts[] = {"/", v->region, "/", v->service, "/aws4_request"};
    for (size_t i = 0; i < LEN(parts); i++)
        buf_append(&scope, span_str(parts[i]));
    sigv4_string_to_sign(span_str(v->date), buf_span(&scope), buf_span(&canonical), &text);
    sigv4_key_derive(span_str(v->secret), span_of(v->date, 8), span_str(v->region), span_str(v->service), key);
    sigv4_signature(key, buf_span(&text), signature);
    buf_append(out, SPAN("AWS4-HMAC-SHA256 Credential="));
    buf_append(out, span_str(v->access_key_id));
    buf_append_char(out, '/');
    buf_append(out, buf_span(&scope));
    buf_append(out, SPAN(", SignedHeaders="));
    buf_append(out, buf_span(&names));
    buf_append(out, SPAN(", Signature="));
    buf_append(out, span_of(signature, sizeof(signature)));
    buf_clear(&canonical);
    buf_clear(&names);
    buf_clear(&scope);
    buf_clear(&text);
}

static void the_stages_agree_with_an_independent_signer(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    for (size_t i = 0; i < VECTORS_LEN; i++) {
        buf_reset(&out);
        authorize(&vectors[i], &out);
        check(span_is(buf_span(&out), vectors[i].authorization), "%s: %.*s", vectors[i].what, (int)out.len, out.ptr);
    }
    buf_clear(&out);
}

static struct span header_named(const char *headers, const char *name)
{
    struct span rest = span_str(headers), value;

    while (rest.len > 0) {
        struct span line = span_cut(rest, '\n', &rest);
        if (span_equal_nocase(span_cut(line, ':', &value), span_str(name)))
            return value;
    }
    return SPAN("");
}

static struct sigv4_post post_of(const struct sigv4_vector *v)
{
    struct sigv4_post p = {
        .host = header_named(v->headers, "host"),
        .content_type = header_named(v->headers, "content-type"),
        .target = header_named(v->headers, "x-amz-target"),
        .security_token = span_str(v->security_token),
        .access_key_id = span_str(v->access_key_id),
        .region = span_str(v->region),
        .service = span_str(v->service),
        .body = span_str(v->body),
    };
    memcpy(p.date, v->date, SIGV4_DATE_BYTES);
    return p;
}

static void a_post_is_signed_as_an_independent_signer_does(void **state)
{
    struct buf out;
    size_t posts = 0;
    uint8_t key[SHA256_BYTES];

    (void)state;
    buf_init(&out, 4096);
    for (size_t i = 0; i < VECTORS_LEN; i++) {
        const struct sigv4_vector *v = &vectors[i];
        struct sigv4_post p = post_of(v);
        if (!v->is_post)
            continue;
        posts++;
        sigv4_key_derive(span_str(v->secret), span_of(v->date, 8), p.region, p.service, key);
        buf_reset(&out);
        buf_append(&out, SPAN("before "));
        check(sigv4_sign_post(&p, key, &out), "%s", v->what);
        check(span_is(span_of(out.ptr + 7, out.len - 7), v->authorization), "%s", v->what);
    }
    assert_true(posts >= 9);
    buf_clear(&out);
}

/* Longer than the scratch on the stack: compared with the general stages, which know no such length. */
static void a_post_with_a_long_token_is_signed_too(void **state)
{
    static char token[9001], headers[10000];
    struct sigv4_vector v = vectors[0];
    struct buf want, got;
    uint8_t key[SHA256_BYTES];

    (void)state;
    buf_init(&want, 4096);
    buf_init(&got, 4096);
    for (size_t len = 2900; len <= 9000; len += len < 3200 ? 1 : 100) {
        memset(token, 'T', len);
        token[len] = '\0';
        snprintf(headers, sizeof(headers), "%sX-Amz-Security-Token:%s\n", vectors[0].headers, token);
        v.headers = headers;
        v.security_token = token;
        struct sigv4_post p = post_of(&v);
        sigv4_key_derive(span_str(v.secret), span_of(v.date, 8), p.region, p.service, key);
        buf_reset(&want);
        buf_reset(&got);
        authorize(&v, &want);
        assert_true(sigv4_sign_post(&p, key, &got));
        check(span_equal(buf_span(&want), buf_span(&got)), "a token of %zu", len);
    }
    buf_clear(&want);
    buf_clear(&got);
}

static void a_signature_past_the_limit_fails(void **state)
{
    struct sigv4_post p = post_of(&vectors[0]);
    uint8_t key[SHA256_BYTES] = {0};
    struct buf out;

    (void)state;
    buf_init(&out, strlen(vectors[0].authorization));
    assert_true(sigv4_sign_post(&p, key, &out));
    buf_clear(&out);
    buf_init(&out, strlen(vectors[0].authorization) - 1);
    assert_false(sigv4_sign_post(&p, key, &out));
    assert_true(out.failed);
    buf_clear(&out);
}

static bool canonical_fits(size_t headers_len, const char *query, size_t bytes_max)
{
    static struct sigv4_header headers[HEADERS_MAX + 1];
    struct buf canonical, names;
    struct sigv4_request r = {SPAN("GET"), SPAN("/"), span_str(query), headers, headers_len, SPAN("h"), true};

    for (size_t i = 0; i < LEN(headers); i++)
        headers[i] = (struct sigv4_header){SPAN("x"), SPAN("y")};
    buf_init(&canonical, bytes_max);
    buf_init(&names, bytes_max);
    bool ok = sigv4_canonical_request(&r, &canonical, &names);
    buf_clear(&canonical);
    buf_clear(&names);
    return ok;
}

static void the_canonical_request_has_limits(void **state)
{
    char query[130] = "";

    (void)state;
    assert_true(canonical_fits(64, "", 1000));
    assert_false(canonical_fits(65, "", 1000));
    assert_false(canonical_fits(64, "", 100));
    for (int i = 0; i < 64; i++)
        strcat(query, "a&");
    assert_true(canonical_fits(1, query, 1000));
    strcat(query, "a");
    assert_false(canonical_fits(1, query, 1000));
    assert_false(canonical_fits(1, query, 100));
}

static void dates_are_written_and_read(void **state)
{
    static const char *const refused[] = {"",
                                          "20150830T123600",
                                          "20150830T123600z",
                                          "2015-08-30T12:36:00Z",
                                          "20150830 123600Z",
                                          "20150230T123600Z",
                                          "20150830T243600Z",
                                          "20150830T123600Z "};
    char text[SIGV4_DATE_BYTES];
    int64_t unix_s;

    (void)state;
    sigv4_format_date(1440938160, text);
    assert_true(span_is(span_of(text, sizeof(text)), "20150830T123600Z"));
    for (int64_t at = 0; at < 4102444800; at += 86399 * 7) {
        sigv4_format_date(at, text);
        assert_true(sigv4_parse_date(span_of(text, sizeof(text)), &unix_s));
        assert_int_equal(unix_s, at);
    }
    for (size_t i = 0; i < LEN(refused); i++)
        check(!sigv4_parse_date(span_str(refused[i]), &unix_s), "\"%s\"", refused[i]);
}

static void a_derived_key_is_kept_for_its_day_and_credentials(void **state)
{
    struct sigv4_key_cache c = {0};
    uint8_t want[SHA256_BYTES];
    static const struct {
        const char *what, *secret, *day;
        uint64_t serial;
        const char *derived_from_secret, *derived_from_day;
    } rows[] = {
        {"derives at first", "one", "20150830", 1, "one", "20150830"},
        {"keeps it while the serial says nothing changed", "ignored", "20150830", 1, "one", "20150830"},
        {"derives on a new day", "one", "20150831", 1, "one", "20150831"},
        {"derives for new credentials", "two", "20150831", 2, "two", "20150831"},
        {"derives when the day goes back", "two", "20150830", 2, "two", "20150830"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        const uint8_t *got = sigv4_key_cached(&c, rows[i].serial, span_str(rows[i].secret), span_str(rows[i].day),
                                              SPAN("us-east-1"), SPAN("kinesis"));
        sigv4_key_derive(span_str(rows[i].derived_from_secret), span_str(rows[i].derived_from_day), SPAN("us-east-1"),
                         SPAN("kinesis"), want);
        check(memcmp(got, want, sizeof(want)) == 0, "%s", rows[i].what);
    }
    sigv4_key_cache_wipe(&c);
    assert_int_equal(c.credentials_serial, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stages_agree_with_an_independent_signer),
        cmocka_unit_test(a_post_is_signed_as_an_independent_signer_does),
        cmocka_unit_test(a_post_with_a_long_token_is_signed_too),
        cmocka_unit_test(a_signature_past_the_limit_fails),
        cmocka_unit_test(the_canonical_request_has_limits),
        cmocka_unit_test(dates_are_written_and_read),
        cmocka_unit_test(a_derived_key_is_kept_for_its_day_and_credentials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
