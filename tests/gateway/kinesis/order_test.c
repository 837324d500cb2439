#include "gateway/kinesis/order.h"

#include "tests/auth/check.h"
#include "tests/lib/failing_memory.h"

#include <stdio.h>

#define NONE SPAN("")

static enum order_turn enter(struct order *o, const char *key, struct order_place *p)
{
    return order_enter(o, span_str(key), p);
}

/* A record of that key comes, is given that number, and leaves. */
static void visit(struct order *o, const char *key, const char *number)
{
    struct order_place p;

    assert_int_equal(enter(o, key, &p), ORDER_NOW);
    assert_null(order_leave(o, &p, span_str(number)));
}

/* Looks without changing more than who was idle last. */
static bool remembers(struct order *o, const char *key, const char *number)
{
    struct order_place p;

    assert_int_equal(enter(o, key, &p), ORDER_NOW);
    bool does = span_is(order_last(&p), number);
    assert_null(order_leave(o, &p, NONE));
    return does;
}

static void one_of_a_key_is_under_way_and_the_others_follow_in_turn(void **state)
{
    struct order *o = order_new(100, 7);
    struct order_place p[4], other;

    (void)state;
    assert_int_equal(enter(o, "a", &p[0]), ORDER_NOW);
    for (int i = 1; i < 4; i++)
        assert_int_equal(enter(o, "a", &p[i]), ORDER_LATER);
    assert_int_equal(enter(o, "b", &other), ORDER_NOW);
    for (int i = 0; i < 4; i++) {
        for (int n = i; n < 4; n++)
            assert_int_equal(order_is_under_way(&p[n]), n == i);
        assert_ptr_equal(order_leave(o, &p[i], SPAN("1")), i == 3 ? NULL : &p[i + 1]);
        assert_null(p[i].key);
    }
    assert_null(order_leave(o, &other, NONE));
    order_free(&o);
    assert_null(o);
    order_free(&o);
}

static void the_next_one_carries_its_predecessors_number(void **state)
{
    struct order *o = order_new(100, 7);
    struct order_place first, second, third;
    char number[] = "49590338271490256608559692538361571095921575989136588898";

    (void)state;
    enter(o, "a", &first);
    enter(o, "a", &second);
    assert_true(span_is(order_last(&first), ""));
    order_leave(o, &first, span_str(number));
    number[0] = 'x'; /* it was copied */
    assert_true(span_is(order_last(&second), "49590338271490256608559692538361571095921575989136588898"));
    enter(o, "a", &third);
    order_leave(o, &second, NONE); /* it failed: the last one written still is the last one */
    assert_true(span_is(order_last(&third), "49590338271490256608559692538361571095921575989136588898"));
    order_forget_last(&third);
    assert_true(span_is(order_last(&third), ""));
    order_leave(o, &third, SPAN("7"));
    assert_true(remembers(o, "a", "7"));
    order_free(&o);
}

