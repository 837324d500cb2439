#include "gateway/front/body/body.h"

#include "tests/auth/check.h"

struct result {
    enum members_step step;
    struct put_records_members m;
    struct failure failure;
    struct buf scratch;
};

static void scan(struct span body, bool strict, size_t slice, struct result *r)
{
    struct members_scan s;
    size_t turns = 1;

    buf_init(&r->scratch, SIZE_MAX / 2);
    assert_true(buf_reserve(&r->scratch, body.len + 1));
    const char *before = r->scratch.ptr;
    body_scan_members_init(&s, body, strict, &r->scratch);
    while ((r->step = body_scan_members(&s, slice, &r->m, &r->failure)) == MEMBERS_MORE) {
        assert_int_equal(r->failure.row, FAILURE_NONE);
        check(turns++ <= body.len / slice, "every slice is read");
    }
    assert_ptr_equal(r->scratch.ptr, before);
    assert_true((r->step == MEMBERS_DONE) == (r->failure.row == FAILURE_NONE));
}

static void all_members_are_read_in_place_whatever_the_slices(void **state)
{
    struct span body =
        SPAN(" { \"DryRun\":true , \"Records\" : [ {\"Data\":\"AA==\"}, [1] ,null] ,\"StreamName\":\"clicks\","
             "\"StreamARN\":\"arn:\\u0078\" }   ");

    (void)state;
    for (int strict = 0; strict < 2; strict++)
        for (size_t slice = 1; slice <= body.len + 1; slice++) {
            struct result r;
            scan(body, strict != 0, slice, &r);
            check(r.step == MEMBERS_DONE, "%zu bytes a slice", slice);
            check(r.m.has_records && span_is(r.m.records, "[ {\"Data\":\"AA==\"}, [1] ,null]"), "%zu", slice);
            check(r.m.has_stream_name && span_is(r.m.stream_name, "clicks"), "%zu", slice);
            check(r.m.has_stream_arn && span_is(r.m.stream_arn, "arn:x") && r.m.dry_run, "%zu", slice);
            assert_in_range((uintptr_t)r.m.records.ptr, (uintptr_t)body.ptr, (uintptr_t)body.ptr + body.len);
            buf_clear(&r.scratch);
        }
}

static void records_alone_are_enough(void **state)
{
    struct result r;

    (void)state;
    scan(SPAN("{\"Records\":[],\"StreamName\":null,\"StreamARN\":null,\"DryRun\":null}"), true, SIZE_MAX, &r);
    assert_true(r.step == MEMBERS_DONE && r.m.has_records && span_is(r.m.records, "[]"));
    assert_true(!r.m.has_stream_name && !r.m.has_stream_arn && !r.m.dry_run);
    buf_clear(&r.scratch);
}

static void unknown_members_are_refused_or_passed_over(void **state)
{
    static const char *const bodies[] = {
        "{\"Records\":[],\"Extra\":1}",
        "{\"PartitionKey\":\"k\",\"Records\":[]}",
        "{\"records\":1,\"Records\":[]}",
        "{\"Records\":[],\"\":{\"a\":[]},\"\":0}",
    };

    (void)state;
    for (size_t i = 0; i < LEN(bodies); i++) {
        struct result r;
        scan(span_str(bodies[i]), true, 3, &r);
        check(r.step == MEMBERS_FAILED && r.failure.row == FAILURE_SERIALIZATION, "%s, strictly", bodies[i]);
        buf_clear(&r.scratch);
        scan(span_str(bodies[i]), false, 3, &r);
        check(r.step == MEMBERS_DONE && span_is(r.m.records, "[]"), "%s, leniently", bodies[i]);
        buf_clear(&r.scratch);
    }
}

static void what_is_wrong_is_refused_with_its_member(void **state)
{
    static const struct {
        const char *body;
        enum failure_row row;
        const char *parameter;
    } rows[] = {
        {"{}", FAILURE_VALIDATION, "Records"},
        {"{\"StreamName\":\"a\",\"Records\":null}", FAILURE_VALIDATION, "Records"},
        {"{\"Records\":{}}", FAILURE_SERIALIZATION, "Records"},
        {"{\"Records\":\"[]\"}", FAILURE_SERIALIZATION, "Records"},
        {"{\"Records\":1}", FAILURE_SERIALIZATION, "Records"},
        {"{\"Records\":[],\"Records\":[]}", FAILURE_SERIALIZATION, "Records"},
        {"{\"Records\":null,\"Rec\\u006frds\":[]}", FAILURE_SERIALIZATION, "Records"},
        {"{\"Records\":[],\"StreamName\":7}", FAILURE_SERIALIZATION, "StreamName"},
        {"{\"StreamARN\":\"a\",\"Records\":[],\"StreamARN\":\"a\"}", FAILURE_SERIALIZATION, "StreamARN"},
        {"{\"Records\":[],\"DryRun\":\"true\"}", FAILURE_SERIALIZATION, "DryRun"},
        {"{\"DryRun\":true,\"DryRun\":true,\"Records\":[]}", FAILURE_SERIALIZATION, "DryRun"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        for (size_t slice = 1; slice < 40; slice++) {
            struct result r;
            scan(span_str(rows[i].body), slice % 2 == 0, slice, &r);
            check(r.step == MEMBERS_FAILED && r.failure.row == rows[i].row, "%s", rows[i].body);
            check(r.failure.detail != NULL && strcmp(r.failure.parameter, rows[i].parameter) == 0, "%s", rows[i].body);
            buf_clear(&r.scratch);
        }
}

static void what_is_no_object_is_refused(void **state)
{
    static const char *const bodies[] = {
        "",
        "   ",
        "[]",
        "null",
        "{\"Records\":[]",
        "{\"Records\":[}",
        "{\"Records\":[]},",
        "{\"Records\":[]}  x",
        "{\"Records\":[],}",
        "{\"Records\":[{\"Data\":\"\377\"}]}",
        "{\"Records\":[\"\\ud800\"]}",
    };

    (void)state;
    for (size_t i = 0; i < LEN(bodies); i++)
        for (size_t slice = 1; slice < 40; slice++) {
            struct result r;
            scan(span_str(bodies[i]), false, slice, &r);
            check(r.step == MEMBERS_FAILED && r.failure.row == FAILURE_SERIALIZATION, "%s", bodies[i]);
            check(r.failure.detail != NULL && r.failure.parameter == NULL, "%s", bodies[i]);
            buf_clear(&r.scratch);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_members_are_read_in_place_whatever_the_slices),
        cmocka_unit_test(records_alone_are_enough),
        cmocka_unit_test(unknown_members_are_refused_or_passed_over),
        cmocka_unit_test(what_is_wrong_is_refused_with_its_member),
        cmocka_unit_test(what_is_no_object_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
