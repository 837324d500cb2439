#include "auth/keyring.h"

#include <pthread.h>
#include <stdio.h>

#include "tests/auth/check.h"

#define ZEROS      "0000000000000000000000000000000000000000000000000000000000000000"
#define DIGEST     "\"digest\":\"sha256:" ZEROS "\""
#define ID         "\"id\":\"k3Jd0aQzT5wYb2Rn\""
#define ROW(rest)  "{\"tenants\":{\"acme\":{\"keys\":[{" ID "," rest "}]}}}"
#define KEYS(rows) "{\"tenants\":{\"acme\":{\"keys\":[" rows "]}}}"

static struct keyring *parse(const char *json)
{
    char error[KEYRING_ERROR_BYTES];
    struct keyring *k = keyring_parse(span_str(json), error);
    check(k != NULL, "%s\n%s", json, error);
    return k;
}

static void a_row_says_what_a_key_may(void **state)
{
    struct keyring *k =
        parse(ROW("\"digest\":\"sha256:00000000000000000000000000000000000000000000000000000000000000fF\","
                  "\"streams\":[\"orders\",\"clicks*\",\"*\"],\"calls\":[\"records\",\"aws\"],"
                  "\"networks\":[\"10.0.0.0/8\",\"::1\"],\"not_before\":\"2026-01-31T00:00:00Z\","
                  "\"expires\":\"2026-02-01T00:00:00Z\",\"comment\":\"anything\""));
    const struct key_row *row = keyring_find(k, SPAN("k3Jd0aQzT5wYb2Rn"));

    (void)state;
    assert_non_null(row);
    assert_ptr_equal(row, keyring_key_at(k, 0));
    assert_null(keyring_key_at(k, 1));
    assert_true(span_is(row->id, "k3Jd0aQzT5wYb2Rn"));
    assert_true(span_is(row->tenant->name, "acme"));
    assert_true(row->has_digest);
    assert_int_equal(row->digest[31], 0xFF);
    assert_int_equal(row->streams_len, 3);
    assert_true(span_is(row->streams[0].text, "orders") && !row->streams[0].is_prefix);
    assert_true(span_is(row->streams[1].text, "clicks") && row->streams[1].is_prefix);
    assert_true(span_is(row->streams[2].text, "") && row->streams[2].is_prefix);
    assert_int_equal(row->calls, KEY_CALL_RECORDS | KEY_CALL_AWS);
    assert_int_equal(row->networks_len, 2);
    assert_int_equal(row->networks[0].bits, 104);
    assert_int_equal(row->networks[1].bits, 128);
    assert_int_equal(row->not_before_s, 1769817600);
    assert_int_equal(row->expires_s, 1769904000);
    keyring_release(&k);
    assert_null(k);
    keyring_release(&k);
}

static void what_a_row_leaves_out_is_not_restricted(void **state)
{
    struct keyring *k = parse(ROW(DIGEST));
    const struct key_row *row = keyring_key_at(k, 0);

    (void)state;
    assert_int_equal(row->streams_len, 0);
    assert_int_equal(row->networks_len, 0);
    assert_int_equal(row->calls, KEY_CALL_RECORD | KEY_CALL_RECORDS | KEY_CALL_AWS);
    assert_true(row->not_before_s == INT64_MIN && row->expires_s == INT64_MAX);
    keyring_release(&k);
}

static void a_derived_key_is_for_aws_calls(void **state)
{
    static const char *const rows[] = {ROW("\"derived\":\"m1\""), ROW("\"derived\":\"m1\",\"calls\":[\"aws\"]"),
                                       ROW("\"calls\":[\"aws\"],\"derived\":\"m1\"")};

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct keyring *k = parse(rows[i]);
        const struct key_row *row = keyring_key_at(k, 0);
        check(!row->has_digest && span_is(row->derived, "m1") && row->calls == KEY_CALL_AWS, "%s", rows[i]);
        keyring_release(&k);
    }
}

