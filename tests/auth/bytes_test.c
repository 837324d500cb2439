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

static void base64_round_trips_at_every_length(void **state)
{
    uint8_t bytes[200], back[300];
    char text[300];
    size_t len, checked;

    (void)state;
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)(i * 37 + n * 11);
        struct span encoded = span_of(text, base64_encoded_size(n));
        base64_encode(span_of((const char *)bytes, n), text);
        check(base64_check(encoded, &checked) && checked == n, "%zu bytes are checked", n);
        check(base64_decode(encoded, back, &len) && len == n && memcmp(back, bytes, n) == 0, "%zu bytes", n);
    }
}

static void base64_is_strict(void **state)
{
    static const struct {
        const char *what, *text;
        int size; /* -1: refused */
    } rows[] = {
        {"nothing", "", 0},
        {"one byte", "AA==", 1},
        {"two bytes", "AAA=", 2},
        {"three bytes", "+/09", 3},
        {"many", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=", 26},
        {"no padding", "AA", -1},
        {"one character", "A", -1},
        {"three characters", "AAA", -1},
        {"five characters", "AAAAA", -1},
        {"three pads", "A===", -1},
        {"only pads", "====", -1},
        {"a pad inside", "AA=A", -1},
        {"a pad in the middle", "AA==AAAA", -1},
        {"stray bits after one byte", "AB==", -1},
        {"the highest stray bit after one byte", "AI==", -1},
        {"stray bits after two bytes", "AAB=", -1},
        {"the highest stray bit after two bytes", "AAC=", -1},
        {"white space", "AA A", -1},
        {"a line end", "AAAA\n", -1},
        {"the URL alphabet", "-_AA", -1},
        {"a control character", "AAA\x01", -1},
        {"a byte past ASCII", "AAAAAAAAAAAAAAA\xC1", -1},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        uint8_t out[64];
        size_t len, size;
        bool checked = base64_check(span_str(rows[i].text), &size);
        bool decoded = base64_decode(span_str(rows[i].text), out, &len);
        check(checked == decoded && decoded == (rows[i].size >= 0), "%s", rows[i].what);
        check(!decoded || (len == (size_t)rows[i].size && size == len), "%s", rows[i].what);
    }
}

static void base64_knows_its_alphabet_at_every_place(void **state)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[40];
    size_t size;

    (void)state;
    for (size_t at = 0; at < sizeof(text); at++) {
        for (int c = 0; c < 256; c++) {
            memset(text, 'A', sizeof(text));
            text[at] = (char)c;
            bool is_member = (c != 0 && strchr(alphabet, c) != NULL) || (c == '=' && at == sizeof(text) - 1);
            check(base64_check(span_of(text, sizeof(text)), &size) == is_member, "byte %d at %zu", c, at);
        }
    }
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
        cmocka_unit_test(a_buf_keeps_its_limit),
        cmocka_unit_test(a_buf_grows_to_any_size),
        cmocka_unit_test(numbers_are_written),
        cmocka_unit_test(hex_is_exact),
        cmocka_unit_test(base64_round_trips_at_every_length),
        cmocka_unit_test(base64_is_strict),
        cmocka_unit_test(base64_knows_its_alphabet_at_every_place),
        cmocka_unit_test(constant_time_compare_sees_each_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
