#include "gateway/base/random.h"
#include "gateway/base/timer_heap.h"

#include "tests/auth/check.h"

#define TIMERS 300

/* The truth that the heap is held against: armed timers in order, in an array. */
struct sorted {
    struct timer *timers[TIMERS];
    size_t len;
};

static void run_nothing(void *ctx)
{
    (void)ctx;
}

static void sorted_insert(struct sorted *s, struct timer *t)
{
    size_t at = s->len++;

    while (at != 0 && (s->timers[at - 1]->at_us > t->at_us ||
                       (s->timers[at - 1]->at_us == t->at_us && s->timers[at - 1]->tiebreak > t->tiebreak))) {
        s->timers[at] = s->timers[at - 1];
        at--;
    }
    s->timers[at] = t;
}

static void sorted_remove(struct sorted *s, const struct timer *t)
{
    for (size_t i = 0; i != s->len; i++) {
        if (s->timers[i] != t)
            continue;
        memmove(&s->timers[i], &s->timers[i + 1], (s->len - i - 1) * sizeof(s->timers[0]));
        s->len--;
        return;
    }
}

static struct timer *sorted_first(const struct sorted *s)
{
    return s->len == 0 ? NULL : s->timers[0];
}

static void an_empty_heap_has_no_first(void **state)
{
    struct timer_heap h = {NULL};
    struct timer t;

    (void)state;
    timer_init(&t, run_nothing, NULL);
    assert_null(timer_heap_first(&h));
    assert_false(t.is_armed);
    timer_heap_remove(&h, &t);
    assert_null(timer_heap_first(&h));
}

static void timers_leave_in_order_and_those_of_one_instant_by_tiebreak(void **state)
{
    static const uint64_t at_us[] = {50, 10, 10, 30, 10, 0, 50, UINT64_MAX, 30};
    static const size_t order[] = {5, 1, 2, 4, 3, 8, 0, 6, 7};
    struct timer_heap h = {NULL};
    struct timer timers[LEN(at_us)];

    (void)state;
    for (size_t i = 0; i < LEN(at_us); i++) {
        timer_init(&timers[i], run_nothing, NULL);
        timers[i].at_us = at_us[i];
        timers[i].tiebreak = i;
        timer_heap_insert(&h, &timers[i]);
        assert_true(timers[i].is_armed);
    }
    for (size_t i = 0; i < LEN(order); i++) {
        check(timer_heap_first(&h) == &timers[order[i]], "number %zu to leave is timer %zu", i, order[i]);
        timer_heap_remove(&h, &timers[order[i]]);
        assert_false(timers[order[i]].is_armed);
    }
    assert_null(timer_heap_first(&h));
}

static void removing_a_timer_that_is_not_armed_changes_nothing(void **state)
{
    struct timer_heap h = {NULL};
    struct timer a, b, never;

    (void)state;
    timer_init(&a, run_nothing, NULL);
    timer_init(&b, run_nothing, NULL);
    timer_init(&never, run_nothing, NULL);
    a.at_us = 1;
    b.at_us = 2;
    timer_heap_insert(&h, &a);
    timer_heap_insert(&h, &b);
    timer_heap_remove(&h, &never);
    timer_heap_remove(&h, &b);
    timer_heap_remove(&h, &b);
    assert_ptr_equal(timer_heap_first(&h), &a);
    timer_heap_remove(&h, &a);
    timer_heap_remove(&h, &a);
    assert_null(timer_heap_first(&h));
    timer_heap_insert(&h, &b);
    assert_ptr_equal(timer_heap_first(&h), &b);
}

/* Three kinds of days: mostly starting, mostly stopping, and expiring from the front. */
static void random_work_agrees_with_a_sorted_array(void **state)
{
    static struct timer timers[TIMERS];
    struct timer_heap h = {NULL};
    struct sorted s = {.len = 0};
    struct random r;
    uint64_t started = 0;

    (void)state;
    random_seed(&r, 7);
    for (size_t i = 0; i < TIMERS; i++)
        timer_init(&timers[i], run_nothing, NULL);
    for (int step = 0; step < 300000; step++) {
        struct timer *t = &timers[random_below(&r, TIMERS)];
        uint64_t dice = random_below(&r, 10), day = (uint64_t)step / 20000 % 3;
        if (dice == 9 && day == 2 && s.len != 0)
            t = sorted_first(&s);
        bool starts = dice < (day == 0 ? 7u : day == 1 ? 3u : 5u);
        timer_heap_remove(&h, t);
        sorted_remove(&s, t);
        if (starts) {
            t->at_us = random_below(&r, 500);
            t->tiebreak = started++;
            timer_heap_insert(&h, t);
            sorted_insert(&s, t);
        }
        check(timer_heap_first(&h) == sorted_first(&s), "step %d", step);
    }
    while (s.len != 0) {
        struct timer *t = sorted_first(&s);
        assert_ptr_equal(timer_heap_first(&h), t);
        timer_heap_remove(&h, t);
        sorted_remove(&s, t);
    }
    assert_null(timer_heap_first(&h));
}

static void a_hundred_thousand_timers_do_not_exhaust_the_stack(void **state)
{
    size_t len = 100000;
    struct timer *timers = calloc(len, sizeof(*timers));
    struct timer_heap h = {NULL};

    (void)state;
    assert_non_null(timers);
    for (size_t i = 0; i < len; i++) {
        timer_init(&timers[i], run_nothing, NULL);
        timers[i].at_us = i % 2 == 0 ? i : 2 * len - i;
        timers[i].tiebreak = i;
        timer_heap_insert(&h, &timers[i]);
    }
    uint64_t before_us = 0;
    for (size_t i = 0; i < len; i++) {
        struct timer *t = timer_heap_first(&h);
        assert_true(t->at_us >= before_us);
        before_us = t->at_us;
        timer_heap_remove(&h, t);
    }
    assert_null(timer_heap_first(&h));
    free(timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_heap_has_no_first),
        cmocka_unit_test(timers_leave_in_order_and_those_of_one_instant_by_tiebreak),
        cmocka_unit_test(removing_a_timer_that_is_not_armed_changes_nothing),
        cmocka_unit_test(random_work_agrees_with_a_sorted_array),
        cmocka_unit_test(a_hundred_thousand_timers_do_not_exhaust_the_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
