/* Asking, on a Redis and a loop in virtual time: every fate, every moment to cancel, and two gateways at one key. */
#include "tests/gateway/front/recall_stories.h"
#include "tests/gateway/front/redis_keys.h"

#include <stdio.h>

static void pass(void *ctx, uint64_t us)
{
    fake_loop_pass(((struct fleet *)ctx)->loop, us);
}

static void until(void *ctx, bool (*is_so)(void *arg), void *arg)
{
    for (unsigned i = 0; i != 1000 && !is_so(arg); i++)
        fake_loop_pass(((struct fleet *)ctx)->loop, 1000);
    assert_true(is_so(arg));
}

static void it_does_what_the_stories_say(void **state)
{
    struct fleet f;
    struct random random;

    (void)state;
    fleet_init(&f);
    random_seed(&random, 4);
    struct idempotency_redis *other = idempotency_redis_new(&(struct idempotency_redis_conf){
        .loop = f.loop, .redis = &f.redis, .random = &random, .metrics = &f.metrics, .timeout_ms = 20, .ttl_s = 3600});
    struct recall_door door = {{f.store, idempotency_redis_store(other)}, f.loop, pass, until, &f};
    recall_stories_run(&door);
    fake_loop_pass(f.loop, 3000000);
    assert_int_equal(idempotency_redis_under_way(f.redis_store) + idempotency_redis_under_way(other), 0);
    idempotency_redis_free(&other);
    fleet_clear(&f);
}

static void what_cannot_be_said_is_said_within_the_timeout(void **state)
{
    static const enum fake_redis_fate fates[] = {FAKE_REDIS_AWAY, FAKE_REDIS_SILENT, FAKE_REDIS_LOST,
                                                 FAKE_REDIS_GARBAGE, FAKE_REDIS_ERROR};

    (void)state;
    for (size_t i = 0; i != LEN(fates); i++) {
        struct fleet f;
        struct asker a;
        fleet_init(&f);
        f.redis.fate = fates[i];
        check(ask_for(&f, &a) == RECALL_UNAVAILABLE, "fate %zu: %d", i, (int)a.verdict);
        assert_int_equal(a.told, 1);
        assert_null(a.recall.wait);
        asker_clear(&a);
        fleet_clear(&f);
    }
}

/* It may be carried out all the same. */
static void a_claim_whose_answer_is_lost_is_released(void **state)
{
    static const enum fake_redis_fate fates[] = {FAKE_REDIS_SILENT, FAKE_REDIS_LOST};

    (void)state;
    for (size_t i = 0; i != LEN(fates) * 2; i++) {
        bool is_back_at_once = i < LEN(fates);
        struct fleet f;
        struct asker a;
        fleet_init(&f);
        f.redis.fate = fates[i % 2];
        assert_true(start_asking(&f, &a));
        f.redis.fate = is_back_at_once ? FAKE_REDIS_ANSWERS : FAKE_REDIS_AWAY;
        fake_loop_pass(f.loop, TIMEOUT_US);
        assert_int_equal(a.verdict, RECALL_UNAVAILABLE);
        fake_loop_pass(f.loop, 1000);
        assert_string_equal(state_of_key(&f), is_back_at_once ? "" : "P");
        f.redis.fate = FAKE_REDIS_ANSWERS;
        fake_loop_pass(f.loop, RETRY_US + 1000);
        assert_string_equal(state_of_key(&f), "");
        assert_int_equal(idempotency_redis_under_way(f.redis_store), 0);
        asker_clear(&a);
        fleet_clear(&f);
    }
}

static void a_key_in_flight_is_asked_for_again_and_ever_less_often(void **state)
{
    static const uint64_t waits_us[] = {10000, 20000, 40000, 80000, 100000, 100000};
    struct fleet f;
    struct asker first, second;

    (void)state;
    fleet_init(&f);
    f.redis.delay_us = 0;
    assert_int_equal(ask_for(&f, &first), RECALL_CLAIMED);
    assert_true(start_asking(&f, &second));
    fake_loop_settle(f.loop);
    for (size_t i = 0; i != LEN(waits_us); i++) {
        unsigned before = f.redis.calls;
        fake_loop_pass(f.loop, waits_us[i] - 1);
        assert_int_equal(f.redis.calls, before);
        fake_loop_pass(f.loop, 1);
        assert_int_equal(f.redis.calls, before + 1);
    }
    assert_int_equal(second.told, 0);
    recall_cancel(f.store, &second.recall);
    recall_release(f.store, &first.recall);
    fleet_clear(&f);
}

static void what_is_known_to_be_in_flight_is_not_put_beside_it(void **state)
{
    static const enum fake_redis_fate fates[] = {FAKE_REDIS_AWAY, FAKE_REDIS_SILENT, FAKE_REDIS_LOST, FAKE_REDIS_ERROR};

    (void)state;
    for (size_t i = 0; i != LEN(fates); i++) {
        struct fleet f;
        struct asker first, second;
        fleet_init(&f);
        assert_int_equal(ask_for(&f, &first), RECALL_CLAIMED);
        assert_true(start_asking(&f, &second));
        fake_loop_pass(f.loop, 5000);
        f.redis.fate = fates[i];
        fake_loop_pass(f.loop, 10000 + TIMEOUT_US);
        check(second.told == 1 && second.verdict == RECALL_IN_FLIGHT, "fate %zu: %d", i, (int)second.verdict);
        f.redis.fate = FAKE_REDIS_ANSWERS;
        recall_release(f.store, &first.recall);
        fake_loop_pass(f.loop, 3000000);
        assert_int_equal(idempotency_redis_under_way(f.redis_store), 0);
        fleet_clear(&f);
    }
}

