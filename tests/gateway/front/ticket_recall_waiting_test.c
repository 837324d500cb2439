/* What a retry is told in every state of the first call, and how often the record is written. */
#include "tests/gateway/front/keyed.h"

static void the_same_in_flight_is_waited_for(void **state)
{
    struct world w;
    struct fake_exchange *e[4];

    (void)state;
    world_init(&w);
    w.net->delay_us = 500000;
    for (int i = 0; i != 4; i++) {
        e[i] = ask(&w, "event");
        fake_loop_pass(w.loop, 1000);
    }
    fake_exchange_gone(e[2]); /* one of those that wait leaves */
    fake_loop_pass(w.loop, 499000);
    for (int i = 0; i != 4; i++) {
        check(e[i]->is_gone == (i == 2), "the others are answered");
        check(i == 2 || (is_same_answer(e[0], e[i]) && is_replayed(e[i]) == (i != 0)), "with the ids of the first");
    }
    for (int i = 0; i != 4; i++)
        fake_exchange_free(e[i]);
    assert_int_equal(w.net->stored, 1);
    assert_int_equal(w.metrics.records[RECORD_REPLAYED], 2);
    assert_int_equal(w.metrics.records[RECORD_REJECTED], 1);
    world_clear(&w);
}

static void past_its_deadline_the_second_is_told_that_the_first_is_in_flight(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    w.net->delay_us = 1000000;
    struct fake_exchange *first = ask(&w, "event");
    fake_loop_pass(w.loop, 1000);
    struct fake_exchange *second = ask_with(&w, RECORD, KEY "X-Request-Timeout-Ms: 100\r\n", SPAN("event"));
    struct fake_exchange *other = ask(&w, "another");
    assert_int_equal(other->status, 422); /* at once */
    fake_loop_pass(w.loop, 101000);
    assert_int_equal(second->status, 409);
    assert_true(fake_exchange_has(second, "\"code\":\"IdempotencyKeyInFlight\"") &&
                fake_exchange_has(second, "\"retryable\":true"));
    assert_true(span_is(fake_exchange_field(second, "retry-after"), "1"));
    fake_loop_pass(w.loop, 1000000);
    assert_int_equal(first->status, 200);
    fake_exchange_free(first);
    fake_exchange_free(second);
    fake_exchange_free(other);
    world_clear(&w);
}

/* How a first call can end without a record that is known to be written. */
static const struct {
    const char *what;
    const char *line;
    enum fake_fate fate;
    int status;
    unsigned stored; /* with the second one's */
} ends[] = {
    {"throttled until its deadline", RECORD, FAKE_THROTTLED, 503, 1},
    {"refused by Kinesis", RECORD, FAKE_ACCESS_DENIED, 502, 1},
    {"refused for its argument", RECORD, FAKE_ARGUMENT, 400, 1},
    {"never sent", RECORD, FAKE_NO_ROUTE, 503, 1},
    {"of unknown outcome, not there", REPORT, FAKE_RESET, 504, 1},
    {"of unknown outcome, and there", REPORT, FAKE_RESET_STORED, 504, 2},
    {"answered with garbage", REPORT, FAKE_GARBAGE, 504, 2},
};

static void what_is_not_known_to_be_written_is_put_again(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(ends); i++) {
        struct world w;
        struct fake_script script = {&ends[i].fate, 1};
        world_init(&w);
        set_fates(&w, &script);
        struct fake_exchange *first = ask_with(&w, ends[i].line, KEY, SPAN("event"));
        fake_loop_pass(w.loop, 6000000);
        check(first->status == ends[i].status, "%s: %d", ends[i].what, first->status);
        w.net->fate_of = NULL;
        struct fake_exchange *second = ask_with(&w, ends[i].line, KEY, SPAN("event"));
        fake_loop_pass(w.loop, 6000000);
        check(second->status == 200 && !is_replayed(second), "%s: %d", ends[i].what, second->status);
        check(w.net->stored == ends[i].stored, "%s: %u", ends[i].what, w.net->stored);
        struct fake_exchange *third = ask_with(&w, ends[i].line, KEY, SPAN("event"));
        check(is_replayed(third) && is_same_answer(second, third), "%s: and then no more", ends[i].what);
        fake_exchange_free(first);
        fake_exchange_free(second);
        fake_exchange_free(third);
        world_clear(&w);
    }
}

static void one_that_waited_takes_over_from_one_that_failed(void **state)
{
    struct world w;
    enum fake_fate fates[] = {FAKE_ACCESS_DENIED, FAKE_STORED};
    struct fake_script script = {fates, 2};
    struct fake_exchange *e[3];

    (void)state;
    world_init(&w);
    set_fates(&w, &script);
    w.net->delay_us = 100000;
    for (int i = 0; i != 3; i++)
        e[i] = ask(&w, "event");
    fake_loop_pass(w.loop, 300000);
    assert_int_equal(e[0]->status, 502);
    assert_true(e[1]->status == 200 && is_same_answer(e[1], e[2]));
    assert_true(is_replayed(e[1]) != is_replayed(e[2])); /* one of them put it */
    assert_int_equal(w.net->stored, 1);
    for (int i = 0; i != 3; i++)
        fake_exchange_free(e[i]);
    world_clear(&w);
}