static void keys_are_found_by_id_and_kept_in_order(void **state)
{
    struct keyring *k = parse("{\"tenants\":{"
                              "\"b\":{\"keys\":[{\"id\":\"bbbbbbbbbbbbbbbb\"," DIGEST "},"
                              "{" DIGEST ",\"id\":\"aaaaaaaaaaaaaaaa\",\"calls\":[\"beacon\"],"
                              "\"allow_no_origin\":true}]},"
                              "\"empty\":{\"comment\":\"none yet\",\"keys\":[]},"
                              "\"a\":{\"keys\":[{\"id\":\"cccccccccccccccccccccccccccccccc\"," DIGEST "}]}}}");

    (void)state;
    assert_int_equal(keyring_keys(k), 3);
    assert_int_equal(keyring_tenants(k), 3);
    assert_true(span_is(keyring_key_at(k, 0)->id, "bbbbbbbbbbbbbbbb"));
    assert_true(span_is(keyring_key_at(k, 1)->id, "aaaaaaaaaaaaaaaa"));
    assert_int_equal(keyring_key_at(k, 1)->calls, KEY_CALL_BEACON);
    assert_true(span_is(keyring_find(k, SPAN("cccccccccccccccccccccccccccccccc"))->tenant->name, "a"));
    assert_true(span_is(keyring_find(k, SPAN("aaaaaaaaaaaaaaaa"))->tenant->name, "b"));
    assert_null(keyring_find(k, SPAN("aaaaaaaaaaaaaaaA")));
    assert_null(keyring_find(k, SPAN("aaaaaaaaaaaaaaa")));
    assert_null(keyring_find(k, (struct span){0}));
    keyring_release(&k);
}

static void a_file_without_tenants_is_a_keyring(void **state)
{
    struct keyring *k = parse("{\"tenants\":{}}");

    (void)state;
    assert_int_equal(keyring_keys(k), 0);
    assert_null(keyring_find(k, SPAN("k3Jd0aQzT5wYb2Rn")));
    assert_null(keyring_key_at(k, 0));
    keyring_release(&k);
}

