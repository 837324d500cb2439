#include "auth/secret.h"

#include "tests/auth/check.h"

static void a_secret_is_set_shown_and_forgotten(void **state)
{
    struct secret s = {0};

    (void)state;
    assert_true(secret_set(&s, SPAN("one")));
    assert_true(span_is(secret_reveal(&s), "one"));
    assert_true(secret_set(&s, SPAN("another")));
    assert_true(span_is(secret_reveal(&s), "another"));
    secret_clear(&s);
    assert_int_equal(secret_reveal(&s).len, 0);
    secret_clear(&s);
}

static void a_secret_may_be_set_to_a_part_of_itself(void **state)
{
    struct secret s = {0};

    (void)state;
    assert_true(secret_set(&s, SPAN("token=abc")));
    struct span whole = secret_reveal(&s);
    assert_true(secret_set(&s, span_of(whole.ptr + 6, 3)));
    assert_true(span_is(secret_reveal(&s), "abc"));
    assert_true(secret_set(&s, SPAN("")));
    assert_int_equal(secret_reveal(&s).len, 0);
    secret_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_set_shown_and_forgotten),
        cmocka_unit_test(a_secret_may_be_set_to_a_part_of_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
