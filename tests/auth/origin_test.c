#include "auth/origin.h"

#include "tests/auth/check.h"

static void an_origin_is_written_in_one_way(void **state)
{
    static const struct {
        const char *text;
        bool is_origin;
    } rows[] = {
        {"https://shop.example", true},
        {"http://shop.example", true},
        {"https://shop.example:8443", true},
        {"http://localhost:3000", true},
        {"http://127.0.0.1:8080", true},
        {"https://[2001:db8::1]", true},
        {"http://[::1]:3000", true},
        {"https://xn--bcher-kva.example", true},
        {"https://a_b.shop.example", true},
        {"http://shop.example:443", true},
        {"https://*.shop.example", true},
        {"https://*.shop.example:8443", true},
        {"", false},
        {"null", false},
        {"*", false},
        {"https://*", false},
        {"https://*.com", false},
        {"https://*.", false},
        {"http://*.shop.example", false},
        {"https://*.0.0.1", false},
        {"https://*shop.example", false},
        {"https://a.*.example", false},
        {"https://*.*.example", false},
        {"https://", false},
        {"https:///", false},
        {"https://shop.example/", false},
        {"https://shop.example.", false},
        {"https://shop..example", false},
        {"https://.shop.example", false},
        {"https://shop.example:443", false},
        {"http://shop.example:80", false},
        {"https://shop.example:", false},
        {"https://shop.example:0", false},
        {"https://shop.example:08443", false},
        {"https://shop.example:65536", false},
        {"https://shop.example:+1", false},
        {"https://shop.example:8443:1", false},
        {"HTTPS://shop.example", false},
        {"https://Shop.example", false},
        {"shop.example", false},
        {"//shop.example", false},
        {"ftp://shop.example", false},
        {"https:/shop.example", false},
        {"https://user@shop.example", false},
        {"https://user:pw@shop.example", false},
        {"https://shop.example?x", false},
        {"https://shop.example#x", false},
        {"https://shop.example\\x", false},
        {"https://shop.example https://other.example", false},
        {" https://shop.example", false},
        {"https://b\xC3\xBC"
         "cher.example",
         false},
        {"https://shop%2eexample", false},
        {"https://2130706433", false},
        {"https://0x7f.1", false},
        {"https://127.1", false},
        {"https://0177.0.0.1", false},
        {"https://256.0.0.1", false},
        {"https://[2001:DB8::1]", false},
        {"https://[2001:db8:0::1]", false},
        {"https://[::ffff:127.0.0.1]", false},
        {"https://[127.0.0.1]", false},
        {"https://[::1", false},
        {"https://::1", false},
        {"https://[]", false},
    };
    struct origin_pattern p;

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        check(origin_pattern_parse(span_str(rows[i].text), &p) == rows[i].is_origin, "%s", rows[i].text);
    assert_false(origin_pattern_parse((struct span){0}, &p));
    assert_false(origin_pattern_parse(SPAN("https://shop.example\0"), &p));
}

static void names_have_bounds(void **state)
{
    char text[400] = "https://";
    struct origin_pattern p;

    (void)state;
    memset(text + 8, 'a', 63);
    assert_true(origin_pattern_parse(span_of(text, 8 + 63), &p));
    memset(text + 8, 'a', 64);
    assert_false(origin_pattern_parse(span_of(text, 8 + 64), &p));
    for (size_t i = 0; i != 254; i++)
        text[8 + i] = i % 2 == 0 ? 'a' : '.';
    assert_true(origin_pattern_parse(span_of(text, 8 + 253), &p));
    text[8 + 253] = 'a';
    assert_false(origin_pattern_parse(span_of(text, 8 + 254), &p));
}

