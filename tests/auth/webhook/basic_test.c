/* A user and a password: the whole of both, and nothing else. */
#include "tests/auth/webhook/delivery.h"

static void the_user_and_one_of_the_passwords_are_believed(void **state)
{
    static const struct {
        const char *what, *value;
        bool ok;
    } rows[] = {
        {"Aladdin:open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", true}, /* RFC 7617 section 2 */
        {"the second password", "Basic QWxhZGRpbjphOmI=", true},             /* Aladdin:a:b */
        {"the scheme in other letters", "basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", true},
        {"another user", "Basic YWxhZGRpbjpvcGVuIHNlc2FtZQ==", false},
        {"another password", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZT8=", false},
        {"no password", "Basic QWxhZGRpbg==", false},
        {"no base64", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ", false},
        {"another scheme", "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", false},
        {"nothing", "", false},
    };
    struct delivery d;

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        delivery_begin(&d, "basic", "open sesame", "any body");
        delivery_add_secret(&d, "a:b");
        d.conf.texts[WEBHOOK_USER] = SPAN("Aladdin");
        delivery_add(&d, "Authorization", rows[i].value);
        check(delivery_is_believed(&d) == rows[i].ok, "%s: %s", rows[i].what, d.why);
        delivery_add(&d, "authorization", rows[i].value);
        check(!delivery_is_believed(&d), "%s twice", rows[i].what);
        delivery_end(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_user_and_one_of_the_passwords_are_believed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
