/* `tenant usage`: from Redis, and from a gateway's admin page. */
#include "gateway/net/redis_once.h"
#include "gateway/quota/script.h"
#include "tests/gateway/cli/answering.h"
#include "tests/gateway/cli/stored.h"
#include "tests/lib/redis_server.h"

static const char tenants[] =
    "{\"tenants\":{\"acme\":{\"quota\":{\"records_per_second\":1,\"records_burst\":250,\"records_per_day\":1000,"
    "\"bytes_per_month\":5000},\"keys\":[]},\"zeta\":{\"keys\":[]}}}";

static void write_files(struct run *r, const char *members)
{
    char text[1024];

    scratch_write(&r->scratch, TENANTS, tenants);
    snprintf(text, sizeof(text),
             "{\"listen\":[{\"address\":\"127.0.0.1:0\"}],\"tenants_file\":\"" TENANTS "\",\"streams\":{},%s}",
             members);
    scratch_write(&r->scratch, "config.json", text);
}

static int usage(struct run *r, const char *options)
{
    char line[2048];

    snprintf(line, sizeof(line), "tenant usage --config %.1000s%.1000s", scratch_path(&r->scratch, "config.json"),
             options);
    return run_command(r, cli_tenant, line);
}

static void use_some(struct redis_server *redis)
{
    struct quota_limits l = {
        .records_per_second = 1, .records_burst = 250, .records_per_day = 1000, .bytes_per_month = 5000};
    struct quota_ask ask = {.need = {1, 30, 400}, .want = {1, 30, 400}};
    struct script_call call;
    char error[REDIS_ONCE_ERROR_BYTES];
    struct redis_url url;
    const char *sentence;

    assert_true(redis_url_parse(span_str(redis->url), &url, &sentence));
    struct redis_once *r = redis_once_open(&url, NULL, 5000, error);
    check(r != NULL, "%s", error);
    script_encode(&call, SPAN("acme"), &l, &ask, true);
    check(redis_once_call(r, call.arguments, call.arguments_len, error) != NULL, "%s", error);
    redis_once_close(&r);
    redis_url_clear(&url);
}

static void check_acme(const json_t *tenant)
{
    const json_t *all = json_object_get(tenant, "usage");
    const json_t *records = json_object_get(all, "records_per_second"), *day = json_object_get(all, "records_per_day"),
                 *month = json_object_get(all, "bytes_per_month");
    json_int_t used = json_integer_value(json_object_get(records, "used"));

    assert_string_equal(json_string_value(json_object_get(tenant, "tenant")), "acme");
    assert_int_equal(json_object_size(all), 3);
    assert_true(used > 0 && used <= 30);
    assert_int_equal(json_integer_value(json_object_get(records, "burst")), 250);
    assert_int_equal(json_integer_value(json_object_get(day, "used")), 30);
    assert_int_equal(json_integer_value(json_object_get(day, "remaining")), 970);
    assert_int_equal(json_integer_value(json_object_get(month, "used")), 400);
    assert_int_equal(strlen(json_string_value(json_object_get(month, "resets_at"))), 20);
}

static void with_redis_its_buckets_are_read(void **state)
{
    struct run *r = *state;
    struct redis_server redis;
    char members[128];

    redis_server_start(&redis, NULL);
    use_some(&redis);
    snprintf(members, sizeof(members), "\"redis\":{\"url\":\"%s\"}", redis.url);
    write_files(r, members);
    check(usage(r, " --json") == 0, "%s", r->err);
    json_t *all = json_loads(r->out, 0, NULL);
    check(json_array_size(all) == 2, "%s", r->out);
    check_acme(json_array_get(all, 0));
    assert_int_equal(json_object_size(json_object_get(json_array_get(all, 1), "usage")), 0);
    json_decref(all);
    check(usage(r, " --json acme") == 0, "%s", r->err);
    all = json_loads(r->out, 0, NULL);
    check_acme(all);
    json_decref(all);
    check(usage(r, "") == 0, "%s", r->err);
    check(strncmp(r->out, "tenant  requests  records", 25) == 0 && strstr(r->out, "30/1000") != NULL &&
              strstr(r->out, "400/5000") != NULL && strstr(r->out, "\nzeta    -  ") != NULL,
          "%s", r->out);
    assert_int_equal(usage(r, " nobody"), 1);
    check(strstr(r->err, "there is no such tenant") != NULL, "%s", r->err);
    redis_server_kill(&redis);
    assert_int_equal(usage(r, ""), 1);
    check(strstr(r->err, "cannot connect to redis") != NULL, "%s", r->err);
    redis_server_clear(&redis);
}

