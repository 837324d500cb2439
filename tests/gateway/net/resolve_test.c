#include "gateway/net/resolve.h"

#include "tests/auth/check.h"

#include <netinet/in.h>
#include <sys/un.h>

#define PATIENCE_US 60000000u

struct asked {
    struct loop *loop;
    unsigned callbacks;
    size_t len;
    int family;
    uint16_t port;
};

static void on_addresses(void *ctx, const struct net_address *addresses, size_t len)
{
    struct asked *a = ctx;

    a->callbacks++;
    a->len = len;
    if (len != 0) {
        a->family = addresses[0].address.ss_family;
        a->port = ntohs(((const struct sockaddr_in *)&addresses[0].address)->sin_port);
    }
    loop_stop(a->loop);
}

static void stop(void *ctx)
{
    loop_stop(ctx);
}

static void run(struct loop *l, uint64_t limit_us)
{
    struct timer t;

    timer_init(&t, stop, l);
    loop_timer_start(l, &t, limit_us);
    loop_run(l);
    loop_timer_stop(l, &t);
}

static void numeric_addresses_need_nobody(void **state)
{
    const uint16_t port = 6379;
    struct net_address a;

    (void)state;
    assert_true(net_address_numeric("127.0.0.1", port, &a));
    const struct sockaddr_in *four = (const struct sockaddr_in *)&a.address;
    assert_true(a.len == sizeof(*four) && four->sin_family == AF_INET && four->sin_port == htons(port));
    assert_int_equal(four->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    assert_true(net_address_numeric("::1", 1, &a));
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&a.address;
    assert_true(a.len == sizeof(*six) && six->sin6_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr));
    assert_true(net_address_numeric("/run/socket", 0, &a));
    assert_string_equal(((const struct sockaddr_un *)&a.address)->sun_path, "/run/socket");
    assert_false(net_address_numeric("localhost", 1, &a));
    assert_false(net_address_numeric("", 1, &a));
}

static void names_are_resolved_beside_the_loop(void **state)
{
    struct asked a = {.loop = loop_new()};
    struct resolve *r = resolve_start(a.loop, "localhost", 6379, on_addresses, &a);

    (void)state;
    assert_non_null(r);
    assert_int_equal(a.callbacks, 0);
    run(a.loop, PATIENCE_US);
    assert_int_equal(a.callbacks, 1);
    assert_true(a.len >= 1 && (a.family == AF_INET || a.family == AF_INET6));
    assert_int_equal(a.port, 6379);
    loop_free(&a.loop);
}

static void a_name_that_nobody_has_has_no_address(void **state)
{
    struct asked a = {.loop = loop_new(), .len = 1};
    struct resolve *r = resolve_start(a.loop, "not a name", 6379, on_addresses, &a);

    (void)state;
    assert_non_null(r);
    run(a.loop, PATIENCE_US);
    assert_int_equal(a.callbacks, 1);
    assert_int_equal(a.len, 0);
    loop_free(&a.loop);
}

static void who_has_cancelled_hears_nothing(void **state)
{
    struct asked a = {.loop = loop_new()};

    (void)state;
    for (int i = 0; i != 20; i++) {
        struct resolve *r = resolve_start(a.loop, "localhost", 6379, on_addresses, &a);
        assert_non_null(r);
        if (i % 2 == 0)
            run(a.loop, 100);
        if (a.callbacks == 0)
            resolve_cancel(&r);
        a.callbacks = 0;
    }
    run(a.loop, 20000);
    assert_int_equal(a.callbacks, 0);
    loop_free(&a.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numeric_addresses_need_nobody),
        cmocka_unit_test(names_are_resolved_beside_the_loop),
        cmocka_unit_test(a_name_that_nobody_has_has_no_address),
        cmocka_unit_test(who_has_cancelled_hears_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
