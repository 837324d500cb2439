#include "gateway/front/batch_gap.h"

#include "tests/auth/check.h"
#include "tests/lib/failing_memory.h"

#include <stdio.h>

static struct span key_of(unsigned i)
{
    static char text[16];

    snprintf(text, sizeof(text), "key %u", i);
    return span_str(text);
}

static void test_nothing_has_a_gap_at_first(void **state)
{
    struct batch_gap g = {.len = 0};

    (void)state;
    assert_false(batch_gap_has(&g, SPAN("")));
    assert_false(batch_gap_has(&g, SPAN("a")));
    batch_gap_clear(&g);
}

static void test_what_was_added_has_one_and_nothing_else(void **state)
{
    struct batch_gap g = {.len = 0};

    (void)state;
    for (unsigned i = 0; i != 1000; i++) {
        batch_gap_add(&g, key_of(i));
        batch_gap_add(&g, key_of(i / 2)); /* again */
        assert_int_equal(g.len, i + 1);
        assert_true(batch_gap_has(&g, key_of(i)) && batch_gap_has(&g, key_of(0)));
        assert_false(batch_gap_has(&g, key_of(i + 1)));
    }
    batch_gap_clear(&g);
    assert_false(batch_gap_has(&g, key_of(0)));
}

static void test_without_memory_every_key_has_one(void **state)
{
    (void)state;
    for (unsigned nth = 1; nth != 3; nth++) {
        struct batch_gap g = {.len = 0};
        failing_memory_begin(nth);
        for (unsigned i = 0; i != 40; i++)
            batch_gap_add(&g, key_of(i));
        assert_true(failing_memory_end());
        assert_true(batch_gap_has(&g, key_of(0)) && batch_gap_has(&g, SPAN("any other")));
        batch_gap_clear(&g);
        assert_false(batch_gap_has(&g, key_of(0)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_has_a_gap_at_first),
        cmocka_unit_test(test_what_was_added_has_one_and_nothing_else),
        cmocka_unit_test(test_without_memory_every_key_has_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
