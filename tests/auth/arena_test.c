#include "auth/arena.h"

#include <stdio.h>

#include "tests/auth/check.h"

static void pieces_are_apart_aligned_and_stay(void **state)
{
    enum { PIECES = 3000 };
    static char *pieces[PIECES];
    static size_t sizes[PIECES];
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < PIECES; i++) {
        sizes[i] = i % 100 == 99 ? 100000 : i % 200;
        pieces[i] = arena_allocate(&a, sizes[i]);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        memset(pieces[i], (char)i, sizes[i]);
    }
    for (size_t i = 0; i < PIECES; i++) {
        for (size_t j = 0; j < sizes[i]; j += 13)
            assert_int_equal(pieces[i][j], (char)i);
    }
    arena_clear(&a);
    arena_clear(&a);
}

static void texts_are_copied(void **state)
{
    struct arena a = {0};
    struct span copies[1000], nothing;
    char text[8];

    (void)state;
    for (unsigned i = 0; i < LEN(copies); i++) {
        snprintf(text, sizeof(text), "%u", i);
        assert_true(arena_copy(&a, span_str(text), &copies[i]));
    }
    for (unsigned i = 0; i < LEN(copies); i++) {
        snprintf(text, sizeof(text), "%u", i);
        assert_true(span_is(copies[i], text));
    }
    assert_true(arena_copy(&a, (struct span){0}, &nothing));
    assert_int_equal(nothing.len, 0);
    assert_null(arena_allocate(&a, SIZE_MAX - 10));
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_apart_aligned_and_stay),
        cmocka_unit_test(texts_are_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
