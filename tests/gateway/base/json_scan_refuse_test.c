#include "tests/gateway/base/json_reads.h"

static void refuse_all(const struct span *texts, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        check(!accepts(texts[i]), "row %zu, %.*s, is not JSON", i, (int)texts[i].len, texts[i].ptr);
        check(!walks(texts[i]), "row %zu, %.*s, is not JSON, member by member", i, (int)texts[i].len, texts[i].ptr);
    }
}

static void malformed_arrays_and_objects_are_refused(void **state)
{
    static const struct span texts[] = {
        SPAN("[1 true]"),
        SPAN("[a\345]"),
        SPAN("[\"\": 1]"),
        SPAN("[\"\"],"),
        SPAN("[,1]"),
        SPAN("[1,,2]"),
        SPAN("[\"x\",,]"),
        SPAN("[\"x\"]]"),
        SPAN("[\"\",]"),
        SPAN("[\"x\""),
        SPAN("[x"),
        SPAN("[3[4]]"),
        SPAN("[\377]"),
        SPAN("[1:2]"),
        SPAN("[,]"),
        SPAN("[-]"),
        SPAN("[   , \"\"]"),
        SPAN("[\"a\",\n4\n,1,"),
        SPAN("[1,]"),
        SPAN("[1,,]"),
        SPAN("[\"\va\"\\f]"),
        SPAN("[*]"),
        SPAN("[\"\""),
        SPAN("[1,"),
        SPAN("[{}"),
        SPAN("[fals]"),
        SPAN("[nul]"),
        SPAN("[tru]"),
        SPAN("[\"x\", truth]"),
        SPAN("{[: \"x\"}\n"),
        SPAN("{\"x\", null}"),
        SPAN("{\"x\"::\"b\"}"),
        SPAN("{\360\237\207\250\360\237\207\255}"),
        SPAN("{\"a\":\"a\" 123}"),
        SPAN("{key: 'value'}"),
        SPAN("{\"\271\":\"0\",}"),
        SPAN("{\"a\" b}"),
        SPAN("{:\"b\"}"),
        SPAN("{\"a\" \"b\"}"),
        SPAN("{\"a\":"),
        SPAN("{\"a\""),
        SPAN("{1:1}"),
        SPAN("{9999E9999:1}"),
        SPAN("{null:null,null:null}"),
        SPAN("{\"id\":0,,,,,}"),
        SPAN("{'a':0}"),
        SPAN("{\"id\":0,}"),
        SPAN("{\"a\":\"b\"}/**/"),
        SPAN("{\"a\":\"b\"}//"),
        SPAN("{\"a\":\"b\",,\"c\":\"d\"}"),
        SPAN("{a: \"b\"}"),
        SPAN("{\"a\":\"a"),
        SPAN("{ \"foo\" : \"bar\", \"a\" }"),
        SPAN("{\"a\":\"b\"}#"),
        SPAN("{\"a\":1]"),
        SPAN("[1}"),
        SPAN("{\"a\":[}]"),
        SPAN("[{\"a\":1]}"),
        SPAN("{,\"a\":1}"),
        SPAN("{\"a\":1 \"b\":2}"),
        SPAN("{\"a\":{\"b\"}}"),
        SPAN("[[1],,[2]]"),
        SPAN("[{,}]"),
        SPAN("[[,]]"),
    };

    (void)state;
    refuse_all(texts, LEN(texts));
}

static void malformed_numbers_are_refused(void **state)
{
    static const struct span texts[] = {
        SPAN("123\0"),       SPAN("[++1234]"),  SPAN("[+1]"),      SPAN("[+Inf]"),     SPAN("[-01]"),
        SPAN("[-1.0.]"),     SPAN("[-2.]"),     SPAN("[-NaN]"),    SPAN("[.-1]"),      SPAN("[.2e-3]"),
        SPAN("[0.1.2]"),     SPAN("[0.3e+]"),   SPAN("[0.3e]"),    SPAN("[0.e1]"),     SPAN("[0E+]"),
        SPAN("[0E]"),        SPAN("[0e+]"),     SPAN("[0e]"),      SPAN("[1.0e+]"),    SPAN("[1.0e-]"),
        SPAN("[1.0e]"),      SPAN("[1 000.0]"), SPAN("[1eE2]"),    SPAN("[2.e+3]"),    SPAN("[2.e-3]"),
        SPAN("[2.e3]"),      SPAN("[9.e+]"),    SPAN("[Inf]"),     SPAN("[NaN]"),      SPAN("[\357\274\221]"),
        SPAN("[1+2]"),       SPAN("[0x1]"),     SPAN("[0x42]"),    SPAN("[Infinity]"), SPAN("[0e+-1]"),
        SPAN("[-123.1foo]"), SPAN("[123\345]"), SPAN("[1e1\345]"), SPAN("[0\345]"),    SPAN("[-Infinity]"),
        SPAN("[-foo]"),      SPAN("[- 1]"),     SPAN("[-012]"),    SPAN("[-.123]"),    SPAN("[-1x]"),
        SPAN("[1ea]"),       SPAN("[1e\345]"),  SPAN("[1.]"),      SPAN("[.123]"),     SPAN("[1.2a-3]"),
        SPAN("[1.8H-308]"),  SPAN("[012]"),     SPAN("[00]"),      SPAN("[-00]"),      SPAN("-"),
        SPAN("1."),          SPAN("1e"),        SPAN("01"),        SPAN("1 2"),        SPAN("--1"),
    };

    (void)state;
    refuse_all(texts, LEN(texts));
}

