#include "gateway/front/cors.h"

#include "gateway/front/guard.h"

#include <stdio.h>

#include "tests/auth/check.h"

#define LISTED "https://shop.example"

static struct origin_pattern list[2];
static const struct key_row bound = {.calls = KEY_CALL_BEACON, .origins = list, .origins_len = 2};
static const struct key_row open_too = {
    .calls = KEY_CALL_BEACON, .origins = list, .origins_len = 2, .allow_no_origin = true};
static const struct key_row open_only = {.calls = KEY_CALL_BEACON, .allow_no_origin = true};

static int group_init(void **state)
{
    (void)state;
    return origin_pattern_parse(SPAN(LISTED), &list[0]) &&
                   origin_pattern_parse(SPAN("https://*.shop.example"), &list[1])
               ? 0
               : -1;
}

static bool check_head(const char *fields, const struct key_row *key, struct span *reader)
{
    static char text[2048];
    static struct head head;
    int len = snprintf(text, sizeof(text), "POST /v1/e/s HTTP/1.1\r\nHost: g\r\n%s\r\n", fields);

    assert_int_equal(guard_read(span_of(text, (size_t)len), 65536, &head), GUARD_OK);
    return cors_check(&head, key, reader);
}

static void whose_page_it_is_decides(void **state)
{
    static const struct {
        const char *what, *fields;
        bool bound, open_too, open_only;
        const char *reader; /* of the first two */
    } rows[] = {
        {"a listed origin", "Origin: " LISTED "\r\n", true, true, false, LISTED},
        {"a subdomain", "Origin: https://a.shop.example\r\n", true, true, false, "https://a.shop.example"},
        {"whatever its Referer says", "Referer: https://evil.test/\r\nOrigin: " LISTED "\r\n", true, true, false,
         LISTED},
        {"another origin", "Origin: https://evil.test\r\n", false, false, false, ""},
        {"with a listed Referer", "Origin: https://evil.test\r\nReferer: " LISTED "/\r\n", false, false, false, ""},
        {"null", "Origin: null\r\n", false, true, true, ""},
        {"null with a listed Referer", "Origin: null\r\nReferer: " LISTED "/\r\n", false, true, true, ""},
        {"Null is no null", "Origin: Null\r\n", false, false, false, ""},
        {"an empty one", "Origin:\r\n", false, false, false, ""},
        {"two of them", "Origin: " LISTED "\r\nOrigin: " LISTED "\r\n", false, false, false, ""},
        {"no Origin, a listed Referer", "Referer: " LISTED "/page?x\r\n", true, true, false, ""},
        {"no Origin, another Referer", "Referer: https://evil.test/" LISTED "\r\n", false, false, false, ""},
        {"no Origin, a Referer that is none", "Referer: about:blank\r\n", false, false, false, ""},
        {"no Origin, two Referers", "Referer: " LISTED "/\r\nReferer: " LISTED "/\r\n", false, false, false, ""},
        {"no Origin, an empty Referer", "Referer:\r\n", false, true, true, ""},
        {"neither", "", false, true, true, ""},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct span reader;
        check(check_head(rows[i].fields, &bound, &reader) == rows[i].bound, "%s", rows[i].what);
        check(span_is(reader, rows[i].bound ? rows[i].reader : ""), "%s: who reads", rows[i].what);
        check(check_head(rows[i].fields, &open_too, &reader) == rows[i].open_too, "%s, open", rows[i].what);
        check(span_is(reader, rows[i].open_too ? rows[i].reader : ""), "%s, open: who reads", rows[i].what);
        check(check_head(rows[i].fields, &open_only, &reader) == rows[i].open_only, "%s, open only", rows[i].what);
        check(reader.len == 0, "%s, open only: who reads", rows[i].what);
    }
}

static struct span field_of(const struct reply *r, const char *name)
{
    for (size_t i = 0; i != r->fields_len; i++)
        if (span_is(r->fields[i].name, name))
            return r->fields[i].value;
    return SPAN("");
}

static void a_listed_origin_gets_exactly_itself(void **state)
{
    struct reply r = {.status = 204}, none = {.status = 403}, preflight = {.status = 204};

    (void)state;
    cors_add_fields(&r, SPAN(LISTED), false);
    assert_true(span_is(field_of(&r, "access-control-allow-origin"), LISTED));
    assert_true(span_is(field_of(&r, "access-control-allow-credentials"), "true"));
    assert_true(span_is(field_of(&r, "vary"), "Origin"));
    assert_true(field_of(&r, "access-control-expose-headers").len != 0);
    assert_true(field_of(&r, "access-control-allow-methods").len == 0);
    cors_add_fields(&none, SPAN(""), false);
    assert_int_equal(none.fields_len, 1);
    assert_true(span_is(field_of(&none, "vary"), "Origin"));
    cors_add_fields(&preflight, SPAN(LISTED), true);
    assert_true(span_is(field_of(&preflight, "access-control-allow-methods"), "GET, POST"));
    assert_true(field_of(&preflight, "access-control-max-age").len != 0);
    for (size_t i = 0; i != preflight.fields_len; i++) /* in credentials mode a star is a star */
        assert_null(memchr(preflight.fields[i].value.ptr, '*', preflight.fields[i].value.len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whose_page_it_is_decides),
        cmocka_unit_test(a_listed_origin_gets_exactly_itself),
    };
    return cmocka_run_group_tests(tests, group_init, NULL);
}