static void an_error_names_the_place_and_what_is_allowed(void **state)
{
    static const struct {
        const char *json, *place, *sentence;
    } rows[] = {
        {"", "line ", "not valid JSON"},
        {"{", "line ", "not valid JSON"},
        {"{\"tenants\":{}} x", "line ", "not valid JSON"},
        {"{\"tenants\":{},\"tenants\":{}}", "line ", "twice"},
        {ROW(DIGEST "," DIGEST), "line ", "twice"},
        {"{\"tenants\":{\"a\":{\"keys\":[]},\"a\":{\"keys\":[]}}}", "line 1, column ", "a tenant is given twice"},
        {"{\"tenants\":{\"a\":{\"keys\":[],\"keys\":[]}}}", "line 1, column ", "twice"},
        {"{\n\"tenants\":\n {\"a\":{\"keys\":[{\n\"id\":x}]}}}", "line 4, column 6: ", "not valid JSON"},
        {"{\"tenants\":{,}}", "line 1, column 13: ", "not valid JSON"},
        {"{\"tenants\":{\"a\":{\"keys\":[],}}}", "line 1, column ", "not valid JSON"},
        {"{\"tenants\":{\"a\" {\"keys\":[]}}}", "line 1, column ", "not valid JSON"},
        {"{\"tenants\":{\"a\":{\"keys\":[]}", "line 1, column ", "not valid JSON"},
        {"{\"tenants\":{\"a\":{\"keys\":[}}}}", "line 1, column ", "not valid JSON"},
        {"{\"tenants\":{\"\\u0000\":{\"keys\":[]}}}", "line 1, column ", "not valid JSON"},
        {"{\"tenants\":{\"\xFF\":{\"keys\":[]}}}", "line 1, column ", "not valid JSON"},
        {"[]", "tenants: ", "must be an object"},
        {"{}", "tenants: ", "must be an object"},
        {"{\"tenants\":[]}", "tenants: ", "must be an object"},
        {"{\"tenants\":{},\"tenant\":{}}", "tenant: ", "unknown member, allowed is tenants"},
        {"{\"tenants\":{\"\":{\"keys\":[]}}}", "tenants: ", "1 to 64"},
        {"{\"tenants\":{\"a b\":{\"keys\":[]}}}", "tenants.a?b: ", "[A-Za-z0-9_.-]"},
        {"{\"tenants\":{\"acme\":[]}}", "tenants.acme: ", "must be an object"},
        {"{\"tenants\":{\"acme\":{}}}", "tenants.acme.keys: ", "missing: a list"},
        {"{\"tenants\":{\"acme\":{\"keys\":{}}}}", "tenants.acme.keys: ", "must be a list"},
        {"{\"tenants\":{\"acme\":{\"keys\":[],\"comment\":1}}}", "tenants.acme.comment: ", "string"},
        {"{\"tenants\":{\"acme\":{\"keys\":[],\"key\":[]}}}", "tenants.acme.key: ", "unknown member, allowed are keys"},
        {KEYS("1"), "tenants.acme.keys[0]: ", "must be an object"},
        {KEYS("{}"), "tenants.acme.keys[0].id: ", "missing"},
        {KEYS("{" DIGEST "}"), "tenants.acme.keys[0].id: ", "missing"},
        {KEYS("{\"id\":1}"), "tenants.acme.keys[0].id: ", "16 to 32"},
        {KEYS("{\"id\":\"short\"}"), "tenants.acme.keys[0].id: ", "16 to 32"},
        {KEYS("{\"id\":\"k3Jd0aQzT5wYb2R-\"}"), "tenants.acme.keys[0].id: ", "letters and digits"},
        {KEYS("{" ID "," DIGEST "},{" ID "," DIGEST "}"), "tenants.acme.keys[1].id: ", "unique"},
        {"{\"tenants\":{\"a\":{\"keys\":[{" ID "," DIGEST "}]},\"b\":{\"keys\":[{" ID ",\"derived\":\"m\"}]}}}",
         "tenants.b.keys[0].id: ", "tenant a"},
        {KEYS("{" ID "}"), "tenants.acme.keys[0]: ", "exactly one of digest and derived"},
        {ROW(DIGEST ",\"derived\":\"m1\""), "tenants.acme.keys[0]: ", "exactly one of digest and derived"},
        {ROW("\"digest\":\"" ZEROS "\""), "tenants.acme.keys[0].digest: ", "64 hex digits"},
        {ROW("\"digest\":\"sha256:" ZEROS "0\""), "tenants.acme.keys[0].digest: ", "64 hex digits"},
        {ROW("\"digest\":null"), "tenants.acme.keys[0].digest: ", "64 hex digits"},
        {ROW("\"derived\":\"\""), "tenants.acme.keys[0].derived: ", "master key"},
        {ROW("\"derived\":\"m 1\""), "tenants.acme.keys[0].derived: ", "master key"},
        {ROW(DIGEST ",\"streams\":\"orders\""), "tenants.acme.keys[0].streams: ", "list"},
        {ROW(DIGEST ",\"streams\":[]"), "tenants.acme.keys[0].streams: ", "1 to"},
        {ROW(DIGEST ",\"streams\":[\"a\",\"b*c\"]"), "tenants.acme.keys[0].streams: ", "element 1"},
        {ROW(DIGEST ",\"streams\":[\"b**\"]"), "tenants.acme.keys[0].streams: ", "at the end"},
        {ROW(DIGEST ",\"streams\":[\"\"]"), "tenants.acme.keys[0].streams: ", "element 0"},
        {ROW(DIGEST ",\"streams\":[1]"), "tenants.acme.keys[0].streams: ", "element 0"},
        {ROW(DIGEST ",\"streams\":[\"a/b\"]"), "tenants.acme.keys[0].streams: ", "element 0"},
        {ROW(DIGEST ",\"calls\":[]"), "tenants.acme.keys[0].calls: ", "1 to"},
        {ROW(DIGEST ",\"calls\":\"aws\""), "tenants.acme.keys[0].calls: ", "list"},
        {ROW(DIGEST ",\"calls\":[\"aws\",\"AWS\"]"), "tenants.acme.keys[0].calls: ", "element 1 must be \"record\""},
        {ROW(DIGEST ",\"calls\":[\"beacon\",\"record\"]"),
         "tenants.acme.keys[0].calls: ", "a key that may be in a URL must not be good for other calls"},
        {ROW("\"derived\":\"m1\",\"calls\":[\"record\"]"), "tenants.acme.keys[0].calls: ", "[\"aws\"]"},
        {ROW("\"derived\":\"m1\",\"calls\":[\"aws\",\"record\"]"), "tenants.acme.keys[0].calls: ", "[\"aws\"]"},
        {ROW("\"derived\":\"m1\",\"calls\":[\"beacon\"]"), "tenants.acme.keys[0].calls: ", "[\"aws\"]"},
        {ROW(DIGEST ",\"networks\":[]"), "tenants.acme.keys[0].networks: ", "1 to"},
        {ROW(DIGEST ",\"networks\":[\"10.0.0.1/8\"]"), "tenants.acme.keys[0].networks: ", "element 0"},
        {ROW(DIGEST ",\"not_before\":\"2026-01-31\""), "tenants.acme.keys[0].not_before: ", "2026-01-31T00:00:00Z"},
        {ROW(DIGEST ",\"expires\":1769817600"), "tenants.acme.keys[0].expires: ", "UTC"},
        {ROW(DIGEST ",\"expires\":\"2026-01-31T00:00:00Z\",\"not_before\":\"2026-01-31T00:00:00Z\""),
         "tenants.acme.keys[0].expires: ", "later than not_before"},
        {ROW(DIGEST ",\"comment\":[]"), "tenants.acme.keys[0].comment: ", "string"},
        {ROW(DIGEST ",\"stream\":[\"a\"]"), "tenants.acme.keys[0].stream: ", "allowed are id, digest"},
        {ROW(DIGEST ",\"a very long name \\u0001 that nobody would want to read to its end\":1"),
         "tenants.acme.keys[0].a?very?long?name???that", "...: unknown member"},
    };
    char error[KEYRING_ERROR_BYTES];

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct keyring *k = keyring_parse(span_str(rows[i].json), error);
        check(k == NULL, "%s", rows[i].json);
        check(strncmp(error, rows[i].place, strlen(rows[i].place)) == 0, "%s: %s", rows[i].json, error);
        check(strstr(error, rows[i].sentence) != NULL, "%s: %s", rows[i].json, error);
    }
}

