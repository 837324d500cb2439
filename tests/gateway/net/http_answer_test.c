#include "gateway/net/http_call.h"

#include "tests/auth/check.h"

static void a_header_is_found_by_name_in_any_case(void **state)
{
    static const struct {
        const char *what;
        struct span headers;
        const char *name, *want;
    } rows[] = {
        {"the only one", SPAN("Date: x\r\n"), "Date", "x"},
        {"in any case", SPAN("X-AMZN-requestid: id\r\n"), "x-amzn-RequestId", "id"},
        {"the first of two", SPAN("A: 1\r\na: 2\r\n"), "A", "1"},
        {"not the first line", SPAN("A: 1\r\nB: 2\r\n"), "b", "2"},
        {"trimmed", SPAN("A: \t x y \t \r\n"), "a", "x y"},
        {"without a space", SPAN("A:x\r\n"), "a", "x"},
        {"with a colon in its value", SPAN("A: b:c:d\r\n"), "a", "b:c:d"},
        {"empty", SPAN("A:\r\nB: 2\r\n"), "a", ""},
        {"absent", SPAN("A: 1\r\n"), "b", ""},
        {"a name that only begins alike", SPAN("Ab: 1\r\n"), "a", ""},
        {"a name that ends alike", SPAN("x-a: 1\r\n"), "a", ""},
        {"a value that looks like a name", SPAN("A: b: 1\r\n"), "b", ""},
        {"no headers", SPAN(""), "a", ""},
        {"a line without a colon", SPAN("nonsense\r\nA: 1\r\n"), "a", "1"},
        {"a head whose empty line is kept", SPAN("A: 1\r\n\r\n"), "a", "1"},
        {"a line that is cut", SPAN("A: 1"), "a", "1"},
        {"LF alone", SPAN("A: 1\nB: 2\n"), "b", "2"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct http_answer a = {.result = HTTP_ANSWERED, .headers = rows[i].headers};
        check(span_is(http_answer_header(&a, span_str(rows[i].name)), rows[i].want), "%s", rows[i].what);
    }
}

static void a_date_is_read_in_the_preferred_form_only(void **state)
{
    static const struct {
        const char *what;
        struct span headers;
        int64_t want;
    } rows[] = {
        {"RFC 9110's example", SPAN("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), 784111777},
        {"in lower case", SPAN("date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), 784111777},
        {"a leap day", SPAN("Date: Thu, 29 Feb 2024 23:59:59 GMT\r\n"), 1709251199},
        {"past 32 bits", SPAN("Date: Tue, 19 Jan 2038 03:14:08 GMT\r\n"), 2147483648},
        {"absent", SPAN("A: b\r\n"), 0},
        {"empty", SPAN("Date:\r\n"), 0},
        {"of RFC 850", SPAN("Date: Sunday, 06-Nov-94 08:49:37 GMT\r\n"), 0},
        {"of asctime", SPAN("Date: Sun Nov  6 08:49:37 1994\r\n"), 0},
        {"ISO 8601", SPAN("Date: 1994-11-06T08:49:37Z\r\n"), 0},
        {"another zone", SPAN("Date: Sun, 06 Nov 1994 08:49:37 CET\r\n"), 0},
        {"an offset", SPAN("Date: Sun, 06 Nov 1994 08:49:37 +0000\r\n"), 0},
        {"something behind it", SPAN("Date: Sun, 06 Nov 1994 08:49:37 GMT x\r\n"), 0},
        {"cut", SPAN("Date: Sun, 06 Nov 1994 08:49\r\n"), 0},
        {"no such month", SPAN("Date: Sun, 06 Foo 1994 08:49:37 GMT\r\n"), 0},
        {"hour 25", SPAN("Date: Sun, 06 Nov 1994 25:49:37 GMT\r\n"), 0},
        {"very long", SPAN("Date: Sun, 06 Nov 1994 08:49:37 GMT                              and more\r\n"), 0},
        {"a number", SPAN("Date: 784111777\r\n"), 0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct http_answer a = {.result = HTTP_ANSWERED, .headers = rows[i].headers};
        check(http_answer_date(&a) == rows[i].want, "a date that is %s", rows[i].what);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_found_by_name_in_any_case),
        cmocka_unit_test(a_date_is_read_in_the_preferred_form_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
