/*
 * Fails the n-th allocation, for every n: nothing crashes, nothing is half done, nothing leaks. This program is linked
 * with --wrap=malloc, calloc and realloc; jansson is told to come here too.
 */
#include <jansson.h>

#include "auth/aws_creds.h"
#include "tests/auth/credentials.h"

static long allocations_left = -1; /* -1: no end */

void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);

static bool may_allocate(void)
{
    if (allocations_left > 0)
        allocations_left--;
    return allocations_left != 0;
}

void *__wrap_malloc(size_t bytes)
{
    return may_allocate() ? __real_malloc(bytes) : NULL;
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return may_allocate() ? __real_calloc(count, bytes) : NULL;
}

void *__wrap_realloc(void *old, size_t bytes)
{
    return may_allocate() ? __real_realloc(old, bytes) : NULL;
}

/* True when the run succeeded, because no allocation it makes failed. */
typedef bool run(void);

static size_t fail_each_allocation(run *once)
{
    size_t failures = 0;

    allocations_left = -1;
    assert_true(once()); /* what a thread allocates only once is allocated now */
    for (long n = 1;; n++) {
        allocations_left = n; /* the n-th fails, and all after it */
        bool ok = once();
        bool was_reached = allocations_left == 0;
        allocations_left = -1;
        check(ok != was_reached, "allocation %ld", n);
        if (ok)
            return failures;
        failures++;
    }
}

static const char tenants[] =
    "{\"tenants\":{\"acme\":{\"quota\":{\"records_per_second\":5},\"on_redis_failure\":\"open\",\"keys\":[{\"id\":"
    "\"s7Lm4cVxQ9dHe1Zu\",\"derived\":\"m1\",\"streams\":[\"a\",\"b*\"],"
    "\"networks\":[\"10.0.0.0/8\"]},"
    "{\"id\":\"t7Lm4cVxQ9dHe1Zu\",\"derived\":\"m1\",\"comment\":\"\\u0061\"}]}}}";

static bool parse_keyring(void)
{
    char error[KEYRING_ERROR_BYTES];
    struct keyring *k = keyring_parse(SPAN(tenants), error);
    bool ok = k != NULL;

    assert_true(ok || error[0] != '\0');
    keyring_release(&k);
    return ok;
}

static void a_keyring_is_made_or_not(void **state)
{
    (void)state;
    json_set_alloc_funcs(malloc, free);
    assert_true(fail_each_allocation(parse_keyring) > 20);
}

static struct fixture fixture;
static struct signed_call call;

static bool check_signature(void)
{
    struct principal p;
    enum authn_verdict verdict = authn_check(fixture.keyring, &fixture.masters, &call.request, NOW_S, &p);

    assert_true(verdict == AUTHN_OK || (verdict == AUTHN_SIGNATURE_BAD && p.key == NULL));
    return verdict == AUTHN_OK;
}

static void a_signature_that_could_not_be_checked_is_bad(void **state)
{
    (void)state;
    fixture_init(&fixture);
    sign_call(&call, DERIVED_ID, MASTER, "kinesis", NOW_S);
    assert_true(fail_each_allocation(check_signature) > 2);
    buf_clear(&call.authorization);
    fixture_clear(&fixture);
}

static bool check_key(void)
{
    struct sigv4_header header = {SPAN("X-Api-Key"), span_str(fixture.keys[GOOD_KEY])};
    struct authn_request r = {.headers = &header, .headers_len = 1};
    struct principal p;

    return authn_check(fixture.keyring, &fixture.masters, &r, NOW_S, &p) == AUTHN_OK;
}

static void a_key_is_checked_without_memory(void **state)
{
    (void)state;
    fixture_init(&fixture);
    assert_int_equal(fail_each_allocation(check_key), 0);
    fixture_clear(&fixture);
}

static bool sign_with_long_token(void)
{
    static char token[8000];
    static const uint8_t key[SHA256_BYTES];
    struct sigv4_post p = {.host = SPAN("h"), .region = SPAN("r"), .service = SPAN("s")};
    struct buf out;

    memset(token, 'T', sizeof(token));
    p.security_token = span_of(token, sizeof(token));
    buf_init(&out, 4096);
    bool ok = sigv4_sign_post(&p, key, &out);
    buf_clear(&out);
    return ok;
}

static void a_post_is_signed_or_not(void **state)
{
    (void)state;
    assert_int_equal(fail_each_allocation(sign_with_long_token), 2);
}

static bool canonicalize(void)
{
    static const struct sigv4_header headers[] = {{{"a", 1}, {"b", 1}}, {{"host", 4}, {"x", 1}}};
    struct sigv4_request r = {SPAN("GET"), SPAN("/a/../b"), SPAN("b=1&a=2"), headers, 2, SPAN("h"), true};
    struct buf canonical, names;

    buf_init(&canonical, 4096);
    buf_init(&names, 4096);
    bool ok = sigv4_canonical_request(&r, &canonical, &names);
    buf_clear(&canonical);
    buf_clear(&names);
    return ok;
}

static void a_canonical_request_is_made_or_not(void **state)
{
    (void)state;
    assert_true(fail_each_allocation(canonicalize) >= 3);
}

static bool make_objects(void)
{
    uint8_t random[KEY_RANDOM_BYTES] = {0};
    char id[KEY_ID_BYTES_MIN + 1];
    struct secret text = {0};
    struct sha256_stream *stream = sha256_stream_new();
    struct aws_creds *creds = aws_creds_new(SPAN("id"), SPAN("secret"), SPAN("token"), 0);
    bool ok = key_make(random, &text, id) && stream != NULL && creds != NULL;

    secret_clear(&text);
    sha256_stream_free(&stream);
    aws_creds_release(&creds);
    return ok;
}

static void small_objects_are_made_or_not(void **state)
{
    (void)state;
    assert_int_equal(fail_each_allocation(make_objects), 3);
}

static void a_buf_that_cannot_grow_keeps_what_it_has(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 4096);
    buf_append(&b, SPAN("kept"));
    allocations_left = 1;
    assert_false(buf_reserve(&b, 1000));
    allocations_left = -1;
    buf_append(&b, SPAN("dropped"));
    assert_true(b.failed && span_is(buf_span(&b), "kept"));
    buf_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_keyring_is_made_or_not),
        cmocka_unit_test(a_signature_that_could_not_be_checked_is_bad),
        cmocka_unit_test(a_key_is_checked_without_memory),
        cmocka_unit_test(a_post_is_signed_or_not),
        cmocka_unit_test(a_canonical_request_is_made_or_not),
        cmocka_unit_test(small_objects_are_made_or_not),
        cmocka_unit_test(a_buf_that_cannot_grow_keeps_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
