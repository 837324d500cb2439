/* Whatever else signs with an HMAC; the signatures were made by another implementation. */
#include "tests/auth/webhook/delivery.h"

static void set(struct delivery *d, enum webhook_text text, const char *value)
{
    d->conf.texts[text] = span_str(value);
}

static void everything_in_a_template_is_signed(void **state)
{
    struct delivery d;

    (void)state;
    delivery_begin(&d, "hmac", "key", "body");
    set(&d, WEBHOOK_HEADER, "X-Sign");
    set(&d, WEBHOOK_TEMPLATE, "{method}|{url}|{id}|{timestamp}|{body}|end");
    set(&d, WEBHOOK_TIMESTAMP_HEADER, "X-Time");
    set(&d, WEBHOOK_ID_HEADER, "X-Id");
    set(&d, WEBHOOK_PUBLIC_URL, "https://h/x");
    d.query = "a=b";
    d.conf.algorithm = HMAC_SHA512;
    d.conf.encoding = WEBHOOK_BASE64URL;
    delivery_add(&d, "X-Time", "1700000000");
    delivery_add(&d, "X-Id", "m1");
    delivery_add(&d, "X-Sign",
                 "E-EQYejM2X_zChGz449BV7QjEXbISJJgEb1aQryFwX69rfmwvEvgOVedKXGBhmBGm5klh-9eK-Mot3bdYaWyjg");
    delivery_flip_all(&d);
    assert_true(delivery_is_believed(&d));
    assert_string_equal(d.id, "m1");
    assert_int_equal(webhook_identity(&d.conf), WEBHOOK_ID_SIGNED);
    delivery_check_tolerance(&d, 1700000000);
    d.method = "PUT";
    assert_false(delivery_is_believed(&d));
    d.method = "POST";
    d.query = "";
    assert_false(delivery_is_believed(&d));
    delivery_end(&d);
}

static void padding_may_be_there(void **state)
{
    struct delivery d;

    (void)state;
    delivery_begin(&d, "hmac", "hush", "{\"id\":820982911946154508}");
    set(&d, WEBHOOK_HEADER, "X-Sign");
    d.conf.encoding = WEBHOOK_BASE64URL;
    delivery_add(&d, "X-Sign", "qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPsH0I=");
    assert_true(delivery_is_believed(&d));
    d.fields[0].value.len--;
    assert_true(delivery_is_believed(&d));
    d.fields[0].value.len--;
    assert_false(delivery_is_believed(&d));
    delivery_end(&d);
}

static void a_header_may_hold_several_after_their_prefix(void **state)
{
    static const struct {
        const char *what, *value;
        bool ok;
    } rows[] = {
        {"one", "v1=70BBF6819D1037AA94CA7E7F537CBEA25FE49283", true},
        {"the second", "v1=00, v1=70BBF6819D1037AA94CA7E7F537CBEA25FE49283", true},
        {"of another prefix", "v2=70BBF6819D1037AA94CA7E7F537CBEA25FE49283", false},
        {"of none", "70BBF6819D1037AA94CA7E7F537CBEA25FE49283", false},
        {"in small letters", "v1=70bbf6819d1037aa94ca7e7f537cbea25fe49283", false},
    };
    struct delivery d;

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        delivery_begin(&d, "hmac", "key", "body");
        set(&d, WEBHOOK_HEADER, "X-Sign");
        set(&d, WEBHOOK_PREFIX, "v1=");
        d.conf.algorithm = HMAC_SHA1;
        d.conf.encoding = WEBHOOK_HEX_UPPER;
        delivery_add(&d, "X-Sign", rows[i].value);
        check(delivery_is_believed(&d) == rows[i].ok, "%s", rows[i].what);
        assert_int_equal(webhook_identity(&d.conf), WEBHOOK_ID_NONE);
        delivery_end(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_in_a_template_is_signed),
        cmocka_unit_test(padding_may_be_there),
        cmocka_unit_test(a_header_may_hold_several_after_their_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
