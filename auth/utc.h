/*
 * UTC by the proleptic Gregorian calendar, without the C library's time zones and locks. Pure.
 */
#ifndef KGW_AUTH_UTC_H
#define KGW_AUTH_UTC_H

#include "auth/bytes.h"

struct utc {
    int year, month, day, hour, minute, second; /* month and day from 1; no leap seconds */
};

bool utc_is_valid(const struct utc *t); /* a day and a time that exist, from year 0 to 9999 */
int64_t utc_to_unix(const struct utc *t);
struct utc utc_from_unix(int64_t unix_s);
/*
 * Reads a text whose digits stand where `shape` has one of the letters "YMDhms" and which is like `shape` everywhere
 * else: "YYYY-MM-DDThh:mm:ssZ". False if it is not, or if there is no such day or time.
 */
bool utc_parse(struct span text, struct span shape, int64_t *unix_s);

#endif
