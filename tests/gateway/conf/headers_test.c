/* Which headers an envelope may list. */
#include "tests/gateway/conf/fixture.h"

static void names_are_kept_in_lower_case(void **state)
{
    static const struct {
        const char *json, *want;
    } rows[] = {
        {"null", "user-agent,referer"},
        {"[]", ""},
        {"[\"X-GitHub-Event\", \"user-agent\"]", "x-github-event,user-agent"},
        {"[\"webhook-id\"]", "webhook-id"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        fixture_reset(f);
        fixture_set(f, "streams.s.envelope", json_string("json"));
        fixture_set_text(f, "streams.s.envelope_headers", rows[i].json);
        fixture_accepted(f, rows[i].json);
        assert_true(f->conf->streams[0].has_envelope);
        check(span_is(f->conf->streams[0].envelope_headers, rows[i].want), "%s", rows[i].json);
    }
}

static void what_proves_who_somebody_is_cannot_be_listed(void **state)
{
    static const char *const names[] = {"Authorization",    "proxy-authorization",  "X-Api-Key",
                                        "cookie",           "Set-Cookie",           "X-Hub-Signature-256",
                                        "Stripe-Signature", "webhook-signature",    "X-Shopify-Hmac-Sha256",
                                        "X-Gitlab-Token",   "x-amz-security-token", "X-Secret",
                                        "X-Password"};
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(names); i++) {
        fixture_reset(f);
        fixture_set(f, "streams.s.envelope_headers", json_pack("[ss]", "referer", names[i]));
        fixture_refused(f, names[i], "streams.s.envelope_headers: ", "must not be listed");
    }
}

static void what_is_no_list_of_names_is_refused(void **state)
{
    static const char *const rows[] = {"\"referer\"", "[1]",      "[\"\"]", "[\"a b\"]",
                                       "[\"a,b\"]",   "[\"a:\"]", "{}",     "true"};
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        fixture_reset(f);
        fixture_set_text(f, "streams.s.envelope_headers", rows[i]);
        fixture_refused(f, rows[i], "streams.s.envelope_headers: ", "must be a list");
    }
    json_t *many = json_array();
    for (size_t i = 0; i != 33; i++)
        json_array_append_new(many, json_string("a"));
    fixture_reset(f);
    fixture_set(f, "streams.s.envelope_headers", many);
    fixture_refused(f, "33 names", "streams.s.envelope_headers: ", "at most 32");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_kept_in_lower_case),
        cmocka_unit_test(what_proves_who_somebody_is_cannot_be_listed),
        cmocka_unit_test(what_is_no_list_of_names_is_refused),
    };

    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
