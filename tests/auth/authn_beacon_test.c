/* Where browsers call, keys come in the query, and only theirs. */
#include "tests/auth/credentials.h"

enum { NO_KEY = -1 };

static void a_beacons_key_comes_in_the_query(void **state)
{
    static const struct {
        const char *what, *query; /* %s: the two keys, in this order */
        int keys[2];
        enum authn_verdict want;
    } rows[] = {
        {"alone", "key=%s", {BEACON_KEY, NO_KEY}, AUTHN_OK},
        {"among others", "a=1&key=%s&b", {BEACON_KEY, NO_KEY}, AUTHN_OK},
        {"twice the same", "key=%s&key=%s", {BEACON_KEY, BEACON_KEY}, AUTHN_OK},
        {"none", "", {NO_KEY, NO_KEY}, AUTHN_NONE},
        {"another name", "keys=%s&Key=%s&%%6bey=x", {BEACON_KEY, BEACON_KEY}, AUTHN_NONE},
        {"an empty one", "key=", {NO_KEY, NO_KEY}, AUTHN_BAD},
        {"without a value", "key", {NO_KEY, NO_KEY}, AUTHN_BAD},
        {"a key for other calls", "key=%s", {GOOD_KEY, NO_KEY}, AUTHN_BAD},
        {"one that nobody has", "key=%s", {UNLISTED_KEY, NO_KEY}, AUTHN_BAD},
        {"two different ones", "key=%s&key=%s", {BEACON_KEY, GOOD_KEY}, AUTHN_BAD},
        {"two different ones, the other way", "key=%s&key=%s", {GOOD_KEY, BEACON_KEY}, AUTHN_BAD},
        {"an empty one before it", "key=&key=%s", {BEACON_KEY, NO_KEY}, AUTHN_BAD},
        {"with an escape", "key=%%6b%s", {BEACON_KEY, NO_KEY}, AUTHN_BAD},
        {"with more behind", "key=%sx", {BEACON_KEY, NO_KEY}, AUTHN_BAD},
    };
    struct fixture f;

    (void)state;
    fixture_init(&f);
    for (size_t i = 0; i < LEN(rows); i++) {
        const char *keys[2];
        char query[512];
        struct principal p;
        for (size_t j = 0; j < 2; j++)
            keys[j] = rows[i].keys[j] == NO_KEY ? "" : f.keys[rows[i].keys[j]];
        snprintf(query, sizeof(query), rows[i].query, keys[0], keys[1]);
        struct authn_request r = {.query = span_str(query), .is_beacon = true};
        check(authn_check(f.keyring, &f.masters, &r, NOW_S, &p) == rows[i].want, "%s", rows[i].what);
        check((p.key != NULL) == (rows[i].want == AUTHN_OK), "%s: who", rows[i].what);
        r.is_beacon = false;
        check(authn_check(f.keyring, &f.masters, &r, NOW_S, &p) == AUTHN_NONE, "%s: elsewhere", rows[i].what);
    }
    fixture_clear(&f);
}

static void the_head_is_not_looked_at(void **state)
{
    struct fixture f;
    struct principal p;
    char query[256];

    (void)state;
    fixture_init(&f);
    struct sigv4_header header = {SPAN("X-Api-Key"), span_str(f.keys[BEACON_KEY])};
    struct authn_request r = {.query = SPAN("a=1"), .headers = &header, .headers_len = 1, .is_beacon = true};
    assert_int_equal(authn_check(f.keyring, &f.masters, &r, NOW_S, &p), AUTHN_NONE);
    snprintf(query, sizeof(query), "key=%s", f.keys[BEACON_KEY]);
    r.query = span_str(query);
    header.value = span_str(f.wrong_secret);
    assert_int_equal(authn_check(f.keyring, &f.masters, &r, NOW_S, &p), AUTHN_OK);
    fixture_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_beacons_key_comes_in_the_query),
        cmocka_unit_test(the_head_is_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
