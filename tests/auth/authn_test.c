#include "tests/auth/credentials.h"

/* HMAC-SHA256(MASTER, "kgw/sigv4/1" DERIVED_ID) in base64url, made with openssl(1). */
#define DERIVED_SECRET "s51M8vq5NlKwG1upUGGd2URjqB1rAXlrmM6oGJejNpg"
#define HEADERS_MAX    8

static struct fixture fixture;
static struct key_memo *memo; /* kept from row to row, as a worker keeps it from request to request */

static int group_init(void **state)
{
    (void)state;
    fixture_init(&fixture);
    memo = key_memo_new((const uint8_t[KEY_MEMO_SECRET_BYTES]){1, 2, 3});
    return memo == NULL;
}

static int group_clear(void **state)
{
    (void)state;
    key_memo_free(&memo);
    fixture_clear(&fixture);
    return 0;
}

/* `text` is "Name: value\n…"; in it {good}, {wrong}, … stand for a key. */
static void expand(const char *text, char out[4096])
{
    static const char *const names[] = {"{good}",     "{beacon}", "{early}",  "{late}",
                                        "{unlisted}", "{wrong}",  "{derived}"};
    const char *const values[] = {fixture.keys[0], fixture.keys[1],      fixture.keys[2], fixture.keys[3],
                                  fixture.keys[4], fixture.wrong_secret, fixture.derived};
    size_t len = 0;

    while (*text != '\0') {
        size_t i = 0;
        while (i < LEN(names) && strncmp(text, names[i], strlen(names[i])) != 0)
            i++;
        if (i == LEN(names)) {
            out[len++] = *text++;
            continue;
        }
        len += (size_t)sprintf(out + len, "%s", values[i]);
        text += strlen(names[i]);
    }
    out[len] = '\0';
}

/* Replaces what stands between '<' and '>' by its base64. */
static void encode_angles(const char *text, char out[4096])
{
    size_t len = 0;

    for (; *text != '\0'; text++) {
        if (*text != '<') {
            out[len++] = *text;
            continue;
        }
        size_t inside = strcspn(text, ">") - 1;
        base64_encode(span_of(text + 1, inside), out + len);
        len += base64_encoded_size(inside);
        text += inside + 1;
    }
    out[len] = '\0';
}

static enum authn_verdict check_headers(const char *text, bool allow_sigv4, struct principal *p)
{
    static char expanded[4096], encoded[4096];
    struct sigv4_header headers[HEADERS_MAX];
    struct authn_request r = {.method = SPAN("POST"),
                              .path = SPAN("/v1/streams/s/record"),
                              .headers = headers,
                              .body = SPAN("x"),
                              .allow_sigv4 = allow_sigv4};

    expand(text, expanded);
    encode_angles(expanded, encoded);
    for (struct span rest = span_str(encoded); rest.len > 0; r.headers_len++) {
        struct span line = span_cut(rest, '\n', &rest);
        headers[r.headers_len].name = span_cut(line, ':', &headers[r.headers_len].value);
    }
    enum authn_verdict verdict = authn_check(fixture.keyring, &fixture.masters, &r, NOW_S, p);
    r.memo = memo;
    for (int time = 0; time != 2; time++) { /* what is remembered by the second changes nothing */
        struct principal again = {0};
        assert_int_equal(authn_check(fixture.keyring, &fixture.masters, &r, NOW_S, &again), verdict);
        assert_true(verdict != AUTHN_OK || again.key == p->key);
    }
    return verdict;
}

