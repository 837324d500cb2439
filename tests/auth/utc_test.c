#include "auth/utc.h"

#include "tests/auth/check.h"

#define SHAPE SPAN("YYYY-MM-DDThh:mm:ssZ")

static void times_are_those_of_the_calendar(void **state)
{
    static const struct {
        const char *what, *text;
        int64_t unix_s;
    } rows[] = {
        {"the epoch", "1970-01-01T00:00:00Z", 0},
        {"a second before it", "1969-12-31T23:59:59Z", -1},
        {"SigV4's example", "2015-08-30T12:36:00Z", 1440938160},
        {"a leap day", "2024-02-29T23:59:59Z", 1709251199},
        {"the leap day of a 400th year", "2000-02-29T00:00:00Z", 951782400},
        {"past 32 bits", "2038-01-19T03:14:08Z", 2147483648},
        {"the last second", "9999-12-31T23:59:59Z", 253402300799},
        {"the first second", "0000-01-01T00:00:00Z", -62167219200},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        int64_t unix_s = 1;
        check(utc_parse(span_str(rows[i].text), SHAPE, &unix_s) && unix_s == rows[i].unix_s, "%s", rows[i].what);
        struct utc t = utc_from_unix(rows[i].unix_s);
        check(utc_is_valid(&t) && utc_to_unix(&t) == rows[i].unix_s, "%s, and back", rows[i].what);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "2026-01-31",
        "2026-01-31T00:00:00",
        "2026-01-31T00:00:00z",
        "2026-01-31t00:00:00Z",
        "2026-01-31 00:00:00Z",
        "2026-01-31T00:00:00ZZ",
        "2026-01-31T00:00:00+00:00",
        "2026-1-31T000:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "-026-01-01T00:00:00Z",
        "YYYY-MM-DDThh:mm:ssZ",
    };
    int64_t unix_s;

    (void)state;
    for (size_t i = 0; i < LEN(texts); i++)
        check(!utc_parse(span_str(texts[i]), SHAPE, &unix_s), "%s", texts[i]);
}

static void every_day_follows_the_one_before(void **state)
{
    struct utc before = utc_from_unix(-86400);

    (void)state;
    for (int64_t day = 0; day < 200000; day++) {
        struct utc t = utc_from_unix(day * 86400);
        bool is_next = (t.year == before.year && t.month == before.month && t.day == before.day + 1) ||
                       (t.year == before.year && t.month == before.month + 1 && t.day == 1) ||
                       (t.year == before.year + 1 && t.month == 1 && t.day == 1);
        check(is_next && utc_is_valid(&t) && utc_to_unix(&t) == day * 86400, "day %d", (int)day);
        before = t;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_those_of_the_calendar),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(every_day_follows_the_one_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
