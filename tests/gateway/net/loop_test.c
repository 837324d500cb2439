#include "gateway/net/loop.h"

#include "tests/auth/check.h"

#include <stdio.h>
#include <time.h>

#define STEPS_MAX 64

static struct loop *loop;
static char steps[STEPS_MAX + 1]; /* what ran, a letter each */
static size_t steps_len;

static int make_loop(void **state)
{
    (void)state;
    steps_len = 0;
    memset(steps, 0, sizeof(steps));
    loop = loop_new();
    return loop == NULL;
}

static int free_loop(void **state)
{
    (void)state;
    loop_free(&loop);
    return loop != NULL;
}

static void note(char letter)
{
    if (steps_len < STEPS_MAX)
        steps[steps_len++] = letter;
}

static uint64_t clock_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Timers and work whose contexts say what they do. */

struct deed {
    char letter;
    uint64_t due_us; /* 0: any time */
    struct timer timer, *starts, *stops;
    uint64_t delay_us;
    struct turn_work work, *marks, *cancels;
    bool ends;
};

static void run_deed(void *ctx)
{
    struct deed *d = ctx;

    check(clock_us() >= d->due_us, "%c is not early", d->letter);
    note(d->letter);
    if (d->starts != NULL)
        loop_timer_start(loop, d->starts, d->delay_us);
    if (d->stops != NULL)
        loop_timer_stop(loop, d->stops);
    if (d->marks != NULL)
        loop_mark(loop, d->marks);
    if (d->cancels != NULL)
        turn_work_cancel(d->cancels);
    if (d->ends)
        loop_stop(loop);
}

static void deed_init(struct deed *d, char letter, enum turn_phase phase)
{
    *d = (struct deed){.letter = letter};
    timer_init(&d->timer, run_deed, d);
    turn_work_init(&d->work, phase, run_deed, d);
}

static void start(struct deed *d, uint64_t delay_us)
{
    d->due_us = loop_now_us(loop) + delay_us;
    loop_timer_start(loop, &d->timer, delay_us);
}

static void timers_fire_in_order_and_not_before_their_time(void **state)
{
    static const uint64_t delays_ms[] = {30, 5, 20, 5, 10, 0, 30};
    struct deed deeds[LEN(delays_ms)];

    (void)state;
    for (size_t i = 0; i < LEN(deeds); i++) {
        deed_init(&deeds[i], (char)('a' + i), TURN_REPLY);
        start(&deeds[i], delays_ms[i] * MS_IN_US);
    }
    deeds[6].ends = true;
    uint64_t began_us = clock_us();
    loop_run(loop);
    assert_string_equal(steps, "fbdecag");
    assert_in_range(clock_us() - began_us, 29000, 5000000);
}

static void a_timer_does_not_run_before_the_loop_does(void **state)
{
    struct deed d;

    (void)state;
    deed_init(&d, 'a', TURN_REPLY);
    d.ends = true;
    start(&d, 0);
    assert_string_equal(steps, "");
    loop_run(loop);
    assert_string_equal(steps, "a");
}

static void a_timer_started_again_moves(void **state)
{
    struct deed early, late, end;

    (void)state;
    deed_init(&early, 'e', TURN_REPLY);
    deed_init(&late, 'l', TURN_REPLY);
    deed_init(&end, '.', TURN_REPLY);
    start(&early, 5000);
    start(&late, 60000);
    start(&end, 30000);
    start(&early, 20000);
    start(&late, 1000);
    end.ends = true;
    loop_run(loop);
    assert_string_equal(steps, "le.");
}

static void a_stopped_timer_never_runs(void **state)
{
    struct deed stopped, stopped_late, stopper, never, end;

    (void)state;
    deed_init(&stopped, 's', TURN_REPLY);
    deed_init(&stopped_late, 'l', TURN_REPLY);
    deed_init(&stopper, 'x', TURN_REPLY);
    deed_init(&never, 'n', TURN_REPLY);
    deed_init(&end, '.', TURN_REPLY);
    start(&stopped, 1000);
    loop_timer_stop(loop, &stopped.timer);
    loop_timer_stop(loop, &never.timer);
    start(&stopper, 2000);
    start(&stopped_late, 2000); /* due in the same turn as what stops it */
    stopper.stops = &stopped_late.timer;
    start(&end, 10000);
    end.ends = true;
    loop_run(loop);
    assert_string_equal(steps, "x.");
}

static void a_timer_without_delay_started_by_a_timer_waits_a_turn(void **state)
{
    struct deed timer, work, again;

    (void)state;
    deed_init(&timer, 't', TURN_REPLY);
    deed_init(&work, 'w', TURN_LOG);
    deed_init(&again, 'a', TURN_REPLY);
    timer.marks = &work.work;
    timer.starts = &again.timer; /* after this turn's end */
    again.ends = true;
    start(&timer, 0);
    loop_run(loop);
    assert_string_equal(steps, "twa");
}

static void a_timer_that_starts_itself_does_not_starve_the_loop(void **state)
{
    struct deed eager, end;

    (void)state;
    deed_init(&eager, 'e', TURN_REPLY);
    deed_init(&end, '.', TURN_REPLY);
    eager.starts = &eager.timer;
    end.ends = true;
    start(&eager, 0);
    start(&end, 3000);
    loop_run(loop);
    loop_timer_stop(loop, &eager.timer);
    assert_int_equal(steps[0], 'e');
}

