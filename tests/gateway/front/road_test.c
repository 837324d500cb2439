/*
 * The road of a request, end to end in virtual time: what the caller is told for everything that can happen upstream,
 * and that it is told exactly once.
 */
#include "tests/lib/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

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
     "\"ShardId\":\"shardId-00000000000",
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
        struct fake_script script = {cases[i].fates, cases[i].fates_len};
        world_init(&w);
        w.net->fate_of = fake_script_next;
        w.net->ctx = &script;
        struct fake_exchange *e = world_put(&w, cases[i].stream, "partitionKey=k", SPAN("event"));
        assert_int_equal(e->replies, 0);
        fake_loop_pass(w.loop, 10000000);
        if (e->replies != 1 || e->status != cases[i].status || !fake_exchange_has(e, cases[i].in_body) ||
            w.net->calls != cases[i].calls || w.metrics.records[cases[i].state] != 1)
            fail_msg("%s: status %d, %u calls, body %.*s", cases[i].what, e->status, w.net->calls, (int)e->body.len,
                     e->body.ptr);
        assert_int_equal(fake_exchange_field(e, "kgw-possible-duplicate").len != 0, cases[i].is_possible_duplicate);
        assert_false(fake_exchange_has(e, "111122223333")); /* no account, no ARN, no upstream text */
        assert_int_equal(world_log_lines(&w), 1);
        fake_exchange_free(e);
        world_clear(&w);
    }
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
            for (size_t i = 0; i != 5; i++) {
                e[i] = world_put(&w, i % 2 == 0 ? "orders" : "report", "", SPAN("event"));
                fake_loop_pass(w.loop, 6000); /* a call each */
            }
            fake_loop_pass(w.loop, 10000000);
            for (size_t i = 0; i != 5; i++) {
                assert_int_equal(e[i]->replies, 1);
                answered_200 += e[i]->status == 200;
                assert_int_equal(e[i]->status == 200, fake_exchange_has(e[i], "SequenceNumber"));
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
        cmocka_unit_test(test_the_nth_call_meets_every_fate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
