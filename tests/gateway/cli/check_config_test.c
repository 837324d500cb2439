/* `check-config`: says what would run, or what is wrong. */
#include "tests/gateway/cli/run.h"

#define ARN "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks-prod"

static int check_file(struct run *r, const char *text)
{
    char line[SCRATCH_PATH_BYTES + 128];

    scratch_write(&r->scratch, "tenants.json", "{\"tenants\": {\"acme\": {\"keys\": []}}}");
    snprintf(line, sizeof(line), "check-config --config %s", scratch_write(&r->scratch, "config.json", text));
    return run_command(r, cli_check_config, line);
}

static void what_would_run_is_told(void **state)
{
    struct run *r = *state;
    static const char *const want[] = {"http://127.0.0.1:8080",
                                       "http://127.0.0.1:9090",
                                       "orders  ->  orders  in us-east-1",
                                       "clicks  ->  " ARN "  in eu-west-1",
                                       "https://kinesis.eu-west-1.amazonaws.com/",
                                       "1 with 0 keys",
                                       "credentials  environment: there"};

    setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
    check(check_file(r, "{\"tenants_file\": \"tenants.json\", \"aws\": {\"region\": \"us-east-1\"}, \"streams\": "
                        "{\"orders\": {\"name\": \"orders\"}, \"clicks\": {\"arn\": \"" ARN "\"}}}") == 0,
          "%s", r->err);
    for (size_t i = 0; i < LEN(want); i++)
        check(strstr(r->out, want[i]) != NULL, "%s is in: %s", want[i], r->out);
    assert_string_equal(r->err, "");
    assert_null(strstr(r->out, "hush"));
}

static void a_hook_is_told_and_its_tenant_looked_for(void **state)
{
    static const char *const hooks[] = {"acme", "nobody"};
    struct run *r = *state;
    char text[512];

    setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
    setenv("KGWTEST_HOOK", "hush", 1);
    for (size_t i = 0; i < LEN(hooks); i++) {
        snprintf(
            text, sizeof(text),
            "{\"tenants_file\": \"tenants.json\", \"aws\": {\"region\": \"us-east-1\"}, \"streams\": {\"orders\": {}},"
            " \"hooks\": {\"gh\": {\"stream\": \"orders\", \"tenant\": \"%s\", \"scheme\": \"github\","
            " \"secrets\": [\"env:KGWTEST_HOOK\"]}}}",
            hooks[i]);
        check(check_file(r, text) == 0, "%s", r->err);
        check(strstr(r->out, "gh  by github  ->  orders  for ") != NULL && strstr(r->out, "hush") == NULL, "%s",
              r->out);
        check((strstr(r->err, "warning: hooks.gh.tenant: there is no tenant nobody") != NULL) == (i == 1), "%s",
              r->err);
    }
}

static void credentials_that_are_not_here_are_a_warning(void **state)
{
    struct run *r = *state;

    unsetenv("AWS_ACCESS_KEY_ID");
    assert_int_equal(check_file(r, "{\"tenants_file\": \"tenants.json\", \"streams\": {}}"), 0);
    assert_non_null(strstr(r->out, "credentials  environment: not there"));
    assert_non_null(strstr(r->err, "warning: no record can be put: AWS_ACCESS_KEY_ID is not set"));
}

static void what_is_wrong_is_named_and_exits_with_1(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"{\"workers\": -1}", "check-config: workers: must be"},
        {"{\"streams\": {}}", "check-config: tenants_file: is missing"},
        {"{", "config.json: line 1, "},
        {"{\"tenants_file\": \"config.json\", \"streams\": {}}", "config.json: tenants_file: unknown member"},
        {"{\"tenants_file\": \"tenants.json\", \"streams\": {}, \"master_keys\": {\"m1\": \"env:KGWTEST_NO\"}}",
         "master_keys.m1: env:KGWTEST_NO is not set"},
    };
    struct run *r = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        check(check_file(r, rows[i].text) == 1, "%s exits with 1", rows[i].text);
        check(strstr(r->err, rows[i].want) != NULL, "%s: %s", rows[i].text, r->err);
        assert_string_equal(r->out, "");
    }
}

static void pages_and_help(void **state)
{
    static const struct {
        const char *line, *begin;
        int status;
    } rows[] = {
        {"check-config --example", "{\n  \"listen\": [", 0},
        {"check-config --reference", "# Configuration\n", 0},
        {"check-config --help", "usage: kinesis-gateway check-config", 0},
        {"check-config", "", 2},
        {"check-config config.json", "", 2},
        {"check-config --example --reference", "", 2},
        {"check-config --config", "", 2},
    };
    struct run *r = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        check(run_command(r, cli_check_config, rows[i].line) == rows[i].status, "%s", rows[i].line);
        check(strncmp(r->out, rows[i].begin, strlen(rows[i].begin)) == 0, "%s: %s", rows[i].line, r->out);
        check((r->err[0] != '\0') == (rows[i].status != 0), "%s: %s", rows[i].line, r->err);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_begin, run_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_would_run_is_told),
        TEST(a_hook_is_told_and_its_tenant_looked_for),
        TEST(credentials_that_are_not_here_are_a_warning),
        TEST(what_is_wrong_is_named_and_exits_with_1),
        TEST(pages_and_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
