/* A tenant's quota: what is kept of it, and what is refused. */
#include "auth/keyring.h"

#include <stdio.h>

#include "tests/auth/check.h"

#define TENANT(members) "{\"tenants\":{\"acme\":{" members ",\"keys\":[]}}}"
#define QUOTA(members)  TENANT("\"quota\":{" members "}")

static struct keyring *parse(const char *json)
{
    char error[KEYRING_ERROR_BYTES];
    struct keyring *k = keyring_parse(span_str(json), error);
    check(k != NULL, "%s\n%s", json, error);
    return k;
}

static void limits_are_kept_and_bursts_are_a_seconds_worth(void **state)
{
    static const struct {
        const char *json;
        struct quota_limits want;
    } rows[] = {
        {TENANT("\"comment\":\"\""), {0}},
        {QUOTA(""), {0}},
        {QUOTA("\"requests_per_second\":1"), {.requests_per_second = 1, .requests_burst = 1}},
        {QUOTA("\"requests_per_second\":100,\"requests_burst\":1"), {.requests_per_second = 100, .requests_burst = 1}},
        {QUOTA("\"requests_burst\":250,\"requests_per_second\":100"),
         {.requests_per_second = 100, .requests_burst = 250}},
        {QUOTA("\"records_per_second\":9007199254740992"),
         {.records_per_second = 9007199254740992, .records_burst = 9007199254740992}},
        {QUOTA("\"records_per_second\":2,\"records_burst\":9007199254740992"),
         {.records_per_second = 2, .records_burst = 9007199254740992}},
        {QUOTA("\"bytes_per_second\":1048576"), {.bytes_per_second = 1048576, .bytes_burst = 1048576}},
        {QUOTA("\"bytes_per_second\":5,\"bytes_burst\":6"), {.bytes_per_second = 5, .bytes_burst = 6}},
        {QUOTA("\"records_per_day\":1,\"bytes_per_month\":9007199254740992"),
         {.records_per_day = 1, .bytes_per_month = 9007199254740992}},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct keyring *k = parse(rows[i].json);
        const struct quota_limits *got = &keyring_find_tenant(k, SPAN("acme"))->quota;
        check(memcmp(got, &rows[i].want, sizeof(*got)) == 0, "%s", rows[i].json);
        keyring_release(&k);
    }
}

static void each_tenant_has_its_own(void **state)
{
    struct keyring *k = parse("{\"tenants\":{\"a\":{\"keys\":[{\"id\":\"aaaaaaaaaaaaaaaa\",\"derived\":\"m\"}],"
                              "\"quota\":{\"records_per_day\":7},\"on_redis_failure\":\"closed\"},"
                              "\"b\":{\"on_redis_failure\":\"open\",\"keys\":[]},"
                              "\"c\":{\"on_redis_failure\":\"local_share\",\"keys\":[]},\"d\":{\"keys\":[]}}}");

    (void)state;
    assert_int_equal(keyring_find(k, SPAN("aaaaaaaaaaaaaaaa"))->tenant->quota.records_per_day, 7);
    assert_ptr_equal(keyring_find(k, SPAN("aaaaaaaaaaaaaaaa"))->tenant, keyring_tenant_at(k, 0));
    assert_int_equal(keyring_tenant_at(k, 0)->on_redis_failure, QUOTA_CLOSED);
    assert_int_equal(keyring_tenant_at(k, 1)->on_redis_failure, QUOTA_OPEN);
    assert_int_equal(keyring_tenant_at(k, 1)->quota.records_per_day, 0);
    assert_int_equal(keyring_tenant_at(k, 2)->on_redis_failure, QUOTA_LOCAL_SHARE);
    assert_int_equal(keyring_find_tenant(k, SPAN("d"))->on_redis_failure, QUOTA_LOCAL_SHARE);
    assert_null(keyring_tenant_at(k, 4));
    assert_null(keyring_find_tenant(k, SPAN("e")));
    keyring_release(&k);
    k = parse("{\"tenants\":{}}");
    assert_null(keyring_find_tenant(k, SPAN("a")));
    assert_null(keyring_tenant_at(k, 0));
    keyring_release(&k);
}

static void what_limits_nothing_is_refused(void **state)
{
    static const struct {
        const char *json, *place, *sentence;
    } rows[] = {
        {TENANT("\"quota\":null"), "tenants.acme.quota: ", "must be an object"},
        {TENANT("\"quota\":[]"), "tenants.acme.quota: ", "must be an object"},
        {TENANT("\"quota\":{},\"quota\":{}"), "line 1, column ", "twice"},
        {TENANT("\"quota\":{"), "line 1, column ", "not valid JSON"},
        {QUOTA("\"records_per_day\":1,\"records_per_day\":2"), "line 1, column ", "twice"},
        {QUOTA("\"requests\":1"), "tenants.acme.quota.requests: ", "unknown member, allowed are requests_per_second"},
        {QUOTA("\"records_per_day\":0"), "tenants.acme.quota.records_per_day: ", "from 1 to 9007199254740992"},
        {QUOTA("\"records_per_day\":-1"), "tenants.acme.quota.records_per_day: ", "from 1"},
        {QUOTA("\"records_per_day\":1.5"), "tenants.acme.quota.records_per_day: ", "a whole number"},
        {QUOTA("\"records_per_day\":\"1\""), "tenants.acme.quota.records_per_day: ", "a whole number"},
        {QUOTA("\"records_per_day\":9007199254740993"), "tenants.acme.quota.records_per_day: ", "9007199254740992"},
        {QUOTA("\"records_per_day\":99999999999999999999"), "line 1, column ", "a number is too large"},
        {QUOTA("\"requests_per_second\":1,\"requests_burst\":0"), "tenants.acme.quota.requests_burst: ", "from 1"},
        {QUOTA("\"requests_burst\":5"),
         "tenants.acme.quota.requests_burst: ", "limits nothing without requests_per_second"},
        {QUOTA("\"records_burst\":5"), "tenants.acme.quota.records_burst: ", "without records_per_second"},
        {QUOTA("\"bytes_burst\":5,\"records_per_second\":1"),
         "tenants.acme.quota.bytes_burst: ", "without bytes_per_second"},
        {TENANT("\"on_redis_failure\":\"fail\""),
         "tenants.acme.on_redis_failure: ", "must be \"local_share\", \"open\" or \"closed\""},
        {TENANT("\"on_redis_failure\":1"), "tenants.acme.on_redis_failure: ", "must be"},
        {TENANT("\"on_redis_failure\":\"open\",\"on_redis_failure\":\"open\""), "line 1, column ", "twice"},
        {TENANT("\"quotas\":{}"), "tenants.acme.quotas: ", "allowed are keys, quota, on_redis_failure, comment"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_kept_and_bursts_are_a_seconds_worth),
        cmocka_unit_test(each_tenant_has_its_own),
        cmocka_unit_test(what_limits_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