static void a_key_is_presented_in_many_ways(void **state)
{
    static const struct {
        const char *what, *headers;
        enum authn_verdict want;
    } rows[] = {
        {"nothing", "Host: x\n", AUTHN_NONE},
        {"X-Api-Key", "X-Api-Key: {good}\n", AUTHN_OK},
        {"in any case, among others", "Host: x\nx-API-key:{good}\nCookie: a\n", AUTHN_OK},
        {"with white space around", "X-Api-Key: \t{good} \n", AUTHN_OK},
        {"Bearer", "Authorization: Bearer {good}\n", AUTHN_OK},
        {"bearer in lower case", "authorization: bearer   {good}\n", AUTHN_OK},
        {"Basic with a password", "Authorization: Basic <{good}:any:thing>\n", AUTHN_OK},
        {"Basic without one", "Authorization: basic <{good}:>\n", AUTHN_OK},
        {"the same key in both headers", "X-Api-Key: {good}\nAuthorization: Bearer {good}\n", AUTHN_OK},
        {"the same key, once as Basic", "Authorization: Basic <{good}:>\nX-Api-Key: {good}\n", AUTHN_OK},
        {"the same header twice", "X-Api-Key: {good}\nX-Api-Key: {good}\n", AUTHN_OK},
        {"a beacon's key: what it may do is another question", "X-Api-Key: {beacon}\n", AUTHN_OK},

        {"an empty key", "X-Api-Key:\n", AUTHN_BAD},
        {"an empty Bearer", "Authorization: Bearer \n", AUTHN_BAD},
        {"an empty Authorization", "Authorization:\n", AUTHN_BAD},
        {"no key at all", "X-Api-Key: hello\n", AUTHN_BAD},
        {"a wrong secret", "X-Api-Key: {wrong}\n", AUTHN_BAD},
        {"an unknown id", "X-Api-Key: {unlisted}\n", AUTHN_BAD},
        {"a second too early", "X-Api-Key: {early}\n", AUTHN_BAD},
        {"expired this second", "X-Api-Key: {late}\n", AUTHN_BAD},
        {"a derived key's id is no key", "X-Api-Key: {derived}\n", AUTHN_BAD},
        {"a key and more", "X-Api-Key: {good}x\n", AUTHN_BAD},
        {"two keys in one", "X-Api-Key: {good}, {good}\n", AUTHN_BAD},
        {"two different keys", "X-Api-Key: {good}\nAuthorization: Bearer {beacon}\n", AUTHN_BAD},
        {"two different keys, the other way", "Authorization: Bearer {beacon}\nX-Api-Key: {good}\n", AUTHN_BAD},
        {"a right and a wrong one", "X-Api-Key: {good}\nAuthorization: Bearer x\n", AUTHN_BAD},
        {"a header twice, different", "X-Api-Key: {good}\nX-Api-Key: {beacon}\n", AUTHN_BAD},
        {"a header twice, once empty", "X-Api-Key: {good}\nX-Api-Key:\n", AUTHN_BAD},
        {"a header twice, first empty", "X-Api-Key:\nX-Api-Key: {good}\n", AUTHN_BAD},
        {"two Authorizations for one key", "Authorization: Bearer {good}\nAuthorization: Basic <{good}:>\n", AUTHN_BAD},
        {"the key as password", "Authorization: Basic <x:{good}>\n", AUTHN_BAD},
        {"Basic without a colon", "Authorization: Basic <{good}>\n", AUTHN_BAD},
        {"Basic that is no base64", "Authorization: Basic {good}\n", AUTHN_BAD},
        {"Basic without a user", "Authorization: Basic <:{good}>\n", AUTHN_BAD},
        {"another scheme", "Authorization: Digest {good}\n", AUTHN_BAD},
        {"another scheme beside a key", "X-Api-Key: {good}\nAuthorization: Negotiate abc\n", AUTHN_BAD},
        {"no scheme", "Authorization: {good}\n", AUTHN_BAD},
        {"SigV4 where it is not allowed", "Authorization: AWS4-HMAC-SHA256 x\n", AUTHN_BAD},
    };
    struct principal p;

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        check(check_headers(rows[i].headers, false, &p) == rows[i].want, "%s", rows[i].what);
        check((p.key != NULL) == (rows[i].want == AUTHN_OK), "%s", rows[i].what);
        check(p.key == NULL || span_is(p.tenant, "acme"), "%s", rows[i].what);
        if (strstr(rows[i].headers, "AWS4") == NULL)
            check(check_headers(rows[i].headers, true, &p) == rows[i].want, "%s, where SigV4 is allowed", rows[i].what);
    }
}

static void a_password_has_a_limit(void **state)
{
    char headers[2048] = "Authorization: Basic <{good}:";
    size_t len = strlen(headers), password = 768 - strlen(fixture.keys[GOOD_KEY]) - 1;
    struct principal p;

    (void)state;
    memset(headers + len, 'p', password);
    strcpy(headers + len + password, ">\n");
    assert_int_equal(check_headers(headers, false, &p), AUTHN_OK);
    strcpy(headers + len + password, "p>\n");
    assert_int_equal(check_headers(headers, false, &p), AUTHN_BAD);
}

