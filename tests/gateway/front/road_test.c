/*
 * The road of a request, end to end in virtual time: what the caller is told for everything that can happen upstream,
 * and that it is told exactly once.
 */
#include "tests/lib/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct script {
    const enum fake_fate *fates;
    size_t len; /* the last one goes on for ever */
};

static enum fake_fate next_fate(void *ctx, unsigned call, struct span body)
{
    const struct script *s = ctx;

    (void)body;
    return s->fates[call < s->len ? call : s->len - 1];
}

static bool body_has(const struct fake_exchange *e, const char *text)
{
    return e->body.len != 0 && memmem(e->body.ptr, e->body.len, text, strlen(text)) != NULL;
}

static const struct {
    const char *what;
    const char *stream;
    enum fake_fate fates[4];
    size_t fates_len;
    int status;
    const char *in_body;
    unsigned calls;
    enum record_state state;
    bool is_possible_duplicate;
} cases[] = {
    {"a stored record is answered with its ids",
     "orders",
     {FAKE_STORED},
     1,
     200,
     "shardId-000000000001",
     1,
     RECORD_WRITTEN,
     false},
    {"a throttled one is tried again",
     "orders",
     {FAKE_THROTTLED, FAKE_THROTTLED, FAKE_STORED},
     3,
     200,
     "4960",
     3,
     RECORD_WRITTEN,
     false},
    {"what could not be sent is tried again",
     "orders",
     {FAKE_REFUSED_DIAL, FAKE_STORED},
     2,
     200,
     "4960",
     2,
     RECORD_WRITTEN,
     false},
    {"an unknown outcome is tried again, and said to be a possible duplicate",
     "orders",
     {FAKE_INTERNAL_STORED, FAKE_STORED},
     2,
     200,
     "4960",
     2,
     RECORD_WRITTEN,
     true},
    {"a lost connection is an unknown outcome",
     "orders",
     {FAKE_RESET, FAKE_STORED},
     2,
     200,
     "4960",
     2,
     RECORD_WRITTEN,
     true},
    {"a 200 that acknowledges nothing is no acknowledgement",
     "orders",
     {FAKE_GARBAGE, FAKE_STORED},
     2,
     200,
     "4960",
     2,
     RECORD_WRITTEN,
     true},
    {"a 200 that is cut is no acknowledgement",
     "report",
     {FAKE_TRUNCATED},
     1,
     504,
     "\"outcome\":\"unknown\"",
     1,
     RECORD_UNKNOWN,
     false},
    {"on_unknown: report tells at once",
     "report",
     {FAKE_INTERNAL},
     1,
     504,
     "\"code\":\"InternalFailure\"",
     1,
     RECORD_UNKNOWN,
     false},
    {"HTML instead of JSON is an unknown outcome too",
     "report",
     {FAKE_HTML_503},
     1,
     504,
     "unknown",
     1,
     RECORD_UNKNOWN,
     false},
    {"a refusal after an unknown outcome stays unknown",
     "orders",
     {FAKE_RESET, FAKE_ACCESS_DENIED},
     2,
     504,
     "unknown",
     2,
     RECORD_UNKNOWN,
     false},
    {"the gateway's own trouble is a 502 with AWS's name for it",
     "orders",
     {FAKE_ACCESS_DENIED},
     1,
     502,
     "\"code\":\"AccessDeniedException\"",
     1,
     RECORD_FAILED,
     false},
    {"a refused parameter is the caller's",
     "orders",
     {FAKE_ARGUMENT},
     1,
     400,
     "\"code\":\"InvalidArgumentException\"",
     1,
     RECORD_FAILED,
     false},
    {"expired credentials are refreshed, once",
     "orders",
     {FAKE_EXPIRED_TOKEN, FAKE_STORED},
     2,
     200,
     "4960",
     2,
     RECORD_WRITTEN,
     false},
    {"credentials that stay expired are our trouble",
     "orders",
     {FAKE_EXPIRED_TOKEN},
     1,
     502,
     "ExpiredTokenException",
     2,
     RECORD_FAILED,
     false},
    {"a skewed clock is corrected from the Date",
     "orders",
     {FAKE_SKEWED, FAKE_STORED},
     2,
     200,
     "4960",
     2,
     RECORD_WRITTEN,
     false},
    {"a clock is not corrected twice",
     "orders",
     {FAKE_SKEWED},
     1,
     502,
     "InvalidSignatureException",
     2,
     RECORD_FAILED,
     false},
};

