/* `key`: what it makes is what the gateway accepts, and what it lists tells nothing secret. */
#include "auth/authn.h"
#include "auth/key.h"
#include "tests/gateway/cli/run.h"

#include <jansson.h>

/* The rows of `made`, in the tenants file of tenant acme. */
static const char *write_tenants(struct run *r, json_t *row)
{
    json_t *file = json_pack("{s:{s:{s:[O]}}}", "tenants", "acme", "keys", row);
    char *text = json_dumps(file, 0);
    const char *path = scratch_write(&r->scratch, "tenants.json", text);

    free(text);
    json_decref(file);
    return path;
}

static struct keyring *keyring_of(json_t *row)
{
    char error[KEYRING_ERROR_BYTES];
    json_t *file = json_pack("{s:{s:{s:[O]}}}", "tenants", "acme", "keys", row);
    char *text = json_dumps(file, 0);
    struct keyring *k = keyring_parse(span_str(text), error);

    check(k != NULL, "%s", error);
    free(text);
    json_decref(file);
    return k;
}

static json_t *create(struct run *r, const char *line)
{
    check(run_command(r, cli_key, line) == 0, "%s: %s", line, r->err);
    json_t *made = json_loads(r->out, 0, NULL);
    check(made != NULL, "one JSON object: %s", r->out);
    assert_string_equal(r->err, "");
    return made;
}

static struct span text_of(json_t *object, const char *member)
{
    return span_str(json_string_value(json_object_get(object, member)));
}

static void a_key_made_is_a_key_accepted(void **state)
{
    json_t *made = create(*state, "key create --tenant acme --json"), *row = json_object_get(made, "row");
    struct span key = text_of(made, "key"), id;
    struct sigv4_header header = {.name = SPAN("X-Api-Key"), .value = key};
    struct authn_request request = {.method = SPAN("POST"), .path = SPAN("/"), .headers = &header, .headers_len = 1};
    struct principal who;

    assert_true(key_parse(key, &id));
    assert_true(span_equal(id, text_of(made, "id")));
    assert_true(span_equal(id, text_of(row, "id")));
    assert_true(span_equal(text_of(made, "digest"), text_of(row, "digest")));
    struct keyring *k = keyring_of(row);
    assert_int_equal(authn_check(k, NULL, &request, 1, &who), AUTHN_OK);
    assert_true(span_is(who.tenant, "acme"));
    keyring_release(&k);
    json_decref(made);
}

static void restrictions_are_in_the_row(void **state)
{
    json_t *made = create(*state, "key create --tenant acme --streams orders,click* --calls record,aws "
                                  "--networks 10.0.0.0/8,::1 --not-before 2026-01-01T00:00:00Z "
                                  "--expires 2027-01-01T00:00:00Z --comment mine --json");
    struct keyring *k = keyring_of(json_object_get(made, "row"));
    const struct key_row *key = keyring_key_at(k, 0);

    assert_int_equal(key->streams_len, 2);
    assert_true(span_is(key->streams[1].text, "click") && key->streams[1].is_prefix);
    assert_int_equal(key->calls, KEY_CALL_RECORD | KEY_CALL_AWS);
    assert_int_equal(key->networks_len, 2);
    assert_int_equal(key->not_before_s, 1767225600);
    assert_int_equal(key->expires_s, 1798761600);
    keyring_release(&k);
    json_decref(made);
}

static void a_beacons_key_has_its_pages_in_the_row(void **state)
{
    json_t *made =
        create(*state, "key create --tenant acme --calls beacon --origins https://a.test,https://*.b.test:8443 "
                       "--allow-no-origin --per-address 20 --json");
    struct keyring *k = keyring_of(json_object_get(made, "row"));
    const struct key_row *key = keyring_key_at(k, 0);

    assert_int_equal(key->calls, KEY_CALL_BEACON);
    assert_int_equal(key->origins_len, 2);
    assert_true(key->allow_no_origin);
    assert_int_equal(key->per_address_requests_per_second, 20);
    keyring_release(&k);
    struct run *r = *state;
    char line[SCRATCH_PATH_BYTES + 128];
    snprintf(line, sizeof(line), "key list --json --file %s", write_tenants(r, json_object_get(made, "row")));
    assert_int_equal(run_command(r, cli_key, line), 0);
    json_t *list = json_loads(r->out, 0, NULL), *row = json_array_get(list, 0);
    assert_int_equal(json_array_size(json_object_get(row, "origins")), 2);
    assert_string_equal(json_string_value(json_array_get(json_object_get(row, "origins"), 1)), "https://*.b.test:8443");
    assert_true(json_is_true(json_object_get(row, "allow_no_origin")));
    assert_int_equal(json_integer_value(json_object_get(row, "per_address_requests_per_second")), 20);
    json_decref(list);
    json_decref(made);
}

