/* What becomes of a claim, on a Redis and a loop in virtual time: kept, kept late, lost, or fenced off. */
#include "tests/gateway/front/redis_keys.h"
#include "tests/lib/failing_memory.h"

#include <stdlib.h>

static void begin(struct fleet *f, struct asker *a)
{
    fleet_init(f);
    assert_int_equal(ask_for(f, a), RECALL_CLAIMED);
}

static void end(struct fleet *f, struct asker *a)
{
    assert_int_equal(idempotency_redis_under_way(f->redis_store), 0);
    asker_clear(a);
    fleet_clear(f);
}

static void results_are_kept_and_their_caller_is_told(void **state)
{
    struct fleet f;
    struct asker a;

    (void)state;
    begin(&f, &a);
    assert_int_equal(finish_with(&f, &a, SPAN(RESULTS)), RECALL_KEEPING);
    fake_loop_pass(f.loop, TIMEOUT_US);
    assert_true(a.kept == 1 && a.is_kept && a.recall.wait == NULL);
    assert_string_equal(state_of_key(&f), "D");
    end(&f, &a);
}

static void what_cannot_be_kept_in_time_is_tried_once_more(void **state)
{
    static const enum fake_redis_fate fates[] = {FAKE_REDIS_AWAY, FAKE_REDIS_SILENT, FAKE_REDIS_LOST, FAKE_REDIS_ERROR};

    (void)state;
    for (size_t i = 0; i != LEN(fates) * 2; i++) {
        bool is_back = i < LEN(fates);
        struct fleet f;
        struct asker a;
        begin(&f, &a);
        f.redis.fate = fates[i % LEN(fates)];
        enum recall_kept kept = finish_with(&f, &a, SPAN(RESULTS));
        fake_loop_pass(f.loop, TIMEOUT_US);
        check(kept == RECALL_NOT_KEPT || (a.kept == 1 && !a.is_kept), "fate %zu: its caller is told in time", i);
        fake_idempotency_clear(&f.redis.idempotency); /* and what there was is gone with the one that was lost */
        f.redis.fate = is_back ? FAKE_REDIS_ANSWERS : FAKE_REDIS_AWAY;
        fake_loop_pass(f.loop, RETRY_US + TIMEOUT_US);
        assert_string_equal(state_of_key(&f), is_back ? "D" : "");
        assert_int_equal(f.metrics.counters[COUNT_IDEMPOTENCY_LOST], !is_back);
        assert_in_range(a.kept, 0, 1);
        end(&f, &a);
    }
}

static void who_does_not_wait_is_not_called_and_it_is_kept(void **state)
{
    struct fleet f;
    struct asker a;

    (void)state;
    begin(&f, &a);
    assert_int_equal(finish_with(&f, &a, SPAN(RESULTS)), RECALL_KEEPING);
    recall_cancel(f.store, &a.recall);
    recall_cancel(f.store, &a.recall);
    fake_loop_pass(f.loop, TIMEOUT_US);
    assert_int_equal(a.kept, 0);
    assert_string_equal(state_of_key(&f), "D");
    end(&f, &a);
}

static void a_late_settler_is_fenced_off(void **state)
{
    (void)state;
    for (int releases = 0; releases != 2; releases++) {
        struct fleet f;
        struct asker late, owner;
        fleet_init(&f);
        assert_true(start_asking(&f, &late));
        fake_loop_pass(f.loop, TIMEOUT_US);
        fake_idempotency_clear(&f.redis.idempotency); /* Redis lost it, and another came */
        assert_int_equal(ask_for(&f, &owner), RECALL_CLAIMED);
        if (releases) {
            recall_release(f.store, &late.recall);
        } else {
            assert_int_equal(finish_with(&f, &late, SPAN(RESULTS)), RECALL_KEEPING);
            fake_loop_pass(f.loop, TIMEOUT_US);
            assert_true(late.kept == 1 && !late.is_kept);
        }
        fake_loop_pass(f.loop, TIMEOUT_US);
        assert_string_equal(state_of_key(&f), "P");
        assert_int_equal(f.metrics.counters[COUNT_IDEMPOTENCY_LOST], !releases);
        recall_release(f.store, &owner.recall);
        fake_loop_pass(f.loop, TIMEOUT_US);
        assert_string_equal(state_of_key(&f), "");
        end(&f, &owner);
    }
}

