#include "gateway/base/json_scan.h"

#include "tests/auth/check.h"

static struct json_value string_of(struct span text)
{
    struct json_scan s;
    struct json_value value;

    json_scan_init(&s, text);
    assert_true(json_scan_value(&s, &value) && json_scan_end(&s));
    assert_int_equal(value.type, JSON_TYPE_STRING);
    return value;
}

static void a_string_stands_for_its_characters(void **state)
{
    static const struct {
        const char *what;
        struct span json, want;
    } rows[] = {
        {"nothing", SPAN("\"\""), SPAN("")},
        {"plain text", SPAN("\"abc\""), SPAN("abc")},
        {"the two that must be escaped", SPAN("\"\\\"\\\\\""), SPAN("\"\\")},
        {"a slash, escaped or not", SPAN("\"\\//\""), SPAN("//")},
        {"the short escapes", SPAN("\"\\b\\f\\n\\r\\t\""), SPAN("\b\f\n\r\t")},
        {"NUL", SPAN("\"a\\u0000b\""), SPAN("a\0b")},
        {"ASCII by number", SPAN("\"\\u0041\\u007f\""), SPAN("A\177")},
        {"the first of two bytes", SPAN("\"\\u0080\""), SPAN("\302\200")},
        {"the last of two bytes", SPAN("\"\\u07FF\""), SPAN("\337\277")},
        {"the first of three bytes", SPAN("\"\\u0800\""), SPAN("\340\240\200")},
        {"before the surrogates", SPAN("\"\\ud7ff\""), SPAN("\355\237\277")},
        {"after the surrogates", SPAN("\"\\uE000\""), SPAN("\356\200\200")},
        {"the last of three bytes", SPAN("\"\\uffff\""), SPAN("\357\277\277")},
        {"the first pair", SPAN("\"\\ud800\\udc00\""), SPAN("\360\220\200\200")},
        {"a pair in mixed case", SPAN("\"\\uD834\\udD1E\""), SPAN("\360\235\204\236")},
        {"the last pair", SPAN("\"\\udbff\\udfff\""), SPAN("\364\217\277\277")},
        {"two pairs", SPAN("\"\\ud83d\\ude39\\ud83d\\udc8d\""), SPAN("\360\237\230\271\360\237\222\215")},
        {"an escaped backslash before u", SPAN("\"\\\\u0041\""), SPAN("\\u0041")},
        {"UTF-8 as it is", SPAN("\"\303\251\\n\342\202\254\""), SPAN("\303\251\n\342\202\254")},
        {"an escape at both ends", SPAN("\"\\nx\\t\""), SPAN("\nx\t")},
    };
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 12);
    for (size_t i = 0; i < LEN(rows); i++) {
        struct json_value value = string_of(rows[i].json);
        buf_reset(&out);
        buf_append(&out, SPAN("before"));
        json_unescape(value.raw, &out);
        struct span got = span_of(out.ptr + 6, out.len - 6);
        check(span_equal(got, rows[i].want), "%s", rows[i].what);
        check(value.has_escapes == (memchr(rows[i].json.ptr, '\\', rows[i].json.len) != NULL), "%s", rows[i].what);
        check(json_string_equals(&value, rows[i].want), "%s, compared", rows[i].what);
    }
    buf_clear(&out);
}

static void unescaping_past_a_limit_fails_the_buf(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 4);
    json_unescape(SPAN("abc\\n"), &out);
    assert_true(!out.failed && out.len == 4);
    buf_reset(&out);
    json_unescape(SPAN("abcd\\n"), &out);
    assert_true(out.failed);
    buf_clear(&out);
}

static void strings_are_equal_by_what_they_stand_for(void **state)
{
    static const struct {
        struct span json, text;
        bool equal;
    } rows[] = {
        {SPAN("\"Data\""), SPAN("Data"), true},
        {SPAN("\"\\u0044ata\""), SPAN("Data"), true},
        {SPAN("\"Dat\\u0061\""), SPAN("Data"), true},
        {SPAN("\"\\u0044\\u0061\\u0074\\u0061\""), SPAN("Data"), true},
        {SPAN("\"data\""), SPAN("Data"), false},
        {SPAN("\"Dat\""), SPAN("Data"), false},
        {SPAN("\"Data1\""), SPAN("Data"), false},
        {SPAN("\"\\u0044at\""), SPAN("Data"), false},
        {SPAN("\"\\u0044ata1\""), SPAN("Data"), false},
        {SPAN("\"\\u0064ata\""), SPAN("Data"), false},
        {SPAN("\"Data\\u0000\""), SPAN("Data"), false},
        {SPAN("\"Data\\u0000\""), SPAN("Data\0"), true},
        {SPAN("\"\""), SPAN(""), true},
        {SPAN("\"\""), SPAN("a"), false},
        {SPAN("\"\\n\""), SPAN(""), false},
        {SPAN("\"\\ud834\\udd1e\""), SPAN("\360\235\204\236"), true},
        {SPAN("\"\\ud834\\udd1e\""), SPAN("\360\235\204"), false},
    };
    struct json_value number = {.type = JSON_TYPE_NUMBER, .raw = SPAN("1")};

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct json_value value = string_of(rows[i].json);
        check(json_string_equals(&value, rows[i].text) == rows[i].equal, "%.*s and %.*s", (int)rows[i].json.len,
              rows[i].json.ptr, (int)rows[i].text.len, rows[i].text.ptr);
    }
    check(!json_string_equals(&number, SPAN("1")), "what is no string equals none");
}

