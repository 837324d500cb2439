/* The arithmetic of bucket.lua, line by line, in the order of its operations: both must round alike. */
#include "gateway/quota/bucket.h"

#include "gateway/quota/calendar.h"

#include <assert.h>
#include <math.h>

#define SECOND_US     1e6
#define STEP_BACK_US  1e6  /* less is a clock of another thread that lags, and waited for */
#define GRACE_US      60e6 /* what comes back so early in a period may be the last one's */
#define LEASED_PART   2    /* of the burst at most half is on lease */
#define ALMOST_A_UNIT 1e-6 /* what rounding may have lost of a unit */
#define WHOLE_MAX     1e18 /* as an integer, in Redis too */

/* One look at a bucket: the moment, and what the limits are in units of it. */
struct look {
    const struct quota_limits *limits;
    double lease_us;
    struct {
        double interval_us, burst_us; /* a unit's, and the whole burst's; 0: no limit */
    } rates[QUOTA_RATES];
    struct calendar_period periods[QUOTA_DIMENSIONS - QUOTA_RATES];
};

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

static struct look look_at(const struct quota_limits *l, uint64_t lease_us)
{
    struct look k = {.limits = l, .lease_us = (double)lease_us};

    for (unsigned d = 0; d < QUOTA_RATES; d++) {
        double rate = (double)quota_rate(l, d);
        if (rate == 0)
            continue;
        k.rates[d].interval_us = SECOND_US / rate;
        k.rates[d].burst_us = (double)quota_capacity(l, d) * k.rates[d].interval_us;
    }
    return k;
}

/* How far ahead a rate is when `elapsed` has passed: less by as much, but for what leases hold until they end. */
static double ahead_after(const struct quota_bucket *b, const struct look *k, unsigned d, double elapsed_us)
{
    double interval_us = k->rates[d].interval_us;
    double both_us = (b->rates[d].newer + b->rates[d].older) * interval_us, newer_us = b->rates[d].newer * interval_us;
    double older_ends_us = b->since_us + k->lease_us - b->at_us;
    double ahead_us = larger(0, b->rates[d].ahead_us - elapsed_us);

    ahead_us = larger(ahead_us, both_us - larger(0, elapsed_us - older_ends_us));
    ahead_us = larger(ahead_us, newer_us - larger(0, elapsed_us - older_ends_us - k->lease_us));
    return smaller(ahead_us, k->rates[d].burst_us + interval_us); /* the limits may have been lowered */
}

/* Its inverse: until it is no more than `target_us` ahead. */
static double wait_for(const struct quota_bucket *b, const struct look *k, unsigned d, double target_us)
{
    double interval_us = k->rates[d].interval_us;
    double both_us = (b->rates[d].newer + b->rates[d].older) * interval_us, newer_us = b->rates[d].newer * interval_us;
    double older_ends_us = b->since_us + k->lease_us - b->at_us;
    double wait_us = larger(0, b->rates[d].ahead_us - target_us);

    if (both_us > target_us)
        wait_us = larger(wait_us, older_ends_us + both_us - target_us);
    if (newer_us > target_us)
        wait_us = larger(wait_us, older_ends_us + k->lease_us + newer_us - target_us);
    return wait_us;
}

static void turn_generations(struct quota_bucket *b, const struct look *k)
{
    bool is_old = b->at_us >= b->since_us + 2 * k->lease_us;

    if (b->at_us < b->since_us + k->lease_us)
        return;
    b->since_us = is_old ? b->at_us : b->since_us + k->lease_us;
    for (unsigned d = 0; d < QUOTA_RATES; d++) {
        b->rates[d].older = is_old ? 0 : b->rates[d].newer;
        b->rates[d].newer = 0;
    }
}

static void settle_calendars(struct quota_bucket *b, struct look *k)
{
    k->periods[0] = calendar_day(b->at_us);
    k->periods[1] = calendar_month(b->at_us);
    for (unsigned i = 0; i < QUOTA_DIMENSIONS - QUOTA_RATES; i++) {
        if (b->calendars[i].period != k->periods[i].index)
            b->calendars[i].used = 0;
        b->calendars[i].period = k->periods[i].index;
    }
}