static void no_bit_of_a_key_may_differ(void **state)
{
    char key[KEY_TEXT_BYTES_MAX + 1];
    struct sigv4_header header = {SPAN("X-Api-Key"), span_of(key, strlen(fixture.keys[GOOD_KEY]))};
    struct authn_request r = {.headers = &header, .headers_len = 1};
    struct principal p;

    (void)state;
    for (size_t bit = 0; bit < 8 * header.value.len; bit++) {
        strcpy(key, fixture.keys[GOOD_KEY]);
        assert_int_equal(authn_check(fixture.keyring, NULL, &r, NOW_S, &p), AUTHN_OK);
        key[bit / 8] = (char)(key[bit / 8] ^ 1 << bit % 8);
        check(authn_check(fixture.keyring, NULL, &r, NOW_S, &p) == AUTHN_BAD && p.key == NULL, "bit %zu", bit);
    }
}

static void a_row_is_valid_from_its_first_second_to_its_last(void **state)
{
    static const struct {
        const char *what;
        int key;
        int64_t now_s;
        enum authn_verdict want;
    } rows[] = {
        {"before not_before", EARLY_KEY, NOW_S, AUTHN_BAD},    {"at not_before", EARLY_KEY, NOW_S + 1, AUTHN_OK},
        {"before expiry", LATE_KEY, NOW_S - 1, AUTHN_OK},      {"at expiry", LATE_KEY, NOW_S, AUTHN_BAD},
        {"long after expiry", LATE_KEY, INT64_MAX, AUTHN_BAD}, {"without either", GOOD_KEY, 0, AUTHN_OK},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct sigv4_header header = {SPAN("X-Api-Key"), span_str(fixture.keys[rows[i].key])};
        struct authn_request r = {.headers = &header, .headers_len = 1};
        struct principal p;
        check(authn_check(fixture.keyring, NULL, &r, rows[i].now_s, &p) == rows[i].want, "%s", rows[i].what);
    }
}

