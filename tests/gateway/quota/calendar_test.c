#include "gateway/quota/calendar.h"

#include "auth/utc.h"
#include "tests/auth/check.h"

static double at(const char *text)
{
    int64_t unix_s;

    assert_true(utc_parse(span_str(text), SPAN("YYYY-MM-DDThh:mm:ssZ"), &unix_s));
    return (double)unix_s * 1e6;
}

static void days_and_months_begin_and_end_in_utc(void **state)
{
    static const struct {
        const char *moment, *day, *next_day, *month, *next_month;
    } rows[] = {
        {"2026-02-28T23:59:59Z", "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z",
         "2026-03-01T00:00:00Z"},
        {"2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z",
         "2026-04-01T00:00:00Z"},
        {"2028-02-29T12:00:00Z", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z", "2028-02-01T00:00:00Z",
         "2028-03-01T00:00:00Z"},
        {"2026-12-31T23:59:59Z", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z", "2026-12-01T00:00:00Z",
         "2027-01-01T00:00:00Z"},
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-02T00:00:00Z", "1970-01-01T00:00:00Z",
         "1970-02-01T00:00:00Z"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct calendar_period day = calendar_day(at(rows[i].moment)), month = calendar_month(at(rows[i].moment));
        check(day.start_us == at(rows[i].day) && day.end_us == at(rows[i].next_day), "%s: day", rows[i].moment);
        check(month.start_us == at(rows[i].month) && month.end_us == at(rows[i].next_month), "%s: month",
              rows[i].moment);
    }
    assert_int_equal((int)calendar_month(at("1971-02-01T00:00:00Z")).index, 13);
    assert_int_equal((int)calendar_day(at("1971-01-01T00:00:00Z")).index, 365);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(days_and_months_begin_and_end_in_utc)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