/* Moves the bucket to now. A clock that stepped back takes what it measures with it; returns whether it did. */
static bool settle(struct quota_bucket *b, struct look *k, double now_us)
{
    if (b->at_us == 0)
        b->at_us = b->since_us = now_us;
    bool has_stepped = b->at_us - now_us > STEP_BACK_US;
    if (has_stepped) {
        b->since_us = b->since_us - (b->at_us - now_us);
        b->at_us = now_us;
    }
    double elapsed_us = larger(0, now_us - b->at_us);
    for (unsigned d = 0; d < QUOTA_RATES; d++) {
        if (k->rates[d].interval_us == 0)
            b->rates[d].ahead_us = b->rates[d].newer = b->rates[d].older = 0;
        b->rates[d].ahead_us = ahead_after(b, k, d, elapsed_us);
    }
    b->at_us = b->at_us + elapsed_us;
    turn_generations(b, k);
    settle_calendars(b, k);
    return has_stepped;
}

static double available(const struct quota_bucket *b, const struct look *k, unsigned d)
{
    if (d >= QUOTA_RATES)
        return larger(0, (double)quota_capacity(k->limits, d) - b->calendars[d - QUOTA_RATES].used);
    double free_us = k->rates[d].burst_us - b->rates[d].ahead_us;
    return larger(0, floor(free_us / k->rates[d].interval_us + ALMOST_A_UNIT));
}

static void give(struct quota_bucket *b, const struct look *k, const struct quota_cost *cost,
                 const struct quota_cost *late)
{
    for (unsigned d = 0; d < QUOTA_RATES; d++) {
        double leased_us = (b->rates[d].newer + b->rates[d].older) * k->rates[d].interval_us;
        double back_us = (double)quota_unit_of(cost, quota_counts(d)) * k->rates[d].interval_us;
        b->rates[d].ahead_us = larger(leased_us, b->rates[d].ahead_us - back_us);
    }
    for (unsigned i = 0; i < QUOTA_DIMENSIONS - QUOTA_RATES; i++) {
        unsigned unit = quota_counts(QUOTA_RATES + i);
        double back = (double)quota_unit_of(cost, unit) + (double)quota_unit_of(late, unit);
        if (b->at_us - k->periods[i].start_us >= GRACE_US)
            b->calendars[i].used = larger(0, b->calendars[i].used - back);
    }
}

static double wait_of(const struct quota_bucket *b, const struct look *k, unsigned d, double need)
{
    if (d >= QUOTA_RATES)
        return k->periods[d - QUOTA_RATES].end_us - b->at_us;
    return wait_for(b, k, d, larger(0, k->rates[d].burst_us - need * k->rates[d].interval_us));
}

/* The dimension that must be waited for longest. */
static void check(const struct quota_bucket *b, const struct look *k, const struct quota_cost *need,
                  struct quota_reply *reply)
{
    reply->refused = QUOTA_NO_DIMENSION;
    for (unsigned d = 0; d < QUOTA_DIMENSIONS; d++) {
        double need_of = (double)quota_unit_of(need, quota_counts(d));
        if (quota_capacity(k->limits, d) == 0 || need_of <= available(b, k, d))
            continue;
        uint64_t wait_us = (uint64_t)ceil(wait_of(b, k, d, need_of));
        if (reply->refused == QUOTA_NO_DIMENSION || wait_us > reply->wait_us) {
            reply->refused = d;
            reply->wait_us = wait_us;
        }
    }
}

/* What may be taken for `need` and a lease: see bucket.h for the bound on leases. */
static double grantable(const struct quota_bucket *b, const struct look *k, unsigned d, double need)
{
    double all = available(b, k, d);

    if (d >= QUOTA_RATES)
        return all;
    double leased = b->rates[d].newer + b->rates[d].older;
    return smaller(all, need + larger(0, floor((double)quota_capacity(k->limits, d) / LEASED_PART) - leased));
}

/* Of each unit what is wanted, as far as all that count it have any. */
static struct quota_cost grant(const struct quota_bucket *b, const struct look *k, const struct quota_ask *ask)
{
    struct quota_cost granted = ask->want;

