/* The file as a whole: what can be wrong with it, with its listeners, and with settings together. */
#include "tests/gateway/conf/fixture.h"

static void rules_over_several_settings(void **state)
{
    static const struct {
        const char *what, *path, *json, *begin, *rest;
    } rows[] = {
        {"no tenants file", "tenants_file", "null", "tenants_file: ", "is missing"},
        {"a tenants file that is not there", "tenants_file", "\"nowhere.json\"", "tenants_file: ", "nowhere.json"},
        {"a tenants file that is a folder", "tenants_file", "\".\"", "tenants_file: ", "is a directory"},
        {"tenants in Redis, and no Redis", "tenants", "\"redis\"", "redis.url: ", "is missing"},
        {"a Redis of no address", "redis.url", "\"hush@localhost\"", "redis.url: ", NULL},
        {"a Redis whose address is not there", "redis.url", "\"file:nowhere\"", "redis.url: ", "nowhere"},
        {"a CA file that is not there", "aws.ca_file", "\"nowhere.crt\"", "aws.ca_file: ", "nowhere.crt"},
        {"a text with a line end", "aws.region", "\"us-east-1\\n\"", "aws.region: ", "without control characters"},
        {"browsers at the root", "browser_path", "\"/\"", "browser_path: ", "as /v1/e"},
        {"browsers without a slash ahead", "browser_path", "\"v1/e\"", "browser_path: ", "as /v1/e"},
        {"browsers with a slash behind", "browser_path", "\"/v1/e/\"", "browser_path: ", "as /v1/e"},
        {"browsers with two slashes", "browser_path", "\"/v1//e\"", "browser_path: ", "as /v1/e"},
        {"browsers a level up", "browser_path", "\"/v1/../e\"", "browser_path: ", "as /v1/e"},
        {"browsers with an escape", "browser_path", "\"/v1/%65\"", "browser_path: ", "as /v1/e"},
        {"browsers with a query", "browser_path", "\"/v1/e?x\"", "browser_path: ", "as /v1/e"},
        {"browsers where streams are", "browser_path", "\"/v1/streams\"", "browser_path: ", "other calls"},
        {"browsers where hooks are", "browser_path", "\"/v1/hooks/x\"", "browser_path: ", "other calls"},
        {"a default longer than the longest", "max_request_timeout_ms", "2999", "request_timeout_ms: ", "2999 ms"},
        {"a ring of an odd size", "log.ring_bytes", "1048577", "log.ring_bytes: ", "power of two"},
        {"a backoff above its end", "retry.backoff_max_ms", "49", "retry.backoff_ms: ", "49 ms"},
        {"a memory that holds no body", "max_buffered_bytes", "1048576", "max_buffered_bytes: ", "listen[0]"},
        {"an id without a secret", "aws.access_key_id", "\"env:ID\"", "aws.secret_access_key: ", "is missing"},
        {"a secret without an id", "aws.secret_access_key", "\"env:S\"", "aws.access_key_id: ", "is missing"},
        {"a token without an id", "aws.session_token", "\"env:T\"", "aws.access_key_id: ", "is missing"},
        {"a secret in the open", "aws.access_key_id", "\"AKIDEXAMPLE\"", "aws.access_key_id: ", "env:NAME"},
        {"a source that is not there", "aws.access_key_id", "\"file:nowhere\"", "aws.access_key_id: ", "nowhere"},
        {"a region that is none", "aws.region", "\"us east\"", "aws.region: ", "must be a region"},
        {"a proxy in words", "aws.proxy", "\"proxy:3128\"", "aws.proxy: ", "must be http://"},
        {"a proxy with a password", "aws.proxy", "\"http://u:hush@p:3128\"", "aws.proxy: ", "must not hold"},
        {"an admin listener for all", "admin.address", "\"0.0.0.0:9090\"", "admin.address: ", "loopback"},
        {"an admin listener that is a name", "admin.address", "\"localhost:9090\"", "admin.address: ", "numeric"},
        {"a host with a port", "admin.hosts", "[\"h\", \"h:1\"]", "admin.hosts: ", "element 1"},
        {"a host that is a number", "admin.hosts", "[1]", "admin.hosts: ", "element 0"},
        {"hosts that are one", "admin.hosts", "\"h\"", "admin.hosts: ", "must be a list"},
        {"master keys that are a list", "master_keys", "[]", "master_keys: ", "must be an object"},
        {"a master key in the open", "master_keys.m1", "\"hush-hush\"", "master_keys.m1: ", "never the secret"},
        {"a master key that is a number", "master_keys.m1", "1", "master_keys.m1: ", "must "},
        {"a master key of no name", "master_keys.m 1", "\"env:M\"", "master_keys.m?1: ", "must be 1 to 64"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        fixture_reset(f);
        fixture_set_text(f, rows[i].path, rows[i].json);
        fixture_refused(f, rows[i].what, rows[i].begin, rows[i].rest);
        check(strstr(f->error, "hush") == NULL, "%s: no secret is told: %s", rows[i].what, f->error);
    }
}

static void what_may_be_reached_from_where(void **state)
{
    static const struct {
        const char *what, *json, *begin; /* NULL: it is accepted */
    } rows[] = {
        {"loopback in the clear", "[{\"address\": \"127.0.0.1:0\"}]", NULL},
        {"any address of loopback", "[{\"address\": \"127.9.9.9:80\"}, {\"address\": \"[::1]:80\"}]", NULL},
        {"elsewhere in the clear", "[{\"address\": \"0.0.0.0:80\"}]", "listen[0].address: "},
        {"elsewhere in the clear, IPv6", "[{\"address\": \"[::]:80\"}]", "listen[0].address: "},
        {"elsewhere in the clear, wanted", "[{\"address\": \"0.0.0.0:80\", \"plaintext\": true}]", NULL},
        {"elsewhere with TLS",
         "[{\"address\": \"0.0.0.0:80\", \"tls\": {\"certificate\": \"file\", \"key\": \"file\"}}]", NULL},
        {"TLS in the clear",
         "[{\"address\": \"0.0.0.0:80\", \"plaintext\": true, \"tls\": {\"certificate\": \"file\", \"key\": "
         "\"file\"}}]",
         "listen[0].plaintext: "},
        {"a certificate alone", "[{\"address\": \"[::1]:80\", \"tls\": {\"certificate\": \"file\"}}]",
         "listen[0].tls.key: "},
        {"a key alone", "[{\"address\": \"[::1]:80\", \"tls\": {\"key\": \"file\"}}]", "listen[0].tls.certificate: "},
        {"a certificate that is not there",
         "[{\"address\": \"[::1]:80\", \"tls\": {\"certificate\": \"nowhere\", \"key\": \"file\"}}]",
         "listen[0].tls.certificate: "},
        {"the same twice", "[{\"address\": \"127.0.0.1:80\"}, {\"address\": \"127.0.0.1:80\"}]", "listen[1].address: "},
        {"any port twice", "[{\"address\": \"127.0.0.1:0\"}, {\"address\": \"127.0.0.1:0\"}]", NULL},
        {"one within another", "[{\"address\": \"127.0.0.1:80\"}, {\"address\": \"0.0.0.0:80\", \"plaintext\": true}]",
         "listen[1].address: "},
        {"the admin listener's own", "[{\"address\": \"127.0.0.1:9090\"}]", "admin.address: "},
        {"none", "[]", "listen: "},
        {"an object", "{}", "listen: "},
        {"an empty object", "[{}]", "listen[0].address: "},
        {"a text", "[\"127.0.0.1:80\"]", "listen[0].address: "},
        {"a name", "[{\"address\": \"localhost:80\"}]", "listen[0].address: "},
        {"no port", "[{\"address\": \"127.0.0.1\"}]", "listen[0].address: "},
        {"an empty port", "[{\"address\": \"127.0.0.1:\"}]", "listen[0].address: "},
        {"a port too high", "[{\"address\": \"127.0.0.1:65536\"}]", "listen[0].address: "},
        {"a port of words", "[{\"address\": \"127.0.0.1:http\"}]", "listen[0].address: "},
        {"IPv6 without brackets", "[{\"address\": \"::1:80\"}]", "listen[0].address: "},
        {"IPv4 in brackets", "[{\"address\": \"[127.0.0.1]:80\"}]", "listen[0].address: "},
        {"everything by a star", "[{\"address\": \"*:80\"}]", "listen[0].address: "},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        fixture_set_text(f, "listen", rows[i].json);
        if (rows[i].begin == NULL)
            fixture_accepted(f, rows[i].what);
        else
            fixture_refused(f, rows[i].what, rows[i].begin, NULL);
    }
}

static void without_listeners_there_is_one_on_loopback(void **state)
{
    struct fixture *f = *state;

    json_object_del(f->root, "listen");
    fixture_accepted(f, "no listeners");
    assert_int_equal(f->conf->listeners_len, 1);
    assert_string_equal(f->conf->listeners[0].listen.address, "127.0.0.1:8080");
    assert_int_equal(f->conf->listeners[0].listen.body_bytes_max, 5242880);
    assert_null(f->conf->listeners[0].listen.tls_certificate);
    assert_string_equal(f->conf->admin.listen.address, "127.0.0.1:9090");
    assert_string_equal(f->conf->log_path, "-");
}

static void paths_are_relative_to_the_file(void **state)
{
    struct fixture *f = *state;
    char want[SCRATCH_PATH_BYTES + 8];

    fixture_set_text(f, "aws.ca_file", "\"file\"");
    fixture_set_text(f, "log.path", "\"gateway.log\"");
    fixture_set_text(f, "master_keys", "{\"m1\": \"file:file\", \"m2\": \"env:M2\"}");
    fixture_accepted(f, "relative paths");
    snprintf(want, sizeof(want), "%s/file", f->scratch.folder);
    assert_string_equal(f->conf->http.ca_file, want);
    snprintf(want, sizeof(want), "%s/gateway.log", f->scratch.folder);
    assert_string_equal(f->conf->log_path, want);
    snprintf(want, sizeof(want), "file:%s/file", f->scratch.folder);
    assert_int_equal(f->conf->masters_len, 2);
    assert_string_equal(f->conf->masters[0].name, "m1");
    assert_string_equal(f->conf->masters[0].source, want);
    assert_string_equal(f->conf->masters[1].source, "env:M2");
    snprintf(want, sizeof(want), "%s/file", f->scratch.folder);
    fixture_set(f, "aws.ca_file", json_string(want));
    fixture_accepted(f, "an absolute path");
    assert_string_equal(f->conf->http.ca_file, want);
}

static void bounds_of_calls_and_batches_arrive(void **state)
{
    struct fixture *f = *state;

    fixture_accepted(f, "nothing said");
    assert_int_equal(f->conf->sender.window_min, 2);
    assert_int_equal(f->conf->sender.calls_in_flight_max, 256);
    assert_int_equal(f->conf->sender.call_records_max, 500);
    assert_int_equal(f->conf->sender.call_bytes_max, 1048576);
    assert_int_equal(f->conf->sender.large_calls_max, 8);
    assert_int_equal(f->conf->sender.ordering_keys_max, 100000);
    assert_int_equal(f->conf->front.batch_records_max, 100000);
    fixture_set_text(f, "lane",
                     "{\"window\": 3, \"call_records\": 4, \"call_bytes\": 65537, \"large_calls\": 5,"
                     " \"ordering_keys\": 1001}");
    fixture_set_text(f, "aws.calls_in_flight", "6");
    fixture_set_text(f, "limits.batch_records", "7");
    fixture_accepted(f, "all said");
    assert_int_equal(f->conf->sender.window_min, 3);
    assert_int_equal(f->conf->sender.calls_in_flight_max, 6);
    assert_int_equal(f->conf->sender.call_records_max, 4);
    assert_int_equal(f->conf->sender.call_bytes_max, 65537);
    assert_int_equal(f->conf->sender.large_calls_max, 5);
    assert_int_equal(f->conf->sender.ordering_keys_max, 1001);
    assert_int_equal(f->conf->front.batch_records_max, 7);
}

static void names_of_hosts_are_kept(void **state)
{
    struct fixture *f = *state;

    fixture_set_text(f, "admin.hosts", "[\"ops.example\", \"gw-1\"]");
    fixture_accepted(f, "two hosts");
    assert_string_equal(f->conf->admin_hosts[0], "ops.example");
    assert_string_equal(f->conf->admin_hosts[1], "gw-1");
    assert_null(f->conf->admin_hosts[2]);
}

static void what_is_no_json_is_refused_by_line_and_column(void **state)
{
    static const struct {
        const char *what, *text, *rest;
    } rows[] = {
        {"nothing", "", "config.json: line 1, column 0: "},
        {"half an object", "{\"listen\": [", "config.json: line 1, column "},
        {"a comma too many", "{\n  \"workers\": 1,\n}", "config.json: line 3, column "},
        {"a setting given twice", "{\"workers\": 1,\n\"workers\": 2}", "config.json: line 2, column "},
        {"given twice further down", "{\"aws\": {\"region\": \"a\", \"region\": \"b\"}}", "duplicate"},
        {"a list", "[]", "config.json: must be a JSON object"},
        {"an integer too large", "{\"workers\": 99999999999999999999}", "config.json: line 1, column "},
        {"NUL in a name", "{\"a\\u0000\": 1}", "config.json: line 1, column "},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        check(!fixture_load_text(f, rows[i].text), "%s: is refused", rows[i].what);
        check(strstr(f->error, rows[i].rest) != NULL, "%s: %s", rows[i].what, f->error);
    }
    assert_false(fixture_load_text(f, "{\"aws\": {\"secret_access_key\": hush"));
    check(strstr(f->error, "hush") == NULL, "what stands there is not told: %s", f->error);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    struct fixture *f = *state;

    assert_null(conf_load("nowhere/config.json", NULL, f->error));
    check(strstr(f->error, "nowhere/config.json cannot be opened: ") == f->error, "%s", f->error);
    assert_null(conf_load(f->scratch.folder, NULL, f->error));
    check(strstr(f->error, " is a directory") != NULL, "%s", f->error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rules_over_several_settings, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(what_may_be_reached_from_where, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(without_listeners_there_is_one_on_loopback, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(paths_are_relative_to_the_file, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(bounds_of_calls_and_batches_arrive, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(names_of_hosts_are_kept, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(what_is_no_json_is_refused_by_line_and_column, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(a_file_that_is_not_there_is_named, fixture_begin, fixture_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
