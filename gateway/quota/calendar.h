/* Days and months of the UTC calendar, in microseconds of Unix time and exact in doubles. Pure; as in bucket.lua. */
#ifndef KGW_QUOTA_CALENDAR_H
#define KGW_QUOTA_CALENDAR_H

struct calendar_period {
    double index; /* counted from 1970 */
    double start_us, end_us;
};

struct calendar_period calendar_day(double at_us);
struct calendar_period calendar_month(double at_us);

#endif
