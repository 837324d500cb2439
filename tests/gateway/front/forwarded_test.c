/* Whose word on a client's address is believed, and up to where. */
#include "gateway/front/forwarded.h"

#include "tests/auth/check.h"
#include "tests/lib/fake_exchange.h"

static struct networks networks_of(const char *const *texts)
{
    struct networks n = {.len = 0};

    while (*texts != NULL)
        assert_true(network_parse(span_str(*texts++), &n.list[n.len++]));
    return n;
}

static void an_element_is_an_address_with_or_without_a_port(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"192.0.2.7", "192.0.2.7"},
        {"192.0.2.7:80", "192.0.2.7"},
        {"2001:db8::1", "2001:db8::1"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"[::1]:65535", "::1"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"", NULL},
        {"unknown", NULL},
        {"192.0.2.7:", NULL},
        {"192.0.2.7:65536", NULL},
        {"192.0.2.7:+1", NULL},
        {"192.0.2.256", NULL},
        {"192.0.2", NULL},
        {"[192.0.2.7]", NULL},
        {"[::1", NULL},
        {"[::1]x", NULL},
        {"[::1]:", NULL},
        {"::1%eth0", NULL},
        {"[]", NULL},
        {"_hidden", NULL},
        {"\"192.0.2.7\"", NULL},
        {":80", NULL},
        {"192.0.2.7:000080", NULL},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct address a;
        char text[ADDRESS_TEXT_BYTES_MAX];
        bool ok = forwarded_element(span_str(rows[i].text), &a);
        check(ok == (rows[i].want != NULL), "%s", rows[i].text);
        check(!ok || span_is(span_of(text, address_format(a, text)), rows[i].want), "%s", rows[i].text);
    }
}

static void the_last_hop_that_is_not_trusted_is_the_client(void **state)
{
    static const char *const trusted[] = {"192.0.2.0/24", "10.0.0.0/8", NULL}, *const others[] = {"10.0.0.0/8", NULL},
                             *const none[] = {NULL};
    static const struct {
        const char *fields, *want;
        const char *const *trusted;
    } rows[] = {
        {"", "192.0.2.7", trusted},
        {"X-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9", trusted},
        {"x-forwarded-for: 1.1.1.1 ,\t203.0.113.9 , 10.0.0.1\r\n", "203.0.113.9", trusted},
        {"X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 10.0.0.1\r\n", "1.1.1.1", trusted},
        {"X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9", trusted},
        {"X-Forwarded-For: 10.0.0.3, 10.0.0.2\r\n", "10.0.0.3", trusted},
        {"X-Forwarded-For: 1.1.1.1, x, 10.0.0.2\r\n", "10.0.0.2", trusted},
        {"X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: x\r\n", "192.0.2.7", trusted},
        {"X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For:\r\n", "192.0.2.7", trusted},
        {"X-Forwarded-For: ,\r\n", "192.0.2.7", trusted},
        {"X-Forwarded-For: 1.1.1.1\r\n", "192.0.2.7", others},
        {"X-Forwarded-For: 1.1.1.1\r\n", "192.0.2.7", none},
        {"X-Forwarded: 1.1.1.1\r\n", "192.0.2.7", trusted},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct fake_exchange *e = fake_request("POST /", rows[i].fields, SPAN(""));
        struct networks n = networks_of(rows[i].trusted);
        char text[ADDRESS_TEXT_BYTES_MAX];
        struct address client = forwarded_client(&e->exchange.head, e->exchange.peer, &n);
        check(span_is(span_of(text, address_format(client, text)), rows[i].want), "%s", rows[i].fields);
        client = forwarded_client(&e->exchange.head, e->exchange.peer, NULL);
        check(span_is(span_of(text, address_format(client, text)), "192.0.2.7"), "with nobody to believe");
        fake_exchange_gone(e);
        fake_exchange_free(e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_element_is_an_address_with_or_without_a_port),
        cmocka_unit_test(the_last_hop_that_is_not_trusted_is_the_client),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
