#include "gateway/front/address_limit.h"

#include <pthread.h>

#include "tests/auth/check.h"
#include "tests/lib/failing_memory.h"

#define SECOND_US 1000000u

static struct address address_of(const char *text)
{
    struct address a;

    assert_true(address_parse(span_str(text), &a));
    return a;
}

static uint64_t take(struct address_limit *l, const char *key, const char *from, uint32_t per_second, uint64_t now_us)
{
    return address_limit_take(l, span_str(key), address_of(from), per_second, now_us);
}

/* How many of `calls` at once are let in. */
static unsigned admitted(struct address_limit *l, const char *key, const char *from, unsigned calls, uint64_t now_us)
{
    unsigned n = 0;

    for (unsigned i = 0; i != calls; i++)
        n += take(l, key, from, 2, now_us) == 0;
    return n;
}

static void an_address_may_call_at_its_rate_and_in_bursts(void **state)
{
    struct address_limit *l = address_limit_new(1024, 7);

    (void)state;
    assert_int_equal(admitted(l, "k", "192.0.2.1", 50, 0), 2 * ADDRESS_LIMIT_BURST_S);
    assert_int_equal(take(l, "k", "192.0.2.1", 2, 0), SECOND_US / 2);
    assert_int_equal(take(l, "k", "192.0.2.1", 2, SECOND_US / 2 - 1), 1);
    assert_int_equal(admitted(l, "k", "192.0.2.1", 5, SECOND_US / 2), 1);
    assert_int_equal(admitted(l, "k", "192.0.2.1", 50, 100 * SECOND_US), 2 * ADDRESS_LIMIT_BURST_S);
    address_limit_free(&l);
    assert_null(l);
    address_limit_free(&l);
}

static void who_waits_as_told_succeeds(void **state)
{
    struct address_limit *l = address_limit_new(1024, 7);
    uint64_t now_us = 5, wait_us;

    (void)state;
    for (unsigned i = 0; i != 1000; i++) {
        wait_us = take(l, "k", "192.0.2.1", 3, now_us);
        if (wait_us != 0) {
            now_us += wait_us;
            assert_int_equal(take(l, "k", "192.0.2.1", 3, now_us), 0);
        }
    }
    address_limit_free(&l);
}

static void others_are_not_counted_with_it(void **state)
{
    static const struct {
        const char *what, *key, *from;
        bool is_other;
    } rows[] = {
        {"another address", "k", "192.0.2.2", true},
        {"another key", "l", "192.0.2.1", true},
        {"the address written as IPv6", "k", "::ffff:192.0.2.1", false},
        {"an IPv6 address", "k", "2001:db8:1:2::1", true},
        {"another of its /64", "k", "2001:db8:1:2:ffff::9", false},
        {"another /64", "k", "2001:db8:1:3::1", true},
    };
    struct address_limit *l = address_limit_new(1024, 7);

    (void)state;
    assert_int_equal(admitted(l, "k", "192.0.2.1", 50, 0), 20);
    for (size_t i = 0; i < LEN(rows); i++)
        check(admitted(l, rows[i].key, rows[i].from, 50, 0) == (rows[i].is_other ? 20 : 0), "%s", rows[i].what);
    address_limit_free(&l);
}

static void when_it_is_full_the_quietest_is_forgotten(void **state)
{
    struct address_limit *l = address_limit_new(1, 7); /* the smallest table there is: 512 */
    uint64_t now_us = 0;

    (void)state;
    assert_int_equal(admitted(l, "busy", "192.0.2.1", 20, now_us), 20);
    for (unsigned i = 0; i != 20000; i++) { /* each calls once: no memory is taken for them */
        struct address a = address_of("2001:db8::");
        a.bytes[4] = (uint8_t)(i >> 8);
        a.bytes[5] = (uint8_t)i;
        assert_int_equal(address_limit_take(l, SPAN("k"), a, 2, now_us), 0);
        if (i % 8 == 0) /* whoever goes on calling is remembered, however many others come */
            assert_true(take(l, "busy", "192.0.2.1", 2, now_us) != 0);
    }
    address_limit_free(&l);
}

struct caller {
    pthread_t thread;
    struct address_limit *limit;
    unsigned admitted;
};

static void *call_often(void *ctx)
{
    struct caller *c = ctx;
    struct address a = address_from_ipv4((const uint8_t[]){192, 0, 2, 1});

    for (unsigned i = 0; i != 20000; i++)
        c->admitted += address_limit_take(c->limit, SPAN("k"), a, 100, 0) == 0;
    return NULL;
}

static void threads_share_one_limit(void **state)
{
    struct caller callers[4];
    unsigned admitted_in_all = 0;
    struct address_limit *l = address_limit_new(1024, 7);

    (void)state;
    for (size_t i = 0; i < LEN(callers); i++) {
        callers[i] = (struct caller){.limit = l};
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call_often, &callers[i]), 0);
    }
    for (size_t i = 0; i < LEN(callers); i++) {
        pthread_join(callers[i].thread, NULL);
        admitted_in_all += callers[i].admitted;
    }
    assert_int_equal(admitted_in_all, 100 * ADDRESS_LIMIT_BURST_S);
    address_limit_free(&l);
}

static void without_memory_there_is_none(void **state)
{
    (void)state;
    for (unsigned nth = 1, failed = 1; failed; nth++) {
        failing_memory_begin(nth);
        struct address_limit *l = address_limit_new(1024, 7);
        failed = failing_memory_end();
        assert_int_equal(l == NULL, failed);
        address_limit_free(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_may_call_at_its_rate_and_in_bursts),
        cmocka_unit_test(who_waits_as_told_succeeds),
        cmocka_unit_test(others_are_not_counted_with_it),
        cmocka_unit_test(when_it_is_full_the_quietest_is_forgotten),
        cmocka_unit_test(threads_share_one_limit),
        cmocka_unit_test(without_memory_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
