/* What a hook's settings come to, and what they must not be. */
#include "gateway/front/snapshot.h"
#include "tests/gateway/conf/fixture.h"

#define BEGIN "{\"stream\": \"s\", \"tenant\": \"acme\", \"secrets\": [\"file:file\"], "

static const struct hook_row *only_hook(const struct fixture *f)
{
    assert_int_equal(f->conf->hooks_len, 1);
    return &f->conf->hooks[0].row;
}

static void a_hook_has_defaults(void **state)
{
    struct fixture *f = *state;

    fixture_set_text(f, "streams.s.partition_key", "{\"json\": \"/user\"}");
    fixture_set_text(f, "hooks.h-1", BEGIN "\"scheme\": \"github\"}");
    fixture_accepted(f, "a hook with little said");
    const struct hook_row *h = only_hook(f);
    assert_true(span_is(h->name, "h-1") && span_is(h->tenant, "acme") && span_is(h->stream, "s"));
    assert_ptr_equal(h->webhook.scheme, webhook_scheme_find(SPAN("github")));
    assert_true(h->dedups && h->dedup_window_us == UINT64_C(86400) * 1000000 && h->dedup_id.len == 0);
    assert_int_equal(h->webhook.tolerance_s, 300);
    assert_true(h->partition.source == PARTITION_JSON && span_is(h->partition.argument, "/user"));
    assert_int_equal(h->webhook.secrets_len, 0);
    assert_int_equal(f->conf->front.hook_timeout_ms, 2500);
}

static void a_hook_may_say_much(void **state)
{
    struct fixture *f = *state;

    fixture_set_text(f, "hooks.h",
                     BEGIN "\"scheme\": \"hmac\", \"tolerance_s\": 60, \"dedup\": \"off\", \"dedup_window_s\": 60,"
                           " \"dedup_id\": \"X-Id\", \"partition_key\": \"client_ip\", \"header\": \"X-Sign\","
                           " \"partition_key_missing\": \"reject\", \"prefix\": \"v1=\", \"encoding\": \"base64url\","
                           " \"algorithm\": \"sha512\", \"template\": \"{timestamp}{body}\","
                           " \"timestamp_header\": \"X-Time\", \"request_origins\": [\"a.example\"]}");
    fixture_accepted(f, "a hook with much said");
    const struct hook_row *h = only_hook(f);
    assert_true(!h->dedups && h->dedup_window_us == 60000000 && span_is(h->dedup_id, "X-Id"));
    assert_true(h->partition.source == PARTITION_CLIENT_IP && h->partition.reject_if_missing);
    assert_true(h->webhook.encoding == WEBHOOK_BASE64URL && h->webhook.algorithm == HMAC_SHA512);
    assert_true(span_is(h->webhook.texts[WEBHOOK_TIMESTAMP_HEADER], "X-Time"));
    assert_true(h->origins_len == 1 && span_is(h->origins[0], "a.example"));
}

