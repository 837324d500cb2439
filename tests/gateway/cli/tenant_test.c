/* `tenant`: what is set, what stays, what is shown. */
#include "tests/gateway/cli/stored.h"

static void a_tenant_is_made_with_its_quota(void **state)
{
    struct run *r = *state;
    json_t *answer = answer_of(r, cli_tenant,
                               "tenant set acme --requests-per-second 5 --records-per-second 100 --records-burst 250 "
                               "--bytes-per-second 1048576 --bytes-burst 9007199254740992 --records-per-day 86400 "
                               "--bytes-per-month 1 --on-redis-failure closed --comment x");
    json_t *want =
        json_pack("{s:s, s:i, s:{s:i, s:i, s:i, s:i, s:i, s:I, s:i, s:i}, s:s}", "tenant", "acme", "keys", 0, "quota",
                  "requests_per_second", 5, "requests_burst", 5, "records_per_second", 100, "records_burst", 250,
                  "bytes_per_second", 1048576, "bytes_burst", (json_int_t)9007199254740992, "records_per_day", 86400,
                  "bytes_per_month", 1, "on_redis_failure", "closed");

    assert_non_null(want);
    check(json_equal(answer, want), "%s", r->out);
    json_decref(want);
    json_decref(answer);
}

static void what_no_option_names_stays(void **state)
{
    static const struct {
        const char *line;
        struct quota_limits want;
        enum quota_outage outage;
    } rows[] = {
        {"tenant set acme --records-per-second 9 --records-burst 20 --requests-per-second 5",
         {.records_per_second = 9, .records_burst = 20, .requests_per_second = 5, .requests_burst = 5},
         QUOTA_LOCAL_SHARE},
        {"tenant set acme --on-redis-failure open",
         {.records_per_second = 9, .records_burst = 20, .requests_per_second = 5, .requests_burst = 5},
         QUOTA_OPEN},
        {"tenant set acme --records-burst none --records-per-day 7",
         {.records_per_second = 9,
          .records_burst = 9,
          .requests_per_second = 5,
          .requests_burst = 5,
          .records_per_day = 7},
         QUOTA_OPEN},
        {"tenant set acme --records-burst 30",
         {.records_per_second = 9,
          .records_burst = 30,
          .requests_per_second = 5,
          .requests_burst = 5,
          .records_per_day = 7},
         QUOTA_OPEN},
        {"tenant set acme --records-per-second none --records-per-day none",
         {.requests_per_second = 5, .requests_burst = 5},
         QUOTA_OPEN},
        {"tenant set acme --requests-per-second none --bytes-per-month none", {0}, QUOTA_OPEN},
        {"tenant set acme", {0}, QUOTA_OPEN},
    };
    struct run *r = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        check(run_on(r, cli_tenant, rows[i].line) == 0, "%s: %s", rows[i].line, r->err);
        struct keyring *k = stored(r);
        const struct tenant_row *tenant = keyring_tenant_at(k, 0);
        check(memcmp(&tenant->quota, &rows[i].want, sizeof(tenant->quota)) == 0, "%s: %s", rows[i].line, r->out);
        check(tenant->on_redis_failure == rows[i].outage, "%s", rows[i].line);
        keyring_release(&k);
    }
}

static void tables_and_json_show_the_same(void **state)
{
    struct run *r = *state;

    assert_int_equal(run_on(r, cli_tenant, "tenant set acme --records-per-second 100 --records-burst 250"), 0);
    assert_int_equal(run_on(r, cli_tenant, "tenant set zeta --records-per-day 7"), 0);
    json_decref(answer_of(r, cli_key, "key create --tenant zeta"));
    json_decref(answer_of(r, cli_key, "key create --tenant zeta"));
    assert_int_equal(run_on(r, cli_tenant, "tenant list"), 0);
    check(
        strstr(r->out, "tenant  keys  requests/s  records/s  bytes/s  records/day  bytes/month  on_redis_failure\n") ==
            r->out,
        "%s", r->out);
    check(strstr(r->out, "acme    0     -           100 +250   -        -            -            local_share\n") !=
              NULL,
          "%s", r->out);
    check(strstr(r->out, "zeta    2     -           -          -        7            -            local_share\n") !=
              NULL,
          "%s", r->out);
    json_t *list = answer_of(r, cli_tenant, "tenant list");
    assert_int_equal(json_array_size(list), 2);
    json_t *one = answer_of(r, cli_tenant, "tenant show zeta");
    assert_true(json_equal(one, json_array_get(list, 1)));
    assert_int_equal(json_integer_value(json_object_get(one, "keys")), 2);
    json_decref(one);
    json_decref(list);
    assert_int_equal(run_on(r, cli_tenant, "tenant show zeta"), 0);
    assert_null(strstr(r->out, "acme"));
}

static void what_is_wrong_is_told_and_changes_nothing(void **state)
{
    static const struct {
        const char *line;
        int status;
        const char *want;
    } rows[] = {
        {"tenant", 2, "usage: "},
        {"tenant forge", 2, "no such command"},
        {"tenant set", 2, "usage: "},
        {"tenant set a b", 2, "usage: "},
        {"tenant set acme --records 5", 2, "ambiguous"},
        {"tenant set acme --records-per-day 0", 2, "--records-per-day: must be a whole number from 1"},
        {"tenant set acme --records-per-day -5", 2, "--records-per-day: "},
        {"tenant set acme --records-per-day 1.5", 2, "--records-per-day: "},
        {"tenant set acme --records-per-day 9007199254740993", 2, "9007199254740992, or none"},
        {"tenant set acme --records-burst 5", 1, "records_burst: limits nothing without records_per_second"},
        {"tenant set acme --on-redis-failure fail", 1, "on_redis_failure: must be"},
        {"tenant set acme --comment \xFF", 2, "--comment: is not UTF-8"},
        {"tenant set a/b", 1, "a tenant's name must be"},
        {"tenant show nobody", 1, "has no such tenant"},
        {"tenant show", 2, "usage: "},
        {"tenant list x", 2, "usage: "},
    };
    static const char before[] = "{\"tenants\": {\"acme\": {\"keys\": []}}}\n";
    struct run *r = *state;
    char after[128];

    scratch_write(&r->scratch, TENANTS, before);
    for (size_t i = 0; i < LEN(rows); i++) {
        int status = i < 2 ? run_command(r, cli_tenant, rows[i].line) : run_on(r, cli_tenant, rows[i].line);
        check(status == rows[i].status, "%s: %d %s", rows[i].line, status, r->err);
        check(strstr(r->err, rows[i].want) != NULL && r->out[0] == '\0', "%s: %s", rows[i].line, r->err);
    }
    FILE *f = fopen(scratch_path(&r->scratch, TENANTS), "r");
    assert_non_null(fgets(after, sizeof(after), f));
    fclose(f);
    assert_string_equal(after, before);
}

static void help_is_no_mistake(void **state)
{
    static const char *const lines[] = {"tenant --help", "tenant set --help", "tenant list --help",
                                        "tenant show --help"};
    struct run *r = *state;

    for (size_t i = 0; i < LEN(lines); i++) {
        check(run_command(r, cli_tenant, lines[i]) == 0, "%s", lines[i]);
        check(strncmp(r->out, "usage: kinesis-gateway tenant", 29) == 0, "%s: %s", lines[i], r->out);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_begin, run_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_tenant_is_made_with_its_quota),
        TEST(what_no_option_names_stays),
        TEST(tables_and_json_show_the_same),
        TEST(what_is_wrong_is_told_and_changes_nothing),
        TEST(help_is_no_mistake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
