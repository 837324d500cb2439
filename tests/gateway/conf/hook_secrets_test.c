/* The hooks' secrets: read with the snapshot, told by nobody. */
#include "gateway/front/snapshot.h"
#include "tests/gateway/conf/fixture.h"

#define HOOK(scheme, more)                                                                                             \
    "{\"stream\": \"s\", \"tenant\": \"acme\", \"scheme\": \"" scheme "\", \"secrets\": [" more "]}"

static struct snapshot *load(struct fixture *f)
{
    fixture_accepted(f, "the configuration");
    return conf_load_snapshot(f->conf, 0, f->error);
}

static void they_are_the_snapshots_own(void **state)
{
    struct fixture *f = *state;

    setenv("KGWTEST_HOOK", "from the environment", 1);
    fixture_set_text(f, "hooks.h", HOOK("github", "\"file:file\", \"env:KGWTEST_HOOK\""));
    fixture_set_text(f, "hooks.m",
                     "{\"stream\": \"s\", \"tenant\": \"acme\", \"scheme\": \"meta\", \"secrets\": [\"file:file\"],"
                     " \"verify_token\": \"env:KGWTEST_HOOK\"}");
    struct snapshot *s = load(f);
    check(s != NULL, "%s", f->error);
    conf_free(&f->conf);
    const struct hook_row *h = hook_table_find(s->hooks, SPAN("h"));
    assert_int_equal(h->webhook.secrets_len, 2);
    assert_true(span_is(secret_reveal(&h->webhook.secrets[0].bytes), "0123456789abcdef0123456789abcdef"));
    assert_true(span_is(secret_reveal(&h->webhook.secrets[1].bytes), "from the environment"));
    h = hook_table_find(s->hooks, SPAN("m"));
    assert_true(webhook_is_verify_token(&h->webhook, SPAN("from the environment")));
    snapshot_release(&s);
    fixture_reset(f);
    s = load(f);
    assert_int_equal(hook_table_len(s->hooks), 0);
    snapshot_release(&s);
}

static void errors_name_the_hook_and_not_the_secret(void **state)
{
    static const struct {
        const char *what, *json, *want;
    } rows[] = {
        {"a variable that is not set", HOOK("github", "\"file:file\", \"env:KGWTEST_NOTHING\""),
         "hooks.h.secrets[1]: env:KGWTEST_NOTHING is not set"},
        {"a secret of another kind", HOOK("standard", "\"env:KGWTEST_HOOK\""), "hooks.h.secrets[0]: must be whsec_"},
        {"a token that is not set",
         "{\"stream\": \"s\", \"tenant\": \"acme\", \"scheme\": \"meta\", \"secrets\": [\"file:file\"],"
         " \"verify_token\": \"env:KGWTEST_NOTHING\"}",
         "hooks.h.verify_token: env:KGWTEST_NOTHING is not set"},
    };
    struct fixture *f = *state;

    unsetenv("KGWTEST_NOTHING");
    setenv("KGWTEST_HOOK", "not base64", 1);
    for (size_t i = 0; i != LEN(rows); i++) {
        fixture_set_text(f, "hooks.h", rows[i].json);
        assert_null(load(f));
        check(strstr(f->error, rows[i].want) == f->error, "%s: %s", rows[i].what, f->error);
        check(strstr(f->error, "not base64") == NULL, "%s: %s", rows[i].what, f->error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(they_are_the_snapshots_own, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(errors_name_the_hook_and_not_the_secret, fixture_begin, fixture_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
