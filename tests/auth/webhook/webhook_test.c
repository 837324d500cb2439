/* The table of schemes, and which settings each of them takes. */
#include "auth/webhook/webhook.h"
#include "tests/auth/check.h"

static void every_scheme_is_found_by_its_name(void **state)
{
    size_t len = 0;

    (void)state;
    for (; webhook_scheme_at(len) != NULL; len++)
        assert_ptr_equal(webhook_scheme_find(span_str(webhook_scheme_name(webhook_scheme_at(len)))),
                         webhook_scheme_at(len));
    assert_int_equal(len, 10);
    assert_null(webhook_scheme_find(SPAN("")));
    assert_null(webhook_scheme_find(SPAN("GitHub")));
}

static void settings_are_those_that_the_scheme_takes(void **state)
{
    static const struct {
        const char *what, *scheme;
        const char *texts[WEBHOOK_TEXTS];
        const char *wrong; /* NULL: nothing */
    } rows[] = {
        {"nothing said", "github", {0}, NULL},
        {"a header that would be ignored", "github", {[WEBHOOK_HEADER] = "X"}, "header is no setting"},
        {"a URL that would be ignored", "stripe", {[WEBHOOK_PUBLIC_URL] = "https://h/"}, "public_url is no setting"},
        {"no URL", "twilio", {0}, "public_url is missing"},
        {"a URL", "twilio", {[WEBHOOK_PUBLIC_URL] = "https://h/p"}, NULL},
        {"a URL without a host", "twilio", {[WEBHOOK_PUBLIC_URL] = "https:///p"}, "must be https://HOST/PATH"},
        {"a URL with a query", "twilio", {[WEBHOOK_PUBLIC_URL] = "https://h/p?a"}, "must be https://HOST/PATH"},
        {"a path", "twilio", {[WEBHOOK_PUBLIC_URL] = "/p"}, "must be https://HOST/PATH"},
        {"no user", "basic", {0}, "user is missing"},
        {"a user", "basic", {[WEBHOOK_USER] = "u"}, NULL},
        {"a bearer's token", "token", {0}, NULL},
        {"no header", "hmac", {0}, "header is missing"},
        {"a header", "hmac", {[WEBHOOK_HEADER] = "X"}, NULL},
        {"a template", "hmac", {[WEBHOOK_HEADER] = "X", [WEBHOOK_TEMPLATE] = "{body}"}, NULL},
        {"a template without the body", "hmac", {[WEBHOOK_HEADER] = "X", [WEBHOOK_TEMPLATE] = "a"}, "must have {body}"},
        {"a time from nowhere",
         "hmac",
         {[WEBHOOK_HEADER] = "X", [WEBHOOK_TEMPLATE] = "{timestamp}{body}"},
         "is missing"},
        {"a time that is not signed", "hmac", {[WEBHOOK_HEADER] = "X", [WEBHOOK_TIMESTAMP_HEADER] = "T"}, "not signed"},
        {"an id from nowhere", "hmac", {[WEBHOOK_HEADER] = "X", [WEBHOOK_TEMPLATE] = "{id}.{body}"}, "is missing"},
        {"an id that is not signed", "hmac", {[WEBHOOK_HEADER] = "X", [WEBHOOK_ID_HEADER] = "I"}, "not signed"},
        {"a URL from nowhere", "hmac", {[WEBHOOK_HEADER] = "X", [WEBHOOK_TEMPLATE] = "{url}{body}"}, "is missing"},
        {"everything",
         "hmac",
         {[WEBHOOK_HEADER] = "X",
          [WEBHOOK_PREFIX] = "v1=",
          [WEBHOOK_TEMPLATE] = "{id}{url}{timestamp}{body}",
          [WEBHOOK_TIMESTAMP_HEADER] = "T",
          [WEBHOOK_ID_HEADER] = "I",
          [WEBHOOK_PUBLIC_URL] = "https://h/p"},
         NULL},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct webhook_conf c = {.scheme = webhook_scheme_find(span_str(rows[i].scheme))};
        enum webhook_text at;
        for (size_t k = 0; k != WEBHOOK_TEXTS; k++)
            c.texts[k] = span_str(rows[i].texts[k]);
        const char *wrong = webhook_conf_check(&c, &at);
        check((wrong == NULL) == (rows[i].wrong == NULL), "%s: %s", rows[i].what, wrong);
        check(wrong == NULL || strstr(wrong, rows[i].wrong) != NULL, "%s: %s", rows[i].what, wrong);
        check(wrong == NULL || webhook_text_name(at) != NULL, "%s", rows[i].what);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scheme_is_found_by_its_name),
        cmocka_unit_test(settings_are_those_that_the_scheme_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
