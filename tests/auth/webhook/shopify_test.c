/* The body's HMAC in base64; the signature was made by another implementation. */
#include "tests/auth/webhook/delivery.h"

static void a_delivery_is_believed_and_no_other(void **state)
{
    struct delivery d;

    (void)state;
    delivery_begin(&d, "shopify", "hush", "{\"id\":820982911946154508}");
    delivery_add(&d, "X-Shopify-Hmac-Sha256", "qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPsH0I=");
    delivery_flip_all(&d);
    assert_int_equal(webhook_identity(&d.conf), WEBHOOK_ID_DIGEST);
    delivery_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_delivery_is_believed_and_no_other)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
