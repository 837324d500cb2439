/* Rows read as plain text and rows read as trees: the same keys come of both. */
#include "auth/keyring_parse.h"

#include <stdio.h>

#include "tests/auth/check.h"

static void plain_rows_are_found_in_their_text(void **state)
{
    static const char text[] = " { \"id\" : \"a\",\n\t\"streams\":[\"x\" , \"y*\"], \"calls\":[] ,\"\":\"\"} , {";
    struct keyring_row_scan scan;

    (void)state;
    assert_int_equal(keyring_row_scan(SPAN(text), &scan), sizeof(text) - 1 - strlen(" , {"));
    assert_int_equal(scan.members_len, 4);
    assert_true(span_is(scan.members[0].name, "id") && span_is(scan.members[0].value.text, "a"));
    assert_int_equal(scan.members[1].value.kind, KEYRING_LIST);
    assert_int_equal(scan.members[1].value.len, 2);
    assert_true(span_is(scan.members[1].value.elements[1], "y*"));
    assert_int_equal(scan.members[2].value.len, 0);
    assert_true(scan.members[3].name.len == 0 && scan.members[3].value.text.len == 0);
}

static void what_is_not_plain_is_left_to_the_tree(void **state)
{
    static const char *const rows[] = {
        "",
        "{",
        "{}",
        "[]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1}",
        "{\"a\":{}}",
        "{\"a\":null}",
        "{\"a\":[1]}",
        "{\"a\":[\"b\",]}",
        "{\"a\":\"b\",}",
        "{\"a\":\"b",
        "{\"a\":\"b\"",
        "{\"a\":[\"b\"",
        "{\"a\":\"\\n\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\xC3\xBC\"}",
        "{\"a\":\"b\",\"a\":\"b\"}",
        "{\"a\":\"\x7F\"}",
        "{\"a\" \"b\"}",
        "{\"a\":\"b\" \"c\":\"d\"}",
    };
    struct keyring_row_scan scan;

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        check(keyring_row_scan(span_str(rows[i]), &scan) == 0, "%s", rows[i]);
}

static void long_rows_are_left_to_the_tree(void **state)
{
    struct keyring_row_scan scan;
    struct buf text;

    (void)state;
    for (size_t len = 1; len <= 2 * KEYRING_ROW_ELEMENTS_MAX; len++) {
        buf_init(&text, 4096);
        buf_append(&text, SPAN("{\"a\":["));
        for (size_t i = 0; i < len; i++)
            buf_append(&text, i == 0 ? SPAN("\"b\"") : SPAN(",\"b\""));
        buf_append(&text, SPAN("]}"));
        check((keyring_row_scan(buf_span(&text), &scan) != 0) == (len <= KEYRING_ROW_ELEMENTS_MAX), "%zu elements",
              len);
        buf_clear(&text);
    }
    for (size_t len = 1; len <= 2 * KEYRING_ROW_MEMBERS_MAX; len++) {
        char member[32];
        buf_init(&text, 4096);
        for (size_t i = 0; i < len; i++) {
            snprintf(member, sizeof(member), "%s\"%zu\":\"\"", i == 0 ? "{" : ",", i);
            buf_append(&text, span_str(member));
        }
        buf_append(&text, SPAN("}"));
        check((keyring_row_scan(buf_span(&text), &scan) != 0) == (len <= KEYRING_ROW_MEMBERS_MAX), "%zu members", len);
        buf_clear(&text);
    }
}

/* A member's name that is escaped makes a row one for the tree, and changes nothing else. */
static void both_ways_lead_to_the_same_key(void **state)
{
    static const char frame[] = "{\"tenants\":{\"acme\":{\"keys\":[{\"%s\":\"k3Jd0aQzT5wYb2Rn\",\"derived\":\"m1\","
                                "\"streams\":[\"a\",\"b*\"],\"calls\":[\"aws\"],\"networks\":[\"10.0.0.0/8\",\"::1\"],"
                                "\"not_before\":\"2026-01-31T00:00:00Z\",\"expires\":\"2026-02-01T00:00:00Z\","
                                "\"comment\":\"c\"}%s]}}}";
    static const char *const ends[] = {"", ",{}", ",1", ",{\"id\":1}", ",{\"x\":\"\"}", ",{\"streams\":[\"a\",1]}",
                                       ","};
    char text[1024], errors[2][KEYRING_ERROR_BYTES];

    (void)state;
    for (size_t i = 0; i < LEN(ends); i++) {
        struct keyring *keyrings[2];
        for (size_t j = 0; j < 2; j++) {
            snprintf(text, sizeof(text), frame, j == 0 ? "id" : "\\u0069d", ends[i]);
            keyrings[j] = keyring_parse(span_str(text), errors[j]);
        }
        check((keyrings[0] == NULL) == (keyrings[1] == NULL), "%s", ends[i]);
        if (keyrings[0] != NULL) {
            const struct key_row *a = keyring_key_at(keyrings[0], 0), *b = keyring_key_at(keyrings[1], 0);
            assert_true(span_equal(a->id, b->id) && span_equal(a->derived, b->derived) && a->calls == b->calls);
            assert_true(a->streams_len == 2 && b->streams_len == 2 && a->networks_len == 2 && b->networks_len == 2);
            assert_true(span_equal(a->streams[1].text, b->streams[1].text));
            assert_true(a->not_before_s == b->not_before_s && a->expires_s == b->expires_s);
        } else if (strncmp(errors[0], "line ", 5) != 0) {
            assert_string_equal(errors[0], errors[1]);
        }
        keyring_release(&keyrings[0]);
        keyring_release(&keyrings[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_rows_are_found_in_their_text),
        cmocka_unit_test(what_is_not_plain_is_left_to_the_tree),
        cmocka_unit_test(long_rows_are_left_to_the_tree),
        cmocka_unit_test(both_ways_lead_to_the_same_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