static void test_every_fate(void **state)
{
    (void)state;
    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); i++) {
        struct world w;
        struct script script = {cases[i].fates, cases[i].fates_len};
        world_init(&w);
        w.net->fate_of = next_fate;
        w.net->ctx = &script;
        struct fake_exchange *e = world_put(&w, cases[i].stream, "partitionKey=k", SPAN("event"));
        assert_int_equal(e->replies, 0);
        fake_loop_pass(w.loop, 10000000);
        if (e->replies != 1 || e->status != cases[i].status || !body_has(e, cases[i].in_body) ||
            w.net->calls != cases[i].calls || w.metrics.records[cases[i].state] != 1)
            fail_msg("%s: status %d, %u calls, body %.*s", cases[i].what, e->status, w.net->calls, (int)e->body.len,
                     e->body.ptr);
        assert_int_equal(fake_exchange_field(e, "kgw-possible-duplicate").len != 0, cases[i].is_possible_duplicate);
        assert_false(body_has(e, "111122223333")); /* no account, no ARN, no upstream text */
        assert_int_equal(world_log_lines(&w), 1);
        fake_exchange_free(e);
        world_clear(&w);
    }
}

static void test_throttled_past_the_deadline_is_a_503_that_wrote_nothing(void **state)
{
    struct world w;
    enum fake_fate fates[] = {FAKE_THROTTLED};
    struct script script = {fates, 1};

    (void)state;
    world_init(&w);
    w.net->fate_of = next_fate;
    w.net->ctx = &script;
    struct fake_exchange *e = world_put(&w, "orders", "", SPAN("event"));
    fake_loop_pass(w.loop, 3001000);
    assert_int_equal(e->status, 503);
    assert_true(body_has(e, "ProvisionedThroughputExceededException") && body_has(e, "not_written"));
    assert_true(span_equal(fake_exchange_field(e, "retry-after"), SPAN("1")));
    assert_in_range(w.net->calls, 2, 40);
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_a_late_result_settles_what_its_caller_was_not_told(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    w.net->delay_us = 1500000;
    char fields[256];
    snprintf(fields, sizeof(fields), "%sX-Request-Timeout-Ms: 100\r\n", w.key);
    struct fake_exchange *e = fake_request("POST /v1/streams/orders/record", fields, SPAN("event"));
    front_request(&w.front, &e->exchange);
    fake_loop_pass(w.loop, 101000);
    assert_int_equal(e->status, 504);
    assert_int_equal(w.metrics.records[RECORD_IN_FLIGHT], 1);
    assert_true(world_is_balanced(&w));
    fake_loop_pass(w.loop, 2000000);
    assert_int_equal(w.metrics.records[RECORD_WRITTEN], 1);
    assert_int_equal(w.metrics.counters[COUNT_RESULTS_LATE], 1);
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_the_deadline_in_the_queue_is_certainly_unsent(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    w.sender.conf.calls_in_flight_max = 1;
    w.net->delay_us = 1900000;
    struct fake_exchange *first = world_put(&w, "orders", "", SPAN("1")),
                         *second = world_put(&w, "orders", "", SPAN("2")),
                         *third = world_put(&w, "orders", "", SPAN("3"));
    fake_loop_pass(w.loop, 3100000);
    assert_int_equal(first->status, 200);
    assert_int_equal(second->status, 504);
    assert_int_equal(third->status, 503);
    assert_true(body_has(third, "DeadlineExceeded") && body_has(third, "not_written"));
    fake_exchange_free(first);
    fake_exchange_free(second);
    fake_exchange_free(third);
    world_clear(&w);
}

static void test_a_client_that_leaves_does_not_cancel_what_was_sent(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    w.sender.conf.calls_in_flight_max = 1;
    struct fake_exchange *sent = world_put(&w, "orders", "", SPAN("1")),
                         *queued = world_put(&w, "orders", "", SPAN("2"));
    fake_loop_settle(w.loop);
    fake_exchange_gone(sent);
    fake_exchange_gone(queued);
    fake_loop_pass(w.loop, 1000000);
    assert_int_equal(w.net->calls, 1);
    assert_int_equal(w.metrics.records[RECORD_WRITTEN], 1);
    assert_int_equal(w.metrics.records[RECORD_FAILED], 1);
    fake_exchange_free(sent);
    fake_exchange_free(queued);
    world_clear(&w);
}

static void test_a_full_lane_refuses_early(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    w.sender.conf.queue_records_max = 2;
    struct fake_exchange *e[3];
    for (size_t i = 0; i != 3; i++)
        e[i] = world_put(&w, "orders", "", SPAN("x"));
    assert_int_equal(e[2]->status, 503);
    assert_true(body_has(e[2], "Overloaded"));
    assert_int_equal(w.metrics.records[RECORD_REJECTED], 1);
    fake_loop_pass(w.loop, 1000000);
    for (size_t i = 0; i != 3; i++)
        fake_exchange_free(e[i]);
    world_clear(&w);
}

static void test_without_credentials_nothing_is_sent(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    aws_creds_release(&w.sender.creds);
    struct fake_exchange *e = world_put(&w, "orders", "", SPAN("x"));
    fake_loop_settle(w.loop);
    assert_int_equal(e->status, 502);
    assert_true(body_has(e, "CredentialsUnavailable"));
    assert_int_equal(w.net->calls, 0);
    fake_exchange_free(e);
    world_clear(&w);
}

static void test_a_reload_under_way_changes_nothing_for_those_on_the_road(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    struct fake_exchange *before = world_put(&w, "orders", "", SPAN("1"));
    world_reload(&w);
    struct fake_exchange *after = world_put(&w, "orders", "", SPAN("2"));
    fake_loop_settle(w.loop);
    world_reload(&w);
    fake_loop_pass(w.loop, 1000000);
    assert_int_equal(before->status, 200);
    assert_int_equal(after->status, 200);
    fake_exchange_free(before);
    fake_exchange_free(after);
    world_clear(&w);
}

/* One of several callers meets every fate at every call's number: everyone is told once, and nobody a lie. */

struct nth {
    unsigned call;
    enum fake_fate fate;
};

static enum fake_fate nth_fate(void *ctx, unsigned call, struct span body)
{
    const struct nth *n = ctx;

    (void)body;
    return call == n->call ? n->fate : FAKE_STORED;
}

static void test_the_nth_call_meets_every_fate(void **state)
{
    (void)state;
    for (unsigned call = 0; call != 6; call++)
        for (int fate = 0; fate != FAKE_FATES; fate++) {
            struct world w;
            struct nth nth = {call, (enum fake_fate)fate};
            struct fake_exchange *e[5];
            unsigned answered_200 = 0;
            world_init(&w);
            w.net->fate_of = nth_fate;
            w.net->ctx = &nth;
            for (size_t i = 0; i != 5; i++)
                e[i] = world_put(&w, i % 2 == 0 ? "orders" : "report", "", SPAN("event"));
            fake_loop_pass(w.loop, 10000000);
            for (size_t i = 0; i != 5; i++) {
                assert_int_equal(e[i]->replies, 1);
                answered_200 += e[i]->status == 200;
                assert_int_equal(e[i]->status == 200, body_has(e[i], "SequenceNumber"));
                fake_exchange_free(e[i]);
            }
            assert_true(answered_200 >= 4 && answered_200 <= w.net->stored);
            assert_int_equal(w.metrics.records[RECORD_WRITTEN], answered_200);
            world_clear(&w);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_fate),
        cmocka_unit_test(test_throttled_past_the_deadline_is_a_503_that_wrote_nothing),
        cmocka_unit_test(test_a_late_result_settles_what_its_caller_was_not_told),
        cmocka_unit_test(test_the_deadline_in_the_queue_is_certainly_unsent),
        cmocka_unit_test(test_a_client_that_leaves_does_not_cancel_what_was_sent),
        cmocka_unit_test(test_a_full_lane_refuses_early),
        cmocka_unit_test(test_without_credentials_nothing_is_sent),
        cmocka_unit_test(test_a_reload_under_way_changes_nothing_for_those_on_the_road),
        cmocka_unit_test(test_the_nth_call_meets_every_fate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
