#include "gateway/base/json_write.h"

#include "tests/auth/check.h"

#include <jansson.h>

static void strings_are_escaped_as_little_as_may_be(void **state)
{
    static const struct {
        struct span text;
        const char *want;
    } rows[] = {
        {SPAN(""), "\"\""},
        {SPAN("abc"), "\"abc\""},
        {SPAN("a\"b"), "\"a\\\"b\""},
        {SPAN("\\"), "\"\\\\\""},
        {SPAN("a/b"), "\"a/b\""},
        {SPAN("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\""},
        {SPAN("\0\001\037"), "\"\\u0000\\u0001\\u001f\""},
        {SPAN("\177"), "\"\177\""},
        {SPAN("\303\251\360\235\204\236"), "\"\303\251\360\235\204\236\""},
        {SPAN("\"\"x\"\""), "\"\\\"\\\"x\\\"\\\"\""},
    };
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 10);
    for (size_t i = 0; i < LEN(rows); i++) {
        buf_reset(&b);
        json_write_string(&b, rows[i].text);
        check(span_is(buf_span(&b), rows[i].want), "%s", rows[i].want);
        check(json_string_bytes(rows[i].text) == b.len, "%s is measured", rows[i].want);
    }
    buf_clear(&b);
}

static void every_ascii_character_survives(void **state)
{
    char text[256];
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 12);
    for (size_t i = 0; i < 256; i++)
        text[i] = (char)(i % 128);
    for (size_t from = 0; from < 128; from++)
        for (size_t len = 0; len <= 128; len += 1 + len / 2) {
            buf_reset(&b);
            json_write_string(&b, span_of(text + from, len));
            json_t *got = json_loadb(b.ptr, b.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
            check(span_equal(span_of(json_string_value(got), json_string_length(got)), span_of(text + from, len)),
                  "%zu characters from %zu", len, from);
            json_decref(got);
        }
    buf_clear(&b);
}

static void what_is_no_text_has_no_size(void **state)
{
    static const struct span rows[] = {SPAN("\xff"), SPAN("ab\xc3"), SPAN("0123456789abcdef\xc0\xa0"),
                                       SPAN("\xed\xa0\x80")};

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++)
        check(json_string_bytes(rows[i]) == 0, "row %zu", i);
}

static void members_are_separated(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 10);
    json_write_member(&b, "a", SPAN("x\ny"));
    json_write_member_u64(&b, "b", UINT64_MAX);
    json_write_member_u64(&b, "c", 0);
    json_write_member_bool(&b, "d", true);
    json_write_member_bool(&b, "e", false);
    json_write_name(&b, "f");
    buf_append(&b, SPAN("[1]"));
    json_write_name(&b, "g");
    buf_append_char(&b, '{');
    json_write_member_u64(&b, "h", 1);
    buf_append(&b, SPAN("}}"));
    check(span_is(buf_span(&b), "{\"a\":\"x\\ny\",\"b\":18446744073709551615,\"c\":0,\"d\":true,\"e\":false,\"f\":[1],"
                                "\"g\":{\"h\":1}}"),
          "%.*s", (int)b.len, b.ptr);
    buf_clear(&b);
}

static void what_does_not_fit_fails_the_buf_and_overruns_nothing(void **state)
{
    (void)state;
    for (size_t max = 0; max < 24; max++) {
        struct buf b;
        buf_init(&b, max);
        json_write_member(&b, "name", SPAN("a\x01value"));
        check(b.failed == (max < 22) && b.len <= max, "a limit of %zu", max);
        buf_clear(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_escaped_as_little_as_may_be),
        cmocka_unit_test(every_ascii_character_survives),
        cmocka_unit_test(what_is_no_text_has_no_size),
        cmocka_unit_test(members_are_separated),
        cmocka_unit_test(what_does_not_fit_fails_the_buf_and_overruns_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