static void who_waits_may_leave_and_nobodys_turn_comes_of_it(void **state)
{
    struct order *o = order_new(100, 7);
    struct order_place p[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        enter(o, "a", &p[i]);
    assert_null(order_leave(o, &p[1], NONE));
    assert_null(order_leave(o, &p[3], NONE));
    assert_ptr_equal(order_leave(o, &p[0], SPAN("1")), &p[2]);
    assert_null(order_leave(o, &p[2], SPAN("2")));
    order_free(&o);
}

static void after_a_gap_those_behind_are_taken_together(void **state)
{
    struct order *o = order_new(1, 7);
    struct order_place p[4], later;
    struct list gap;

    (void)state;
    list_init(&gap);
    visit(o, "a", "1");
    for (int i = 0; i < 4; i++)
        enter(o, "a", &p[i]);
    order_take_waiting(&p[0], &gap);
    assert_null(order_leave(o, &p[0], NONE));
    assert_int_equal(enter(o, "a", &later), ORDER_NOW); /* one that comes after the gap goes */
    visit(o, "b", "2");                                 /* over the bound, but the key is in use */
    for (int i = 1; i < 4; i++) {
        assert_ptr_equal(LIST_ENTRY(gap.next, struct order_place, link), &p[i]);
        assert_false(order_is_under_way(&p[i]));
        assert_true(span_is(order_last(&p[i]), "1"));
        assert_null(order_leave(o, &p[i], NONE));
    }
    assert_true(list_is_empty(&gap));
    assert_true(order_is_under_way(&later));
    assert_null(order_leave(o, &later, SPAN("3")));
    assert_true(remembers(o, "a", "3"));
    order_free(&o);
}

static void who_waits_may_fail_those_behind_it_alone(void **state)
{
    struct order *o = order_new(100, 7);
    struct order_place p[5];
    struct list gap;

    (void)state;
    list_init(&gap);
    for (int i = 0; i < 5; i++)
        enter(o, "a", &p[i]);
    order_take_waiting(&p[2], &gap);
    assert_null(order_leave(o, &p[2], NONE));
    order_take_waiting(&p[3], &gap); /* it was taken itself: nobody is behind it any more */
    for (int i = 3; i < 5; i++) {
        assert_ptr_equal(LIST_ENTRY(gap.next, struct order_place, link), &p[i]);
        assert_null(order_leave(o, &p[i], NONE));
    }
    assert_true(list_is_empty(&gap));
    assert_ptr_equal(order_leave(o, &p[0], SPAN("1")), &p[1]);
    assert_null(order_leave(o, &p[1], SPAN("2")));
    order_free(&o);
}

static void the_key_idle_for_longest_is_forgotten_first(void **state)
{
    struct order *o = order_new(3, 7);

    (void)state;
    visit(o, "a", "1");
    visit(o, "b", "2");
    visit(o, "c", "3");
    visit(o, "a", "4"); /* now b is the oldest */
    visit(o, "d", "5");
    assert_true(remembers(o, "a", "4"));
    assert_true(remembers(o, "c", "3"));
    assert_true(remembers(o, "d", "5"));
    assert_true(remembers(o, "b", "")); /* and that forgets a */
    assert_true(remembers(o, "a", ""));
    order_free(&o);
}

static void a_key_in_use_is_never_forgotten(void **state)
{
    struct order *o = order_new(3, 7);
    struct order_place p[10], waiting;
    char key[16], number[16];

    (void)state;
    visit(o, "0", "last 0");
    for (int i = 0; i < 10; i++) {
        snprintf(key, sizeof(key), "%d", i);
        assert_int_equal(enter(o, key, &p[i]), ORDER_NOW);
    }
    assert_int_equal(enter(o, "0", &waiting), ORDER_LATER);
    for (int i = 0; i < 20; i++) {
        snprintf(key, sizeof(key), "other %d", i % 10);
        visit(o, key, "x");
    }
    assert_true(span_is(order_last(&p[0]), "last 0"));
    assert_ptr_equal(order_leave(o, &p[0], NONE), &waiting);
    assert_true(span_is(order_last(&waiting), "last 0"));
    order_leave(o, &waiting, SPAN("0"));
    for (int i = 1; i < 10; i++) {
        snprintf(number, sizeof(number), "%d", i);
        order_leave(o, &p[i], span_str(number));
    }
    order_free(&o);
}

static void after_a_rush_no_more_keys_are_remembered_than_the_bound(void **state)
{
    struct order *o = order_new(3, 7);
    struct order_place p[10];
    char key[16];

    (void)state;
    for (int i = 0; i < 10; i++) {
        snprintf(key, sizeof(key), "%d", i);
        enter(o, key, &p[i]);
    }
    for (int i = 0; i < 10; i++)
        order_leave(o, &p[i], SPAN("1"));
    for (int i = 9; i >= 0; i--) { /* each one looked for in vain would take a place: so the newest first */
        snprintf(key, sizeof(key), "%d", i);
        check(remembers(o, key, i >= 7 ? "1" : ""), "the key %d", i);
    }
    order_free(&o);
}

static void keys_and_numbers_may_be_as_long_as_they_come(void **state)
{
    static const size_t lens[] = {0, 1, 255, 256, PARTITION_KEY_BYTES_MAX};
    struct order *o = order_new(100, 7);
    char key[PARTITION_KEY_BYTES_MAX], number[SEQUENCE_NUMBER_BYTES_MAX];
    struct order_place p[LEN(lens)], again;

    (void)state;
    memset(key, '\0', sizeof(key));
    memset(number, '9', sizeof(number));
    for (size_t i = 0; i < LEN(lens); i++)
        assert_int_equal(order_enter(o, span_of(key, lens[i]), &p[i]), ORDER_NOW);
    for (size_t i = 0; i < LEN(lens); i++) {
        assert_null(order_leave(o, &p[i], span_of(number, sizeof(number))));
        order_enter(o, span_of(key, lens[i]), &again);
        assert_true(span_equal(order_last(&again), span_of(number, sizeof(number))));
        assert_null(order_leave(o, &again, NONE));
    }
    order_free(&o);
}

static void without_memory_a_new_key_has_no_place(void **state)
{
    struct order *o = NULL;
    struct order_place p, more;
    unsigned nth = 0;

    (void)state;
    for (bool has_failed = true; has_failed;) {
        failing_memory_begin(++nth);
        o = order_new(1, 7);
        has_failed = failing_memory_end();
        assert_int_equal(o == NULL, has_failed);
    }
    assert_int_equal(nth, 3);
    visit(o, "a", "1");
    failing_memory_begin(1);
    assert_int_equal(enter(o, "b", &p), ORDER_NO_MEMORY);
    assert_true(failing_memory_end());
    assert_null(p.key);
    failing_memory_begin(1);
    assert_int_equal(enter(o, "a", &p), ORDER_NOW); /* it is known, and was not forgotten for the other */
    assert_int_equal(enter(o, "a", &more), ORDER_LATER);
    assert_false(failing_memory_end());
    assert_true(span_is(order_last(&p), "1"));
    order_leave(o, &p, NONE);
    order_leave(o, &more, NONE);
    order_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_of_a_key_is_under_way_and_the_others_follow_in_turn),
        cmocka_unit_test(the_next_one_carries_its_predecessors_number),
        cmocka_unit_test(who_waits_may_leave_and_nobodys_turn_comes_of_it),
        cmocka_unit_test(after_a_gap_those_behind_are_taken_together),
        cmocka_unit_test(who_waits_may_fail_those_behind_it_alone),
        cmocka_unit_test(the_key_idle_for_longest_is_forgotten_first),
        cmocka_unit_test(a_key_in_use_is_never_forgotten),
        cmocka_unit_test(after_a_rush_no_more_keys_are_remembered_than_the_bound),
        cmocka_unit_test(keys_and_numbers_may_be_as_long_as_they_come),
        cmocka_unit_test(without_memory_a_new_key_has_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
