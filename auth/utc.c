/*
 * Days are counted from 1 March, so that the leap day is the last of its year; 400 years have 146097 days.
 */
#include "auth/utc.h"

#define DAY_S             86400
#define ERA_DAYS          146097
#define DAYS_BEFORE_EPOCH 719468 /* from 1 March of year 0 to 1 January 1970 */

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool utc_is_valid(const struct utc *t)
{
    return t->year >= 0 && t->year <= 9999 && t->month >= 1 && t->month <= 12 && t->day >= 1 &&
           t->day <= days_in_month(t->year, t->month) && t->hour >= 0 && t->hour <= 23 && t->minute >= 0 &&
           t->minute <= 59 && t->second >= 0 && t->second <= 59;
}

int64_t utc_to_unix(const struct utc *t)
{
    int64_t year = t->month <= 2 ? t->year - 1 : t->year;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * ((t->month + 9) % 12) + 2) / 5 + t->day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    int64_t days = era * ERA_DAYS + day_of_era - DAYS_BEFORE_EPOCH;
    return days * DAY_S + t->hour * 3600 + t->minute * 60 + t->second;
}

struct utc utc_from_unix(int64_t unix_s)
{
    int64_t second = unix_s % DAY_S, days = unix_s / DAY_S;
    if (second < 0) {
        second += DAY_S;
        days--;
    }
    days += DAYS_BEFORE_EPOCH;
    int64_t era = (days >= 0 ? days : days - (ERA_DAYS - 1)) / ERA_DAYS;
    int64_t day_of_era = days - era * ERA_DAYS;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    return (struct utc){
        .year = (int)(year_of_era + era * 400 + (month <= 2 ? 1 : 0)),
        .month = month,
        .day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
        .hour = (int)(second / 3600),
        .minute = (int)(second / 60 % 60),
        .second = (int)(second % 60),
    };
}

static int *field(struct utc *t, char letter)
{
    switch (letter) {
    case 'Y':
        return &t->year;
    case 'M':
        return &t->month;
    case 'D':
        return &t->day;
    case 'h':
        return &t->hour;
    case 'm':
        return &t->minute;
    case 's':
        return &t->second;
    default:
        return NULL;
    }
}

bool utc_parse(struct span text, struct span shape, int64_t *unix_s)
{
    struct utc t = {0};

    if (text.len != shape.len)
        return false;
    for (size_t i = 0; i < shape.len; i++) {
        int *value = field(&t, shape.ptr[i]);
        bool is_digit = text.ptr[i] >= '0' && text.ptr[i] <= '9';
        if (value == NULL ? text.ptr[i] != shape.ptr[i] : !is_digit)
            return false;
        if (value != NULL)
            *value = *value * 10 + (text.ptr[i] - '0');
    }
    if (!utc_is_valid(&t))
        return false;
    *unix_s = utc_to_unix(&t);
    return true;
}
