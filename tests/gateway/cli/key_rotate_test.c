/* `key rotate`: what the new key may do, and until when the old one is good. */
#include "tests/gateway/cli/stored.h"

#include "auth/authn.h"

#include <time.h>

#define OLD "k3Jd0aQzT5wYb2Rn"
#define FILE_OF(rest)                                                                                                  \
    "{\"tenants\": {\"acme\": {\"keys\": [{\"id\": \"" OLD "\", \"digest\": \"sha256:"                                 \
    "0000000000000000000000000000000000000000000000000000000000000000\"" rest "}]}}}"

static void the_new_key_may_what_the_old_one_may(void **state)
{
    struct run *r = *state;
    int64_t now_s = time(NULL);

    scratch_write(&r->scratch, TENANTS,
                  FILE_OF(", \"streams\": [\"a\", \"b*\"], \"calls\": [\"record\"], \"networks\": [\"10.0.0.0/8\"], "
                          "\"comment\": \"x\", \"expires\": \"2999-01-01T00:00:00Z\""));
    json_t *answer = answer_of(r, cli_key, "key rotate " OLD), *replaced = json_object_get(answer, "replaces");
    assert_string_equal(member_of(replaced, "id"), OLD);
    assert_string_equal(member_of(answer, "tenant"), "acme");
    struct keyring *k = stored(r);
    const struct key_row *old = keyring_find(k, SPAN(OLD)), *new = keyring_key_at(k, 1);
    assert_true(span_is(new->id, member_of(answer, "id")));
    assert_true(old->expires_s >= now_s + 86400 && old->expires_s <= now_s + 86460);
    assert_int_equal(new->expires_s, 32472144000);
    assert_int_equal(new->streams_len, 2);
    assert_int_equal(new->calls, KEY_CALL_RECORD);
    assert_int_equal(new->networks_len, 1);
    assert_true(span_starts_with(span_str(member_of(answer, "key")), SPAN("kgw_")));
    keyring_release(&k);
    json_decref(answer);
}

static void overlap_and_expires_are_those_asked_for(void **state)
{
    static const struct {
        const char *arguments, *rest;
        int64_t old_s, new_s; /* of now, when not INT64_MAX */
    } rows[] = {
        {"--overlap 60", "", 60, INT64_MAX},
        {"--overlap 0", "", -300, INT64_MAX},
        {"--overlap 60 --expires never", ", \"expires\": \"2999-01-01T00:00:00Z\"", 60, INT64_MAX},
        {"--overlap 60", ", \"not_before\": \"2998-01-01T00:00:00Z\"", -300, INT64_MAX},
    };
    struct run *r = *state;
    char line[128];

    for (size_t i = 0; i < LEN(rows); i++) {
        int64_t now_s = time(NULL);
        scratch_write(&r->scratch, TENANTS,
                      rows[i].rest[0] == '\0' ? FILE_OF("")
                      : i == 2                ? FILE_OF(", \"expires\": \"2999-01-01T00:00:00Z\"")
                                              : FILE_OF(", \"not_before\": \"2998-01-01T00:00:00Z\""));
        snprintf(line, sizeof(line), "key rotate %s " OLD, rows[i].arguments);
        check(run_on(r, cli_key, line) == 0, "%s: %s", line, r->err);
        struct keyring *k = stored(r);
        int64_t after_s = keyring_find(k, SPAN(OLD))->expires_s - now_s;
        check(after_s >= rows[i].old_s && after_s < rows[i].old_s + 50, "%s: %ld", line, (long)after_s);
        check(keyring_key_at(k, 1)->expires_s == rows[i].new_s, "%s", line);
        keyring_release(&k);
    }
}

static void a_key_that_is_over_is_not_rotated(void **state)
{
    struct run *r = *state;

    scratch_write(&r->scratch, TENANTS, FILE_OF(", \"expires\": \"2020-01-01T00:00:00Z\""));
    assert_int_equal(run_on(r, cli_key, "key rotate " OLD), 1);
    assert_non_null(strstr(r->err, "that key has expired"));
    assert_string_equal(r->out, "");
    struct keyring *k = stored(r);
    assert_int_equal(keyring_keys(k), 1);
    keyring_release(&k);
}

static void a_derived_key_is_derived_again(void **state)
{
    struct run *r = *state;
    char line[1024], want[AUTHN_DERIVED_SECRET_BYTES + 1];

    scratch_write(&r->scratch, TENANTS,
                  "{\"tenants\": {\"acme\": {\"keys\": [{\"id\": \"" OLD "\", \"derived\": \"m1\"}]}}}");
    scratch_write(&r->scratch, "master", "0123456789abcdef0123456789abcdef\n");
    scratch_write(&r->scratch, "config.json",
                  "{\"tenants_file\": \"tenants.json\", \"aws\": {\"region\": \"us-east-1\"}, "
                  "\"streams\": {\"s\": {}}, \"master_keys\": {\"m1\": \"file:master\"}}");
    assert_int_equal(run_on(r, cli_key, "key rotate " OLD), 2);
    assert_non_null(strstr(r->err, "--config FILE is needed"));
    snprintf(line, sizeof(line), "key rotate --json --config %s " OLD, scratch_path(&r->scratch, "config.json"));
    check(run_command(r, cli_key, line) == 0, "%s", r->err);
    json_t *answer = json_loads(r->out, 0, NULL);
    authn_derive_secret(SPAN("0123456789abcdef0123456789abcdef"), span_str(member_of(answer, "id")), want);
    want[AUTHN_DERIVED_SECRET_BYTES] = '\0';
    assert_string_equal(member_of(answer, "secret"), want);
    struct keyring *k = stored(r);
    assert_true(span_is(keyring_find(k, span_str(member_of(answer, "id")))->derived, "m1"));
    keyring_release(&k);
    json_decref(answer);
}

static void what_is_wrong_is_told_and_changes_nothing(void **state)
{
    static const struct {
        const char *line;
        int status;
        const char *want;
    } rows[] = {
        {"key rotate", 2, "usage: "},
        {"key rotate --overlap soon " OLD, 2, "usage: "},
        {"key rotate --overlap -1 " OLD, 2, "usage: "},
        {"key rotate --overlap 99999999999 " OLD, 2, "usage: "},
        {"key rotate --expires soon " OLD, 1, "tenants.acme.keys[1].expires: must be a time"},
        {"key rotate nobody", 1, "has no key with that id"},
    };
    struct run *r = *state;

    scratch_write(&r->scratch, TENANTS, FILE_OF(""));
    for (size_t i = 0; i < LEN(rows); i++) {
        check(run_on(r, cli_key, rows[i].line) == rows[i].status, "%s", rows[i].line);
        check(strstr(r->err, rows[i].want) != NULL && r->out[0] == '\0', "%s: %s", rows[i].line, r->err);
    }
    struct keyring *k = stored(r);
    assert_int_equal(keyring_keys(k), 1);
    assert_true(keyring_key_at(k, 0)->expires_s == INT64_MAX);
    keyring_release(&k);
    assert_int_equal(run_command(r, cli_key, "key rotate --help"), 0);
    assert_non_null(strstr(r->out, "--overlap SECONDS"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_begin, run_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_new_key_may_what_the_old_one_may),      TEST(overlap_and_expires_are_those_asked_for),
        TEST(a_key_that_is_over_is_not_rotated),         TEST(a_derived_key_is_derived_again),
        TEST(what_is_wrong_is_told_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