    for (unsigned d = 0; d < QUOTA_DIMENSIONS; d++) {
        uint64_t *unit = quota_unit(&granted, quota_counts(d));
        double need = (double)quota_unit_of(&ask->need, quota_counts(d));
        if (quota_capacity(k->limits, d) != 0)
            *unit = (uint64_t)smaller((double)*unit, grantable(b, k, d, need));
    }
    return granted;
}

static void deduct(struct quota_bucket *b, const struct look *k, const struct quota_ask *ask,
                   const struct quota_cost *granted)
{
    for (unsigned d = 0; d < QUOTA_DIMENSIONS; d++) {
        double taken = (double)quota_unit_of(granted, quota_counts(d));
        if (quota_capacity(k->limits, d) == 0)
            continue;
        if (d >= QUOTA_RATES) {
            b->calendars[d - QUOTA_RATES].used += taken;
            continue;
        }
        b->rates[d].ahead_us += taken * k->rates[d].interval_us;
        b->rates[d].newer += taken - (double)quota_unit_of(&ask->need, quota_counts(d));
    }
}

static uint64_t whole(double value)
{
    return value < WHOLE_MAX ? (uint64_t)value : (uint64_t)WHOLE_MAX;
}

static void tell_room(const struct quota_bucket *b, const struct look *k, struct quota_room room[QUOTA_DIMENSIONS])
{
    for (unsigned d = 0; d < QUOTA_DIMENSIONS; d++) {
        if (quota_capacity(k->limits, d) == 0) {
            room[d] = (struct quota_room){0, 0};
            continue;
        }
        room[d].remaining = whole(available(b, k, d));
        room[d].full_us = whole(ceil(wait_of(b, k, d, (double)quota_capacity(k->limits, d))));
    }
}

/* A refusal leaves no trace, not even of having looked: bucket.lua need not write then. But a step of the clock must.
 */
void bucket_take(struct quota_bucket *b, const struct quota_limits *l, const struct quota_ask *ask, uint64_t now_us,
                 struct quota_reply *reply)
{
    struct look k = look_at(l, ask->lease_us);
    struct quota_bucket after = *b;

    assert(ask->want.requests >= ask->need.requests && ask->want.records >= ask->need.records &&
           ask->want.bytes >= ask->need.bytes);
    *reply = (struct quota_reply){.refused = QUOTA_NO_DIMENSION};
    bool has_stepped = settle(&after, &k, (double)now_us);
    give(&after, &k, &ask->give, &ask->late);
    check(&after, &k, &ask->need, reply);
    if (reply->refused == QUOTA_NO_DIMENSION) {
        reply->granted = grant(&after, &k, ask);
        deduct(&after, &k, ask, &reply->granted);
    }
    tell_room(&after, &k, reply->room);
    bool has_given = !quota_is_nothing(&ask->give) || !quota_is_nothing(&ask->late);
    if (reply->refused == QUOTA_NO_DIMENSION || has_stepped || has_given)
        *b = after;
}

void bucket_give_back(struct quota_bucket *b, const struct quota_limits *l, const struct quota_cost *cost,
                      uint64_t now_us)
{
    static const struct quota_cost none = {0};
    struct look k = look_at(l, 0);

    settle(b, &k, (double)now_us);
    give(b, &k, cost, &none);
}

void bucket_remaining(const struct quota_bucket *b, const struct quota_limits *l, uint64_t now_us,
                      struct quota_room room[QUOTA_DIMENSIONS])
{
    struct look k = look_at(l, 0);
    struct quota_bucket after = *b;

    settle(&after, &k, (double)now_us);
    tell_room(&after, &k, room);
}

bool bucket_is_full(const struct quota_bucket *b, const struct quota_limits *l, uint64_t now_us)
{
    struct look k = look_at(l, 0);
    struct quota_bucket after = *b;

    settle(&after, &k, (double)now_us);
    for (unsigned d = 0; d < QUOTA_RATES; d++)
        if (after.rates[d].ahead_us > 0)
            return false;
    return after.calendars[0].used == 0 && after.calendars[1].used == 0;
}
