/* `key revoke`: the end of a key, whatever its row said before. */
#include "tests/gateway/cli/stored.h"

#include <time.h>

#define FILE_OF(rest)                                                                                                  \
    "{\"tenants\": {\"acme\": {\"keys\": [{\"id\": \"k3Jd0aQzT5wYb2Rn\", \"derived\": \"m1\"" rest "}]}}}"

static void a_revoked_key_is_over_for_late_clocks_too(void **state)
{
    static const struct {
        const char *what, *file;
        int64_t expires_s; /* 0: five minutes ago */
    } rows[] = {
        {"an unlimited one", FILE_OF(""), 0},
        {"one that would end later", FILE_OF(", \"expires\": \"2999-01-01T00:00:00Z\""), 0},
        {"one that has ended", FILE_OF(", \"expires\": \"2020-01-01T00:00:00Z\""), 1577836800},
        {"one that has begun", FILE_OF(", \"not_before\": \"2020-01-01T00:00:00Z\""), 0},
        {"one that would begin later", FILE_OF(", \"not_before\": \"2998-01-01T00:00:00Z\""), 0},
        {"one of later", FILE_OF(", \"not_before\": \"2998-01-01T00:00:00Z\", \"expires\": \"2999-01-01T00:00:00Z\""),
         0},
    };
    struct run *r = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        int64_t now_s = time(NULL);
        scratch_write(&r->scratch, TENANTS, rows[i].file);
        json_t *answer = answer_of(r, cli_key, "key revoke k3Jd0aQzT5wYb2Rn");
        assert_string_equal(member_of(answer, "tenant"), "acme");
        struct keyring *k = stored(r);
        const struct key_row *row = keyring_find(k, SPAN("k3Jd0aQzT5wYb2Rn"));
        check(row != NULL, "%s: its id is kept", rows[i].what);
        int64_t least = rows[i].expires_s == 0 ? now_s - 300 : rows[i].expires_s;
        check(row->expires_s >= least && row->expires_s <= least + 60, "%s: %ld", rows[i].what, (long)row->expires_s);
        keyring_release(&k);
        json_decref(answer);
    }
}

static void all_else_stays_as_it_was(void **state)
{
    struct run *r = *state;

    assert_int_equal(run_on(r, cli_tenant, "tenant set acme --records-per-day 7"), 0);
    json_t *one = answer_of(r, cli_key, "key create --tenant acme --streams a"),
           *two = answer_of(r, cli_key, "key create --tenant acme");
    char line[64];
    snprintf(line, sizeof(line), "key revoke %s", member_of(one, "id"));
    check(run_on(r, cli_key, line) == 0, "%s", r->err);
    assert_non_null(strstr(r->out, " of tenant acme is refused from now on."));
    struct keyring *k = stored(r);
    assert_int_equal(keyring_tenant_at(k, 0)->quota.records_per_day, 7);
    assert_int_equal(keyring_key_at(k, 0)->streams_len, 1);
    assert_true(keyring_find(k, span_str(member_of(two, "id")))->expires_s == INT64_MAX);
    keyring_release(&k);
    json_decref(one);
    json_decref(two);
}

static void what_is_wrong_is_told(void **state)
{
    static const struct {
        const char *line;
        int status;
        const char *want;
    } rows[] = {
        {"key revoke", 2, "usage: "},
        {"key revoke a b", 2, "usage: "},
        {"key revoke --bogus a", 2, "unrecognized option"},
        {"key revoke nobody", 1, "has no key with that id"},
    };
    struct run *r = *state;

    scratch_write(&r->scratch, TENANTS, FILE_OF(""));
    for (size_t i = 0; i < LEN(rows); i++) {
        check(run_on(r, cli_key, rows[i].line) == rows[i].status, "%s", rows[i].line);
        check(strstr(r->err, rows[i].want) != NULL && r->out[0] == '\0', "%s: %s", rows[i].line, r->err);
    }
    assert_int_equal(run_command(r, cli_key, "key revoke k3Jd0aQzT5wYb2Rn"), 2);
    assert_int_equal(run_command(r, cli_key, "key revoke --help"), 0);
    assert_non_null(strstr(r->out, "usage: kinesis-gateway key revoke"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_begin, run_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_revoked_key_is_over_for_late_clocks_too),
        TEST(all_else_stays_as_it_was),
        TEST(what_is_wrong_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