static void no_two_keys_are_the_same(void **state)
{
    json_t *one = create(*state, "key create --tenant a --json"), *two = create(*state, "key create --tenant a --json");

    assert_false(span_equal(text_of(one, "id"), text_of(two, "id")));
    assert_false(span_equal(text_of(one, "key"), text_of(two, "key")));
    json_decref(one);
    json_decref(two);
}

static void for_people_it_says_what_to_do(void **state)
{
    struct run *r = *state;

    assert_int_equal(run_command(r, cli_key, "key create --tenant acme"), 0);
    assert_non_null(strstr(r->out, "\n  kgw_"));
    assert_non_null(strstr(r->out, "tenants.acme.keys"));
    assert_non_null(strstr(r->out, "\"digest\":\"sha256:"));
}

static void write_config(struct run *r, const char *masters)
{
    char text[1024];

    scratch_write(&r->scratch, "tenants.json", "{\"tenants\": {}}");
    scratch_write(&r->scratch, "master", "0123456789abcdef0123456789abcdef\n");
    snprintf(text, sizeof(text),
             "{\"tenants_file\": \"tenants.json\", \"aws\": {\"region\": \"us-east-1\"}, \"streams\": {\"s\": {}}, "
             "\"master_keys\": %s}",
             masters);
    scratch_write(&r->scratch, "config.json", text);
}

static void a_derived_key_has_the_secret_that_the_gateway_derives(void **state)
{
    struct run *r = *state;
    char line[SCRATCH_PATH_BYTES + 128], want[AUTHN_DERIVED_SECRET_BYTES];

    write_config(r, "{\"m1\": \"file:master\"}");
    snprintf(line, sizeof(line), "key create --tenant acme --derived m1 --config %s --json", r->scratch.path);
    json_t *made = create(r, line), *row = json_object_get(made, "row");
    assert_null(json_object_get(made, "key"));
    assert_null(json_object_get(made, "digest"));
    authn_derive_secret(SPAN("0123456789abcdef0123456789abcdef"), text_of(made, "id"), want);
    assert_true(span_equal(text_of(made, "secret"), span_of(want, sizeof(want))));
    struct keyring *k = keyring_of(row);
    assert_true(span_is(keyring_key_at(k, 0)->derived, "m1"));
    assert_true(span_equal(keyring_key_at(k, 0)->id, text_of(made, "id")));
    keyring_release(&k);
    json_decref(made);
    snprintf(line, sizeof(line), "key create --tenant acme --derived m2 --config %s",
             scratch_path(&r->scratch, "config.json"));
    assert_int_equal(run_command(r, cli_key, line), 1);
    assert_non_null(strstr(r->err, "no such master key"));
    assert_string_equal(r->out, "");
}

