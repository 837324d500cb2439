#include "gateway/kinesis/flow.h"

#include "gateway/base/random.h"
#include "tests/auth/check.h"
#include "tests/lib/failing_memory.h"

#define QUANTUM     16384
#define TENANTS_MAX 12

struct item {
    struct flow_entry entry;
    unsigned number;
};

struct fixture {
    struct flow_ring ring;
    struct list flows;
    struct flow *tenants[TENANTS_MAX];
    unsigned put[TENANTS_MAX], taken[TENANTS_MAX];
    uint64_t served[TENANTS_MAX]; /* bytes */
};

static void set_up(struct fixture *x, size_t tenants)
{
    *x = (struct fixture){.put = {0}};
    flow_ring_init(&x->ring);
    list_init(&x->flows);
    for (size_t i = 0; i < tenants; i++) {
        char name = (char)('a' + i);
        x->tenants[i] = flow_acquire(&x->flows, span_of(&name, 1), 0);
        assert_non_null(x->tenants[i]);
    }
}

static struct item *put(struct fixture *x, size_t tenant, uint64_t cost, bool first)
{
    struct item *it = calloc(1, sizeof(*it));

    assert_non_null(it);
    it->entry.cost = cost;
    it->number = x->put[tenant]++;
    list_init(&it->entry.link);
    flow_put(&x->ring, x->tenants[tenant], &it->entry, first);
    return it;
}

static size_t tenant_of(const struct fixture *x, const struct flow *f)
{
    size_t i = 0;

    while (x->tenants[i] != f)
        i++;
    return i;
}

/* Serves one; says whose it was, and its number. */
static size_t serve_any(struct fixture *x, unsigned *number)
{
    struct flow *f, *again;
    struct flow_entry *e = flow_next(&x->ring, &f);
    struct item *it = LIST_ENTRY(e, struct item, entry);
    size_t tenant = tenant_of(x, f);

    assert_ptr_equal(flow_next(&x->ring, &again), e); /* it stays queued until it is taken */
    assert_ptr_equal(again, f);
    *number = it->number;
    x->served[tenant] += e->cost;
    flow_take(&x->ring, f, e);
    free(it);
    return tenant;
}

static size_t serve(struct fixture *x)
{
    unsigned number;
    size_t tenant = serve_any(x, &number);

    check(number == x->taken[tenant]++, "first in, first out: %u", number);
    return tenant;
}

static void tear_down(struct fixture *x)
{
    unsigned number;

    while (!flow_ring_is_empty(&x->ring))
        serve_any(x, &number);
    assert_int_equal(x->ring.entries, 0);
    assert_true(x->ring.bytes == 0);
    for (size_t i = 0; i < TENANTS_MAX; i++)
        if (x->tenants[i] != NULL)
            flow_release(x->tenants[i], 0);
    assert_true(list_is_empty(&x->flows));
}

static void a_tenants_records_leave_in_order_except_those_put_first(void **state)
{
    static const unsigned want[] = {4, 3, 0, 1, 2};
    struct fixture x;
    unsigned number;

    (void)state;
    set_up(&x, 1);
    for (unsigned i = 0; i < 5; i++)
        put(&x, 0, 100, i >= 3);
    for (size_t i = 0; i < LEN(want); i++) {
        serve_any(&x, &number);
        assert_int_equal(number, want[i]);
    }
    tear_down(&x);
}

static void the_ring_knows_what_waits(void **state)
{
    struct fixture x;

    (void)state;
    set_up(&x, 2);
    assert_true(flow_ring_is_empty(&x.ring));
    struct item *gone = put(&x, 0, 300, false);
    put(&x, 1, 50, false);
    assert_int_equal(x.ring.entries, 2);
    assert_true(x.ring.bytes == 350);
    flow_remove(&x.ring, x.tenants[0], &gone->entry);
    free(gone);
    assert_int_equal(x.ring.entries, 1);
    assert_true(x.ring.bytes == 50);
    assert_int_equal(serve(&x), 1);
    assert_true(flow_ring_is_empty(&x.ring));
    tear_down(&x);
}

/* What it was served meanwhile is neither a debt nor a saving. */
static void a_tenant_alone_is_served_whatever_it_costs(void **state)
{
    static const uint64_t costs[] = {1, 1000, 10485760};

    (void)state;
    for (size_t i = 0; i < LEN(costs); i++) {
        struct fixture x;
        set_up(&x, 2);
        for (int n = 0; n < 200; n++)
            put(&x, 0, n < 100 ? costs[i] : 1000, false);
        for (int n = 0; n < 100; n++)
            assert_int_equal(serve(&x), 0);
        x.served[0] = 0;
        for (int n = 0; n < 60; n++)
            put(&x, 1, 1000, false);
        for (int n = 0; n < 100; n++)
            serve(&x);
        check(x.served[0] + QUANTUM + 1000 >= x.served[1] && x.served[1] + QUANTUM + 1000 >= x.served[0],
              "after records of %zu they share", (size_t)costs[i]);
        tear_down(&x);
    }
}

static void a_newcomer_waits_for_a_quantum_not_for_a_backlog(void **state)
{
    (void)state;
    for (int served = 0; served < 100; served++) {
        struct fixture x;
        set_up(&x, 3);
        for (int n = 0; n < 1000; n++) {
            put(&x, 0, 1000, false);
            put(&x, 1, 700, false);
        }
        for (int n = 0; n < served; n++)
            serve(&x);
        x.served[0] = x.served[1] = 0;
        put(&x, 2, 1000, false);
        while (serve(&x) != 2)
            ;
        check(x.served[0] <= QUANTUM + 1000 && x.served[1] <= QUANTUM + 700, "after %d it waited for %zu and %zu bytes",
              served, (size_t)x.served[0], (size_t)x.served[1]);
        tear_down(&x);
    }
}

