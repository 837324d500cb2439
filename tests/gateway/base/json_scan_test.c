#include "tests/gateway/base/json_reads.h"

static void what_rfc_8259_allows_is_accepted(void **state)
{
    static const struct span texts[] = {
        SPAN("[[]   ]"),
        SPAN("[\"\"]"),
        SPAN("[]"),
        SPAN("[\"a\"]"),
        SPAN("[false]"),
        SPAN("[null, 1, \"1\", {}]"),
        SPAN("[null]"),
        SPAN("[1\n]"),
        SPAN(" [1]"),
        SPAN("[1,null,null,null,2]"),
        SPAN("[2] "),
        SPAN("[123e65]"),
        SPAN("[0e+1]"),
        SPAN("[0e1]"),
        SPAN("[ 4]"),
        SPAN("[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]"),
        SPAN("[20e1]"),
        SPAN("[-0]"),
        SPAN("[-123]"),
        SPAN("[-1]"),
        SPAN("[1E22]"),
        SPAN("[1E-2]"),
        SPAN("[1E+2]"),
        SPAN("[123e45]"),
        SPAN("[123.456e78]"),
        SPAN("[1e-2]"),
        SPAN("[1e+2]"),
        SPAN("[123]"),
        SPAN("[123.456789]"),
        SPAN("[123123e100000]"),
        SPAN("[-237462374673276894279832749832423479823246327846]"),
        SPAN("{\"asd\":\"sdf\", \"dfg\":\"fgh\"}"),
        SPAN("{\"asd\":\"sdf\"}"),
        SPAN("{\"a\":\"b\",\"a\":\"c\"}"),
        SPAN("{}"),
        SPAN("{\"\":0}"),
        SPAN("{\"foo\\u0000bar\": 42}"),
        SPAN("{ \"min\": -1.0e+28, \"max\": 1.0e+28 }"),
        SPAN("{\"x\":[{\"id\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}], \"id\": \"x\"}"),
        SPAN("{\"title\":\"\\u041f\\u043e\\u043b\\u0442\\u043e\\u0440\\u0430\"}"),
        SPAN("{\n\"a\": \"b\"\n}"),
        SPAN("[\"\\u0060\\u012a\\u12AB\"]"),
        SPAN("[\"\\uD801\\udc37\"]"),
        SPAN("[\"\\ud83d\\ude39\\ud83d\\udc8d\"]"),
        SPAN("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
        SPAN("[\"\\\\u0000\"]"),
        SPAN("[\"\\\"\"]"),
        SPAN("[\"a/*b*/c/*d//e\"]"),
        SPAN("[\"\\\\a\"]"),
        SPAN("[\"\\\\n\"]"),
        SPAN("[\"\\u0012\"]"),
        SPAN("[\"\\uFFFF\"]"),
        SPAN("[ \"asd\"]"),
        SPAN("[\"\\uDBFF\\uDFFF\"]"),
        SPAN("[\"new\\u00A0line\"]"),
        SPAN("[\"\364\217\277\277\"]"),
        SPAN("[\"\357\277\277\"]"),
        SPAN("[\"\\u0000\"]"),
        SPAN("[\"\\u002c\"]"),
        SPAN("[\"\317\200\"]"),
        SPAN("[\"asd \"]"),
        SPAN("\" \""),
        SPAN("[\"\\uD834\\uDd1e\"]"),
        SPAN("[\"\342\200\250\"]"),
        SPAN("[\"\342\200\251\"]"),
        SPAN("[\"\\u005C\"]"),
        SPAN("[\"\\u0022\"]"),
        SPAN("[\"\342\215\202\343\210\264\"]"),
        SPAN("[\"a\177a\"]"),
        SPAN("false"),
        SPAN("42"),
        SPAN("-0.1"),
        SPAN("null"),
        SPAN("\"asd\""),
        SPAN("true"),
        SPAN("\"\""),
        SPAN("[\"a\"]\n"),
        SPAN("[true]"),
        SPAN(" [] "),
        SPAN("\t\r\n{}\t\r\n"),
    };

    (void)state;
    for (size_t i = 0; i < LEN(texts); i++) {
        check(accepts(texts[i]), "%.*s is JSON", (int)texts[i].len, texts[i].ptr);
        bool is_container = strchr("[{", texts[i].ptr[strspn(texts[i].ptr, " \t\r\n")]) != NULL;
        check(!is_container || walks(texts[i]), "%.*s is JSON, member by member", (int)texts[i].len, texts[i].ptr);
    }
}

static void depth_is_bounded_exactly(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 1 << 20);
    for (int kind = 0; kind < 2; kind++)
        for (size_t depth = 1; depth < 200; depth++) {
            buf_reset(&text);
            for (size_t i = 0; i < depth; i++)
                buf_append(&text, kind == 0 ? SPAN("[") : SPAN("{\"a\":"));
            buf_append(&text, kind == 0 ? SPAN("") : SPAN("1"));
            for (size_t i = 0; i < depth; i++)
                buf_append_char(&text, kind == 0 ? ']' : '}');
            check(accepts(buf_span(&text)) == (depth <= JSON_SCAN_DEPTH_MAX), "depth %zu", depth);
        }
    buf_reset(&text); /* depth is of what is open, not of what was */
    buf_append_char(&text, '[');
    for (int i = 0; i < 1000; i++)
        buf_append(&text, SPAN("[{}],"));
    buf_append(&text, SPAN("[]]"));
    check(accepts(buf_span(&text)), "a long flat array is not deep");
    buf_reset(&text);
    for (int i = 0; i < 100000; i++)
        buf_append_char(&text, '[');
    check(!accepts(buf_span(&text)), "a hundred thousand brackets are refused");
    buf_clear(&text);
}