static void who_cancelled_is_not_called_and_holds_nothing(void **state)
{
    (void)state;
    for (uint64_t after_us = 0; after_us != 3000; after_us += 250) { /* in flight, then claimed */
        struct fleet f;
        struct asker a;
        fleet_init(&f);
        f.redis.delay_us = 2000;
        assert_true(start_asking(&f, &a));
        fake_loop_pass(f.loop, after_us);
        recall_cancel(f.store, &a.recall);
        recall_cancel(f.store, &a.recall);
        if (a.told != 0)
            recall_release(f.store, &a.recall);
        fake_loop_pass(f.loop, 100000);
        assert_true(a.told == 0 || after_us >= f.redis.delay_us);
        assert_string_equal(state_of_key(&f), "");
        assert_int_equal(idempotency_redis_under_way(f.redis_store), 0);
        fleet_clear(&f);
    }
}

static void a_store_that_ends_cancels_what_is_under_way(void **state)
{
    struct fleet f;
    struct asker a, b;

    (void)state;
    fleet_init(&f);
    assert_int_equal(ask_for(&f, &a), RECALL_CLAIMED);
    assert_true(start_asking(&f, &b));
    recall_cancel(f.store, &b.recall); /* its answer is to come */
    f.redis.fate = FAKE_REDIS_AWAY;
    recall_release(f.store, &a.recall); /* its second attempt is to come */
    fleet_clear(&f);
}

/* Two gateways, drawn at random: of a key at most one claim is held, and every ask ends once. */

#define CALLERS 8
#define ROUNDS  20000

struct player {
    struct asker asker;
    bool is_asked, is_holder;
};

static void play(struct fleet *f, struct idempotency_store *store, struct player *p, struct random *dice)
{
    static const enum fake_redis_fate fates[] = {FAKE_REDIS_ANSWERS, FAKE_REDIS_ANSWERS, FAKE_REDIS_ANSWERS,
                                                 FAKE_REDIS_ANSWERS, FAKE_REDIS_AWAY,    FAKE_REDIS_SILENT,
                                                 FAKE_REDIS_LOST,    FAKE_REDIS_ERROR};
    struct fleet side = *f;

    side.store = store;
    f->redis.fate = fates[random_below(dice, LEN(fates))];
    if (p->is_holder) {
        p->is_holder = false;
        recall_release(store, &p->asker.recall);
    } else if (p->is_asked) {
        p->is_asked = false;
        recall_cancel(store, &p->asker.recall);
    } else {
        p->is_asked = start_asking(&side, &p->asker);
    }
}

static unsigned count_holders(struct player players[CALLERS])
{
    unsigned holders = 0;

    for (size_t i = 0; i != CALLERS; i++) {
        struct player *p = &players[i];
        assert_true(p->asker.told <= 1);
        if (p->is_asked && p->asker.told == 1) {
            p->is_asked = false;
            p->is_holder = p->asker.verdict == RECALL_CLAIMED;
        }
        holders += p->is_holder;
    }
    return holders;
}

static void two_gateways_never_hold_one_key_together(void **state)
{
    struct fleet f;
    struct random random, dice;
    struct player players[CALLERS] = {0};
    unsigned claims = 0;

    (void)state;
    fleet_init(&f);
    f.hold_us = 10000000; /* longer than anybody holds it, unless its release was lost twice */
    random_seed(&random, 4);
    random_seed(&dice, 5);
    struct idempotency_redis *other = idempotency_redis_new(&(struct idempotency_redis_conf){
        .loop = f.loop, .redis = &f.redis, .random = &random, .metrics = &f.metrics, .timeout_ms = 20, .ttl_s = 3600});
    for (unsigned round = 0; round != ROUNDS; round++) {
        size_t i = random_below(&dice, CALLERS);
        play(&f, i % 2 == 0 ? f.store : idempotency_redis_store(other), &players[i], &dice);
        fake_loop_pass(f.loop, random_below(&dice, 40000));
        unsigned holders = count_holders(players);
        check(holders <= 1, "round %u: %u hold it", round, holders);
        claims += holders;
    }
    check(claims > 500, "it was held often: %u", claims);
    f.redis.fate = FAKE_REDIS_ANSWERS;
    for (size_t i = 0; i != CALLERS; i++)
        if (players[i].is_asked || players[i].is_holder)
            play(&f, i % 2 == 0 ? f.store : idempotency_redis_store(other), &players[i], &dice);
    f.redis.fate = FAKE_REDIS_ANSWERS;
    fake_loop_pass(f.loop, 5000000);
    assert_int_equal(idempotency_redis_under_way(f.redis_store) + idempotency_redis_under_way(other), 0);
    idempotency_redis_free(&other);
    fleet_clear(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_does_what_the_stories_say),
        cmocka_unit_test(what_cannot_be_said_is_said_within_the_timeout),
        cmocka_unit_test(a_claim_whose_answer_is_lost_is_released),
        cmocka_unit_test(a_key_in_flight_is_asked_for_again_and_ever_less_often),
        cmocka_unit_test(what_is_known_to_be_in_flight_is_not_put_beside_it),
        cmocka_unit_test(who_cancelled_is_not_called_and_holds_nothing),
        cmocka_unit_test(a_store_that_ends_cancels_what_is_under_way),
        cmocka_unit_test(two_gateways_never_hold_one_key_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
