/* A token in a header: the whole of it. */
#include "tests/auth/webhook/delivery.h"

static void the_token_is_believed_where_the_hook_says(void **state)
{
    static const struct {
        const char *what, *header, *prefix, *name, *value;
        bool ok;
    } rows[] = {
        {"a bearer", "", "", "Authorization", "Bearer tok-1", true},
        {"a bearer in other letters", "", "", "authorization", "bearer tok-1", true},
        {"the second token", "", "", "Authorization", "Bearer tok-2", true},
        {"a bearer without the word", "", "", "Authorization", "tok-1", false},
        {"a token with more", "", "", "Authorization", "Bearer tok-1x", false},
        {"a header of its own", "X-Gitlab-Token", "", "x-gitlab-token", "tok-1", true},
        {"another header", "X-Gitlab-Token", "", "Authorization", "Bearer tok-1", false},
        {"a prefix of its own", "X-Token", "Key ", "X-Token", "Key tok-1", true},
        {"without its prefix", "X-Token", "Key ", "X-Token", "tok-1", false},
        {"nothing", "X-Token", "", "X-Token", "", false},
    };
    struct delivery d;

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        delivery_begin(&d, "token", "tok-1", "any body");
        delivery_add_secret(&d, "tok-2");
        d.conf.texts[WEBHOOK_HEADER] = span_str(rows[i].header);
        d.conf.texts[WEBHOOK_PREFIX] = span_str(rows[i].prefix);
        delivery_add(&d, rows[i].name, rows[i].value);
        check(delivery_is_believed(&d) == rows[i].ok, "%s: %s", rows[i].what, d.why);
        delivery_add(&d, rows[i].name, rows[i].value);
        check(!delivery_is_believed(&d), "%s twice", rows[i].what);
        delivery_end(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_token_is_believed_where_the_hook_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