static void no_prefix_of_a_document_is_one(void **state)
{
    static const struct span texts[] = {
        SPAN("{\"Data\":\"aGVsbG8=\",\"PartitionKey\":\"k\",\"a\":[1,-2.5e+3,true,false,null,{\"b\":"
             "\"\\u00e4\\ud834\\udd1e"
             "\303\251\"}]}"),
        SPAN("[[],{},[[\"x\"]],{\"y\":{\"z\":[]}}]"),
        SPAN("\"a\\\\b\\\"c\""),
        SPAN("true"),
        SPAN("null"),
    };

    (void)state;
    for (size_t i = 0; i < LEN(texts); i++) {
        check(accepts(texts[i]), "document %zu", i);
        for (size_t len = 0; len < texts[i].len; len++)
            check(!accepts(span_of(texts[i].ptr, len)), "document %zu, its first %zu bytes", i, len);
    }
}

static void values_are_the_exact_bytes(void **state)
{
    static const char text[] = " { \"a\" : [ 1 , 2 ] , \"b\\n\":\"x\\ty\", \"c\": {\"d\" :1e5} ,\"e\":-0.5 } ";
    static const struct {
        const char *name, *raw;
        enum json_type type;
        bool has_escapes;
    } want[] = {{"a", "[ 1 , 2 ]", JSON_TYPE_ARRAY, false},
                {"b\\n", "x\\ty", JSON_TYPE_STRING, true},
                {"c", "{\"d\" :1e5}", JSON_TYPE_OBJECT, false},
                {"e", "-0.5", JSON_TYPE_NUMBER, false}};
    struct json_scan s;
    struct json_value name, value;
    size_t seen = 0;

    (void)state;
    json_scan_init(&s, span_str(text));
    for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value); seen++) {
        check(span_is(name.raw, want[seen].name) && span_is(value.raw, want[seen].raw), "%s", want[seen].name);
        check(value.type == want[seen].type && value.has_escapes == want[seen].has_escapes, "%s", want[seen].name);
    }
    assert_int_equal(seen, LEN(want));
    assert_true(json_scan_end(&s));
}

static void an_error_is_sticky(void **state)
{
    struct json_scan s;
    struct json_value name, value;

    (void)state;
    json_scan_init(&s, SPAN("[1,x,3]"));
    assert_true(json_scan_enter_array(&s));
    assert_true(json_scan_next_element(&s, &value));
    assert_false(json_scan_next_element(&s, &value));
    assert_false(json_scan_next_element(&s, &value));
    assert_false(json_scan_next_member(&s, &name, &value));
    assert_false(json_scan_enter_array(&s));
    assert_false(json_scan_enter_object(&s));
    assert_false(json_scan_value(&s, &value));
    assert_false(json_scan_end(&s));
    json_scan_init(&s, SPAN("[]"));
    assert_false(json_scan_enter_object(&s));
    assert_false(json_scan_end(&s));
}

static void a_nested_walk_goes_on_where_it_left(void **state)
{
    static const struct {
        const char *what, *text;
        size_t want;
    } rows[] = {
        {"nothing in it", "{\"a\":[]}", 0},
        {"empty ones", "{\"a\":[{},{},{}],\"b\":1}", 3},
        {"some of each", " { \"a\" : [ {\"c\":[1,{}]} , {} ] , \"b\" : {} } ", 2},
        {"twice", "{\"a\":[{}],\"b\":[],\"a\":[{\"c\":1}]}", 2},
        {"no comma behind an empty one", "{\"a\":[{} {}]}", SIZE_MAX},
        {"no comma behind the inner walk", "{\"a\":[] \"b\":1}", SIZE_MAX},
        {"a comma too many inside", "{\"a\":[{},]}", SIZE_MAX},
        {"a comma too many outside", "{\"a\":[{}],}", SIZE_MAX},
        {"a comma first", "{\"a\":[,{}]}", SIZE_MAX},
        {"the wrong bracket", "{\"a\":[{}}]", SIZE_MAX},
        {"another kind of value", "{\"a\":[1]}", SIZE_MAX},
        {"no end inside", "{\"a\":[{}", SIZE_MAX},
        {"no end outside", "{\"a\":[{}]", SIZE_MAX},
        {"no value", "{\"a\":}", SIZE_MAX},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct json_scan s;
        struct json_value name, value;
        size_t objects = 0;
        json_scan_init(&s, span_str(rows[i].text));
        for (json_scan_enter_object(&s); json_scan_next_name(&s, &name);) {
            if (!json_string_equals(&name, SPAN("a"))) {
                json_scan_value(&s, &value);
                continue;
            }
            for (json_scan_enter_array(&s); json_scan_has_element(&s); objects++)
                for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value);)
                    ;
        }
        check((json_scan_end(&s) ? objects : SIZE_MAX) == rows[i].want, "%s: %zu", rows[i].what, objects);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_rfc_8259_allows_is_accepted),    cmocka_unit_test(depth_is_bounded_exactly),
        cmocka_unit_test(no_prefix_of_a_document_is_one),      cmocka_unit_test(values_are_the_exact_bytes),
        cmocka_unit_test(a_nested_walk_goes_on_where_it_left), cmocka_unit_test(an_error_is_sticky),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