static void what_is_refused_before_it_is_put_claims_nothing(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    w.sender.conf.queue_records_max = 1;
    struct fake_exchange *other = ask_with(&w, RECORD, "", SPAN("x"));
    struct fake_exchange *first = ask(&w, "event");
    assert_int_equal(first->status, 503); /* the lane is full */
    fake_loop_pass(w.loop, 100000);
    struct fake_exchange *second = ask(&w, "event");
    fake_loop_pass(w.loop, 100000);
    assert_true(second->status == 200 && !is_replayed(second));
    fake_exchange_free(other);
    fake_exchange_free(first);
    fake_exchange_free(second);
    world_clear(&w);
}

static void a_late_result_is_kept_for_the_retry(void **state)
{
    (void)state;
    for (int leaves = 0; leaves != 2; leaves++) {
        struct world w;
        world_init(&w);
        w.net->delay_us = 1500000;
        struct fake_exchange *first = ask_with(&w, RECORD, KEY "X-Request-Timeout-Ms: 100\r\n", SPAN("event"));
        fake_loop_pass(w.loop, 1000);
        if (leaves)
            fake_exchange_gone(first);
        fake_loop_pass(w.loop, 100000);
        assert_true(leaves || first->status == 504);
        struct fake_exchange *second = ask(&w, "event"); /* waits for the one that nobody waits for */
        fake_loop_pass(w.loop, 1500000);
        assert_true(second->status == 200 && is_replayed(second));
        assert_int_equal(w.net->stored, 1);
        fake_exchange_free(first);
        fake_exchange_free(second);
        world_clear(&w);
    }
}

static void a_claim_whose_owner_died_expires(void **state)
{
    struct world w;
    struct recall dead = {.hold_us = 1000000, .name = {NULL, 0}};
    char name[IDEMPOTENCY_NAME_BYTES_MAX];
    struct idempotency_key key = {.len = 8, .text = "8e03978e"};

    (void)state;
    world_init(&w);
    dead.loop = w.loop;
    dead.name = span_of(name, idempotency_name(SPAN("acme"), SPAN("orders"), &key, name));
    buf_init(&dead.results, 100);
    assert_int_equal(recall_try(w.front.idempotency, &dead), RECALL_CLAIMED);
    struct fake_exchange *first = ask(&w, "event");
    assert_int_equal(first->status, 422); /* whatever the dead one had asked, it was another */
    fake_loop_pass(w.loop, 1000000);
    struct fake_exchange *second = ask(&w, "event");
    fake_loop_pass(w.loop, 100000);
    assert_true(second->status == 200 && !is_replayed(second));
    recall_release(w.front.idempotency, &dead); /* too late: its token is old */
    struct fake_exchange *third = ask(&w, "event");
    assert_true(is_replayed(third));
    fake_exchange_free(first);
    fake_exchange_free(second);
    fake_exchange_free(third);
    world_clear(&w);
}

static void a_large_body_is_hashed_in_slices(void **state)
{
    static char body[3 * HASH_SLICE_BYTES + 1];
    struct world w;

    (void)state;
    memset(body, 'x', sizeof(body));
    for (int leaves = 0; leaves != 2; leaves++) {
        world_init(&w);
        struct fake_exchange *first = ask_with(&w, RECORD, KEY, span_of(body, sizeof(body)));
        assert_int_equal(first->replies, 0);
        if (leaves)
            fake_exchange_gone(first);
        fake_loop_pass(w.loop, 100000);
        assert_int_equal(w.net->stored, !leaves);
        struct fake_exchange *second = ask_with(&w, RECORD, KEY, span_of(body, sizeof(body)));
        fake_loop_pass(w.loop, 100000);
        assert_true(second->status == 200 && is_replayed(second) == !leaves);
        body[sizeof(body) - 1] = 'y';
        struct fake_exchange *third = ask_with(&w, RECORD, KEY, span_of(body, sizeof(body)));
        fake_loop_pass(w.loop, 100000);
        assert_int_equal(third->status, 422);
        body[sizeof(body) - 1] = 'x';
        fake_exchange_free(first);
        fake_exchange_free(second);
        fake_exchange_free(third);
        world_clear(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_in_flight_is_waited_for),
        cmocka_unit_test(past_its_deadline_the_second_is_told_that_the_first_is_in_flight),
        cmocka_unit_test(what_is_not_known_to_be_written_is_put_again),
        cmocka_unit_test(one_that_waited_takes_over_from_one_that_failed),
        cmocka_unit_test(what_is_refused_before_it_is_put_claims_nothing),
        cmocka_unit_test(a_late_result_is_kept_for_the_retry),
        cmocka_unit_test(a_claim_whose_owner_died_expires),
        cmocka_unit_test(a_large_body_is_hashed_in_slices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
