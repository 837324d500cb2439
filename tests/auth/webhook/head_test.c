/* What is read of a head: one field, a near time, ten signatures. */
#include "auth/webhook/scheme.h"
#include "tests/auth/check.h"

static void a_field_is_there_once_and_says_something(void **state)
{
    static const struct sigv4_header fields[] = {
        {{"A", 1}, {"one", 3}}, {{"b", 1}, {"x", 1}}, {{"B", 1}, {"x", 1}}, {{"c", 1}, {"", 0}}};
    const struct webhook_request r = {.fields = fields, .fields_len = LEN(fields)};
    struct span value;

    (void)state;
    assert_true(webhook_field(&r, SPAN("a"), &value) && span_is(value, "one"));
    assert_false(webhook_field(&r, SPAN("b"), &value));
    assert_false(webhook_field(&r, SPAN("c"), &value));
    assert_false(webhook_field(&r, SPAN("d"), &value));
    assert_true(webhook_has_field(&r, SPAN("C")));
    assert_false(webhook_has_field(&r, SPAN("d")));
}

static void a_time_is_digits_and_near(void **state)
{
    static const struct {
        const char *text;
        int64_t now_s;
        bool ok;
    } rows[] = {
        {"1000", 1000, true},
        {"1000", 1010, true},
        {"1000", 990, true},
        {"1000", 1011, false},
        {"1000", 989, false},
        {"", 0, false},
        {"-1", 0, false},
        {"1e3", 1000, false},
        {"1000 ", 1000, false},
        {"5", -5, true},
        {"18446744073709551615", -1, false},
        {"9223372036854775807", INT64_MAX, true},
        {"9223372036854775808", INT64_MAX, false},
    };
    const struct webhook_conf c = {.tolerance_s = 10};

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct webhook_message m = {.why = NULL};
        const struct webhook_request r = {.now_s = rows[i].now_s};
        check(webhook_time_is_near(&c, &r, span_str(rows[i].text), &m) == rows[i].ok, "%s", rows[i].text);
        assert_true((m.why == NULL) == rows[i].ok);
    }
}

static void ten_signatures_are_kept(void **state)
{
    struct webhook_message m = {.signatures_len = 0};

    (void)state;
    for (int i = 0; i != 1000; i++)
        webhook_add_signature(&m, SPAN("x"), false);
    assert_int_equal(m.signatures_len, 10);
}

static void texts_are_equal_only_whole(void **state)
{
    (void)state;
    assert_true(webhook_texts_equal(SPAN(""), SPAN("")));
    assert_true(webhook_texts_equal(SPAN("abc"), SPAN("abc")));
    assert_false(webhook_texts_equal(SPAN("abc"), SPAN("ab")));
    assert_false(webhook_texts_equal(SPAN("abc"), SPAN("abC")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_field_is_there_once_and_says_something),
        cmocka_unit_test(a_time_is_digits_and_near),
        cmocka_unit_test(ten_signatures_are_kept),
        cmocka_unit_test(texts_are_equal_only_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
