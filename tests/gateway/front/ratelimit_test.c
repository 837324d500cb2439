#include "gateway/front/ratelimit.h"

#include "tests/auth/check.h"

#include <stdio.h>

static struct ratelimit_policies policies;

static void policy_is(const struct quota_limits *l, const char *want)
{
    struct buf b;

    buf_init(&b, 4096);
    buf_append(&b, SPAN("before"));
    struct span text = ratelimit_write_policy(&policies, l, &b);
    check(span_is(text, want), "%.*s", (int)text.len, text.ptr);
    assert_true(text.ptr == b.ptr + 6);
    buf_clear(&b);
}

static void a_policy_says_what_a_window_holds(void **state)
{
    struct quota_limits rates = {.requests_per_second = 10, .requests_burst = 25, .bytes_per_second = 1000};
    struct quota_limits calendars = {.records_per_day = 7, .bytes_per_month = 9007199254740992};

    (void)state;
    for (int i = 0; i != 3; i++) { /* made once, then kept */
        policy_is(&rates, "\"requests\";q=25;w=3, \"bytes\";qu=\"content-bytes\";q=1000;w=1");
        policy_is(&calendars, "\"day\";q=7;w=86400, "
                              "\"month\";qu=\"content-bytes\";q=9007199254740992;w=2678400");
    }
}

/* More of them than are kept: some share a place. */
static void a_policy_is_of_the_limits_it_is_asked_for(void **state)
{
    (void)state;
    for (uint64_t round = 0; round != 3; round++)
        for (uint64_t rate = 1; rate != 100; rate++) {
            struct quota_limits l = {.records_per_second = rate};
            char want[64];
            snprintf(want, sizeof(want), "\"records\";q=%d;w=1", (int)rate);
            policy_is(&l, want);
        }
}

static void what_is_left_is_said_for_each_limit(void **state)
{
    struct quota_limits l = {.records_per_second = 10, .records_per_day = 100};
    struct quota_room room[QUOTA_DIMENSIONS] = {
        [QUOTA_RECORDS] = {.remaining = 3, .full_us = 700001}, [QUOTA_DAY] = {.remaining = 99, .full_us = 3000000}};
    struct buf b;

    (void)state;
    buf_init(&b, 4096);
    struct span text = ratelimit_write_room(&l, room, &b);
    check(span_is(text, "\"records\";r=3;t=1, \"day\";r=99;t=3"), "%.*s", (int)text.len, text.ptr);
    buf_clear(&b);
}

static void what_was_said_is_said_again_of_the_same_moment_alone(void **state)
{
    static const struct {
        const char *tenant;
        uint64_t at_us, spends;
        bool is_known;
    } rows[] = {{"acme", 7, 3, true}, {"acm", 7, 3, false}, {"acme", 8, 3, false}, {"acme", 7, 4, false}};
    struct ratelimit_room r = {0};
    char longer[321] = "";
    struct buf b;

    (void)state;
    buf_init(&b, 4096);
    assert_false(ratelimit_say_again(&r, SPAN(""), 0, 0, &b));
    ratelimit_remember(&r, SPAN("acme"), 7, 3, SPAN("text"));
    for (size_t i = 0; i != LEN(rows); i++) {
        buf_reset(&b);
        check(ratelimit_say_again(&r, span_str(rows[i].tenant), rows[i].at_us, rows[i].spends, &b) == rows[i].is_known,
              "row %zu", i);
        check(span_is(buf_span(&b), rows[i].is_known ? "text" : ""), "row %zu", i);
    }
    ratelimit_remember(&r, SPAN("acme"), 7, 3, span_of(longer, sizeof(longer)));
    assert_false(ratelimit_say_again(&r, SPAN("acme"), 7, 3, &b));
    buf_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_says_what_a_window_holds),
        cmocka_unit_test(a_policy_is_of_the_limits_it_is_asked_for),
        cmocka_unit_test(what_is_left_is_said_for_each_limit),
        cmocka_unit_test(what_was_said_is_said_again_of_the_same_moment_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