static void malformed_strings_are_refused(void **state)
{
    static const struct span texts[] = {
        SPAN("[\"\\uD800\\\"]"),
        SPAN("[\"\\uD800\\u\"]"),
        SPAN("[\"\\uD800\\u1\"]"),
        SPAN("[\"\\uD800\\u1x\"]"),
        SPAN("[\303\251]"),
        SPAN("[\"\\\0\"]"),
        SPAN("[\"\\x00\"]"),
        SPAN("[\"\\\\\\\"]"),
        SPAN("[\"\\\t\"]"),
        SPAN("[\"\\\360\237\214\200\"]"),
        SPAN("[\"\\\"]"),
        SPAN("[\"\\u00A\"]"),
        SPAN("[\"\\uD834\\uDd\"]"),
        SPAN("[\"\\uD800\\uD800\\x\"]"),
        SPAN("[\"\\u\345\"]"),
        SPAN("[\"\\a\"]"),
        SPAN("[\"\\uqqqq\"]"),
        SPAN("[\"\\u-123\"]"),
        SPAN("[\"\\u 123\"]"),
        SPAN("[\"\\\345\"]"),
        SPAN("[\\u0020\"asd\"]"),
        SPAN("[\\n]"),
        SPAN("\""),
        SPAN("['single quote']"),
        SPAN("abc"),
        SPAN("[\"\\"),
        SPAN("[\"a\0a\"]"),
        SPAN("[\"new\nline\"]"),
        SPAN("[\"\t\"]"),
        SPAN("[\"\037\"]"),
        SPAN("\"\\UA66D\""),
        SPAN("\"\"x"),
        SPAN("[\"\\uDFAA\"]"), /* lone surrogates stand for no character */
        SPAN("[\"\\uDADA\"]"),
        SPAN("[\"\\uD888\\u1234\"]"),
        SPAN("[\"\\uD800\\n\"]"),
        SPAN("[\"\\uDd1ea\"]"),
        SPAN("[\"\\uD800\\uD800\"]"),
        SPAN("[\"\\ud800abc\"]"),
        SPAN("[\"\\uDd1e\\uD834\"]"),
        SPAN("[\"\355\240\200\"]"), /* nor do they in UTF-8 */
        SPAN("[\"\355\277\277\"]"),
        SPAN("[\"\300\257\"]"), /* overlong */
        SPAN("[\"\340\200\257\"]"),
        SPAN("[\"\374\203\277\277\277\277\"]"),
        SPAN("[\"\364\220\200\200\"]"), /* past U+10FFFF */
        SPAN("[\"\200\"]"),
        SPAN("[\"\347\"]"),
        SPAN("[\"\346\227\245\321\210\372\"]"),
        SPAN("[\"\342\202\"]"),
        SPAN("[\"\341\240\377\"]"),
        SPAN("{\"\377\":1}"),
    };

    (void)state;
    refuse_all(texts, LEN(texts));
}

static void malformed_structures_are_refused(void **state)
{
    static const struct span texts[] = {
        SPAN(""),
        SPAN(" "),
        SPAN("<.>"),
        SPAN("[<null>]"),
        SPAN("[1]x"),
        SPAN("[1]]"),
        SPAN("[\"asd]"),
        SPAN("a\303\245"),
        SPAN("[True]"),
        SPAN("1]"),
        SPAN("{\"x\": true,"),
        SPAN("[][]"),
        SPAN("]"),
        SPAN("}"),
        SPAN("\357\273{}"),
        SPAN("\357\273\277{}"), /* a byte order mark is no white space (RFC 8259 section 8.1) */
        SPAN("\357\273\277"),
        SPAN("\345"),
        SPAN("["),
        SPAN("[\0]"),
        SPAN("2@"),
        SPAN("{}}"),
        SPAN("{\"\":"),
        SPAN("{\"a\":/*comment*/\"b\"}"),
        SPAN("{\"a\": true} \"x\""),
        SPAN("['"),
        SPAN("[,"),
        SPAN("[{"),
        SPAN("[\"a"),
        SPAN("[\"a\""),
        SPAN("{"),
        SPAN("{]"),
        SPAN("{,"),
        SPAN("{["),
        SPAN("{\"a"),
        SPAN("{'a'"),
        SPAN("[\"\\{[\"\\{[\"\\{[\"\\{"),
        SPAN("\351"),
        SPAN("*"),
        SPAN("{\"a\":\"b\"}#{}"),
        SPAN("[\342\201\240]"),
        SPAN("[\\u000A\"\"]"),
        SPAN("[1"),
        SPAN("[ false, nul"),
        SPAN("{\"asd\":\"asd\""),
        SPAN("\303\245"),
        SPAN("[\f]"),
        SPAN("[1\v]"),
        SPAN("[\240]"),
        SPAN("{}\0"),
        SPAN("nullx"),
        SPAN("truefalse"),
        SPAN("[1]\0"),
        SPAN("{\"a\":1}{\"a\":1}"),
    };

    (void)state;
    refuse_all(texts, LEN(texts));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_arrays_and_objects_are_refused),
        cmocka_unit_test(malformed_numbers_are_refused),
        cmocka_unit_test(malformed_strings_are_refused),
        cmocka_unit_test(malformed_structures_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
