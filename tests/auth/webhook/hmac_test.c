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

/* "m.1.{...}" would be both m and 1.{...}, and m.1 and {...}. */
static void an_id_does_not_reach_into_its_neighbours(void **state)
{
    static const struct {
        const char *template, *id, *body, *text;
        bool ok;
    } rows[] = {
        {"{id}.{body}", "m", "1.x", "m.1.x", true},        {"{id}.{body}", "m.1", "x", "m.1.x", false},
        {"{body}--{id}", "m", "x--1", "x--1--m", true},    {"{body}--{id}", "1--m", "x", "x--1--m", false},
        {"{body}--{id}", "1-m", "x", "x--1-m", true},      {"v1:{id}:{body}", "v1", "x", "v1:v1:x", true},
        {"v1:{id}:{body}", "m:x", "y", "v1:m:x:y", false},
    };
    struct delivery d;

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        char header[2 * SHA256_BYTES + 1] = "";
        delivery_begin(&d, "hmac", "key", rows[i].body);
        set(&d, WEBHOOK_HEADER, "X-Sign");
        set(&d, WEBHOOK_TEMPLATE, rows[i].template);
        set(&d, WEBHOOK_ID_HEADER, "X-Id");
        uint8_t mac[SHA256_BYTES];
        digest_hmac_sha256(SPAN("key"), span_str(rows[i].text), mac);
        hex_encode(mac, sizeof(mac), header);
        delivery_add(&d, "X-Id", rows[i].id);
        delivery_add(&d, "X-Sign", header);
        check(delivery_is_believed(&d) == rows[i].ok, "%s of %s: %s", rows[i].template, rows[i].text, d.why);
        delivery_end(&d);
    }
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
        cmocka_unit_test(an_id_does_not_reach_into_its_neighbours),
        cmocka_unit_test(padding_may_be_there),
        cmocka_unit_test(a_header_may_hold_several_after_their_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
