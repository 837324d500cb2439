#include "gateway/quota/usage.h"

#include "tests/auth/check.h"

#define NOW 1768478400123456ull /* 2026-01-15T12:00:00Z and a little */

static void check_text(const struct quota_limits *l, const struct quota_room *room, const char *want)
{
    struct buf out;

    buf_init(&out, 4096);
    usage_write(SPAN("acme"), l, room, NOW, &out);
    check(span_is(buf_span(&out), want), "%.*s", (int)out.len, out.ptr);
    buf_clear(&out);
}

static void rates_fill_up_and_calendars_begin_anew(void **state)
{
    struct quota_limits l = {.records_per_second = 100, .records_burst = 250, .records_per_day = 1000};
    struct quota_room room[QUOTA_DIMENSIONS] = {[QUOTA_RECORDS] = {247, 29001}, [QUOTA_DAY] = {990, 43199876544ull}};

    (void)state;
    check_text(&l, room,
               "{\"tenant\":\"acme\",\"usage\":{\"records_per_second\":{\"limit\":100,\"burst\":250,\"used\":3,"
               "\"remaining\":247,\"full_in_ms\":30},\"records_per_day\":{\"limit\":1000,\"used\":10,\"remaining\":990,"
               "\"resets_at\":\"2026-01-16T00:00:00Z\"}}}");
}

static void who_has_no_limits_uses_nothing_of_them(void **state)
{
    struct quota_limits l = {0};
    struct quota_room room[QUOTA_DIMENSIONS] = {{5, 5}};

    (void)state;
    check_text(&l, room, "{\"tenant\":\"acme\",\"usage\":{}}");
}

static void more_left_than_there_is_was_said_of_other_limits(void **state)
{
    struct quota_limits l = {.bytes_per_month = 7};
    struct quota_room room[QUOTA_DIMENSIONS] = {[QUOTA_MONTH] = {100, 1425599876544ull}};

    (void)state;
    check_text(&l, room,
               "{\"tenant\":\"acme\",\"usage\":{\"bytes_per_month\":{\"limit\":7,\"used\":0,\"remaining\":7,"
               "\"resets_at\":\"2026-02-01T00:00:00Z\"}}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_fill_up_and_calendars_begin_anew),
        cmocka_unit_test(who_has_no_limits_uses_nothing_of_them),
        cmocka_unit_test(more_left_than_there_is_was_said_of_other_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