/* RFC 6901 section 5, its document and its answers. */
static void pointers_find_what_rfc_6901_says(void **state)
{
    static const char document[] =
        "{\"foo\": [\"bar\", \"baz\"], \"\": 0, \"a/b\": 1, \"c%d\": 2, \"e^f\": 3, \"g|h\": 4,"
        "\"i\\\\j\": 5, \"k\\\"l\": 6, \" \": 7, \"m~n\": 8}";
    static const struct {
        const char *pointer, *want;
    } rows[] = {
        {"", document},    {"/foo", "[\"bar\", \"baz\"]"},
        {"/foo/0", "bar"}, {"/foo/1", "baz"},
        {"/", "0"},        {"/a~1b", "1"},
        {"/c%d", "2"},     {"/e^f", "3"},
        {"/g|h", "4"},     {"/i\\j", "5"},
        {"/k\"l", "6"},    {"/ ", "7"},
        {"/m~0n", "8"},
    };
    struct json_value out;

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        check(json_pointer_is_valid(span_str(rows[i].pointer)), "%s is a pointer", rows[i].pointer);
        check(json_pointer_find(span_str(document), span_str(rows[i].pointer), &out) && span_is(out.raw, rows[i].want),
              "%s", rows[i].pointer);
    }
}

static void pointers_find_nothing_else(void **state)
{
    static const struct {
        const char *what, *document, *pointer, *want;
    } rows[] = {
        {"a path through objects", "{\"user\":{\"id\":\"u1\"}}", "/user/id", "u1"},
        {"a name with escapes", "{\"\\u0075ser\":{\"i\\u0064\":7}}", "/user/id", "7"},
        {"of equal names the last", "{\"a\":1,\"a\":2}", "/a", "2"},
        {"~01 is ~1", "{\"~1\":1,\"/\":2}", "/~01", "1"},
        {"an index on the way", "[[1,[2,3]]]", "/0/1/1", "3"},
        {"a number as a member's name", "{\"0\":\"x\"}", "/0", "x"},
        {"no such member", "{\"a\":1}", "/b", NULL},
        {"names differ by case", "{\"a\":1}", "/A", NULL},
        {"past the array's end", "[1,2]", "/2", NULL},
        {"past every array's end", "[1,2]", "/18446744073709551616", NULL},
        {"the element after the last", "[1,2]", "/-", NULL},
        {"a leading zero", "[1,2]", "/01", NULL},
        {"no index", "[1,2]", "/", NULL},
        {"a sign", "[1,2]", "/+1", NULL},
        {"into a string", "{\"a\":\"b\"}", "/a/b", NULL},
        {"into a number", "{\"a\":1}", "/a/0", NULL},
        {"into nothing", "null", "/a", NULL},
        {"a document that is cut", "{\"a\":1,\"b\":", "/a", NULL},
        {"a document with something behind it", "{\"a\":1}x", "/a", NULL},
        {"no document", "", "", NULL},
        {"a pointer without its slash", "{\"a\":1}", "a", NULL},
        {"a tilde at the end", "{\"a~\":1}", "/a~", NULL},
        {"a tilde before anything else", "{\"a~2\":1}", "/a~2", NULL},
    };
    struct json_value out;

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        bool found = json_pointer_find(span_str(rows[i].document), span_str(rows[i].pointer), &out);
        check(found == (rows[i].want != NULL), "%s", rows[i].what);
        check(!found || span_is(out.raw, rows[i].want), "%s", rows[i].what);
    }
}

static void malformed_pointers_are_told(void **state)
{
    static const struct {
        const char *pointer;
        bool valid;
    } rows[] = {{"", true},    {"/", true},   {"//", true},    {"/a/b", true},  {"/~0~1", true},  {"/\303\251", true},
                {"a", false},  {"#", false},  {"/~", false},   {"/~2", false},  {"/a~/b", false}, {"/\303", false},
                {"~0", false}, {" /", false}, {"/~~0", false}, {"/\377", false}};

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        check(json_pointer_is_valid(span_str(rows[i].pointer)) == rows[i].valid, "%s", rows[i].pointer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_string_stands_for_its_characters),
        cmocka_unit_test(unescaping_past_a_limit_fails_the_buf),
        cmocka_unit_test(strings_are_equal_by_what_they_stand_for),
        cmocka_unit_test(pointers_find_what_rfc_6901_says),
        cmocka_unit_test(pointers_find_nothing_else),
        cmocka_unit_test(malformed_pointers_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
