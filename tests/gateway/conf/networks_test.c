/* Which proxies a listener believes. */
#include "tests/gateway/conf/fixture.h"

static void networks_are_read(void **state)
{
    struct fixture *f = *state;
    struct address a;

    fixture_reset(f);
    fixture_set_text(f, "listen.trusted_proxies", "[\"10.0.0.0/8\", \"2001:db8::/32\", \"192.0.2.7\"]");
    fixture_set(f, "listen.proxy_protocol", json_true());
    fixture_accepted(f, "three networks");
    const struct listener_conf *l = &f->conf->listeners[0].listen;
    assert_true(l->trusted_proxies.len == 3 && l->expects_proxy_header);
    assert_true(address_parse(SPAN("192.0.2.7"), &a) && networks_contain(&l->trusted_proxies, a));
    assert_true(address_parse(SPAN("192.0.2.8"), &a) && !networks_contain(&l->trusted_proxies, a));
}

static void nobody_is_believed_unless_it_is_said(void **state)
{
    struct fixture *f = *state;

    fixture_reset(f);
    fixture_accepted(f, "no networks");
    assert_int_equal(f->conf->listeners[0].listen.trusted_proxies.len, 0);
    fixture_reset(f);
    fixture_set(f, "listen.proxy_protocol", json_true());
    fixture_refused(f, "a header from nobody", "listen[0].trusted_proxies: ", "is missing");
}

static void what_is_no_network_is_refused(void **state)
{
    static const char *const rows[] = {"\"10.0.0.0/8\"",    "[1]", "[\"10.0.0.1/8\"]", "[\"localhost\"]",
                                       "[\"10.0.0.0/33\"]", "{}"};
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        fixture_reset(f);
        fixture_set_text(f, "listen.trusted_proxies", rows[i]);
        fixture_refused(f, rows[i], "listen[0].trusted_proxies: ", "10.0.0.0/8");
    }
}

static void another_list_needs_a_restart(void **state)
{
    struct fixture *f = *state;

    fixture_reset(f);
    fixture_set_text(f, "listen.trusted_proxies", "[\"10.0.0.0/8\"]");
    fixture_accepted(f, "one network");
    struct conf *before = f->conf;
    f->conf = NULL;
    assert_true(fixture_load(f) && conf_first_restart_difference(before, f->conf) == NULL);
    fixture_reset(f);
    fixture_accepted(f, "none");
    assert_string_equal(conf_first_restart_difference(before, f->conf), "listen");
    conf_free(&before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_are_read),
        cmocka_unit_test(nobody_is_believed_unless_it_is_said),
        cmocka_unit_test(what_is_no_network_is_refused),
        cmocka_unit_test(another_list_needs_a_restart),
    };

    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
