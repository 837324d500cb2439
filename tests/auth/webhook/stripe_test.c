/* Stripe's header of several items; the signature was made by another implementation. */
#include "tests/auth/webhook/delivery.h"

#define TIME_S 1492774577
#define MAC    "799c4ba7bb339f3c8601adfd112f0e477c930a268be1243d341abb8286501c2f"
#define OTHER  "5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd"

static void begin(struct delivery *d, const char *header)
{
    delivery_begin(d, "stripe", "whsec_test_secret", "{\"id\":\"evt_1\"}");
    delivery_add(d, "Stripe-Signature", header);
    d->now_s = TIME_S;
}

static void a_delivery_is_believed_and_no_other(void **state)
{
    struct delivery d;

    (void)state;
    begin(&d, "t=1492774577,v1=" MAC);
    delivery_flip_all(&d);
    delivery_check_tolerance(&d, TIME_S);
    assert_string_equal(webhook_id_pointer(&d.conf), "/id");
    delivery_end(&d);
}

#define THREE "v1=" OTHER ",v1=" OTHER ",v1=" OTHER
#define NINE  THREE "," THREE "," THREE

static void items_may_stand_in_any_order_and_number(void **state)
{
    static const struct {
        const char *what, *header;
        bool ok;
    } rows[] = {
        {"two secrets in use", "t=1492774577,v1=" OTHER ",v1=" MAC, true},
        {"the time last", "v1=" MAC ",t=1492774577", true},
        {"another version beside it", "t=1492774577,v1=" MAC ",v0=" OTHER, true},
        {"unknown items", "t=1492774577,,x,y=,v1=" MAC, true},
        {"the tenth", "t=1492774577," NINE ",v1=" MAC, true},
        {"the eleventh", "t=1492774577," NINE ",v1=" OTHER ",v1=" MAC, false},
        {"another version alone", "t=1492774577,v0=" MAC, false},
        {"no time", "v1=" MAC, false},
        {"two times", "t=1492774577,t=1492774577,v1=" MAC, false},
        {"a time with a sign", "t=+1492774577,v1=" MAC, false},
        {"a time with a space", "t= 1492774577,v1=" MAC, false},
        {"no digits", "t=,v1=" MAC, false},
        {"capitals", "t=1492774577,v1=799C4ba7bb339f3c8601adfd112f0e477c930a268be1243d341abb8286501c2f", false},
        {"half of it", "t=1492774577,v1=799c4ba7bb339f3c8601adfd112f0e47", false},
        {"nothing", "t=1492774577,v1=", false},
        {"no header to speak of", "", false},
    };
    struct delivery d;

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        begin(&d, rows[i].header);
        check(delivery_is_believed(&d) == rows[i].ok, "%s: %s", rows[i].what, d.why);
        delivery_end(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delivery_is_believed_and_no_other),
        cmocka_unit_test(items_may_stand_in_any_order_and_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
