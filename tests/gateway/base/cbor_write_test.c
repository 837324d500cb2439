/* Answers in JSON, as CBOR. */
#include "gateway/base/cbor_write.h"

#include "tests/auth/check.h"
#include "tests/lib/failing_memory.h"

static void answers_become_cbor(void **state)
{
    static const struct {
        const char *json;
        struct span want;
    } rows[] = {
        {"{}", SPAN("\xbf\xff")},
        {"[]", SPAN("\x9f\xff")},
        {"{\"a\":[1,true,false,null]}", SPAN("\xbf\x61"
                                             "a\x9f\x01\xf5\xf4\xf6\xff\xff")},
        {"{\"n\":\"x\\ny\\u00e9\"}", SPAN("\xbf\x61n\x65x\ny\xc3\xa9\xff")},
        {"[0,23,24,255,256,65536,4294967296]",
         SPAN("\x9f\x00\x17\x18\x18\x18\xff\x19\x01\x00\x1a\x00\x01\x00\x00\x1b\x00\x00\x00\x01\x00\x00\x00\x00\xff")},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct buf out;
        buf_init(&out, 1000);
        check(cbor_from_json(span_str(rows[i].json), &out), "%s", rows[i].json);
        check(span_equal(buf_span(&out), rows[i].want), "%s", rows[i].json);
        check(out.len <= strlen(rows[i].json), "%s is no longer as CBOR", rows[i].json);
        buf_clear(&out);
    }
}

static void a_long_text_says_its_length(void **state)
{
    static char json[70002];
    static const struct {
        size_t len;
        struct span head;
    } rows[] = {
        {23, SPAN("\x77")}, {24, SPAN("\x78\x18")}, {256, SPAN("\x79\x01\x00")}, {70000, SPAN("\x7a\x00\x01\x11\x70")}};

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct buf out;
        memset(json, 'x', sizeof(json));
        json[0] = json[rows[i].len + 1] = '"';
        buf_init(&out, sizeof(json) + 8);
        assert_true(cbor_from_json(span_of(json, rows[i].len + 2), &out));
        assert_true(span_starts_with(buf_span(&out), rows[i].head) && out.len == rows[i].head.len + rows[i].len);
        buf_clear(&out);
    }
}

static void what_we_never_say_is_refused(void **state)
{
    static const char *const rows[] = {"", "{", "-1", "1.5", "[[[[[[[[1]]]]]]]]", "{} x"};

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct buf out;
        buf_init(&out, 1000);
        check(!cbor_from_json(span_str(rows[i]), &out), "%s", rows[i]);
        buf_clear(&out);
    }
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    for (unsigned nth = 1, failed = 1; failed; nth++) {
        struct buf out;
        buf_init(&out, 1000);
        failing_memory_begin(nth);
        bool ok = cbor_from_json(SPAN("{\"message\":\"a \\\"quoted\\\" text\"}"), &out);
        failed = failing_memory_end();
        assert_int_equal(ok, !failed);
        buf_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_become_cbor),
        cmocka_unit_test(a_long_text_says_its_length),
        cmocka_unit_test(what_we_never_say_is_refused),
        cmocka_unit_test(without_memory_it_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
