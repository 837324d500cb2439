/* Deliveries as GitHub's, and a challenge's token. */
#include "tests/auth/webhook/delivery.h"

static void a_delivery_is_believed_and_no_other(void **state)
{
    struct delivery d;

    (void)state;
    delivery_begin(&d, "meta", "It's a Secret to Everybody", "Hello, World!");
    delivery_add(&d, "X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
    delivery_flip_all(&d);
    assert_int_equal(webhook_handshake(&d.conf), WEBHOOK_HANDSHAKE_META);
    delivery_end(&d);
}

static void a_verify_token_is_the_whole_one(void **state)
{
    struct webhook_conf c = {.scheme = webhook_scheme_find(SPAN("meta"))};

    (void)state;
    assert_false(webhook_is_verify_token(&c, SPAN("")));
    assert_true(secret_set(&c.verify_token, SPAN("token")));
    assert_true(webhook_is_verify_token(&c, SPAN("token")));
    assert_false(webhook_is_verify_token(&c, SPAN("toke")));
    assert_false(webhook_is_verify_token(&c, SPAN("tokens")));
    assert_false(webhook_is_verify_token(&c, SPAN("")));
    webhook_conf_clear_secrets(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delivery_is_believed_and_no_other),
        cmocka_unit_test(a_verify_token_is_the_whole_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
