#include "gateway/base/random.h"

#include "tests/auth/check.h"

/* The generators' published reference implementations, from state {1, 2, 3, 4} and seed 1234567. */
static void numbers_are_those_of_the_reference(void **state)
{
    static const uint64_t seeded[4] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                       4593380528125082431u};
    static const uint64_t want[] = {11520u,
                                    0u,
                                    1509978240u,
                                    1215971899390074240u,
                                    1216172134540287360u,
                                    607988272756665600u,
                                    16172922978634559625u,
                                    8476171486693032832u,
                                    10595114339597558777u,
                                    2904607092377533576u};
    struct random r = {{1, 2, 3, 4}};

    (void)state;
    for (size_t i = 0; i < LEN(want); i++)
        check(random_next(&r) == want[i], "number %zu", i);
    random_seed(&r, 1234567);
    assert_memory_equal(r.state, seeded, sizeof(seeded));
}

static void a_seed_gives_one_sequence(void **state)
{
    struct random a, b, c;
    int same = 0;

    (void)state;
    random_seed(&a, 5);
    random_seed(&b, 5);
    random_seed(&c, 6);
    for (int i = 0; i < 1000; i++) {
        uint64_t x = random_next(&a);
        assert_true(x == random_next(&b));
        same += x == random_next(&c);
    }
    assert_int_equal(same, 0);
}

static void below_a_bound_means_below_it(void **state)
{
    static const uint64_t bounds[] = {1, 2, 3, 10, 1000, (uint64_t)1 << 63, UINT64_MAX};
    struct random r;

    (void)state;
    random_seed(&r, 9);
    assert_true(random_below(&r, 0) == 0);
    for (size_t i = 0; i < LEN(bounds); i++)
        for (int n = 0; n < 10000; n++)
            check(random_below(&r, bounds[i]) < bounds[i], "bound %zu", i);
}

static void every_number_below_a_bound_is_as_likely(void **state)
{
    int counts[10] = {0};
    struct random r;

    (void)state;
    random_seed(&r, 11);
    for (int n = 0; n < 100000; n++)
        counts[random_below(&r, 10)]++;
    for (int i = 0; i < 10; i++)
        assert_in_range(counts[i], 9500, 10500);
}

static void the_kernel_seeds_differently_each_time(void **state)
{
    struct random a, b;

    (void)state;
    random_seed_from_kernel(&a);
    random_seed_from_kernel(&b);
    assert_memory_not_equal(&a, &b, sizeof(a));
    assert_true(a.state[0] % 2 == 1);
}

static void secret_bytes_fill_what_they_were_asked_to(void **state)
{
    enum { BYTES = 100000 };
    uint8_t *bytes = calloc(1, BYTES + 2);
    int counts[256] = {0};

    (void)state;
    assert_non_null(bytes);
    random_secret_bytes(bytes + 1, BYTES);
    assert_true(bytes[0] == 0 && bytes[BYTES + 1] == 0);
    for (size_t i = 1; i <= BYTES; i++)
        counts[bytes[i]]++;
    for (int i = 0; i < 256; i++)
        assert_in_range(counts[i], BYTES / 256 / 2, BYTES / 256 * 2);
    random_secret_bytes(bytes, 0);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_the_reference),
        cmocka_unit_test(a_seed_gives_one_sequence),
        cmocka_unit_test(below_a_bound_means_below_it),
        cmocka_unit_test(every_number_below_a_bound_is_as_likely),
        cmocka_unit_test(the_kernel_seeds_differently_each_time),
        cmocka_unit_test(secret_bytes_fill_what_they_were_asked_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
