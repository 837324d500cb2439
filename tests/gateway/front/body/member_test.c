#include "gateway/front/body/member.h"

#include "tests/auth/check.h"

struct sample {
    struct span text, list;
    bool has_text, has_list, flag;
};

static const struct member_row rows[] = {
    MEMBER_ROW(struct sample, "Text", MEMBER_TEXT, text, has_text),
    MEMBER_ROW(struct sample, "List", MEMBER_ARRAY, list, has_list),
    MEMBER_ROW(struct sample, "Flag", MEMBER_FLAG, flag, flag),
};

static const struct member_shape shape = {
    .rows = rows, .rows_len = LEN(rows), .not_object = "no object", .unknown = "no such member"};

/* One member, `"name":value`, more of those that were `seen`. */
static struct failure take(const char *member, bool strict, unsigned *seen, struct buf *scratch, struct sample *out)
{
    struct json_scan s;
    struct json_value name, value;

    json_scan_init(&s, span_str(member));
    assert_true(json_scan_enter_object(&s) && json_scan_next_member(&s, &name, &value));
    return member_take(&shape, &name, &value, strict, seen, scratch, out);
}

static void a_member_goes_where_its_row_says(void **state)
{
    struct sample out = {.has_text = false};
    struct buf scratch;
    unsigned seen = 0;

    (void)state;
    buf_init(&scratch, 100);
    assert_int_equal(take("{\"Text\":\"a\"}", true, &seen, &scratch, &out).row, FAILURE_NONE);
    assert_true(out.has_text && span_is(out.text, "a") && !out.has_list && !out.flag);
    assert_int_equal(take("{\"List\": [1, 2] }", true, &seen, &scratch, &out).row, FAILURE_NONE);
    assert_true(out.has_list && span_is(out.list, "[1, 2]") && !out.flag);
    assert_int_equal(take("{\"Fl\\u0061g\":true}", true, &seen, &scratch, &out).row, FAILURE_NONE);
    assert_true(out.flag && scratch.len == 0);
    buf_clear(&scratch);
}

static void a_member_is_what_its_row_says_or_null(void **state)
{
    static const struct {
        const char *member;
        bool ok;
    } cases[] = {
        {"{\"Text\":\"\"}", true},      {"{\"Text\":null}", true},  {"{\"Text\":1}", false},
        {"{\"Text\":[]}", false},       {"{\"Text\":true}", false}, {"{\"List\":[]}", true},
        {"{\"List\":null}", true},      {"{\"List\":{}}", false},   {"{\"List\":\"[]\"}", false},
        {"{\"List\":false}", false},    {"{\"Flag\":false}", true}, {"{\"Flag\":null}", true},
        {"{\"Flag\":\"true\"}", false}, {"{\"Flag\":1}", false},    {"{\"Flag\":[]}", false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct sample out = {.has_text = false};
        struct buf scratch;
        unsigned seen = 0;
        buf_init(&scratch, 100);
        struct failure f = take(cases[i].member, true, &seen, &scratch, &out);
        check(f.row == (cases[i].ok ? FAILURE_NONE : FAILURE_SERIALIZATION), "%s", cases[i].member);
        check(cases[i].ok || (f.detail != NULL && f.parameter != NULL), "%s", cases[i].member);
        bool is_null = strstr(cases[i].member, "null") != NULL;
        check(!is_null || (!out.has_text && !out.has_list && !out.flag), "%s is absent", cases[i].member);
        check(take(cases[i].member, true, &seen, &scratch, &out).row == FAILURE_SERIALIZATION, "%s, twice",
              cases[i].member);
        buf_clear(&scratch);
    }
}

static void a_member_in_no_row_is_refused_or_passed_over(void **state)
{
    struct sample out = {.has_text = false};
    struct buf scratch;
    unsigned seen = 0;

    (void)state;
    buf_init(&scratch, 100);
    struct failure f = take("{\"text\":\"a\"}", true, &seen, &scratch, &out);
    assert_int_equal(f.row, FAILURE_SERIALIZATION);
    assert_string_equal(f.detail, shape.unknown);
    for (int i = 0; i < 2; i++)
        assert_int_equal(take("{\"text\":\"a\"}", false, &seen, &scratch, &out).row, FAILURE_NONE);
    assert_true(!out.has_text && seen == 0);
    buf_clear(&scratch);
}

static void a_text_without_memory_is_an_overload(void **state)
{
    struct sample out = {.has_text = false};
    struct buf scratch;
    unsigned seen = 0;

    (void)state;
    buf_init(&scratch, 1);
    assert_int_equal(take("{\"Text\":\"\\n\\n\"}", true, &seen, &scratch, &out).row, FAILURE_OVERLOADED);
    buf_clear(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_goes_where_its_row_says),
        cmocka_unit_test(a_member_is_what_its_row_says_or_null),
        cmocka_unit_test(a_member_in_no_row_is_refused_or_passed_over),
        cmocka_unit_test(a_text_without_memory_is_an_overload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