static void no_error_shows_a_digest(void **state)
{
    static const char json[] = "{\"tenants\":{\"acme\":{\"keys\":[{" ID ",\"digest\":\"sha256:"
                               "5555555555555555555555555555555555555555555555555555555555555555\"}]}}}";
    char spoiled[sizeof(json)], error[KEYRING_ERROR_BYTES];

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(json); i++) {
        static const char with[] = "x\"{}[]:,5\\\0";
        for (size_t j = 0; j < sizeof(with) - 1; j++) {
            memcpy(spoiled, json, sizeof(json));
            spoiled[i] = with[j];
            struct keyring *k = keyring_parse(span_of(spoiled, sizeof(json) - 1), error);
            check(k != NULL || (error[0] != '\0' && strstr(error, "5555") == NULL), "%s: %s", spoiled, error);
            keyring_release(&k);
        }
        struct keyring *cut = keyring_parse(span_of(json, i), error);
        check(cut == NULL && strstr(error, "5555") == NULL, "cut at %zu: %s", i, error);
    }
}

static void *find_and_release(void *shared)
{
    struct keyring *k = shared;

    for (int i = 0; i < 10000; i++) {
        struct keyring *mine = k;
        keyring_acquire(mine);
        if (keyring_find(mine, SPAN("k3Jd0aQzT5wYb2Rn")) == NULL)
            abort();
        keyring_release(&mine);
    }
    keyring_release(&k);
    return NULL;
}

static void threads_share_a_keyring(void **state)
{
    pthread_t threads[4];
    struct keyring *k = parse(ROW(DIGEST));

    (void)state;
    for (size_t i = 0; i < LEN(threads); i++) {
        keyring_acquire(k);
        assert_int_equal(pthread_create(&threads[i], NULL, find_and_release, k), 0);
    }
    keyring_release(&k);
    for (size_t i = 0; i < LEN(threads); i++)
        pthread_join(threads[i], NULL);
}

static void many_keys_are_all_found(void **state)
{
    enum { KEYS_LEN = 100000 };
    size_t bytes = 64 + KEYS_LEN * 160, len = 0;
    char *json = malloc(bytes), id[17], error[KEYRING_ERROR_BYTES];

    (void)state;
    len += (size_t)snprintf(json, bytes, "{\"tenants\":{\"acme\":{\"keys\":[");
    for (unsigned i = 0; i < KEYS_LEN; i++)
        len += (size_t)snprintf(json + len, bytes - len, "%s{\"id\":\"%016X\"," DIGEST ",\"streams\":[\"clicks*\"]}",
                                i == 0 ? "" : ",", i * 7919);
    len += (size_t)snprintf(json + len, bytes - len, "]}}}");
    struct keyring *k = keyring_parse(span_of(json, len), error);
    free(json);
    check(k != NULL, "%s", error);
    assert_int_equal(keyring_keys(k), KEYS_LEN);
    for (unsigned i = 0; i < KEYS_LEN; i++) {
        snprintf(id, sizeof(id), "%016X", i * 7919);
        check(keyring_find(k, span_str(id)) == keyring_key_at(k, i), "%s", id);
        id[0] = 'z';
        check(keyring_find(k, span_str(id)) == NULL, "%s", id);
    }
    keyring_release(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_says_what_a_key_may),
        cmocka_unit_test(what_a_row_leaves_out_is_not_restricted),
        cmocka_unit_test(a_derived_key_is_for_aws_calls),
        cmocka_unit_test(keys_are_found_by_id_and_kept_in_order),
        cmocka_unit_test(a_file_without_tenants_is_a_keyring),
        cmocka_unit_test(an_error_names_the_place_and_what_is_allowed),
        cmocka_unit_test(no_error_shows_a_digest),
        cmocka_unit_test(threads_share_a_keyring),
        cmocka_unit_test(many_keys_are_all_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
