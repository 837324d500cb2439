#include "auth/grant.h"

#include "tests/auth/check.h"

static const struct stream_pattern patterns[] = {{{"orders", 6}, false}, {{"clicks", 6}, true}};
static const struct stream_pattern any[] = {{{"", 0}, true}};

static void a_key_is_held_to_its_row(void **state)
{
    struct network networks[2];
    assert_true(network_parse(SPAN("10.0.0.0/8"), &networks[0]));
    assert_true(network_parse(SPAN("2001:db8::/32"), &networks[1]));
    const struct key_row free_row = {.calls = KEY_CALL_RECORD | KEY_CALL_RECORDS | KEY_CALL_AWS};
    const struct key_row bound_row = {
        .streams = patterns, .streams_len = 2, .calls = KEY_CALL_RECORD, .networks = networks, .networks_len = 2};
    const struct key_row beacon_row = {.streams = any, .streams_len = 1, .calls = KEY_CALL_BEACON};
    const struct {
        const char *what;
        const struct key_row *row;
        const char *stream;
        enum key_call call;
        const char *client;
        enum grant_verdict want;
    } rows[] = {
        {"no list of streams allows each", &free_row, "anything", KEY_CALL_AWS, "192.0.2.1", GRANT_OK},
        {"but not a call that was not given", &free_row, "anything", KEY_CALL_BEACON, "192.0.2.1", GRANT_NO_CALL},
        {"an exact name", &bound_row, "orders", KEY_CALL_RECORD, "10.1.2.3", GRANT_OK},
        {"not a longer one", &bound_row, "orders2", KEY_CALL_RECORD, "10.1.2.3", GRANT_NO_STREAM},
        {"not a shorter one", &bound_row, "order", KEY_CALL_RECORD, "10.1.2.3", GRANT_NO_STREAM},
        {"not in another case", &bound_row, "Orders", KEY_CALL_RECORD, "10.1.2.3", GRANT_NO_STREAM},
        {"a prefix", &bound_row, "clicks-eu", KEY_CALL_RECORD, "10.1.2.3", GRANT_OK},
        {"a prefix is also itself", &bound_row, "clicks", KEY_CALL_RECORD, "10.1.2.3", GRANT_OK},
        {"not less than the prefix", &bound_row, "click", KEY_CALL_RECORD, "10.1.2.3", GRANT_NO_STREAM},
        {"not the prefix inside", &bound_row, "my-clicks", KEY_CALL_RECORD, "10.1.2.3", GRANT_NO_STREAM},
        {"the call after the stream", &bound_row, "orders", KEY_CALL_RECORDS, "192.0.2.1", GRANT_NO_CALL},
        {"the stream first", &bound_row, "other", KEY_CALL_RECORDS, "192.0.2.1", GRANT_NO_STREAM},
        {"an address outside", &bound_row, "orders", KEY_CALL_RECORD, "11.0.0.1", GRANT_NO_NETWORK},
        {"an IPv6 address inside", &bound_row, "orders", KEY_CALL_RECORD, "2001:db8::7", GRANT_OK},
        {"an IPv6 address outside", &bound_row, "orders", KEY_CALL_RECORD, "2001:db9::7", GRANT_NO_NETWORK},
        {"an IPv4 address written as IPv6", &bound_row, "orders", KEY_CALL_RECORD, "::ffff:10.1.2.3", GRANT_OK},
        {"a beacon's key for beacons", &beacon_row, "any", KEY_CALL_BEACON, "192.0.2.1", GRANT_OK},
        {"and for nothing else", &beacon_row, "any", KEY_CALL_RECORD, "192.0.2.1", GRANT_NO_CALL},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct principal p = {.key = rows[i].row};
        struct address client;
        assert_true(address_parse(span_str(rows[i].client), &client));
        check(grant_check(&p, span_str(rows[i].stream), rows[i].call, client) == rows[i].want, "%s", rows[i].what);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_key_is_held_to_its_row)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
