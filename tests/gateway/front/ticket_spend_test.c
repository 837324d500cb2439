/* The quota on a request's road, in virtual time. */
#include "tests/lib/batch.h"

#include <stdio.h>

#define TEN "\"quota\":{\"records_per_second\":10}"

static struct fake_exchange *put(struct world *w, uint64_t us)
{
    struct fake_exchange *e = world_put(w, "orders", "partitionKey=k", SPAN("data"));

    fake_loop_pass(w->loop, us);
    return e;
}

static int status_of(struct world *w, uint64_t us)
{
    struct fake_exchange *e = put(w, us);
    int status = e->status;

    fake_exchange_free(e);
    return status;
}

static void over_the_quota_is_429_and_who_waits_as_told_succeeds(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    world_limit(&w, TEN, false);
    for (unsigned i = 0; i != 10; i++)
        assert_int_equal(status_of(&w, 5000), 200);
    unsigned calls = w.net->calls;
    struct fake_exchange *e = put(&w, 0);
    assert_int_equal(e->status, 429);
    assert_true(fake_exchange_has(e, "\"code\":\"QuotaExceeded\",\"retryable\":true,\"outcome\":\"not_written\""));
    assert_true(span_is(fake_exchange_field(e, "retry-after"), "1"));
    assert_true(span_is(fake_exchange_field(e, "ratelimit-policy"), "\"records\";q=10;w=1"));
    assert_true(span_is(fake_exchange_field(e, "ratelimit"), "\"records\";r=0;t=1"));
    assert_int_equal(w.net->calls, calls);
    fake_exchange_free(e);
    fake_loop_pass(w.loop, 1000000);
    e = put(&w, 1000000);
    assert_int_equal(e->status, 200);
    assert_true(span_is(fake_exchange_field(e, "ratelimit"), "\"records\";r=9;t=1"));
    fake_exchange_free(e);
    world_clear(&w);
}

static enum fake_fate guilty(void *ctx, unsigned call, struct span body)
{
    (void)call;
    (void)body;
    return *(enum fake_fate *)ctx;
}

static void what_certainly_was_not_written_is_given_back(void **state)
{
    static const struct {
        enum fake_fate fate;
        bool is_given_back;
    } rows[] = {{FAKE_ARGUMENT, true}, {FAKE_ACCESS_DENIED, true}, {FAKE_SILENCE, false}, {FAKE_RESET_STORED, false}};

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct world w;
        enum fake_fate fate = rows[i].fate;
        world_init(&w);
        world_limit(&w, "\"quota\":{\"records_per_day\":10}", false);
        w.net->fate_of = guilty;
        w.net->ctx = &fate;
        for (unsigned n = 0; n != 20; n++) {
            struct fake_exchange *e = world_put(&w, "report", "partitionKey=k", SPAN("data"));
            fake_loop_pass(w.loop, 120u * 1000000);
            check(n < 10 || (e->status != 429) == rows[i].is_given_back, "row %zu, %u: %d", i, n, e->status);
            fake_exchange_free(e);
        }
        world_clear(&w);
    }
}

static void a_batch_is_charged_its_records_and_what_is_beyond_the_burst_is_413(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    world_limit(&w, TEN, false);
    for (int i = 0; i != 2; i++) {
        size_t records = i == 0 ? 11 : 5;
        struct buf body = batch_lines(records);
        struct fake_exchange *e = batch_ask(&w, "orders", "application/x-ndjson", "", buf_span(&body));
        batch_pass(&w, 20);
        assert_int_equal(e->status, records == 11 ? 413 : 200);
        if (records == 11)
            assert_true(fake_exchange_has(e, "\"code\":\"QuotaBurstExceeded\",\"retryable\":false"));
        else
            assert_true(span_is(fake_exchange_field(e, "ratelimit"), "\"records\";r=5;t=1"));
        fake_exchange_free(e);
        buf_clear(&body);
    }
    world_clear(&w);
}

static void a_dry_run_looks_at_the_quota_and_costs_no_record(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    world_limit(&w, "\"quota\":{\"records_per_day\":1}", false);
    fake_loop_pass(w.loop, 120u * 1000000); /* in a day's first minute nothing is given back */
    for (unsigned i = 0; i != 3; i++) {
        struct fake_exchange *e = world_put(&w, "orders", "partitionKey=k&dryRun=true", SPAN("data"));
        assert_int_equal(e->status, 200);
        fake_exchange_free(e);
    }
    assert_int_equal(status_of(&w, 1000000), 200);
    struct fake_exchange *e = world_put(&w, "orders", "partitionKey=k&dryRun=true", SPAN("data"));
    assert_int_equal(e->status, 429);
    fake_exchange_free(e);
    world_clear(&w);
}

static void redis_is_waited_for_as_long_as_allowed_and_then_the_policy_decides(void **state)
{
    static const struct {
        const char *members;
        int want;
    } rows[] = {{TEN ",\"on_redis_failure\":\"open\"", 200},
                {TEN ",\"on_redis_failure\":\"closed\"", 503},
                {TEN ",\"on_redis_failure\":\"local_share\"", 200}};

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct world w;
        world_init(&w);
        world_limit(&w, rows[i].members, true);
        assert_int_equal(status_of(&w, 1000000), 200);
        fake_loop_pass(w.loop, 3000000);
        w.redis.fate = FAKE_REDIS_SILENT;
        struct fake_exchange *e = put(&w, 19000);
        check(e->status == 0 || w.redis.calls == 1, "row %zu waits", i);
        fake_loop_pass(w.loop, 1000000);
        check(e->status == rows[i].want, "row %zu: %d", i, e->status);
        fake_exchange_free(e);
        world_clear(&w);
    }
}

static void who_leaves_while_redis_is_asked_leaves_nothing_behind(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    world_limit(&w, TEN, true);
    struct fake_exchange *e = world_put(&w, "orders", "partitionKey=k", SPAN("data"));
    assert_int_equal(e->status, 0);
    fake_exchange_gone(e);
    fake_exchange_free(e);
    fake_loop_pass(w.loop, 1000000);
    assert_int_equal(w.net->calls, 0);
    world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_the_quota_is_429_and_who_waits_as_told_succeeds),
        cmocka_unit_test(what_certainly_was_not_written_is_given_back),
        cmocka_unit_test(a_batch_is_charged_its_records_and_what_is_beyond_the_burst_is_413),
        cmocka_unit_test(a_dry_run_looks_at_the_quota_and_costs_no_record),
        cmocka_unit_test(redis_is_waited_for_as_long_as_allowed_and_then_the_policy_decides),
        cmocka_unit_test(who_leaves_while_redis_is_asked_leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
