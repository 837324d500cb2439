#include "gateway/front/body/batch_scan.h"

#include "tests/auth/check.h"

#define RECORDS_MAX 16

struct result {
    struct span records[RECORDS_MAX];
    size_t len;
    enum batch_step end;
};

/* Reads all of it with `slice` bytes a turn; what a slice costs is what it read, and hardly more than it may. */
static void scan(enum batch_form form, struct span text, size_t slice, struct result *r)
{
    struct batch_scan s;
    size_t budget = slice, turns = 1;

    r->len = 0;
    batch_scan_init(&s, form, text);
    do {
        struct span record;
        r->end = batch_scan_next(&s, &budget, &record);
        if (r->end == BATCH_RECORD) {
            assert_true(r->len != RECORDS_MAX && record.len != 0);
            assert_in_range((uintptr_t)record.ptr, (uintptr_t)text.ptr, (uintptr_t)text.ptr + text.len - record.len);
            r->records[r->len++] = record;
        } else if (r->end == BATCH_MORE) {
            assert_int_equal(budget, 0);
            check(turns++ <= text.len / slice, "%.*s: every slice is read", (int)text.len, text.ptr);
            budget = slice;
        }
    } while (r->end == BATCH_RECORD || r->end == BATCH_MORE);
    for (int i = 0; i < 2; i++) {
        struct span record;
        check(batch_scan_next(&s, &budget, &record) == r->end, "the end is the end");
    }
}

/* `want`: the records, each in <>. NULL: malformed. */
static void check_scan(enum batch_form form, const char *what, struct span text, const char *want)
{
    struct result whole, sliced;
    struct buf got;

    buf_init(&got, 10000);
    scan(form, text, SIZE_MAX, &whole);
    for (size_t i = 0; i < whole.len; i++) {
        buf_append_char(&got, '<');
        buf_append(&got, whole.records[i]);
        buf_append_char(&got, '>');
    }
    check(whole.end == (want == NULL ? BATCH_MALFORMED : BATCH_END), "%s", what);
    check(want == NULL || span_is(buf_span(&got), want), "%s", what);
    buf_clear(&got);
    for (size_t slice = 1; slice <= text.len + 1; slice++) {
        scan(form, text, slice, &sliced);
        check(sliced.end == whole.end && sliced.len == whole.len, "%s, %zu bytes a slice", what, slice);
        for (size_t i = 0; i < whole.len; i++)
            check(sliced.records[i].ptr == whole.records[i].ptr && sliced.records[i].len == whole.records[i].len,
                  "%s, %zu bytes a slice, record %zu", what, slice, i);
    }
}

struct row {
    const char *what;
    struct span text;
    const char *want;
};

