/*
 * One tenant's quota: three rates with bursts (GCRA) and two counters of the UTC calendar, checked together and taken
 * together. bucket.lua is the same arithmetic inside Redis, step by step: what one changes, the other must. Pure: time
 * is an argument, microseconds of Unix time by the bucket's own clock; a step back of that clock costs nobody anything.
 *
 * For each rate the bucket keeps how far its theoretical arrival time is ahead of the last look at it: 0 is full, and
 * burst / rate is empty. Kept so, it has the precision of a double near 0 rather than near the year 2026.
 *
 * Leases. What is granted beyond `need` may be spent up to lease_us later. So that still at most rate * t + burst is
 * spent in any t seconds, tokens on lease keep their place in the bucket: at every moment
 *
 *     available + leased <= burst.                                                                                (1)
 *
 * Then what is spent in a window is at most what was leased when it began, what was available, and what was refilled:
 * at most burst + rate * t. For (1) the bucket counts what it leased in two generations of lease_us each; a lease that
 * is granted in one has expired when the next one ends. Refilling stops at burst - leased, and goes on from there when
 * a generation ends: ahead >= leased * interval at every moment, not only at those when somebody looks. Granting a
 * lease moves tokens from the one summand to the other. What was spent of a lease still counts as leased until then, so
 * at most half of a burst is leased: an empty bucket takes two generations to fill by half (quota_lease_us()), and
 * nothing is lost by that.
 *
 * Handing back a lease while it lives moves its tokens to the other summand again. When it has ended they are late: the
 * bucket has been refilled in their place, and only the calendars get them back. What was spent, and certainly not
 * written, goes back to all: the bound is then burst + rate * t + what came back in that window, and over a longer time
 * what was written keeps to burst + rate * t all the same.
 */
#ifndef KGW_QUOTA_BUCKET_H
#define KGW_QUOTA_BUCKET_H

#include "gateway/quota/limits.h"

struct quota_bucket {
    double at_us;    /* the last look; 0: never */
    double since_us; /* when the newer generation of leases began */
    struct {
        double ahead_us;
        double newer, older; /* leased in this generation and in the one before */
    } rates[QUOTA_RATES];
    struct {
        double period, used; /* which day or month, counted from 1970 */
    } calendars[QUOTA_DIMENSIONS - QUOTA_RATES];
};

/* What is asked at once, of a bucket here or in Redis. */
struct quota_ask {
    struct quota_cost give; /* goes back first: leases that live, and what was not written */
    struct quota_cost late; /* goes back to the calendars alone: leases that have ended */
    struct quota_cost need; /* all of it or nothing is granted; spent at once */
    struct quota_cost want; /* at least need; what is beyond is leased, as far as there is any */
    uint64_t lease_us;      /* the same for all who ask; 0: want is need */
};

struct quota_room {
    uint64_t remaining, full_us; /* until all of it is there again: the burst, or the next day or month */
};

struct quota_reply {
    enum quota_dimension refused; /* the one to be waited for longest; QUOTA_NO_DIMENSION: granted */
    uint64_t wait_us;             /* until `need` is there, for who is alone; in a calendar: until its next period */
    struct quota_cost granted;    /* nothing when refused */
    struct quota_room room[QUOTA_DIMENSIONS]; /* afterwards; 0 where there is no limit */
};

/* A bucket of zeros is full. A refusal takes nothing. `need` must not be hopeless: it would be told to wait for what
 * never comes. */
void bucket_take(struct quota_bucket *b, const struct quota_limits *l, const struct quota_ask *ask, uint64_t now_us,
                 struct quota_reply *reply);
/* The rest is for buckets of which nothing is leased. Gives back, to no more than full; to a calendar only what is
 * surely of its period: nothing in its first minute. */
void bucket_give_back(struct quota_bucket *b, const struct quota_limits *l, const struct quota_cost *cost,
                      uint64_t now_us);
void bucket_remaining(const struct quota_bucket *b, const struct quota_limits *l, uint64_t now_us,
                      struct quota_room room[QUOTA_DIMENSIONS]);
bool bucket_is_full(const struct quota_bucket *b, const struct quota_limits *l,
                    uint64_t now_us); /* a new one is no different */

#endif
