/* Periods by auth/utc: what bucket.lua does with numbers alone. */
#include "gateway/quota/calendar.h"

#include "auth/utc.h"

#include <math.h>

#define SECOND_US 1e6
#define DAY_US    86400e6

struct calendar_period calendar_day(double at_us)
{
    double index = floor(at_us / DAY_US);

    return (struct calendar_period){index, index * DAY_US, (index + 1) * DAY_US};
}

static double month_start_us(double index)
{
    struct utc t = {.year = 1970 + (int)floor(index / 12), .month = 1 + (int)fmod(index, 12), .day = 1};

    return (double)utc_to_unix(&t) * SECOND_US;
}

struct calendar_period calendar_month(double at_us)
{
    struct utc t = utc_from_unix((int64_t)floor(at_us / SECOND_US));
    double index = (t.year - 1970) * 12 + t.month - 1;

    return (struct calendar_period){index, month_start_us(index), month_start_us(index + 1)};
}
