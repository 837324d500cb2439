#include "tests/auth/check.h"

#include <stdio.h>

static void spans_compare_and_trim(void **state)
{
    (void)state;
    assert_true(span_equal(SPAN(""), (struct span){0}));
    assert_true(span_equal_nocase(SPAN("X-Api-KEY"), SPAN("x-api-key")));
    assert_false(span_equal_nocase(SPAN("@"), SPAN("`")));
    assert_false(span_equal_nocase(SPAN("a"), SPAN("ab")));
    assert_true(span_starts_with(SPAN("abc"), SPAN("ab")));
    assert_true(span_starts_with(SPAN(""), SPAN("")));
    assert_false(span_starts_with(SPAN("a"), SPAN("ab")));
    assert_true(span_is(span_trim(SPAN(" \t a b\t ")), "a b"));
    assert_true(span_is(span_trim(SPAN(" \t ")), ""));
    assert_true(span_is(span_trim(SPAN("\r\na")), "\r\na"));
}

static void cutting_walks_a_list(void **state)
{
    static const struct {
        const char *what, *text, *first, *rest;
    } rows[] = {
        {"cuts at the first separator", "a;b;c", "a", "b;c"},
        {"without one all is first", "abc", "abc", ""},
        {"an empty first part", ";b", "", "b"},
        {"an empty rest", "a;", "a", ""},
        {"nothing at all", "", "", ""},
    };
    struct span rest;

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct span first = span_cut(span_str(rows[i].text), ';', &rest);
        check(span_is(first, rows[i].first) && span_is(rest, rows[i].rest), "%s", rows[i].what);
    }
    assert_int_equal(span_cut((struct span){0}, ';', &rest).len, 0);
}

static void numbers_are_digits_only(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        uint64_t value;
    } rows[] = {
        {"0", true, 0},
        {"007", true, 7},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"99999999999999999999", false, 0},
        {"000000000000000000001", false, 0},
        {"", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1a", false, 0},
        {"\xB2", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        uint64_t value = 0;
        bool ok = span_parse_u64(span_str(rows[i].text), &value);
        check(ok == rows[i].ok && (!ok || value == rows[i].value), "\"%s\"", rows[i].text);
    }
}

static void utf8_is_strict(void **state)
{
    static const struct {
        const char *what, *text;
        int length; /* -1: refused */
    } rows[] = {
        {"nothing", "", 0},
        {"ASCII", "abcdefghijklmnopq", 17},
        {"two bytes", "\xC2\x80\xDF\xBF", 2},
        {"three bytes", "\xE0\xA0\x80\xEF\xBF\xBF", 2},
        {"four bytes", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 2},
        {"around the surrogates", "\xED\x9F\xBF\xEE\x80\x80", 2},
        {"mixed with long ASCII",
         "abcdefgh\xC3\xA9"
         "abcdefghijklmnop\xF0\x9F\x98\x80",
         26},
        {"overlong two", "\xC0\x80", -1},
        {"overlong two at the top", "\xC1\xBF", -1},
        {"overlong three", "\xE0\x9F\xBF", -1},
        {"overlong four", "\xF0\x8F\xBF\xBF", -1},
        {"a low surrogate", "\xED\xA0\x80", -1},
        {"a high surrogate", "\xED\xBF\xBF", -1},
        {"past 10FFFF", "\xF4\x90\x80\x80", -1},
        {"F5", "\xF5\x80\x80\x80", -1},
        {"FF", "\xFF", -1},
        {"a lone continuation", "a\x80", -1},
        {"cut after one of two", "abcdefg\xC3", -1},
        {"cut after two of three", "\xE2\x82", -1},
        {"cut after three of four", "\xF0\x9F\x98", -1},
        {"an ASCII byte inside",
         "\xE2\x82"
         "a",
         -1},
        {"a bad fourth byte", "\xF0\x9F\x98\xC0", -1},
        {"a bad byte after eight good ones", "abcdefgh\x80", -1},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct span text = span_str(rows[i].text);
        check(span_is_utf8(text) == (rows[i].length >= 0), "%s", rows[i].what);
        check(rows[i].length < 0 || span_utf8_length(text) == (size_t)rows[i].length, "%s", rows[i].what);
    }
}

/* Long enough for several steps of sixteen bytes and a rest. */
static void utf8_is_read_at_every_place(void **state)
{
    static const struct {
        struct span part;
        bool ok;
    } rows[] = {
        {SPAN("\xC2\x80"), true},
        {SPAN("\xE2\x82\xAC"), true},
        {SPAN("\xF0\x9F\x98\x80"), true},
        {SPAN("\xC3\xA9\xC3\xA9"), true},
        {SPAN("\x80"), false},
        {SPAN("\xC3"), false},
        {SPAN("\xE2\x82"), false},
        {SPAN("\xF0\x9F\x98"), false},
        {SPAN("\xED\xA0\x80"), false},
        {SPAN("\xC3\xA9\xA9"), false},
        {SPAN("\xF4\x90\x80\x80"), false},
        {SPAN("\xFF"), false},
    };
    char text[80];

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        for (size_t len = rows[i].part.len; len <= sizeof(text); len++)
            for (size_t at = 0; at + rows[i].part.len <= len; at++) {
                memset(text, 'a', len);
                memcpy(text + at, rows[i].part.ptr, rows[i].part.len);
                check(span_is_utf8(span_of(text, len)) == rows[i].ok, "row %zu at %zu of %zu", i, at, len);
            }
}