static void without_redis_the_gateway_is_asked(void **state)
{
    static const struct {
        const char *options, *answer, *request, *want;
        int status;
    } rows[] = {
        {" --json", "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n[{\"tenant\":\"zeta\",\"usage\":{}}]",
         "GET /usage HTTP/1.1\r\n", "[{\"tenant\":\"zeta\",\"usage\":{}}]\n", 0},
        {" acme",
         "HTTP/1.1 200 OK\r\nContent-Length: 115\r\n\r\n{\"tenant\":\"acme\",\"usage\":{\"records_per_day\":{\"limit\":"
         "7,\"used\":3,\"remaining\":4,\"resets_at\":\"2026-03-01T00:00:00Z\"}}}",
         "GET /usage?tenant=acme HTTP/1.1\r\n",
         "tenant  requests  records  bytes  records today  until                 bytes this month  until\n"
         "acme    -         -        -      3/7            2026-03-01T00:00:00Z  -                 -\n",
         0},
        {" acme", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "GET /usage?tenant=acme HTTP/1.1\r\n", "", 1},
        {"", "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "GET /usage HTTP/1.1\r\n", "", 1},
        {"", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]", "GET /usage HTTP/1.1\r\n", "", 1},
        {"", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "GET /usage HTTP/1.1\r\n", "", 1},
        {"", "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[", "GET /usage HTTP/1.1\r\n", "", 1},
    };
    struct run *r = *state;

    for (size_t i = 0; i != LEN(rows); i++) {
        struct answering a;
        char members[128];
        answering_begin(&a, rows[i].answer);
        snprintf(members, sizeof(members), "\"admin\":{\"address\":\"127.0.0.1:%u\"}", a.port);
        write_files(r, members);
        int status = usage(r, rows[i].options);
        answering_end(&a);
        check(status == rows[i].status, "row %zu: %d, %s", i, status, r->err);
        check(strncmp(a.request, rows[i].request, strlen(rows[i].request)) == 0, "row %zu: %s", i, a.request);
        check(strcmp(r->out, rows[i].want) == 0, "row %zu: %s", i, r->out);
        check((r->err[0] == '\0') == (status == 0), "row %zu: %s", i, r->err);
    }
}

static void a_gateway_elsewhere_is_asked_when_told(void **state)
{
    struct run *r = *state;
    struct answering a;
    char options[128];

    answering_begin(&a, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]");
    write_files(r, "\"redis\":{\"url\":\"redis://127.0.0.1:1\"}");
    snprintf(options, sizeof(options), " --json --admin http://127.0.0.1:%u/", a.port);
    check(usage(r, options) == 0, "%s", r->err);
    answering_end(&a);
    assert_string_equal(r->out, "[]\n");
}

static void wrong_use_is_told(void **state)
{
    static const char *const rows[] = {" a b", " --nothing", " a/b", " --json="};
    struct run *r = *state;

    write_files(r, "\"workers\":1");
    for (size_t i = 0; i != LEN(rows); i++)
        check(usage(r, rows[i]) == 2, "%s", rows[i]);
    assert_int_equal(run_command(r, cli_tenant, "tenant usage"), 2);
    assert_int_equal(run_command(r, cli_tenant, "tenant usage --help"), 0);
    assert_int_equal(run_command(r, cli_tenant, "tenant usage --config nowhere.json"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(with_redis_its_buckets_are_read, run_begin, run_end),
        cmocka_unit_test_setup_teardown(without_redis_the_gateway_is_asked, run_begin, run_end),
        cmocka_unit_test_setup_teardown(a_gateway_elsewhere_is_asked_when_told, run_begin, run_end),
        cmocka_unit_test_setup_teardown(wrong_use_is_told, run_begin, run_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
