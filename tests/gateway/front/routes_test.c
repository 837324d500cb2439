#include "gateway/front/routes.h"

#include "tests/auth/check.h"

#define BROWSERS SPAN("/v1/e")

static void what_can_be_asked_is_found(void **state)
{
    static const struct {
        const char *method, *path, *stream;
        enum route_kind kind;
        enum key_call call;
        bool is_put;
    } rows[] = {
        {"POST", "/v1/streams/clicks/record", "clicks", ROUTE_RECORD, KEY_CALL_RECORD, true},
        {"POST", "/v1/streams/a.B_c-9/record", "a.B_c-9", ROUTE_RECORD, KEY_CALL_RECORD, true},
        {"POST", "/v1/streams/record/record", "record", ROUTE_RECORD, KEY_CALL_RECORD, true},
        {"POST", "/v1/streams/a%2fb/record", "a%2fb", ROUTE_RECORD, KEY_CALL_RECORD, true},
        {"POST", "/v1/streams/../record", "..", ROUTE_RECORD, KEY_CALL_RECORD, true},
        {"POST", "/v1/streams/{stream}/record", "{stream}", ROUTE_RECORD, KEY_CALL_RECORD, true},
        {"POST", "/v1/streams/clicks/records", "clicks", ROUTE_RECORDS, KEY_CALL_RECORDS, true},
        {"POST", "/v1/streams/records/records", "records", ROUTE_RECORDS, KEY_CALL_RECORDS, true},
        {"POST", "/", "", ROUTE_AWS, KEY_CALL_AWS, true},
        {"POST", "/v1/e/clicks", "clicks", ROUTE_BEACON, KEY_CALL_BEACON, true},
        {"POST", "/v1/e/clicks.gif", "clicks.gif", ROUTE_BEACON, KEY_CALL_BEACON, true},
        {"OPTIONS", "/v1/e/clicks", "clicks", ROUTE_PREFLIGHT, KEY_CALL_BEACON, false},
        {"OPTIONS", "/v1/e/clicks.gif", "clicks.gif", ROUTE_PREFLIGHT, KEY_CALL_BEACON, false},
        {"GET", "/v1/e/clicks.gif", "clicks", ROUTE_PIXEL, KEY_CALL_BEACON, true},
        {"GET", "/v1/e/a.gif.gif", "a.gif", ROUTE_PIXEL, KEY_CALL_BEACON, true},
        {"POST", "/v1/hooks/github", "github", ROUTE_HOOK, 0, true},
        {"GET", "/v1/hooks/github", "github", ROUTE_HOOK, 0, false},
        {"OPTIONS", "/v1/hooks/github", "github", ROUTE_HOOK, 0, false},
        {"GET", "/healthz", "", ROUTE_HEALTH, 0, false},
        {"HEAD", "/healthz", "", ROUTE_HEALTH, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        const struct route *route = NULL;
        struct span stream, allow;
        struct failure f =
            route_find(BROWSERS, span_str(rows[i].method), span_str(rows[i].path), &route, &stream, &allow);
        check(f.row == FAILURE_NONE && route->kind == rows[i].kind && route->call == rows[i].call &&
                  route->is_put == rows[i].is_put && (route->parse != NULL) == rows[i].is_put,
              "%s %s", rows[i].method, rows[i].path);
        check(span_is(stream, rows[i].stream), "%s %s: its stream", rows[i].method, rows[i].path);
    }
}

static void the_operation_of_sdks_is_in_a_header(void **state)
{
    const struct route *aws, *native;
    struct span stream, allow;

    (void)state;
    assert_int_equal(route_find(BROWSERS, SPAN("POST"), SPAN("/"), &aws, &stream, &allow).row, FAILURE_NONE);
    assert_int_equal(route_find(BROWSERS, SPAN("POST"), SPAN("/v1/streams/a/record"), &native, &stream, &allow).row,
                     FAILURE_NONE);
    const struct route *batch = route_of_operation(aws, SPAN("Kinesis_20131202.PutRecords"));
    assert_true(batch->is_batch && batch->kind == ROUTE_AWS && batch->call == KEY_CALL_AWS);
    assert_ptr_equal(route_of_operation(aws, SPAN("Kinesis_20131202.PutRecord")), aws);
    assert_ptr_equal(route_of_operation(aws, SPAN("")), aws); /* it is refused as PutRecord would be */
    assert_ptr_equal(route_of_operation(native, SPAN("Kinesis_20131202.PutRecords")), native);
}

static void what_cannot_be_asked_is_refused(void **state)
{
    static const struct {
        const char *method, *path, *allow; /* NULL: no such path */
    } rows[] = {
        {"GET", "/v1/streams/clicks/record", "POST"},
        {"PUT", "/v1/streams/clicks/record", "POST"},
        {"PUT", "/v1/hooks/github", "GET, OPTIONS, POST"},
        {"DELETE", "/v1/streams/clicks/record", "POST"},
        {"HEAD", "/v1/streams/clicks/record", "POST"},
        {"post", "/v1/streams/clicks/record", "POST"},
        {"POSTX", "/v1/streams/clicks/record", "POST"},
        {"GET", "/v1/streams/clicks/records", "POST"},
        {"GET", "/", "POST"},
        {"OPTIONS", "/", "POST"},
        {"POST", "/healthz", "GET, HEAD"},
        {"TRACE", "/healthz", "GET, HEAD"},
        {"GET", "/v1/e/clicks", "OPTIONS, POST"},
        {"PUT", "/v1/e/clicks", "OPTIONS, POST"},
        {"HEAD", "/v1/e/clicks.gif", "GET, OPTIONS, POST"},
        {"GET", "/v1/e/.gif", "OPTIONS, POST"},
        {"GET", "/v1/e/clicks.GIF", "OPTIONS, POST"},
        {"POST", "/v1/e/", NULL},
        {"POST", "/v1/e", NULL},
        {"POST", "/v1/e/clicks/", NULL},
        {"POST", "/v1/e/a/b", NULL},
        {"GET", "/v1/e/a/b.gif", NULL},
        {"POST", "/v1/ee/clicks", NULL},
        {"POST", "/v1/eclicks", NULL},
        {"POST", "/v1/streams//record", NULL},
        {"POST", "/v1/streams/record", NULL},
        {"POST", "/v1/streams/clicks/record/", NULL},
        {"POST", "/v1/streams/clicks/recordx", NULL},
        {"POST", "/v1/streams/clicks/Record", NULL},
        {"POST", "/v1/streams/clicks/", NULL},
        {"POST", "/v1/streams/clicks", NULL},
        {"POST", "/v1/streams/a/b/record", NULL},
        {"POST", "/v1//streams/clicks/record", NULL},
        {"POST", "//v1/streams/clicks/record", NULL},
        {"POST", "v1/streams/clicks/record", NULL},
        {"POST", "/V1/streams/clicks/record", NULL},
        {"POST", "/v1/streams/clicks/record%20", NULL},
        {"POST", "/v1/streams%2Fclicks/record", NULL},
        {"POST", "//", NULL},
        {"POST", "", NULL},
        {"GET", "/healthz/", NULL},
        {"GET", "/health", NULL},
        {"GET", "/metrics", NULL},
        {"GET", "/./healthz", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        const struct route *route = NULL;
        struct span stream, allow;
        struct failure f =
            route_find(BROWSERS, span_str(rows[i].method), span_str(rows[i].path), &route, &stream, &allow);
        check(f.row == (rows[i].allow == NULL ? FAILURE_NOT_FOUND : FAILURE_METHOD), "%s %s", rows[i].method,
              rows[i].path);
        check(route == &route_none && span_equal(allow, span_str(rows[i].allow)), "%s %s: what is allowed",
              rows[i].method, rows[i].path);
    }
}

static void browsers_have_a_path_of_the_operators_choice(void **state)
{
    const struct route *route;
    struct span stream, allow;

    (void)state;
    assert_int_equal(route_find(SPAN("/t/x"), SPAN("POST"), SPAN("/t/x/clicks"), &route, &stream, &allow).row,
                     FAILURE_NONE);
    assert_true(route->kind == ROUTE_BEACON && span_is(stream, "clicks"));
    assert_int_equal(route_find(SPAN("/t/x"), SPAN("POST"), SPAN("/v1/e/clicks"), &route, &stream, &allow).row,
                     FAILURE_NOT_FOUND);
    assert_int_equal(route_find(SPAN(""), SPAN("POST"), SPAN("/clicks"), &route, &stream, &allow).row,
                     FAILURE_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_be_asked_is_found),
        cmocka_unit_test(the_operation_of_sdks_is_in_a_header),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
        cmocka_unit_test(browsers_have_a_path_of_the_operators_choice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
