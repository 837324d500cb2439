#include "gateway/kinesis/window.h"

#include "gateway/base/random.h"
#include "tests/auth/check.h"

#define MS     1000u
#define SECOND 1000000u
#define START  (100u * SECOND)
#define PAUSE  (100u * MS) /* between two halvings, at least */

static struct window window_of(uint32_t min, uint32_t max, uint32_t size)
{
    struct window w;

    window_init(&w, min, max);
    w.size = size;
    return w;
}

static void answer(struct window *w, uint64_t *now_us, uint64_t latency_us, unsigned times)
{
    while (times-- != 0)
        window_on_answer(w, *now_us += 10 * MS, latency_us);
}

static void it_starts_at_its_least_size(void **state)
{
    struct window w;

    (void)state;
    window_init(&w, 2, 64);
    assert_int_equal(w.size, 2);
    window_init(&w, 8, 4);
    assert_int_equal(w.size, 4);
    window_on_throttle(&w, START);
    assert_int_equal(w.size, 4);
}

static void a_departure_makes_it_grow_only_when_it_was_too_small(void **state)
{
    static const struct {
        const char *what;
        bool was_full, left_some;
        uint64_t latency_us, waited_us;
        uint32_t want;
    } rows[] = {
        {"a call that is not full", false, false, 20 * MS, 0, 2},
        {"a full one that takes all there was", true, false, 20 * MS, 0, 2},
        {"a full one, and records remain", true, true, 20 * MS, 0, 3},
        {"records remain, but it is not full", false, true, 20 * MS, 0, 2},
        {"the first of its records waited as long as a call takes", false, false, 20 * MS, 20 * MS, 2},
        {"it waited longer", false, false, 20 * MS, 20 * MS + 1, 3},
        {"it waited longer, in a full one", true, false, 20 * MS, 20 * MS + 1, 3},
        {"both reasons are one step", true, true, 20 * MS, 50 * MS, 3},
        {"long waiting tells nothing before the first answer", false, false, 0, SECOND, 2},
        {"a full one does", true, true, 0, SECOND, 3},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct window w = window_of(2, 64, 2);
        if (rows[i].latency_us != 0)
            window_on_answer(&w, START, rows[i].latency_us);
        window_on_departure(&w, START, rows[i].was_full, rows[i].left_some, rows[i].waited_us);
        check(w.size == rows[i].want, "%s: %u", rows[i].what, w.size);
    }
}

static void it_grows_by_one_up_to_its_bound(void **state)
{
    struct window w = window_of(2, 5, 2);

    (void)state;
    for (uint32_t i = 0; i < 10; i++) {
        window_on_departure(&w, START + i, true, true, 0);
        assert_int_equal(w.size, i < 3 ? 3 + i : 5);
    }
}

static void for_waiting_it_grows_once_a_latency(void **state)
{
    struct window w = window_of(2, 64, 2);

    (void)state;
    window_on_answer(&w, START, 20 * MS);
    for (uint64_t us = 0; us <= 100 * MS; us += MS)
        window_on_departure(&w, START + us, false, false, 30 * MS);
    assert_int_equal(w.size, 2 + 5);
}

static void a_throttling_halves_it_down_to_its_least_size(void **state)
{
    static const uint32_t want[] = {50, 25, 12, 6, 3, 3};
    struct window w = window_of(3, 128, 101);
    uint64_t now_us = START;

    (void)state;
    for (size_t i = 0; i < LEN(want); i++) {
        window_on_throttle(&w, now_us += SECOND);
        assert_int_equal(w.size, want[i]);
    }
}

static void a_storm_of_throttling_is_one_halving(void **state)
{
    static const struct {
        uint64_t latency_us, pause_us;
    } rows[] = {{0, PAUSE}, {20 * MS, PAUSE}, {300 * MS, 300 * MS}};

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct window w = window_of(2, 64, 64);
        if (rows[i].latency_us != 0)
            window_on_answer(&w, START, rows[i].latency_us);
        for (uint64_t us = 0; us < rows[i].pause_us; us += MS)
            window_on_throttle(&w, START + us);
        check(w.size == 32, "row %zu: %u", i, w.size);
        window_on_throttle(&w, START + rows[i].pause_us);
        check(w.size == 16, "row %zu, after the pause: %u", i, w.size);
    }
}

static void latency_halves_it_when_it_lasts_at_twice_its_least(void **state)
{
    static const struct {
        const char *what;
        uint64_t usual_us, then_us;
        unsigned times;
        uint32_t want;
    } rows[] = {
        {"one slow answer does not", 20 * MS, 80 * MS, 1, 64},
        {"one very slow answer does", 20 * MS, 2 * SECOND, 1, 32},
        {"answers that stay slow do", 20 * MS, 80 * MS, 9, 32},
        {"and again, after a pause", 20 * MS, 80 * MS, 19, 16},
        {"a third more does not", 20 * MS, 27 * MS, 300, 64},
        {"twice as much and some chance does not", 20 * MS, 45 * MS, 300, 64},
        {"small latencies double by chance", 2 * MS, 8 * MS, 300, 64},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct window w = window_of(2, 64, 64);
        uint64_t now_us = START;
        answer(&w, &now_us, rows[i].usual_us, 20);
        answer(&w, &now_us, rows[i].then_us, rows[i].times);
        check(w.size == rows[i].want, "%s: %u", rows[i].what, w.size);
    }
}

