#include "auth/address.h"

#include "tests/auth/check.h"

static void addresses_are_numeric_and_printed_back(void **state)
{
    static const struct {
        const char *text, *printed; /* NULL: refused */
    } rows[] = {
        {"0.0.0.0", "0.0.0.0"},
        {"192.0.2.255", "192.0.2.255"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::FFFF:c000:201", "192.0.2.1"},
        {"::", "::"},
        {"::1", "::1"},
        {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"0000:0000:0000:0000:0000:ffff:255.255.255.255", "255.255.255.255"},
        {"", NULL},
        {"1.2.3", NULL},
        {"1.2.3.4.5", NULL},
        {"256.0.0.1", NULL},
        {"01.2.3.4", NULL},
        {"0x7f.0.0.1", NULL},
        {"2130706433", NULL},
        {"1.2.3.4:80", NULL},
        {" 1.2.3.4", NULL},
        {"1.2.3.4 ", NULL},
        {"[::1]", NULL},
        {"fe80::1%eth0", NULL},
        {"::1::", NULL},
        {"12345::", NULL},
        {"1:2:3:4:5:6:7:8:9", NULL},
        {"localhost", NULL},
    };
    struct address a;
    char out[ADDRESS_TEXT_BYTES_MAX];

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        check(address_parse(span_str(rows[i].text), &a) == (rows[i].printed != NULL), "\"%s\"", rows[i].text);
        if (rows[i].printed != NULL)
            check(span_is(span_of(out, address_format(a, out)), rows[i].printed), "\"%s\"", rows[i].text);
    }
    assert_false(address_parse(SPAN("1.2.3.4\0"), &a));
    assert_false(address_parse((struct span){0}, &a));
}

static void both_families_share_one_form(void **state)
{
    static const uint8_t four[4] = {192, 0, 2, 1};
    struct address a = address_from_ipv4(four), parsed;

    (void)state;
    assert_true(address_parse(SPAN("192.0.2.1"), &parsed));
    assert_memory_equal(&a, &parsed, sizeof(a));
    a = address_from_ipv6(a.bytes);
    assert_memory_equal(&a, &parsed, sizeof(a));
}

static void networks_contain_what_their_prefix_says(void **state)
{
    static const struct {
        const char *network, *inside, *outside; /* inside NULL: refused */
    } rows[] = {
        {"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
        {"10.0.0.0/8", "10.0.0.0", "9.255.255.255"},
        {"10.1.2.0/23", "10.1.3.255", "10.1.4.0"},
        {"192.0.2.7", "192.0.2.7", "192.0.2.6"},
        {"192.0.2.7/32", "192.0.2.7", "192.0.2.8"},
        {"192.0.2.6/31", "192.0.2.7", "192.0.2.8"},
        {"0.0.0.0/0", "255.255.255.255", "2001:db8::1"},
        {"128.0.0.0/1", "128.0.0.1", "127.255.255.255"},
        {"::/0", "2001:db8::1", NULL},
        {"::/0", "1.2.3.4", NULL},
        {"2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"},
        {"2001:db8::8000/113", "2001:db8::ffff", "2001:db8::7fff"},
        {"::1", "::1", "::2"},
        {"::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.0"},
        {"2001:db8::/128", "2001:db8::", "2001:db8::1"},
        {"10.0.0.1/8", NULL, NULL},
        {"10.1.0.0/15", NULL, NULL},
        {"2001:db8::1/64", NULL, NULL},
        {"10.0.0.0/33", NULL, NULL},
        {"::/129", NULL, NULL},
        {"10.0.0.0/", NULL, NULL},
        {"10.0.0.0/08", NULL, NULL},
        {"10.0.0.0/ 8", NULL, NULL},
        {"10.0.0.0/-8", NULL, NULL},
        {"10.0.0.0/8/8", NULL, NULL},
        {"10.0.0.0/255.0.0.0", NULL, NULL},
        {"10/8", NULL, NULL},
        {"/8", NULL, NULL},
        {"", NULL, NULL},
    };
    struct network n;
    struct address a;

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        check(network_parse(span_str(rows[i].network), &n) == (rows[i].inside != NULL), "\"%s\"", rows[i].network);
        if (rows[i].inside != NULL)
            check(address_parse(span_str(rows[i].inside), &a) && network_contains(&n, a), "%s has %s", rows[i].network,
                  rows[i].inside);
        if (rows[i].outside != NULL)
            check(address_parse(span_str(rows[i].outside), &a) && !network_contains(&n, a), "%s has not %s",
                  rows[i].network, rows[i].outside);
    }
}

static void an_address_is_cut_to_its_network(void **state)
{
    static const struct {
        const char *from;
        unsigned ipv4_bits, ipv6_bits;
        const char *want;
    } rows[] = {
        {"192.0.2.129", 24, 48, "192.0.2.0"},
        {"192.0.2.129", 32, 48, "192.0.2.129"},
        {"192.0.2.129", 0, 48, "0.0.0.0"},
        {"192.0.2.129", 25, 48, "192.0.2.128"},
        {"2001:db8:1:2:3:4:5:6", 24, 48, "2001:db8:1::"},
        {"2001:db8:1:2:3:4:5:6", 24, 64, "2001:db8:1:2::"},
        {"2001:db8:1:2:3:4:5:6", 24, 128, "2001:db8:1:2:3:4:5:6"},
        {"2001:db8:1:2:3:4:5:6", 24, 0, "::"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        char out[ADDRESS_TEXT_BYTES_MAX];
        struct address a;
        assert_true(address_parse(span_str(rows[i].from), &a));
        a = address_truncate(a, rows[i].ipv4_bits, rows[i].ipv6_bits);
        check(span_is(span_of(out, address_format(a, out)), rows[i].want), "%s", rows[i].from);
    }
}

static void a_few_networks_are_one_set(void **state)
{
    struct networks a = {.len = 2}, b;
    struct address inside, outside;

    (void)state;
    assert_true(network_parse(SPAN("10.0.0.0/8"), &a.list[0]) && network_parse(SPAN("2001:db8::/32"), &a.list[1]));
    assert_true(address_parse(SPAN("2001:db8::7"), &inside) && address_parse(SPAN("11.0.0.1"), &outside));
    assert_true(networks_contain(&a, inside) && !networks_contain(&a, outside));
    b = a;
    assert_true(networks_equal(&a, &b));
    b.list[1].bits++;
    assert_false(networks_equal(&a, &b));
    b.len = 1;
    assert_false(networks_equal(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_numeric_and_printed_back),
        cmocka_unit_test(both_families_share_one_form),
        cmocka_unit_test(networks_contain_what_their_prefix_says),
        cmocka_unit_test(an_address_is_cut_to_its_network),
        cmocka_unit_test(a_few_networks_are_one_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