static void what_a_hook_may_not_be(void **state)
{
    static const struct {
        const char *what, *path, *json, *begin, *rest;
    } rows[] = {
        {"hooks that are a list", "hooks", "[]", "hooks: ", "must be an object"},
        {"a hook that is a text", "hooks.h", "\"x\"", "hooks.h: ", "must be an object"},
        {"a name with a slash", "hooks.a/b", "{}", "hooks.a/b: ", "must be 1 to 64"},
        {"nothing said", "hooks.h", "{}", "hooks.h.stream: ", "must be the name of a stream"},
        {"an unknown stream", "hooks.h", "{\"stream\": \"t\"}", "hooks.h.stream: ", "must be the name of a stream"},
        {"no tenant", "hooks.h", "{\"stream\": \"s\"}", "hooks.h.tenant: ", "must be the name of a tenant"},
        {"no scheme", "hooks.h", "{\"stream\": \"s\", \"tenant\": \"a\"}", "hooks.h.scheme: ", "github, stripe"},
        {"an unknown scheme", "hooks.h", BEGIN "\"scheme\": \"gitlab\"}", "hooks.h.scheme: ", "basic or token"},
        {"no secrets", "hooks.h", "{\"stream\": \"s\", \"tenant\": \"a\", \"scheme\": \"github\"}",
         "hooks.h.secrets: ", "is missing"},
        {"an empty list of them", "hooks.h.secrets", "[]", "hooks.h.secrets: ", "1 to 8"},
        {"nine of them", "hooks.h.secrets",
         "[\"env:A\",\"env:A\",\"env:A\",\"env:A\",\"env:A\",\"env:A\",\"env:A\",\"env:A\",\"env:A\"]",
         "hooks.h.secrets: ", "1 to 8"},
        {"the secret itself", "hooks.h.secrets", "[\"env:A\", \"hush\"]",
         "hooks.h.secrets[1]: ", "never the secret itself"},
        {"a number for a secret", "hooks.h.secrets", "[1]", "hooks.h.secrets[0]: ", "must say where the secret is"},
        {"a file that is not there", "hooks.h.secrets", "[\"file:none\"]", "hooks.h.secrets[0]: ", "cannot be"},
        {"a setting of another scheme", "hooks.h", BEGIN "\"scheme\": \"github\", \"header\": \"X\"}",
         "hooks.h.header: ", "is no setting"},
        {"a header that is none", "hooks.h", BEGIN "\"scheme\": \"hmac\", \"header\": \"X Y\"}",
         "hooks.h.header: ", "the name of a header"},
        {"a template without the body", "hooks.h",
         BEGIN "\"scheme\": \"hmac\", \"header\": \"X\", \"template\": \"x\"}", "hooks.h.template: ", "{body} once"},
        {"a token of a challenge elsewhere", "hooks.h", BEGIN "\"scheme\": \"github\", \"verify_token\": \"env:A\"}",
         "hooks.h.verify_token: ", "is no setting"},
        {"an id that is no place", "hooks.h", BEGIN "\"scheme\": \"github\", \"dedup_id\": \"/a~2\"}",
         "hooks.h.dedup_id: ", "JSON pointer"},
        {"an id with a space", "hooks.h", BEGIN "\"scheme\": \"github\", \"dedup_id\": \"a b\"}",
         "hooks.h.dedup_id: ", "name of a header"},
        {"another encoding", "hooks.h", BEGIN "\"scheme\": \"hmac\", \"encoding\": \"binary\"}",
         "hooks.h.encoding: ", "\"hex\", \"hex_upper\", \"base64\" or \"base64url\""},
        {"an unknown setting", "hooks.h", BEGIN "\"schema\": \"github\"}", "hooks.h.schema: ", "scheme"},
        {"a key in what holds credentials", "hooks.h", BEGIN "\"partition_key\": {\"header\": \"Authorization\"}}",
         "hooks.h.partition_key: ", "credentials"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        fixture_reset(f);
        fixture_set_text(f, rows[i].path, rows[i].json);
        fixture_refused(f, rows[i].what, rows[i].begin, rows[i].rest);
        check(strstr(f->error, "hush") == NULL, "no secret is told: %s", f->error);
    }
}

/* Whatever its name is. */
static void the_header_of_its_proof_is_no_part_of_a_record(void **state)
{
    static const struct {
        const char *what, *listed, *hook;
        bool ok;
    } rows[] = {
        {"another is listed", "[\"x-event\"]", BEGIN "\"scheme\": \"token\", \"header\": \"X-Door\"}", true},
        {"it is listed", "[\"x-event\", \"x-door\"]", BEGIN "\"scheme\": \"token\", \"header\": \"X-Door\"}", false},
        {"a signature", "[\"x-door\"]", BEGIN "\"scheme\": \"hmac\", \"header\": \"X-Door\"}", false},
        {"a partition key", "[]",
         BEGIN "\"scheme\": \"token\", \"header\": \"X-Door\", \"partition_key\": {\"header\": \"x-door\"}}", false},
        {"an id", "[]", BEGIN "\"scheme\": \"token\", \"header\": \"X-Door\", \"dedup_id\": \"x-door\"}", false},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        fixture_reset(f);
        fixture_set_text(f, "streams.s.envelope_headers", rows[i].listed);
        fixture_set_text(f, "hooks.h", rows[i].hook);
        if (rows[i].ok)
            fixture_accepted(f, rows[i].what);
        else
            fixture_refused(f, rows[i].what, "hooks.h.header: ", "must not be shown");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hook_has_defaults, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(a_hook_may_say_much, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(what_a_hook_may_not_be, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(the_header_of_its_proof_is_no_part_of_a_record, fixture_begin, fixture_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
