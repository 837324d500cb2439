/* What a page sends, as one event or as several: 204 if all are written, else the worst of what happened, and all of
 * it. */
#include "tests/lib/batch.h"
#include "tests/lib/failing_memory.h"

#include <stdio.h>

#define SHOP "Origin: https://shop.example\r\n"

static struct fake_exchange *start(struct world *w, const char *stream, const char *more, const char *fields,
                                   struct span body)
{
    char line[1024];

    snprintf(line, sizeof(line), "POST /v1/e/%s?%s%s", stream, w->page, more);
    struct fake_exchange *e = fake_request(line, fields, body);
    front_request(&w->front, &e->exchange);
    return e;
}

static struct fake_exchange *post(struct world *w, const char *stream, const char *more, const char *fields,
                                  const char *body)
{
    struct fake_exchange *e = start(w, stream, more, fields, span_str(body));

    fake_loop_pass(w->loop, 10000000);
    return e;
}

static void a_body_is_an_event_byte_for_byte(void **state)
{
    static const char *const bodies[] = {
        "a=1&b=2", "{\"a\":[1,2]}\n", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n",
        "[1,2]",   "line\nline\n",    ""};
    struct world w;

    (void)state;
    world_init(&w);
    for (size_t i = 0; i < LEN(bodies); i++) {
        struct fake_exchange *e = post(&w, "orders", "", SHOP, bodies[i]);
        check(e->status == 204, "%s: %d", bodies[i], e->status);
        check(fake_ledger_count(&w.net->ledger, span_str(bodies[i])) == 1, "%s", bodies[i]);
        fake_exchange_free(e);
    }
    world_clear(&w);
}

static void a_stream_may_take_several_of_one_body(void **state)
{
    static const struct {
        const char *stream, *body;
        size_t records;
        int status;
    } rows[] = {
        {"pages", "{\"n\":1}\n{\"n\":2}\r\n\n{\"n\":3}", 3, 204},
        {"pages", "one", 1, 204},
        {"pages", "", 0, 400},
        {"pages-json", "[{\"n\":1}, {\"n\":2}]", 2, 204},
        {"pages-json", "[]", 0, 400},
        {"pages-json", "{\"n\":1}", 0, 400},
        {"pages-json", "[1,", 0, 400},
    };
    struct world w;

    (void)state;
    world_init(&w);
    for (size_t i = 0; i < LEN(rows); i++) {
        unsigned before = w.net->stored;
        struct fake_exchange *e = post(&w, rows[i].stream, "", SHOP "Content-Type: text/plain\r\n", rows[i].body);
        check(e->status == rows[i].status && w.net->stored - before == rows[i].records, "%s: %d, %u stored",
              rows[i].body, e->status, w.net->stored - before);
        check((e->body.len == 0) == (e->status == 204), "%s", rows[i].body);
        fake_exchange_free(e);
    }
    world_clear(&w);
}

static void parameters_of_other_calls_are_refused(void **state)
{
    static const char *const queries[] = {"&partitionKey=k", "&explicitHashKey=1", "&sequenceNumberForOrdering=1",
                                          "&dryRun=maybe"};
    struct world w;

    (void)state;
    world_init(&w);
    for (size_t i = 0; i < LEN(queries); i++) {
        struct fake_exchange *e = post(&w, "orders", queries[i], SHOP, "event");
        check(e->status == 400, "%s: %d", queries[i], e->status);
        fake_exchange_free(e);
    }
    struct fake_exchange *e = post(&w, "pages", "&dryRun=true", SHOP, "a\nb");
    assert_true(e->status == 200 && fake_exchange_has(e, "{\"DryRun\":true}"));
    fake_exchange_free(e);
    assert_int_equal(w.net->calls, 0);
    world_clear(&w);
}