/* What somebody who is not on the list might send to look as if he were. */
static void only_what_is_listed_matches(void **state)
{
    static const char *const list[] = {
        "https://shop.example",  "https://*.shop.example",        "http://localhost:3000",  "https://api.test:8443",
        "https://[2001:db8::1]", "https://xn--bcher-kva.example", "https://*.cdn.test:444", "http://127.0.0.1"};
    static const struct {
        const char *what, *origin;
        bool want;
    } rows[] = {
        {"itself", "https://shop.example", true},
        {"a subdomain", "https://www.shop.example", true},
        {"a subdomain's", "https://a.b.c.shop.example", true},
        {"one with a port", "http://localhost:3000", true},
        {"another with a port", "https://api.test:8443", true},
        {"an IPv6 address", "https://[2001:db8::1]", true},
        {"punycode", "https://xn--bcher-kva.example", true},
        {"a subdomain at the wildcard's port", "https://x.cdn.test:444", true},
        {"an IPv4 address", "http://127.0.0.1", true},

        {"null", "null", false},
        {"nothing", "", false},
        {"a star", "*", false},
        {"another scheme", "http://shop.example", false},
        {"another scheme, a subdomain", "http://www.shop.example", false},
        {"another scheme, there", "https://localhost:3000", false},
        {"another port", "https://shop.example:8443", false},
        {"the scheme's own port, written", "https://shop.example:443", false},
        {"no port", "http://localhost", false},
        {"a longer port", "http://localhost:30000", false},
        {"a shorter port", "http://localhost:300", false},
        {"a subdomain at another port", "https://www.shop.example:444", false},
        {"a wildcard's own name", "https://cdn.test:444", false},
        {"a wildcard without its port", "https://x.cdn.test", false},
        {"capitals", "https://SHOP.example", false},
        {"a scheme in capitals", "HTTPS://shop.example", false},
        {"a prefix of it", "https://shop.exampl", false},
        {"it as a prefix", "https://shop.example.evil.test", false},
        {"it as a prefix, without a dot", "https://shop.exampleevil.test", false},
        {"it as a suffix", "https://evilshop.example", false},
        {"it as a suffix, with a dash", "https://evil-shop.example", false},
        {"it as a user", "https://shop.example@evil.test", false},
        {"it behind a user", "https://evil@shop.example", false},
        {"it behind a user and a password", "https://evil.test:x@shop.example", false},
        {"it as a path", "https://evil.test/shop.example", false},
        {"it as a query", "https://evil.test?.shop.example", false},
        {"it as a fragment", "https://evil.test#.shop.example", false},
        {"it behind a backslash", "https://evil.test\\.shop.example", false},
        {"it behind an escape", "https://evil.test%2f.shop.example", false},
        {"it behind a space", "https://evil.test .shop.example", false},
        {"a last slash", "https://shop.example/", false},
        {"a last dot", "https://shop.example.", false},
        {"a subdomain with a last dot", "https://www.shop.example.", false},
        {"an empty label", "https://.shop.example", false},
        {"an empty label between", "https://a..shop.example", false},
        {"the pattern itself", "https://*.shop.example", false},
        {"two of them", "https://shop.example https://shop.example", false},
        {"two with a comma", "https://shop.example,https://evil.test", false},
        {"space around", " https://shop.example ", false},
        {"the letters of the punycode",
         "https://b\xC3\xBC"
         "cher.example",
         false},
        {"a letter that looks alike", "https://sh\xD0\xBEp.example", false},
        {"a dot that looks alike",
         "https://shop\xE3\x80\x82"
         "example",
         false},
        {"the address in another form", "http://2130706433", false},
        {"and another", "http://127.1", false},
        {"the IPv6 address, longer", "https://[2001:db8:0:0:0:0:0:1]", false},
        {"the IPv6 address, in capitals", "https://[2001:DB8::1]", false},
        {"the name of another scheme", "file://shop.example", false},
        {"an extension", "chrome-extension://shop.example", false},
        {"no scheme", "shop.example", false},
    };
    struct origin_pattern patterns[LEN(list)];

    (void)state;
    for (size_t i = 0; i < LEN(list); i++)
        check(origin_pattern_parse(span_str(list[i]), &patterns[i]), "%s", list[i]);
    for (size_t i = 0; i < LEN(rows); i++)
        check(origin_matches(patterns, LEN(list), span_str(rows[i].origin)) == rows[i].want, "%s: %s", rows[i].what,
              rows[i].origin);
    assert_false(origin_matches(patterns, LEN(list), SPAN("https://shop.example\0")));
    assert_false(origin_matches(patterns, LEN(list), SPAN("https://evil.test\0.shop.example")));
    assert_false(origin_matches(patterns, LEN(list), (struct span){0}));
    assert_false(origin_matches(NULL, 0, SPAN("https://shop.example")));
}

static void a_referer_begins_with_its_origin(void **state)
{
    static const struct {
        const char *url, *origin; /* NULL: none */
    } rows[] = {
        {"https://shop.example/", "https://shop.example"},
        {"https://shop.example", "https://shop.example"},
        {"https://shop.example/a/b?c#d", "https://shop.example"},
        {"https://shop.example?x=/", "https://shop.example"},
        {"https://shop.example#x", "https://shop.example"},
        {"http://localhost:3000/page", "http://localhost:3000"},
        {"https://[2001:db8::1]/x", "https://[2001:db8::1]"},
        {"https://evil.test/https://shop.example", "https://evil.test"},
        {"https://shop.example@evil.test/", NULL},
        {"https://evil.test\\@shop.example/", NULL},
        {"https://shop.example:443/", NULL},
        {"https://Shop.example/", NULL},
        {"https://*.shop.example/", NULL},
        {"about:blank", NULL},
        {"null", NULL},
        {"", NULL},
        {"/page", NULL},
        {"https:///x", NULL},
        {"file:///x", NULL},
    };
    struct span origin;

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        bool found = origin_of_url(span_str(rows[i].url), &origin);
        check(found == (rows[i].origin != NULL), "%s", rows[i].url);
        check(!found || span_is(origin, rows[i].origin), "%s", rows[i].url);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_origin_is_written_in_one_way),
        cmocka_unit_test(names_have_bounds),
        cmocka_unit_test(only_what_is_listed_matches),
        cmocka_unit_test(a_referer_begins_with_its_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