static void marks_run_once_in_the_order_of_their_phases(void **state)
{
    struct deed timer, phases[TURN_PHASES], second;

    (void)state;
    deed_init(&timer, 't', TURN_REPLY);
    deed_init(&second, '2', TURN_REPLY);
    for (int i = 0; i < TURN_PHASES; i++)
        deed_init(&phases[i], "ardcsl"[i], (enum turn_phase)i);
    for (int i = TURN_PHASES - 1; i >= 0; i--) {
        loop_mark(loop, &phases[i].work);
        loop_mark(loop, &phases[i].work);
    }
    loop_mark(loop, &second.work);
    timer.ends = true;
    start(&timer, 5000);
    loop_run(loop);
    assert_string_equal(steps, "ar2dcslt");
}

static void what_is_marked_meanwhile_runs_this_round_if_its_phase_is_later_and_next_round_if_not(void **state)
{
    struct deed reply, depart, log;

    (void)state;
    deed_init(&reply, 'r', TURN_REPLY);
    deed_init(&depart, 'd', TURN_DEPART);
    deed_init(&log, 'l', TURN_LOG);
    depart.marks = &reply.work;
    reply.marks = &log.work;
    log.ends = true;
    loop_mark(loop, &depart.work);
    loop_run(loop);
    assert_string_equal(steps, "drl");
}

/* Work that marks itself, and counts the turns by a timer without delay that starts itself. */
static void a_turn_has_at_most_four_rounds(void **state)
{
    struct deed work, turn;

    (void)state;
    deed_init(&work, 'w', TURN_DEPART);
    deed_init(&turn, '|', TURN_REPLY);
    work.marks = &work.work;
    turn.starts = &turn.timer;
    struct deed end;
    deed_init(&end, '.', TURN_REPLY);
    end.ends = true;
    loop_mark(loop, &work.work);
    start(&turn, 0);
    start(&end, 2000);
    loop_run(loop);
    loop_timer_stop(loop, &turn.timer);
    turn_work_cancel(&work.work);
    steps[20] = '\0';
    assert_string_equal(steps, "|wwww|wwww|wwww|wwww");
}

static void cancelled_work_does_not_run(void **state)
{
    struct deed cancelled, canceller, same_phase, end;

    (void)state;
    deed_init(&cancelled, 'c', TURN_CURL);
    deed_init(&canceller, 'x', TURN_REPLY);
    deed_init(&same_phase, 's', TURN_REPLY);
    deed_init(&end, '.', TURN_REPLY);
    turn_work_cancel(&cancelled.work);
    loop_mark(loop, &canceller.work);
    loop_mark(loop, &same_phase.work);
    loop_mark(loop, &cancelled.work);
    turn_work_cancel(&cancelled.work);
    canceller.cancels = &same_phase.work; /* which is in the list being run */
    end.ends = true;
    start(&end, 5000);
    loop_run(loop);
    assert_string_equal(steps, "x.");
    loop_mark(loop, &canceller.work);
    turn_work_cancel(&canceller.work);
}

static void the_turn_under_way_is_finished_when_the_loop_stops(void **state)
{
    struct deed stopper, after, work;

    (void)state;
    deed_init(&stopper, 's', TURN_REPLY);
    deed_init(&after, 'a', TURN_REPLY);
    deed_init(&work, 'w', TURN_LOG);
    stopper.ends = true;
    stopper.marks = &work.work;
    start(&stopper, 1000);
    start(&after, 1000);
    loop_run(loop);
    loop_timer_stop(loop, &after.timer);
    assert_true(strcmp(steps, "saw") == 0 || strcmp(steps, "sw") == 0);
    start(&after, 0); /* and it can run again */
    after.ends = true;
    loop_run(loop);
    assert_int_equal(steps[steps_len - 1], 'a');
}

static void time_does_not_go_back_and_is_that_of_the_clocks(void **state)
{
    struct deed tick;
    uint64_t before_us = clock_us();

    (void)state;
    deed_init(&tick, 't', TURN_REPLY);
    tick.ends = true;
    for (int i = 0; i < 20; i++) {
        start(&tick, 500);
        loop_run(loop);
        uint64_t now_us = loop_now_us(loop);
        assert_in_range(now_us, before_us, clock_us());
        before_us = now_us;
    }
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    int64_t off_ms = (int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000 - loop_unix_ms(loop);
    assert_in_range(off_ms + 1000, 0, 6000);
}

#define test(f) cmocka_unit_test_setup_teardown(f, make_loop, free_loop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(timers_fire_in_order_and_not_before_their_time),
        test(a_timer_does_not_run_before_the_loop_does),
        test(a_timer_started_again_moves),
        test(a_stopped_timer_never_runs),
        test(a_timer_without_delay_started_by_a_timer_waits_a_turn),
        test(a_timer_that_starts_itself_does_not_starve_the_loop),
        test(marks_run_once_in_the_order_of_their_phases),
        test(what_is_marked_meanwhile_runs_this_round_if_its_phase_is_later_and_next_round_if_not),
        test(a_turn_has_at_most_four_rounds),
        test(cancelled_work_does_not_run),
        test(the_turn_under_way_is_finished_when_the_loop_stops),
        test(time_does_not_go_back_and_is_that_of_the_clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
