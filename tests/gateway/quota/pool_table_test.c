#include "gateway/quota/pool_table.h"

#include "gateway/quota/pool.h"
#include "tests/auth/check.h"
#include "tests/lib/failing_memory.h"

#include <stdio.h>

#define MANY 5000

/* A tenant that still owes something stays. */
static bool may_forget(const struct pool_tenant *t, uint64_t unix_us)
{
    return t->lease.owed.give.records == 0 || unix_us > 1000;
}

static struct span name_of(unsigned i)
{
    static char text[32];

    return span_of(text, (size_t)snprintf(text, sizeof(text), "tenant-%u", i));
}

static bool is_there(struct pool_table *t, struct span name)
{
    bool found = pool_table_lock(t, name, false, 0) != NULL;

    pool_table_unlock(t, name);
    return found;
}

static void use(struct pool_table *t, struct span name, uint64_t owed, uint64_t unix_us)
{
    struct pool_tenant *found = pool_table_lock(t, name, true, unix_us);

    assert_non_null(found);
    found->lease.owed.give.records = owed;
    pool_table_unlock(t, name);
}

static void who_was_added_is_found_and_nobody_else(void **state)
{
    struct pool_table *t = pool_table_new(2 * MANY, 1, may_forget);

    (void)state;
    for (unsigned i = 0; i < MANY; i++)
        use(t, name_of(i), i, 0);
    assert_int_equal(pool_table_len(t), MANY);
    for (unsigned i = 0; i < MANY; i++) {
        struct pool_tenant *found = pool_table_lock(t, name_of(i), true, 0);
        assert_int_equal(found->lease.owed.give.records, i);
        assert_true(span_equal(span_of(found->name, found->name_len), name_of(i)));
        pool_table_unlock(t, name_of(i));
    }
    assert_false(is_there(t, name_of(MANY)));
    pool_table_free(&t);
}

static void it_is_bounded_when_nobody_must_stay(void **state)
{
    struct pool_table *t = pool_table_new(640, 1, may_forget);

    (void)state;
    for (unsigned i = 0; i < MANY; i++)
        use(t, name_of(i), 0, 0);
    assert_in_range(pool_table_len(t), 600, 640);
    assert_true(is_there(t, name_of(MANY - 1)));
    pool_table_free(&t);
}

static void who_was_used_last_is_forgotten_last(void **state)
{
    struct pool_table *t = pool_table_new(640, 1, may_forget);

    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        use(t, name_of(i), 0, 0);
        use(t, SPAN("always"), 0, 0);
    }
    assert_true(is_there(t, SPAN("always")));
    assert_false(is_there(t, name_of(0)));
    pool_table_free(&t);
}

static void who_must_stay_stays_and_goes_when_he_may(void **state)
{
    struct pool_table *t = pool_table_new(64, 1, may_forget);

    (void)state;
    for (unsigned i = 0; i < MANY; i++)
        use(t, name_of(i), 1, 0);
    assert_int_equal(pool_table_len(t), MANY);
    for (unsigned i = 0; i < MANY; i++)
        use(t, name_of(MANY + i), 1, 1001);
    assert_in_range(pool_table_len(t), 64, MANY);
    pool_table_free(&t);
}

static void every_tenant_is_in_one_stripe(void **state)
{
    struct pool_table *t = pool_table_new(MANY, 1, may_forget);
    size_t seen = 0;

    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        use(t, name_of(i), 0, 0);
    for (unsigned s = 0; s < POOL_STRIPES; s++) {
        struct list *all = pool_table_lock_stripe(t, s);
        size_t here = 0;
        for (struct list *at = all->next; at != all; at = at->next)
            here++;
        check(here > 0 && here < 60, "stripe %u has %zu", s, here);
        seen += here;
        pool_table_unlock_stripe(t, s);
    }
    assert_int_equal(seen, 1000);
    pool_table_free(&t);
}

static void without_memory_there_is_none(void **state)
{
    struct pool_table *t = NULL;
    unsigned nth = 0;

    (void)state;
    for (bool failed = true; failed;) {
        failing_memory_begin(++nth);
        t = pool_table_new(64, 1, may_forget);
        failed = failing_memory_end();
        assert_int_equal(t == NULL, failed);
    }
    failing_memory_begin(1);
    assert_null(pool_table_lock(t, SPAN("acme"), true, 0));
    assert_true(failing_memory_end());
    pool_table_unlock(t, SPAN("acme"));
    use(t, SPAN("acme"), 0, 0);
    pool_table_free(&t);
    pool_table_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_was_added_is_found_and_nobody_else),
        cmocka_unit_test(it_is_bounded_when_nobody_must_stay),
        cmocka_unit_test(who_was_used_last_is_forgotten_last),
        cmocka_unit_test(who_must_stay_stays_and_goes_when_he_may),
        cmocka_unit_test(every_tenant_is_in_one_stripe),
        cmocka_unit_test(without_memory_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
