/* Where the gateway's own credentials come from. */
#include "gateway/creds/creds.h"

#include "tests/gateway/conf/scratch.h"

static const char *const variables[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                                        "AWS_CREDENTIAL_EXPIRATION"};

static void set_environment(const char *id, const char *secret, const char *token, const char *expires)
{
    const char *const values[] = {id, secret, token, expires};

    for (size_t i = 0; i < LEN(variables); i++) {
        if (values[i] == NULL)
            unsetenv(variables[i]);
        else
            setenv(variables[i], values[i], 1);
    }
}

static void the_configuration_picks(void **state)
{
    struct creds_conf none = {0}, some = {.access_key_id = "env:X"};

    (void)state;
    set_environment("AKID", "secret", NULL, NULL);
    assert_ptr_equal(creds_pick(&none), &creds_environment);
    assert_ptr_equal(creds_pick(&some), &creds_static);
}

static void the_environment_has_them(void **state)
{
    struct creds_conf conf = {0};
    char error[CREDS_ERROR_BYTES];

    (void)state;
    set_environment("AKID", "secret/+", "token", NULL);
    struct aws_creds *c = creds_environment.fetch(&conf, error);
    check(c != NULL, "%s", error);
    assert_true(span_is(aws_creds_access_key_id(c), "AKID"));
    assert_true(span_is(aws_creds_secret_access_key(c), "secret/+"));
    assert_true(span_is(aws_creds_session_token(c), "token"));
    assert_int_equal(aws_creds_expires_s(c), INT64_MAX);
    aws_creds_release(&c);
}

static void what_the_environment_lacks_is_named(void **state)
{
    static const struct {
        const char *id, *secret, *token, *expires, *begin;
    } rows[] = {
        {NULL, "hush", NULL, NULL, "AWS_ACCESS_KEY_ID is not set"},
        {"", "hush", NULL, NULL, "AWS_ACCESS_KEY_ID is not set"},
        {"AKID", NULL, NULL, NULL, "AWS_SECRET_ACCESS_KEY is not set"},
        {"AKID", "hush", NULL, "soon", "AWS_CREDENTIAL_EXPIRATION must be"},
        {"AKID", "hush hush", NULL, NULL, "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN"},
        {"AKID", "hush", "a\r\nb", NULL, "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN"},
    };
    struct creds_conf conf = {0};
    char error[CREDS_ERROR_BYTES];

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        set_environment(rows[i].id, rows[i].secret, rows[i].token, rows[i].expires);
        assert_null(creds_environment.fetch(&conf, error));
        check(strncmp(error, rows[i].begin, strlen(rows[i].begin)) == 0, "%s", error);
        check(strstr(error, "hush") == NULL, "%s", error);
    }
}

static void expiry_is_rfc_3339(void **state)
{
    static const struct {
        const char *text;
        int64_t want; /* 0: refused */
    } rows[] = {
        {"2026-01-31T00:00:00Z", 1769817600},
        {"2026-01-31T00:00:00.123Z", 1769817600},
        {"2026-01-31T00:00:00+00:00", 1769817600},
        {"2026-01-31T02:30:00+02:30", 1769817600},
        {"2026-01-30T19:00:00-05:00", 1769817600},
        {"2026-01-31T00:00:00.5-00:00", 1769817600},
        {"2026-01-31T00:00:00", 0},
        {"2026-01-31", 0},
        {"2026-02-30T00:00:00Z", 0},
        {"2026-01-31T00:00:00.Z", 0},
        {"2026-01-31T00:00:00+0000", 0},
        {"2026-01-31T00:00:00+24:00", 0},
        {"2026-01-31T00:00:00Zx", 0},
        {"1769817600", 0},
    };
    struct creds_conf conf = {0};
    char error[CREDS_ERROR_BYTES];

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        set_environment("AKID", "secret", NULL, rows[i].text);
        struct aws_creds *c = creds_environment.fetch(&conf, error);
        check((c != NULL) == (rows[i].want != 0), "%s", rows[i].text);
        check(c == NULL || aws_creds_expires_s(c) == rows[i].want, "%s", rows[i].text);
        aws_creds_release(&c);
    }
}

static void configured_sources_are_read_afresh(void **state)
{
    struct creds_conf conf = {.access_key_id = "env:KGWTEST_ID"};
    char error[CREDS_ERROR_BYTES], source[SCRATCH_PATH_BYTES + 8];
    struct scratch scratch;

    (void)state;
    scratch_begin(&scratch);
    snprintf(source, sizeof(source), "file:%s", scratch_write(&scratch, "secret", "first\n"));
    conf.secret_access_key = source;
    setenv("KGWTEST_ID", "AKID", 1);
    struct aws_creds *c = creds_static.fetch(&conf, error);
    check(c != NULL, "%s", error);
    uint64_t serial = aws_creds_serial(c);
    assert_true(span_is(aws_creds_secret_access_key(c), "first"));
    assert_int_equal(aws_creds_session_token(c).len, 0);
    aws_creds_release(&c);
    scratch_write(&scratch, "secret", "second\n");
    conf.session_token = "env:KGWTEST_ID";
    c = creds_static.fetch(&conf, error);
    check(c != NULL, "%s", error);
    assert_true(span_is(aws_creds_secret_access_key(c), "second"));
    assert_true(span_is(aws_creds_session_token(c), "AKID"));
    assert_int_not_equal(aws_creds_serial(c), serial);
    aws_creds_release(&c);
    scratch_end(&scratch);
}

static void a_configured_source_that_fails_is_an_error(void **state)
{
    static const struct {
        struct creds_conf conf;
        const char *begin;
    } rows[] = {
        {{"env:KGWTEST_NO", "env:KGWTEST_ID", NULL}, "aws.access_key_id: env:KGWTEST_NO is not set"},
        {{"env:KGWTEST_ID", "env:KGWTEST_NO", NULL}, "aws.secret_access_key: env:KGWTEST_NO is not set"},
        {{"env:KGWTEST_ID", "env:KGWTEST_ID", "env:KGWTEST_NO"}, "aws.session_token: env:KGWTEST_NO is not set"},
        {{"env:KGWTEST_ID", NULL, NULL}, "aws.secret_access_key: is missing"},
        {{"env:KGWTEST_ID", "env:KGWTEST_LINES", NULL}, "aws.access_key_id, aws.secret_access_key or "},
    };
    char error[CREDS_ERROR_BYTES];

    (void)state;
    set_environment("AKID", "secret", NULL, NULL); /* which is no reason to use it */
    setenv("KGWTEST_ID", "AKID", 1);
    setenv("KGWTEST_LINES", "hush\nhush", 1);
    unsetenv("KGWTEST_NO");
    for (size_t i = 0; i < LEN(rows); i++) {
        assert_null(creds_pick(&rows[i].conf)->fetch(&rows[i].conf, error));
        check(strncmp(error, rows[i].begin, strlen(rows[i].begin)) == 0, "%s", error);
        check(strstr(error, "hush") == NULL, "%s", error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_configuration_picks),
        cmocka_unit_test(the_environment_has_them),
        cmocka_unit_test(what_the_environment_lacks_is_named),
        cmocka_unit_test(expiry_is_rfc_3339),
        cmocka_unit_test(configured_sources_are_read_afresh),
        cmocka_unit_test(a_configured_source_that_fails_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
