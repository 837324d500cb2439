/* The examples of Twilio's documentation and of its library's tests. */
#include "tests/auth/webhook/delivery.h"

#define URL  "https://mycompany.com/myapp.php"
#define FORM "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
#define MAC  "RSOYDt4T1cUTdK1PDd93/VVr8B8="

static void begin(struct delivery *d, const char *url, const char *query, const char *body, const char *signature)
{
    delivery_begin(d, "twilio", "12345", body);
    d->conf.texts[WEBHOOK_PUBLIC_URL] = span_str(url);
    d->query = query;
    delivery_add(d, "X-Twilio-Signature", signature);
}

static void the_documented_form_is_believed_and_no_other(void **state)
{
    struct delivery d;

    (void)state;
    begin(&d, URL, "foo=1&bar=2", FORM, MAC);
    delivery_flip_all(&d);
    d.query = "foo=1&bar=3";
    assert_false(delivery_is_believed(&d));
    assert_int_equal(webhook_identity(&d.conf), WEBHOOK_ID_NONE);
    delivery_end(&d);
}

static void any_other_body_is_signed_by_its_digest(void **state)
{
    struct delivery d;

    (void)state;
    begin(&d, URL, "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
          "{\"property\": \"value\", \"boolean\": true}", "y77kIzt2vzLz71DgmJGsen2scGs=");
    delivery_flip_all(&d);
    d.query = "bodySHA256=0A1FF7634D9AB3B95DB5C9A2DFE9416E41502B283A80C7CF19632632F96E6620";
    assert_false(delivery_is_believed(&d));
    d.query = "bodySHA256=";
    assert_false(delivery_is_believed(&d));
    delivery_end(&d);
}

static void the_urls_port_may_go_without_saying(void **state)
{
    static const struct {
        const char *what, *url, *signature;
        bool ok;
    } rows[] = {
        {"neither says it", URL, MAC, true},
        {"the provider says it", URL, "kvajT1Ptam85bY51eRf/AJRuM3w=", true},
        {"the setting says it", "https://mycompany.com:443/myapp.php", MAC, true},
        {"both say it", "https://mycompany.com:443/myapp.php", "kvajT1Ptam85bY51eRf/AJRuM3w=", true},
        {"another host", "https://mycompany.org/myapp.php", MAC, false},
        {"another scheme", "http://mycompany.com/myapp.php", MAC, false},
    };
    struct delivery d;

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        begin(&d, rows[i].url, "foo=1&bar=2", FORM, rows[i].signature);
        check(delivery_is_believed(&d) == rows[i].ok, "%s", rows[i].what);
        delivery_end(&d);
    }
}

/* Names are sorted, then values; what is there twice is signed once. Escapes are written in one way. */
static void a_forms_order_does_not_matter_and_its_writing_does(void **state)
{
    static const struct {
        const char *body;
        bool ok;
    } rows[] = {
        {"To=%2B18005551212&From=%2B14158675309&Digits=1234&CallSid=CA1234567890ABCDE&Caller=%2B14158675309", true},
        {FORM "&Digits=1234", true},
        {FORM "&Digits=", false},
        {"CallSid=CA1234567890ABCDE&Caller=%2b14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212", false},
        {"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212%", false},
        {"", false},
    };
    struct delivery d;

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        begin(&d, URL, "foo=1&bar=2", rows[i].body, MAC);
        check(delivery_is_believed(&d) == rows[i].ok, "%s", rows[i].body);
        delivery_end(&d);
    }
}

static void a_large_form_is_refused(void **state)
{
    static char body[65537];
    struct delivery d;

    (void)state;
    memset(body, 'a', sizeof(body));
    begin(&d, URL, "", "", MAC);
    d.body = span_of(body, sizeof(body));
    assert_false(delivery_is_believed(&d));
    memset(body, '&', 300);
    d.body = span_of(body, 300);
    assert_false(delivery_is_believed(&d));
    assert_string_equal(d.why, "a body that is no form, or a large one");
    delivery_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_form_is_believed_and_no_other),
        cmocka_unit_test(any_other_body_is_signed_by_its_digest),
        cmocka_unit_test(the_urls_port_may_go_without_saying),
        cmocka_unit_test(a_forms_order_does_not_matter_and_its_writing_does),
        cmocka_unit_test(a_large_form_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
