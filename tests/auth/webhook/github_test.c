/* The example of GitHub's documentation. */
#include "tests/auth/webhook/delivery.h"

#define SIGNATURE "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

static void the_documented_delivery_is_believed_and_no_other(void **state)
{
    struct delivery d;

    (void)state;
    delivery_begin(&d, "github", "It's a Secret to Everybody", "Hello, World!");
    delivery_add(&d, "X-Hub-Signature-256", SIGNATURE);
    delivery_flip_all(&d);
    assert_true(d.has_sha256);
    assert_int_equal(webhook_identity(&d.conf), WEBHOOK_ID_DIGEST);
    delivery_end(&d);
}

static void one_right_secret_of_several_will_do(void **state)
{
    struct delivery d;

    (void)state;
    delivery_begin(&d, "github", "the old one", "Hello, World!");
    delivery_add(&d, "x-hub-signature-256", SIGNATURE);
    delivery_add(&d, "X-Hub-Signature", "sha1=of no matter");
    assert_false(delivery_is_believed(&d));
    delivery_add_secret(&d, "It's a Secret to Everybody");
    assert_true(delivery_is_believed(&d));
    delivery_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_delivery_is_believed_and_no_other),
        cmocka_unit_test(one_right_secret_of_several_will_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