static void a_signature_tells_who_calls(void **state)
{
    static const struct {
        const char *what, *id, *master, *service;
        int64_t signed_s;
        enum authn_verdict want;
    } rows[] = {
        {"signed with the derived secret", DERIVED_ID, MASTER, "kinesis", NOW_S, AUTHN_OK},
        {"five minutes ago", DERIVED_ID, MASTER, "kinesis", NOW_S - 300, AUTHN_OK},
        {"longer ago", DERIVED_ID, MASTER, "kinesis", NOW_S - 301, AUTHN_SIGNATURE_SKEWED},
        {"ahead of us", DERIVED_ID, MASTER, "kinesis", NOW_S + 301, AUTHN_SIGNATURE_SKEWED},
        {"longer ago, with a wrong secret", DERIVED_ID, "x", "kinesis", NOW_S - 301, AUTHN_SIGNATURE_SKEWED},
        {"with a wrong secret", DERIVED_ID, "x", "kinesis", NOW_S, AUTHN_SIGNATURE_BAD},
        {"for another service", DERIVED_ID, MASTER, "s3", NOW_S, AUTHN_SIGNATURE_BAD},
        {"an unknown id", UNKNOWN_ID, MASTER, "kinesis", NOW_S, AUTHN_SIGNATURE_UNKNOWN},
        {"an unknown id with the dummy's secret", UNKNOWN_ID, "nobody's master key, of a usual length", "kinesis",
         NOW_S, AUTHN_SIGNATURE_UNKNOWN},
        {"an unknown id, skewed", UNKNOWN_ID, MASTER, "kinesis", NOW_S - 301, AUTHN_SIGNATURE_UNKNOWN},
        {"the id of a key that is no SigV4 key", "goodgoodgoodgood", MASTER, "kinesis", NOW_S, AUTHN_SIGNATURE_UNKNOWN},
        {"a master key that is not there", "masterlessmaster", MASTER, "kinesis", NOW_S, AUTHN_SIGNATURE_UNKNOWN},
        {"a master key that is not there, by the dummy's secret", "masterlessmaster",
         "nobody's master key, of a usual length", "kinesis", NOW_S, AUTHN_SIGNATURE_UNKNOWN},
        {"an expired key", "expiredexpiredex", MASTER, "kinesis", NOW_S, AUTHN_SIGNATURE_UNKNOWN},
        {"an id that cannot be ours", "AKID", MASTER, "kinesis", NOW_S, AUTHN_SIGNATURE_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct signed_call c;
        struct principal p;
        sign_call(&c, rows[i].id, rows[i].master, rows[i].service, rows[i].signed_s);
        check(authn_check(fixture.keyring, &fixture.masters, &c.request, NOW_S, &p) == rows[i].want, "%s",
              rows[i].what);
        check((p.key != NULL) == (rows[i].want == AUTHN_OK), "%s", rows[i].what);
        check(p.key == NULL || span_is(p.key->id, rows[i].id), "%s", rows[i].what);
        buf_clear(&c.authorization);
    }
}

static void a_signature_beside_a_key_is_refused(void **state)
{
    struct signed_call c;
    struct principal p;

    (void)state;
    sign_call(&c, DERIVED_ID, MASTER, "kinesis", NOW_S);
    c.headers[5] = (struct sigv4_header){SPAN("X-Api-Key"), span_str(fixture.keys[GOOD_KEY])};
    c.request.headers_len++;
    assert_int_equal(authn_check(fixture.keyring, &fixture.masters, &c.request, NOW_S, &p), AUTHN_BAD);
    c.headers[5] = c.headers[4]; /* the same signature twice is one signature */
    assert_int_equal(authn_check(fixture.keyring, &fixture.masters, &c.request, NOW_S, &p), AUTHN_OK);
    c.headers[5].value = SPAN("Bearer x");
    assert_int_equal(authn_check(fixture.keyring, &fixture.masters, &c.request, NOW_S, &p), AUTHN_BAD);
    buf_clear(&c.authorization);
}

static void a_signature_covers_the_body(void **state)
{
    struct signed_call c;
    struct principal p;
    uint8_t hash[SHA256_BYTES];

    (void)state;
    sign_call(&c, DERIVED_ID, MASTER, "kinesis", NOW_S);
    digest_sha256(c.request.body, hash);
    c.body[3] ^= 1;
    assert_int_equal(authn_check(fixture.keyring, &fixture.masters, &c.request, NOW_S, &p), AUTHN_SIGNATURE_BAD);
    c.request.body_sha256 = hash; /* hashed before, in slices: then the body is not looked at again */
    assert_int_equal(authn_check(fixture.keyring, &fixture.masters, &c.request, NOW_S, &p), AUTHN_OK);
    hash[0] ^= 1;
    assert_int_equal(authn_check(fixture.keyring, &fixture.masters, &c.request, NOW_S, &p), AUTHN_SIGNATURE_BAD);
    buf_clear(&c.authorization);
}

static void what_is_malformed_is_unknown(void **state)
{
    struct signed_call c;
    struct principal p;

    (void)state;
    sign_call(&c, DERIVED_ID, MASTER, "kinesis", NOW_S);
    c.headers[4].value.len--;
    assert_int_equal(authn_check(fixture.keyring, &fixture.masters, &c.request, NOW_S, &p), AUTHN_SIGNATURE_UNKNOWN);
    c.headers[4].value = SPAN("AWS4-HMAC-SHA256");
    assert_int_equal(authn_check(fixture.keyring, &fixture.masters, &c.request, NOW_S, &p), AUTHN_SIGNATURE_UNKNOWN);
    buf_clear(&c.authorization);
}

static void a_derived_secret_is_base64url(void **state)
{
    char secret[AUTHN_DERIVED_SECRET_BYTES], letters[AUTHN_DERIVED_SECRET_BYTES];
    bool has_dash = false, has_underscore = false;

    (void)state;
    authn_derive_secret(SPAN(MASTER), SPAN(DERIVED_ID), secret);
    assert_true(span_is(span_of(secret, sizeof(secret)), DERIVED_SECRET));
    for (int i = 0; i < 200; i++) {
        char id[17];
        snprintf(id, sizeof(id), "%016d", i);
        authn_derive_secret(SPAN(MASTER), span_str(id), letters);
        assert_null(memchr(letters, '+', sizeof(letters)));
        assert_null(memchr(letters, '/', sizeof(letters)));
        assert_null(memchr(letters, '=', sizeof(letters)));
        has_dash |= memchr(letters, '-', sizeof(letters)) != NULL;
        has_underscore |= memchr(letters, '_', sizeof(letters)) != NULL;
    }
    assert_true(has_dash && has_underscore);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_presented_in_many_ways),
        cmocka_unit_test(a_password_has_a_limit),
        cmocka_unit_test(no_bit_of_a_key_may_differ),
        cmocka_unit_test(a_row_is_valid_from_its_first_second_to_its_last),
        cmocka_unit_test(a_signature_tells_who_calls),
        cmocka_unit_test(a_signature_beside_a_key_is_refused),
        cmocka_unit_test(a_signature_covers_the_body),
        cmocka_unit_test(what_is_malformed_is_unknown),
        cmocka_unit_test(a_derived_secret_is_base64url),
    };
    return cmocka_run_group_tests(tests, group_init, group_clear);
}
