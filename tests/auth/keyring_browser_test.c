#include "auth/keyring.h"

#include <stdio.h>

#include "tests/auth/check.h"

#define ROW                                                                                                            \
    "{\"tenants\":{\"acme\":{\"keys\":[{\"id\":\"k3Jd0aQzT5wYb2Rn\",\"digest\":\"sha256:"                              \
    "0000000000000000000000000000000000000000000000000000000000000000\",%s}]}}}"

static struct keyring *parse(const char *members, char error[KEYRING_ERROR_BYTES])
{
    char text[4096];

    snprintf(text, sizeof(text), ROW, members);
    return keyring_parse(span_str(text), error);
}

static void a_beacons_key_says_whose_pages_it_is_for(void **state)
{
    char error[KEYRING_ERROR_BYTES];
    struct keyring *k =
        parse("\"calls\":[\"beacon\"],\"origins\":[\"https://shop.example\",\"https://*.shop.example:8443\"],"
              "\"allow_no_origin\":false,\"per_address_requests_per_second\":20",
              error);

    (void)state;
    check(k != NULL, "%s", error);
    const struct key_row *row = keyring_key_at(k, 0);
    assert_int_equal(row->origins_len, 2);
    assert_true(origin_matches(row->origins, 2, SPAN("https://shop.example")));
    assert_true(origin_matches(row->origins, 2, SPAN("https://a.shop.example:8443")));
    assert_false(origin_matches(row->origins, 2, SPAN("https://a.shop.example")));
    assert_false(row->allow_no_origin);
    assert_int_equal(row->per_address_requests_per_second, 20);
    keyring_release(&k);
}

static void a_row_of_texts_alone_is_read_the_same(void **state)
{
    char error[KEYRING_ERROR_BYTES];
    struct keyring *k = parse("\"calls\":[\"beacon\"],\"origins\":[\"https://shop.example\"]", error);

    (void)state;
    check(k != NULL, "%s", error);
    const struct key_row *row = keyring_key_at(k, 0);
    assert_true(origin_matches(row->origins, row->origins_len, SPAN("https://shop.example")));
    assert_int_equal(row->per_address_requests_per_second, 0);
    keyring_release(&k);
    k = parse("\"calls\":[\"beacon\"],\"allow_no_origin\":true", error);
    check(k != NULL, "%s", error);
    assert_true(keyring_key_at(k, 0)->allow_no_origin && keyring_key_at(k, 0)->origins_len == 0);
    keyring_release(&k);
}

static void what_is_wrong_is_named(void **state)
{
    static const struct {
        const char *members, *want;
    } rows[] = {
        {"\"calls\":[\"beacon\"]", "keys[0].origins: is missing"},
        {"\"calls\":[\"beacon\"],\"allow_no_origin\":false", "keys[0].origins: is missing"},
        {"\"calls\":[\"beacon\"],\"origins\":[]", "keys[0].origins: must be a list"},
        {"\"calls\":[\"beacon\"],\"origins\":\"https://a.test\"", "keys[0].origins: must be a list"},
        {"\"calls\":[\"beacon\"],\"origins\":[\"https://a.test\",\"https://b.test/\"]", "keys[0].origins: element 1"},
        {"\"calls\":[\"beacon\"],\"origins\":[\"null\"]", "keys[0].origins: element 0"},
        {"\"calls\":[\"beacon\"],\"origins\":[\"*\"]", "keys[0].origins: element 0"},
        {"\"calls\":[\"beacon\"],\"origins\":[1]", "keys[0].origins: element 0"},
        {"\"calls\":[\"beacon\"],\"allow_no_origin\":\"true\"", "keys[0].allow_no_origin: must be true or false"},
        {"\"calls\":[\"beacon\"],\"allow_no_origin\":1", "keys[0].allow_no_origin: must be true or false"},
        {"\"calls\":[\"beacon\"],\"allow_no_origin\":true,\"per_address_requests_per_second\":0",
         "keys[0].per_address_requests_per_second: must be a whole number"},
        {"\"calls\":[\"beacon\"],\"allow_no_origin\":true,\"per_address_requests_per_second\":1000001",
         "keys[0].per_address_requests_per_second: must be a whole number"},
        {"\"calls\":[\"beacon\"],\"allow_no_origin\":true,\"per_address_requests_per_second\":1.5",
         "keys[0].per_address_requests_per_second: must be a whole number"},
        {"\"calls\":[\"beacon\"],\"allow_no_origin\":true,\"per_address_requests_per_second\":\"5\"",
         "keys[0].per_address_requests_per_second: must be a whole number"},
        {"\"origins\":[\"https://a.test\"]", "keys[0].origins: is for keys with calls [\"beacon\"]"},
        {"\"calls\":[\"record\"],\"allow_no_origin\":true", "keys[0].allow_no_origin: is for keys"},
        {"\"per_address_requests_per_second\":5", "keys[0].per_address_requests_per_second: is for keys"},
    };
    char error[KEYRING_ERROR_BYTES];

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct keyring *k = parse(rows[i].members, error);
        check(k == NULL && strstr(error, rows[i].want) != NULL, "%s: %s", rows[i].members, k == NULL ? error : "taken");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_beacons_key_says_whose_pages_it_is_for),
        cmocka_unit_test(a_row_of_texts_alone_is_read_the_same),
        cmocka_unit_test(what_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
