/* The snapshot that a configuration and the files it names make up. */
#include "gateway/front/snapshot.h"
#include "tests/gateway/conf/fixture.h"

#define DERIVED "{\"tenants\": {\"acme\": {\"keys\": [{\"id\": \"s7Lm4cVxQ9dHe1Zu\", \"derived\": \"m1\"}]}}}"

#define NOW_S 1893456000 /* 2030-01-01T00:00:00Z */

static struct snapshot *load(struct fixture *f)
{
    fixture_accepted(f, "the configuration");
    return conf_load_snapshot(f->conf, NOW_S, f->error);
}

static void refused(struct fixture *f, const char *what, const char *rest)
{
    struct snapshot *s = load(f);

    check(s == NULL, "%s: is refused", what);
    check(strstr(f->error, rest) != NULL, "%s: the error says %s, not: %s", what, rest, f->error);
}

static void it_holds_keys_masters_and_streams(void **state)
{
    struct fixture *f = *state;

    scratch_write(&f->scratch, "tenants.json", DERIVED);
    fixture_set_text(f, "master_keys", "{\"m0\": \"env:KGWTEST_MASTER\", \"m1\": \"file:file\"}");
    setenv("KGWTEST_MASTER", "another master key of a usual length", 1);
    struct snapshot *s = load(f);
    check(s != NULL, "%s", f->error);
    assert_int_equal(keyring_keys(s->keyring), 1);
    assert_int_equal(s->masters.len, 2);
    assert_true(span_is(s->masters.keys[1].name, "m1"));
    assert_true(span_is(secret_reveal(&s->masters.keys[1].secret), "0123456789abcdef0123456789abcdef"));
    assert_non_null(stream_table_find(s->streams, SPAN("s")));
    conf_free(&f->conf); /* the snapshot has copies */
    assert_string_equal(stream_table_find(s->streams, SPAN("s"))->put.url, "https://kinesis.us-east-1.amazonaws.com/");
    assert_true(span_is(s->masters.keys[0].name, "m0"));
    snapshot_release(&s);
}

static void errors_name_the_file_or_the_master_key(void **state)
{
    struct fixture *f = *state;

    unsetenv("KGWTEST_NOTHING");
    scratch_write(&f->scratch, "tenants.json", "{\"tenants\": {\"acme\": {\"keys\": [{}]}}}");
    refused(f, "a row without an id", "tenants.json: tenants.acme.keys[0].id: is missing");
    scratch_write(&f->scratch, "tenants.json", DERIVED);
    refused(f, "a key derived from nothing", "m1, which is not in master_keys");
    fixture_set_text(f, "master_keys", "{\"m1\": \"env:KGWTEST_NOTHING\"}");
    refused(f, "a variable that is not set", "master_keys.m1: env:KGWTEST_NOTHING is not set");
    scratch_write(&f->scratch, "file", "0123456789abcdef0123456789abcde\n");
    fixture_set_text(f, "master_keys", "{\"m0\": \"file:file\", \"m1\": \"file:file\"}");
    refused(f, "a short master key", "master_keys.m0: must be at least 32 bytes");
    check(strstr(f->error, "0123") == NULL, "no secret is told: %s", f->error);
    fixture_accepted(f, "the configuration");
    unlink(scratch_path(&f->scratch, "tenants.json"));
    assert_null(conf_load_snapshot(f->conf, NOW_S, f->error));
    check(strstr(f->error, "tenants.json: cannot be opened") != NULL, "%s", f->error);
}

static void with_tenants_in_redis_it_has_the_keys_it_is_given(void **state)
{
    static const char text[] = DERIVED;
    struct fixture *f = *state;
    char error[KEYRING_ERROR_BYTES];
    struct keyring *keyring = keyring_parse(SPAN(text), error);

    check(keyring != NULL, "%s", error);
    fixture_set_text(f, "tenants", "\"redis\"");
    fixture_set_text(f, "tenants_file", "null");
    fixture_set_text(f, "redis.url", "\"redis://localhost\"");
    struct snapshot *s = load(f);
    check(s != NULL, "%s", f->error);
    assert_null(s->keyring);
    assert_non_null(stream_table_find(s->streams, SPAN("s")));
    snapshot_release(&s);
    assert_null(conf_make_snapshot(f->conf, keyring, NOW_S, f->error));
    check(strstr(f->error, "redis: tenants.acme: key") == f->error, "%s", f->error);
    fixture_set_text(f, "master_keys", "{\"m1\": \"file:file\"}");
    fixture_accepted(f, "the configuration");
    s = conf_make_snapshot(f->conf, keyring, NOW_S, f->error);
    check(s != NULL, "%s", f->error);
    keyring_release(&keyring);
    assert_int_equal(keyring_keys(s->keyring), 1);
    snapshot_release(&s);
}

/* Rows stay for their ids' sake. */
static void a_master_key_may_go_once_its_keys_are_over(void **state)
{
    struct fixture *f = *state;

    scratch_write(&f->scratch, "tenants.json",
                  "{\"tenants\": {\"acme\": {\"keys\": [{\"id\": \"s7Lm4cVxQ9dHe1Zu\", \"derived\": \"m1\", "
                  "\"expires\": \"2030-01-01T00:00:01Z\"}]}}}");
    refused(f, "a key that lasts a second more", "m1, which is not in master_keys");
    scratch_write(&f->scratch, "tenants.json",
                  "{\"tenants\": {\"acme\": {\"keys\": [{\"id\": \"s7Lm4cVxQ9dHe1Zu\", \"derived\": \"m1\", "
                  "\"expires\": \"2030-01-01T00:00:00Z\"}]}}}");
    struct snapshot *s = load(f);
    check(s != NULL, "%s", f->error);
    assert_int_equal(keyring_keys(s->keyring), 1);
    snapshot_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_holds_keys_masters_and_streams, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(with_tenants_in_redis_it_has_the_keys_it_is_given, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(errors_name_the_file_or_the_master_key, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(a_master_key_may_go_once_its_keys_are_over, fixture_begin, fixture_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