static void of_several_the_worst_is_told_with_all_of_them(void **state)
{
    static const struct {
        enum fake_fate fates[3];
        int status;
        const char *outcome, *code;
    } rows[] = {
        {{FAKE_ACCESS_DENIED}, 502, "not_written", "AccessDeniedException"},
        {{FAKE_RESET}, 504, "unknown", "OutcomeUnknown"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct world w;
        struct fake_script script = {rows[i].fates, 1};
        world_init(&w);
        w.net->fate_of = fake_script_next;
        w.net->ctx = &script;
        struct fake_exchange *e = post(&w, "pages", "", SHOP, "a\nb\nc");
        check(e->status == rows[i].status, "%d %.*s", e->status, (int)e->body.len, e->body.ptr);
        assert_true(span_is(fake_exchange_field(e, "content-type"), "application/problem+json"));
        assert_true(span_is(fake_exchange_field(e, "access-control-allow-origin"), "https://shop.example"));
        json_t *answer = batch_answer(e);
        assert_true(batch_is_text(answer, "outcome", rows[i].outcome));
        assert_true(batch_is_text(answer, "code", rows[i].code));
        assert_int_equal(json_integer_value(json_object_get(answer, "FailedRecordCount")), 3);
        assert_true(batch_is_text(batch_item(answer, 2), "Outcome", rows[i].outcome));
        json_decref(answer);
        fake_exchange_free(e);
        world_clear(&w);
    }
}

static void some_that_failed_stand_beside_those_that_are_written(void **state)
{
    struct world w;
    struct buf body = batch_lines(200);

    (void)state;
    world_init(&w);
    w.sender.conf.calls_in_flight_max = 1;
    w.sender.conf.queue_records_max = 4;
    w.net->delay_us = 30000;
    struct fake_exchange *e = start(&w, "pages", "", SHOP "X-Request-Timeout-Ms: 100\r\n", buf_span(&body));
    batch_pass(&w, 200);
    json_t *answer = batch_answer(e);
    assert_int_equal(e->status, 504); /* some were under way */
    assert_true(batch_is_text(answer, "outcome", "unknown"));
    assert_true(json_object_get(batch_item(answer, 0), "SequenceNumber") != NULL);
    assert_true(batch_is_text(batch_item(answer, 199), "Outcome", "not_written"));
    json_decref(answer);
    fake_exchange_free(e);
    buf_clear(&body);
    world_clear(&w);
}

static void a_key_of_idempotency_is_heeded(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    for (unsigned i = 0; i != 2; i++) {
        struct fake_exchange *e = post(&w, "pages", "", SHOP "Idempotency-Key: \"k\"\r\n", "a\nb");
        assert_int_equal(e->status, 204);
        assert_int_equal(fake_exchange_field(e, "idempotent-replayed").len != 0, i == 1);
        fake_exchange_free(e);
    }
    assert_int_equal(w.net->stored, 2);
    world_clear(&w);
}

/* Returns whether the nth allocation failed. */
static bool run_with_failure(const char *line_format, const char *body, unsigned nth)
{
    struct world w;
    char line[512];

    world_init(&w);
    snprintf(line, sizeof(line), line_format, w.page);
    struct fake_exchange *e = fake_request(line, SHOP, span_str(body));
    failing_memory_begin(nth);
    front_request(&w.front, &e->exchange);
    fake_loop_pass(w.loop, 4000000);
    bool failed = failing_memory_end();
    assert_int_equal(e->replies, 1);
    if (e->status == (line[0] == 'G' ? 200 : 204))
        assert_int_equal(w.metrics.records[RECORD_WRITTEN], w.metrics.counters[COUNT_RECORDS_RECEIVED]);
    else
        check(e->status == 503 || e->status == 504, "%d", e->status);
    fake_exchange_free(e);
    world_clear(&w);
    return failed;
}

static void the_nth_allocation_fails(void **state)
{
    static const char *const calls[][2] = {
        {"POST /v1/e/orders?%s", "event"}, {"POST /v1/e/pages?%s", "a\nb\nc"}, {"GET /v1/e/orders.gif?%s&a=1&b=2", ""}};

    (void)state;
    for (size_t i = 0; i < LEN(calls); i++) {
        unsigned nth = 1;
        while (run_with_failure(calls[i][0], calls[i][1], nth))
            nth++;
        assert_in_range(nth, 3, 200);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_an_event_byte_for_byte),
        cmocka_unit_test(a_stream_may_take_several_of_one_body),
        cmocka_unit_test(parameters_of_other_calls_are_refused),
        cmocka_unit_test(of_several_the_worst_is_told_with_all_of_them),
        cmocka_unit_test(some_that_failed_stand_beside_those_that_are_written),
        cmocka_unit_test(a_key_of_idempotency_is_heeded),
        cmocka_unit_test(the_nth_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