static void a_run_ends_where_ascii_or_nonsense_begins(void **state)
{
    static const struct {
        const char *what;
        struct span text;
        size_t run;
    } rows[] = {
        {"nothing", SPAN(""), 0},
        {"ASCII", SPAN("a\xC3\xA9"), 0},
        {"one character", SPAN("\xC3\xA9"), 2},
        {"up to ASCII", SPAN("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"\xC3\xA9"), 9},
        {"up to a cut character", SPAN("\xC3\xA9\xE2\x82"), 2},
        {"up to a lone continuation", SPAN("\xC3\xA9\xA9"), 2},
        {"a surrogate", SPAN("\xED\xA0\x80"), 0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        check(span_utf8_run(rows[i].text) == rows[i].run, "%s", rows[i].what);
    assert_int_equal(span_utf8_run((struct span){0}), 0);
}

static void a_buf_keeps_its_limit(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 10);
    buf_append(&b, SPAN("0123456789"));
    assert_false(b.failed);
    assert_true(span_is(buf_span(&b), "0123456789"));
    buf_append(&b, (struct span){0});
    assert_false(b.failed);
    buf_append_char(&b, 'x');
    assert_true(b.failed);
    assert_int_equal(b.len, 10);
    buf_reset(&b);
    assert_false(b.failed);
    buf_append(&b, SPAN("01234567890"));
    assert_true(b.failed);
    buf_append(&b, SPAN("a"));
    assert_int_equal(b.len, 0);
    buf_wipe_clear(&b);
    assert_null(b.ptr);
    assert_int_equal(b.bytes_max, 10);
    assert_false(buf_reserve(&b, SIZE_MAX));
    buf_clear(&b);
    buf_init(&b, SIZE_MAX);
    buf_append_hex(&b, "", SIZE_MAX);
    assert_true(b.failed);
    buf_clear(&b);
}

static void a_buf_grows_to_any_size(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 100000);
    for (size_t i = 0; i < 100000; i++)
        buf_append_char(&b, (char)i);
    assert_false(b.failed);
    for (size_t i = 0; i < 100000; i++)
        assert_int_equal(b.ptr[i], (char)i);
    buf_clear(&b);
}

static void numbers_are_written(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    buf_append_u64(&b, 0);
    buf_append_char(&b, ' ');
    buf_append_u64(&b, UINT64_MAX);
    buf_append_char(&b, ' ');
    buf_append_i64(&b, INT64_MIN);
    buf_append_char(&b, ' ');
    buf_append_i64(&b, INT64_MAX);
    buf_append_char(&b, ' ');
    buf_append_i64(&b, -1);
    buf_append_char(&b, ' ');
    buf_append_hex(&b, "\x00\xAB\xFF", 3);
    buf_append_char(&b, ' ');
    buf_append_base64(&b, SPAN("hello"));
    buf_append_base64(&b, SPAN(""));
    assert_true(
        span_is(buf_span(&b), "0 18446744073709551615 -9223372036854775808 9223372036854775807 -1 00abff aGVsbG8="));
    buf_clear(&b);
}

static void a_number_has_all_its_digits(void **state)
{
    char want[32];
    struct buf b;

    (void)state;
    buf_init(&b, 64);
    for (uint64_t power = 1; power <= UINT64_MAX / 10; power *= 10)
        for (uint64_t n = power - 1; n != power + 110; n++) {
            snprintf(want, sizeof(want), "%llu", (unsigned long long)n);
            buf_reset(&b);
            buf_append_u64(&b, n);
            check(span_is(buf_span(&b), want), "%s", want);
        }
    buf_clear(&b);
}

static void hex_is_exact(void **state)
{
    uint8_t out[2] = {0};

    (void)state;
    assert_true(hex_decode(SPAN("aBfF"), out, 2));
    assert_int_equal(out[0] << 8 | out[1], 0xABFF);
    assert_false(hex_decode(SPAN("abf"), out, 2));
    assert_false(hex_decode(SPAN("abffa"), out, 2));
    assert_false(hex_decode(SPAN("abgf"), out, 2));
    assert_false(hex_decode(SPAN("ab\x10"
                                 "0"),
                            out, 2));
    assert_false(hex_decode(SPAN("ab @"), out, 2));
    assert_true(hex_decode(SPAN(""), out, 0));
}

static void constant_time_compare_sees_each_bit(void **state)
{
    uint8_t a[32] = {0}, b[32] = {0};

    (void)state;
    assert_true(bytes_equal_constant_time(a, b, sizeof(a)));
    for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
        b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(bytes_equal_constant_time(a, b, sizeof(a)));
        b[bit / 8] = 0;
    }
    memset(a, 0xFF, sizeof(a));
    bytes_wipe(a, sizeof(a));
    assert_memory_equal(a, b, sizeof(a));
    bytes_wipe(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_compare_and_trim),
        cmocka_unit_test(cutting_walks_a_list),
        cmocka_unit_test(numbers_are_digits_only),
        cmocka_unit_test(utf8_is_strict),
        cmocka_unit_test(utf8_is_read_at_every_place),
        cmocka_unit_test(a_run_ends_where_ascii_or_nonsense_begins),
        cmocka_unit_test(a_buf_keeps_its_limit),
        cmocka_unit_test(a_buf_grows_to_any_size),
        cmocka_unit_test(numbers_are_written),
        cmocka_unit_test(a_number_has_all_its_digits),
        cmocka_unit_test(hex_is_exact),
        cmocka_unit_test(constant_time_compare_sees_each_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