static void a_claim_is_released_at_the_second_attempt(void **state)
{
    struct fleet f;
    struct asker a;

    (void)state;
    begin(&f, &a);
    f.redis.fate = FAKE_REDIS_AWAY;
    recall_release(f.store, &a.recall);
    f.redis.fate = FAKE_REDIS_ANSWERS;
    fake_loop_pass(f.loop, RETRY_US - 1);
    assert_string_equal(state_of_key(&f), "P");
    fake_loop_pass(f.loop, 1000);
    assert_string_equal(state_of_key(&f), "");
    assert_int_equal(f.metrics.counters[COUNT_IDEMPOTENCY_LOST], 0);
    end(&f, &a);
}

/* Results of a megabyte: Redis is away, and what waits for its second attempt is bounded. */
static void past_the_bound_results_are_dropped_and_counted(void **state)
{
    static char text[1u << 20];
    const size_t fitting = IDEMPOTENCY_REDIS_BYTES_MAX / sizeof(text) - 1; /* the errands themselves count, too */
    struct fleet f;
    struct asker a[20];

    (void)state;
    memset(text, '-', sizeof(text));
    fleet_init(&f);
    for (size_t i = 0; i != LEN(a); i++) {
        assert_int_equal(ask_for(&f, &a[i]), RECALL_CLAIMED);
        fake_idempotency_clear(&f.redis.idempotency);
        f.redis.fate = FAKE_REDIS_AWAY;
        assert_int_equal(finish_with(&f, &a[i], span_of(text, sizeof(text))), RECALL_NOT_KEPT);
        assert_int_equal(f.metrics.counters[COUNT_IDEMPOTENCY_LOST], i < fitting ? 0 : i + 1 - fitting);
        f.redis.fate = FAKE_REDIS_ANSWERS;
    }
    assert_int_equal(idempotency_redis_under_way(f.redis_store), fitting);
    f.redis.fate = FAKE_REDIS_AWAY;
    fake_loop_pass(f.loop, RETRY_US);
    assert_int_equal(f.metrics.counters[COUNT_IDEMPOTENCY_LOST], LEN(a));
    end(&f, &a[0]);
}

/* Nothing that was written is lost for want of memory, unless it wants at both attempts; and nothing leaks. */
static bool run_with_failure(unsigned nth)
{
    struct fleet f;
    struct asker a;

    fleet_init(&f);
    failing_memory_begin(nth);
    bool is_asked = start_asking(&f, &a);
    fake_loop_pass(f.loop, TIMEOUT_US);
    if (is_asked && a.verdict == RECALL_CLAIMED)
        (void)finish_with(&f, &a, SPAN(RESULTS));
    fake_loop_pass(f.loop, RETRY_US + TIMEOUT_US);
    bool has_failed = failing_memory_end();
    check(!is_asked || a.told == 1, "who asks is told");
    check((a.verdict == RECALL_CLAIMED) == (state_of_key(&f)[0] == 'D'), "what is claimed is kept");
    assert_int_equal(f.metrics.counters[COUNT_IDEMPOTENCY_LOST], 0);
    end(&f, &a);
    return has_failed;
}

static void the_nth_allocation_fails(void **state)
{
    unsigned nth = 1;

    (void)state;
    while (run_with_failure(nth))
        nth++;
    check(nth > 2 && nth < 50, "%u allocations", nth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_kept_and_their_caller_is_told),
        cmocka_unit_test(what_cannot_be_kept_in_time_is_tried_once_more),
        cmocka_unit_test(who_does_not_wait_is_not_called_and_it_is_kept),
        cmocka_unit_test(a_late_settler_is_fenced_off),
        cmocka_unit_test(a_claim_is_released_at_the_second_attempt),
        cmocka_unit_test(past_the_bound_results_are_dropped_and_counted),
        cmocka_unit_test(the_nth_allocation_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