static void an_upstream_that_gets_faster_does_not_shrink_it(void **state)
{
    struct window w = window_of(2, 64, 64);
    uint64_t now_us = START;

    (void)state;
    answer(&w, &now_us, 200 * MS, 50);
    answer(&w, &now_us, 10 * MS, 200);
    assert_int_equal(w.size, 64);
    assert_in_range(w.latency_us, 10 * MS, 11 * MS);
}

/* Twenty seconds at most: then what is usual now is the measure. */
static void its_least_latency_is_a_moving_one(void **state)
{
    struct window w = window_of(2, 64, 64);
    uint64_t now_us = START, end_us;

    (void)state;
    answer(&w, &now_us, 20 * MS, 100);
    answer(&w, &now_us, 100 * MS, 100);
    assert_in_range(w.size, 2, 32);
    for (end_us = now_us + 20 * SECOND; now_us < end_us;)
        answer(&w, &now_us, 100 * MS, 1);
    w.size = 64;
    answer(&w, &now_us, 100 * MS, 3000);
    assert_int_equal(w.size, 64);
}

static void what_was_before_a_long_silence_is_no_measure(void **state)
{
    struct window w = window_of(2, 64, 64);
    uint64_t now_us = START;

    (void)state;
    answer(&w, &now_us, 20 * MS, 100);
    now_us += 3600 * (uint64_t)SECOND;
    answer(&w, &now_us, 100 * MS, 500);
    assert_int_equal(w.size, 64);
}

static void waiting_is_predicted_in_windows_of_calls(void **state)
{
    static const struct {
        uint32_t size;
        uint64_t latency_us, calls, want_us;
    } rows[] = {{2, 20 * MS, 0, 0},       {2, 20 * MS, 1, 20 * MS}, {2, 20 * MS, 2, 20 * MS},
                {2, 20 * MS, 3, 40 * MS}, {1, 5 * MS, 7, 35 * MS},  {64, 20 * MS, 6400, 2 * SECOND},
                {2, 0, 1000, 0}};

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct window w = window_of(1, 64, rows[i].size);
        if (rows[i].latency_us != 0)
            window_on_answer(&w, START, rows[i].latency_us);
        check(window_predict_us(&w, rows[i].calls) == rows[i].want_us, "row %zu", i);
    }
}

static void whatever_happens_it_moves_by_its_rules(void **state)
{
    struct random r;

    (void)state;
    random_seed(&r, 11);
    for (int round = 0; round < 200; round++) {
        struct window w;
        uint32_t min = 1 + (uint32_t)random_below(&r, 4), max = min + (uint32_t)random_below(&r, 100);
        uint64_t now_us = START, halved_us = 0;
        window_init(&w, min, max);
        for (int i = 0; i < 1000; i++) {
            uint32_t size = w.size, kind = (uint32_t)random_below(&r, 8);
            bool was_full = random_below(&r, 2), left_some = random_below(&r, 2);
            uint64_t waited_us = random_below(&r, 100 * MS), latency_us = w.latency_us;
            now_us += random_below(&r, 30 * MS);
            if (kind == 0)
                window_on_throttle(&w, now_us);
            else if (kind < 4)
                window_on_answer(&w, now_us, 1 + random_below(&r, 60 * MS));
            else
                window_on_departure(&w, now_us, was_full, left_some, waited_us);
            check(w.size >= min && w.size <= max, "%u stays in %u to %u", w.size, min, max);
            if (w.size > size)
                check(w.size == size + 1 && kind >= 4 && ((was_full && left_some) || waited_us > latency_us),
                      "it grew by %u", w.size - size);
            if (w.size == size || w.size > size)
                continue;
            check(kind < 4 && (w.size == size / 2 || w.size == min), "%u fell to %u", size, w.size);
            check(halved_us == 0 || now_us - halved_us >= PAUSE, "twice within a pause");
            halved_us = now_us;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_starts_at_its_least_size),
        cmocka_unit_test(a_departure_makes_it_grow_only_when_it_was_too_small),
        cmocka_unit_test(it_grows_by_one_up_to_its_bound),
        cmocka_unit_test(for_waiting_it_grows_once_a_latency),
        cmocka_unit_test(a_throttling_halves_it_down_to_its_least_size),
        cmocka_unit_test(a_storm_of_throttling_is_one_halving),
        cmocka_unit_test(latency_halves_it_when_it_lasts_at_twice_its_least),
        cmocka_unit_test(an_upstream_that_gets_faster_does_not_shrink_it),
        cmocka_unit_test(its_least_latency_is_a_moving_one),
        cmocka_unit_test(what_was_before_a_long_silence_is_no_measure),
        cmocka_unit_test(waiting_is_predicted_in_windows_of_calls),
        cmocka_unit_test(whatever_happens_it_moves_by_its_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