static void what_is_wrong_is_named_and_exits_with_2(void **state)
{
    static const struct {
        const char *line, *want;
    } rows[] = {
        {"key", "usage: "},
        {"key forge", "no such command"},
        {"key create", "usage: "},
        {"key create --tenant", "requires an argument"},
        {"key create --tenant a b", "usage: "},
        {"key create --tenant a --bogus", "unrecognized option"},
        {"key create --tenant a/b", "--tenant: "},
        {"key create --tenant a --streams a/b", "--streams: element 0"},
        {"key create --tenant a --streams a,,b", "--streams: element 1"},
        {"key create --tenant a --calls record,write", "--calls: element 1"},
        {"key create --tenant a --calls record,beacon", "--calls: "},
        {"key create --tenant a --calls beacon", "--origins: is missing"},
        {"key create --tenant a --calls beacon --origin https://a.test/", "--origins: element 0"},
        {"key create --tenant a --origin https://a.test", "--origins: is for keys with calls"},
        {"key create --tenant a --allow-no-origin", "--allow-no-origin: is for keys with calls"},
        {"key create --tenant a --calls beacon --allow-no-origin --per-address many",
         "--per-address-requests-per-second: must be a whole number"},
        {"key create --tenant a --networks 10.0.0.1/8", "--networks: element 0"},
        {"key create --tenant a --not-before soon", "--not-before: must be a time"},
        {"key create --tenant a --expires 2026-01-31", "--expires: must be a time"},
        {"key create --tenant a --not-before 2027-01-01T00:00:00Z --expires 2026-01-01T00:00:00Z", "--expires: "},
        {"key create --tenant a --derived m1", "belong together"},
        {"key create --tenant a --derived m1 --config x --import -", "without --import"},
        {"key create --tenant a --streams \xFF", "--streams: is not UTF-8"},
        {"key list", "usage: "},
        {"key list --file x y", "usage: "},
        {"key show --file x", "usage: "},
    };
    struct run *r = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        check(run_command(r, cli_key, rows[i].line) == 2, "%s exits with 2", rows[i].line);
        check(strstr(r->err, rows[i].want) != NULL, "%s: %s", rows[i].line, r->err);
        check(r->out[0] == '\0', "%s: nothing on standard output: %s", rows[i].line, r->out);
    }
}

static void lists_have_no_digest(void **state)
{
    struct run *r = *state;
    json_t *made = create(r, "key create --tenant acme --streams orders,click* --expires 2027-01-01T00:00:00Z --json");
    const char *path = write_tenants(r, json_object_get(made, "row"));
    char digest[80], id[32], line[SCRATCH_PATH_BYTES + 128];

    snprintf(digest, sizeof(digest), "%s", text_of(made, "digest").ptr + strlen("sha256:"));
    snprintf(id, sizeof(id), "%s", text_of(made, "id").ptr);
    json_decref(made);
    static const char *const commands[] = {"list", "list --json", "show", "show --json"};
    for (size_t i = 0; i < LEN(commands); i++) {
        path = scratch_path(&r->scratch, "tenants.json");
        snprintf(line, sizeof(line), "key %s --file %s%s%s", commands[i], path, commands[i][0] == 's' ? " " : "",
                 commands[i][0] == 's' ? id : "");
        check(run_command(r, cli_key, line) == 0, "%s: %s", line, r->err);
        check(strstr(r->out, id) != NULL && strstr(r->out, "click*") != NULL, "%s: %s", line, r->out);
        check(strstr(r->out, "2027-01-01T00:00:00Z") != NULL, "%s: %s", line, r->out);
        check(strstr(r->out, digest) == NULL, "%s: has no digest", line);
        json_t *json = strstr(commands[i], "json") != NULL ? json_loads(r->out, 0, NULL) : json_null();
        check(json != NULL, "%s is JSON: %s", line, r->out);
        json_decref(json);
    }
    snprintf(line, sizeof(line), "key show --file %s nobody", scratch_path(&r->scratch, "tenants.json"));
    assert_int_equal(run_command(r, cli_key, line), 1);
    assert_non_null(strstr(r->err, "no key with that id"));
    assert_int_equal(run_command(r, cli_key, "key list --file nowhere.json"), 1);
    assert_non_null(strstr(r->err, "nowhere.json: cannot be opened"));
}

static void help_is_no_mistake(void **state)
{
    static const char *const lines[] = {"key --help", "key create --help", "key create --tenant --help",
                                        "key list --help", "key show --help"};
    struct run *r = *state;

    for (size_t i = 0; i < LEN(lines); i++) {
        check(run_command(r, cli_key, lines[i]) == 0, "%s", lines[i]);
        check(strncmp(r->out, "usage: kinesis-gateway key", 26) == 0, "%s: %s", lines[i], r->out);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_begin, run_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_key_made_is_a_key_accepted),
        TEST(restrictions_are_in_the_row),
        TEST(a_beacons_key_has_its_pages_in_the_row),
        TEST(no_two_keys_are_the_same),
        TEST(for_people_it_says_what_to_do),
        TEST(a_derived_key_has_the_secret_that_the_gateway_derives),
        TEST(what_is_wrong_is_named_and_exits_with_2),
        TEST(lists_have_no_digest),
        TEST(help_is_no_mistake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