static void who_sends_one_at_a_time_gets_no_more_than_its_share(void **state)
{
    struct fixture x;

    (void)state;
    set_up(&x, 2);
    for (int n = 0; n < 2000; n++)
        put(&x, 0, 10000, false);
    put(&x, 1, 10000, false);
    for (int n = 0; n < 1000; n++)
        if (serve(&x) == 1)
            put(&x, 1, 10000, false); /* its flow was empty for a moment */
    check(x.served[1] <= x.served[0] + QUANTUM + 10000, "%zu and %zu", (size_t)x.served[1], (size_t)x.served[0]);
    tear_down(&x);
}

static void those_that_leave_without_being_served_pay_nothing(void **state)
{
    struct fixture x;
    struct item *gone[100];

    (void)state;
    set_up(&x, 2);
    for (int n = 0; n < 100; n++) {
        gone[n] = put(&x, 0, 1000000, false);
        put(&x, 1, 1000, false);
    }
    for (int n = 0; n < 100; n++) {
        flow_remove(&x.ring, x.tenants[0], &gone[n]->entry);
        free(gone[n]);
    }
    x.put[0] = 0;
    for (int n = 0; n < 100; n++)
        put(&x, 0, 1000, false);
    for (int n = 0; n < 100; n++)
        serve(&x);
    assert_in_range(x.served[0], 50000 - QUANTUM, 50000 + QUANTUM);
    tear_down(&x);
}

/*
 * Tenants that always have something waiting, from one moment on. Since then no two of them are further apart than a
 * quantum and a largest record.
 */
static void backlogged_tenants_are_served_alike(void **state)
{
    static const uint64_t costs_max[] = {1, 100, 5000, QUANTUM, 100000, 1000000};
    struct random r;

    (void)state;
    random_seed(&r, 5);
    for (int round = 0; round < 120; round++) {
        struct fixture x;
        size_t tenants = 2 + random_below(&r, TENANTS_MAX - 1);
        uint64_t most = costs_max[(size_t)round % LEN(costs_max)], own_max[TENANTS_MAX];
        set_up(&x, tenants);
        for (size_t t = 0; t < tenants; t++) {
            own_max[t] = t == 0 ? most : 1 + random_below(&r, most); /* small ones beside large ones */
            put(&x, t, 1 + random_below(&r, own_max[t]), false);
        }
        for (int n = 0; n < 2000; n++) {
            uint64_t low = UINT64_MAX, high = 0;
            for (size_t t = 0; t < tenants; t++)
                put(&x, t, 1 + random_below(&r, own_max[t]), false);
            serve(&x);
            for (size_t t = 0; t < tenants; t++) {
                low = x.served[t] < low ? x.served[t] : low;
                high = x.served[t] > high ? x.served[t] : high;
            }
            check(high - low <= QUANTUM + most, "round %d, %zu bytes apart", round, (size_t)(high - low));
        }
        tear_down(&x);
    }
}

static void a_tenant_has_one_flow_while_somebody_uses_it(void **state)
{
    struct list flows;

    (void)state;
    list_init(&flows);
    assert_null(flow_find(&flows, SPAN("shop")));
    struct flow *shop = flow_acquire(&flows, SPAN("shop"), 100), *other = flow_acquire(&flows, SPAN("shop-2"), 7);
    assert_non_null(shop);
    assert_ptr_not_equal(shop, other);
    assert_ptr_equal(flow_acquire(&flows, SPAN("shop"), 20), shop);
    assert_ptr_equal(flow_find(&flows, SPAN("shop")), shop);
    assert_ptr_equal(flow_find(&flows, SPAN("shop-2")), other);
    assert_null(flow_find(&flows, SPAN("sho")));
    assert_int_equal(shop->users, 2);
    assert_true(shop->bytes == 120 && other->bytes == 7);
    flow_release(shop, 100);
    assert_true(shop->bytes == 20 && flow_find(&flows, SPAN("shop")) == shop);
    flow_release(shop, 20);
    assert_null(flow_find(&flows, SPAN("shop")));
    flow_release(other, 7);
    assert_true(list_is_empty(&flows));
}

static void without_memory_there_is_no_new_flow_but_the_known_one(void **state)
{
    struct list flows;

    (void)state;
    list_init(&flows);
    struct flow *known = flow_acquire(&flows, SPAN("known"), 1);
    failing_memory_begin(1);
    assert_ptr_equal(flow_acquire(&flows, SPAN("known"), 1), known);
    assert_null(flow_acquire(&flows, SPAN("new"), 1));
    assert_true(failing_memory_end());
    assert_null(flow_find(&flows, SPAN("new")));
    flow_release(known, 1);
    flow_release(known, 1);
    assert_true(list_is_empty(&flows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tenants_records_leave_in_order_except_those_put_first),
        cmocka_unit_test(the_ring_knows_what_waits),
        cmocka_unit_test(a_tenant_alone_is_served_whatever_it_costs),
        cmocka_unit_test(a_newcomer_waits_for_a_quantum_not_for_a_backlog),
        cmocka_unit_test(who_sends_one_at_a_time_gets_no_more_than_its_share),
        cmocka_unit_test(those_that_leave_without_being_served_pay_nothing),
        cmocka_unit_test(backlogged_tenants_are_served_alike),
        cmocka_unit_test(a_tenant_has_one_flow_while_somebody_uses_it),
        cmocka_unit_test(without_memory_there_is_no_new_flow_but_the_known_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
