#include "gateway/base/json_scalar.h"

#include "tests/gateway/base/json_reads.h"

#define LONGEST 70 /* several strides and a rest */

/* `unit` within a string of x, `before` bytes before it and `after` behind. */
static struct span string_around(struct span unit, size_t before, size_t after, struct buf *b)
{
    buf_reset(b);
    buf_append_char(b, '"');
    for (size_t i = 0; i < before; i++)
        buf_append_char(b, 'x');
    buf_append(b, unit);
    for (size_t i = 0; i < after; i++)
        buf_append_char(b, 'x');
    buf_append_char(b, '"');
    assert_false(b->failed);
    return buf_span(b);
}

static void every_byte_is_seen_at_every_place(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    for (int c = 0; c < 256; c++)
        for (size_t before = 0; before < LONGEST; before++) {
            char byte = (char)c;
            bool is_plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
            struct span text = string_around(span_of(&byte, 1), before, 40, &b);
            check(accepts(text) == is_plain, "byte %d after %zu", c, before);
        }
    buf_clear(&b);
}

static void what_is_no_plain_byte_is_read_at_every_place(void **state)
{
    static const struct {
        struct span unit;
        bool ok;
    } rows[] = {
        {SPAN("\\n"), true},
        {SPAN("\\\\\\\""), true},
        {SPAN("\\u00e4"), true},
        {SPAN("\\ud834\\udd1e"), true},
        {SPAN("\303\244"), true},
        {SPAN("\346\227\245\346\234\254"), true},
        {SPAN("\360\235\204\236x\303\244"), true},
        {SPAN("\\n\303\244\\n"), true},
        {SPAN("\\x"), false},
        {SPAN("\\u00g4"), false},
        {SPAN("\\ud834"), false},
        {SPAN("\\ud834\\n"), false},
        {SPAN("\\udd1e"), false},
        {SPAN("\\n\001"), false},
        {SPAN("\303\244\001"), false},
        {SPAN("\303"), false},
        {SPAN("\346\227"), false},
        {SPAN("\355\240\200"), false},
        {SPAN("\360\235\204"), false},
        {SPAN("\303\244\303"), false},
    };
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    for (size_t i = 0; i < LEN(rows); i++)
        for (size_t before = 0; before < LONGEST; before++)
            for (size_t after = 0; after < 20; after++) {
                struct span text = string_around(rows[i].unit, before, after, &b);
                check(accepts(text) == rows[i].ok, "row %zu after %zu, before %zu", i, before, after);
                check(!accepts(span_of(text.ptr, text.len - 1)), "row %zu after %zu, open", i, before);
            }
    buf_clear(&b);
}

static void a_string_ends_at_its_quote_whatever_its_length(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    for (size_t len = 0; len < LONGEST; len++) {
        struct json_scan s;
        struct json_value value;
        struct span text = string_around(SPAN(""), len, 0, &b);
        json_scan_init(&s, text);
        check(json_scan_value(&s, &value) && value.raw.len == len && !value.has_escapes, "%zu bytes", len);
        check(json_scan_end(&s), "%zu bytes", len);
    }
    buf_clear(&b);
}

static void every_digit_is_seen_at_every_place(void **state)
{
    char digits[40];

    (void)state;
    for (size_t at = 0; at < sizeof(digits); at++)
        for (int c = 0; c < 256; c++) {
            memset(digits, '9', sizeof(digits));
            digits[at] = (char)c;
            const char *end = json_pass_scalar(digits, digits + sizeof(digits));
            bool is_digit = c >= '0' && c <= '9';
            if (at > 0 && is_digit)
                check(end == digits + sizeof(digits), "digit %d at %zu", c, at);
            else if (at > 0 && at < sizeof(digits) - 1 && strchr(".eE", c) == NULL)
                check(end == digits + at, "byte %d at %zu ends the number", c, at);
        }
}

static void numbers_are_passed_to_their_end(void **state)
{
    static const struct {
        const char *text;
        int len; /* -1: refused */
    } rows[] = {
        {"0", 1},
        {"-0", 2},
        {"00", -1},
        {"01234567890123456", -1},
        {"-", -1},
        {"-a", -1},
        {".5", -1},
        {"+1", -1},
        {"12345678", 8},
        {"123456789012345678901234567890,", 30},
        {"1.", -1},
        {"1.e5", -1},
        {"12345678.12345678e+12345678]", 27},
        {"1E5 ", 3},
        {"1e", -1},
        {"1e+", -1},
        {"1E-}", -1},
        {"true,", 4},
        {"tru", -1},
        {"false", 5},
        {"fals ", -1},
        {"null", 4},
        {"nul1", -1},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct span text = span_str(rows[i].text);
        const char *end = json_pass_scalar(text.ptr, text.ptr + text.len);
        check(rows[i].len < 0 ? end == NULL : end == text.ptr + rows[i].len, "%s", rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_seen_at_every_place),
        cmocka_unit_test(what_is_no_plain_byte_is_read_at_every_place),
        cmocka_unit_test(a_string_ends_at_its_quote_whatever_its_length),
        cmocka_unit_test(every_digit_is_seen_at_every_place),
        cmocka_unit_test(numbers_are_passed_to_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