static void lines_end_with_lf(void **state)
{
    static const struct row rows[] = {
        {"nothing", SPAN(""), ""},
        {"a line", SPAN("a\n"), "<a>"},
        {"an open last line counts", SPAN("a\nbc"), "<a><bc>"},
        {"one open line", SPAN("{\"a\":1}"), "<{\"a\":1}>"},
        {"empty lines are skipped", SPAN("\n\na\n\n\nb\n\n"), "<a><b>"},
        {"only empty lines", SPAN("\n\n\n"), ""},
        {"one CR is dropped", SPAN("a\r\nb\r\n"), "<a><b>"},
        {"of an open line too", SPAN("a\r\nb\r"), "<a><b>"},
        {"and only one", SPAN("a\r\r\n"), "<a\r>"},
        {"a line of one CR is empty", SPAN("\r\na\r\n\r\n\r"), "<a>"},
        {"a line of two is not", SPAN("\r\r\n"), "<\r>"},
        {"a CR inside stays", SPAN("a\rb\n\rc\n"), "<a\rb><\rc>"},
        {"white space is no emptiness", SPAN(" \n\t\r\n a \n"), "< ><\t>< a >"},
        {"any bytes make a record", SPAN("\377\376\n[1,\n]\n"), "<\377\376><[1,><]>"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        check_scan(BATCH_LINES, rows[i].what, rows[i].text, rows[i].want);
}

static void a_nul_is_a_byte_of_a_line(void **state)
{
    struct result r;

    (void)state;
    scan(BATCH_LINES, SPAN("a\0b\n\0\n"), 2, &r);
    assert_true(r.end == BATCH_END && r.len == 2);
    assert_true(span_equal(r.records[0], SPAN("a\0b")) && span_equal(r.records[1], SPAN("\0")));
}

static void elements_are_their_exact_bytes(void **state)
{
    static const struct row rows[] = {
        {"no elements", SPAN("[]"), ""},
        {"no elements, with space", SPAN(" \r\n[ \t ] \n"), ""},
        {"every type", SPAN("[1, \"a\\n\" ,true,false , null,-1.5e3, [ 1 , 2 ] ,{ \"a\" : [ ] }\n] "),
         "<1><\"a\\n\"><true><false><null><-1.5e3><[ 1 , 2 ]><{ \"a\" : [ ] }>"},
        {"an empty string has quotes", SPAN("[\"\",\"\"]"), "<\"\"><\"\">"},
        {"what looks like an end", SPAN("[\"]\",{\"]\":\"[,\"},[[]]]"), "<\"]\"><{\"]\":\"[,\"}><[[]]>"},
        {"text past ASCII", SPAN("[\"\303\244\303\266\346\227\245\346\234\254\"]"),
         "<\"\303\244\303\266\346\227\245\346\234\254\">"},
        {"nothing", SPAN(""), NULL},
        {"space", SPAN("  "), NULL},
        {"an object", SPAN("{\"a\":1}"), NULL},
        {"a string", SPAN("\"[]\""), NULL},
        {"an open array", SPAN("[1,2"), NULL},
        {"an open element", SPAN("[1,{\"a\":[}"), NULL},
        {"an open string", SPAN("[1,\"abc]"), NULL},
        {"a comma too many", SPAN("[1,2,]"), NULL},
        {"a comma first", SPAN("[,1]"), NULL},
        {"no comma", SPAN("[1 2]"), NULL},
        {"a word behind", SPAN("[1] x"), NULL},
        {"two arrays", SPAN("[1][2]"), NULL},
        {"a bracket behind", SPAN("[1]         ]"), NULL},
        {"the wrong bracket", SPAN("[1}"), NULL},
        {"malformed UTF-8", SPAN("[\"\303\"]"), NULL},
        {"lines", SPAN("1\n2\n"), NULL},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        check_scan(BATCH_ARRAY, rows[i].what, rows[i].text, rows[i].want);
}

static void entries_are_objects(void **state)
{
    static const struct row rows[] = {
        {"no entries", SPAN("[]"), ""},
        {"objects", SPAN("[{\"Data\":\"AA==\"}, {} ]"), "<{\"Data\":\"AA==\"}><{}>"},
        {"a string", SPAN("[{},\"AA==\"]"), NULL},
        {"an array", SPAN("[[]]"), NULL},
        {"null", SPAN("[{},null,{}]"), NULL},
        {"a number", SPAN("[0]"), NULL},
        {"an object alone", SPAN("{\"Data\":\"\"}"), NULL},
        {"something behind", SPAN("[{}],"), NULL},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        check_scan(BATCH_ENTRIES, rows[i].what, rows[i].text, rows[i].want);
}

static void a_body_without_a_pointer_is_empty(void **state)
{
    struct batch_scan s;
    struct span record;
    size_t budget = 0;

    (void)state;
    batch_scan_init(&s, BATCH_LINES, (struct span){0});
    assert_int_equal(batch_scan_next(&s, &budget, &record), BATCH_END);
    batch_scan_init(&s, BATCH_ARRAY, (struct span){0});
    assert_int_equal(batch_scan_next(&s, &budget, &record), BATCH_MALFORMED);
}

static void a_budget_pays_for_several_records(void **state)
{
    static const struct {
        enum batch_form form;
        struct span text;
    } rows[] = {{BATCH_LINES, SPAN("a\nb\nc\nd\n")}, {BATCH_ARRAY, SPAN("[1,2,3,4]")}};

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct batch_scan s;
        struct span record;
        size_t budget = 4;
        batch_scan_init(&s, rows[i].form, rows[i].text);
        assert_int_equal(batch_scan_next(&s, &budget, &record), BATCH_RECORD);
        assert_int_equal(budget, 2);
        assert_int_equal(batch_scan_next(&s, &budget, &record), BATCH_RECORD);
        assert_int_equal(budget, 0);
        assert_int_equal(batch_scan_next(&s, &budget, &record), BATCH_MORE);
        budget = 2;
        assert_int_equal(batch_scan_next(&s, &budget, &record), BATCH_RECORD);
        assert_int_equal(budget, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_with_lf),
        cmocka_unit_test(a_nul_is_a_byte_of_a_line),
        cmocka_unit_test(elements_are_their_exact_bytes),
        cmocka_unit_test(entries_are_objects),
        cmocka_unit_test(a_body_without_a_pointer_is_empty),
        cmocka_unit_test(a_budget_pays_for_several_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
