/* The parts of a lease: spent, filled, ended and handed back. How much is asked for is lease_ask.c's. */
#include "gateway/quota/lease.h"

#define SECOND_US    1000000u
#define STEP_BACK_US 1000000u
#define WAY_US       20000u   /* to Redis, at most */
#define HOLD_MIN_US  5000u    /* a refusal is not asked about more often than that */
#define HOLD_MAX_US  1000000u /* and again after that: quotas are changed, and counters lost */

/* It waits for the next ask then, which may be after its time. */
static void end_part(struct lease *l, struct lease_part *p)
{
    l->owed.late = quota_add(l->owed.late, p->left);
    *p = (struct lease_part){.number = 0};
}

static void forget_times(struct lease *l)
{
    end_part(l, &l->parts[0]);
    end_part(l, &l->parts[1]);
    l->refused_until_us = 0;
    l->pace = (struct pace){.since_us = 0};
    l->asked_us = l->asking_until_us = l->room_us = 0;
}

uint64_t lease_settle(struct lease *l, uint64_t now_us)
{
    if (l->now_us > now_us + STEP_BACK_US) {
        forget_times(l);
        l->now_us = now_us;
    }
    if (now_us > l->now_us)
        l->now_us = now_us;
    for (unsigned i = 0; i < 2; i++)
        if (l->parts[i].number != 0 && l->now_us >= l->parts[i].ends_us)
            end_part(l, &l->parts[i]);
    return l->now_us;
}

static bool covers(const struct quota_limits *limits, const struct quota_cost *left, const struct quota_cost *cost)
{
    for (unsigned unit = 0; unit < QUOTA_UNITS; unit++)
        if (quota_unit_of(left, unit) < quota_unit_of(cost, unit) && quota_has_unit(limits, unit))
            return false;
    return true;
}

/* Takes what there is of `cost` and returns the rest of it. */
static struct quota_cost take(struct quota_cost *left, struct quota_cost cost)
{
    for (unsigned unit = 0; unit < QUOTA_UNITS; unit++) {
        uint64_t *has = quota_unit(left, unit), *wants = quota_unit(&cost, unit);
        uint64_t taken = *has < *wants ? *has : *wants;
        *has -= taken;
        *wants -= taken;
    }
    return cost;
}

bool lease_spend(struct lease *l, const struct quota_limits *limits, const struct quota_cost *cost, uint64_t *number)
{
    struct quota_cost both = quota_add(l->parts[0].left, l->parts[1].left);

    *number = 0;
    if (!covers(limits, &both, cost))
        return false;
    pace_note(&l->pace, cost, l->now_us);
    for (unsigned i = 0; i < 2; i++) {
        if (!covers(limits, &l->parts[i].left, cost))
            continue;
        take(&l->parts[i].left, *cost);
        *number = l->parts[i].number;
        return true;
    }
    struct quota_cost rest = take(&l->parts[0].left, *cost);
    take(&l->parts[1].left, rest);
    return true;
}

bool lease_refuses(const struct lease *l, const struct quota_limits *limits, const struct quota_cost *cost,
                   uint64_t *wait_us)
{
    if (l->now_us >= l->refused_until_us)
        return false;
    uint64_t needed = quota_unit_of(cost, quota_counts(l->refused)), rate = quota_rate(limits, l->refused);
    if (needed < l->refused_units)
        return false;
    *wait_us = l->wait_until_us > l->now_us ? l->wait_until_us - l->now_us : 1;
    if (rate != 0)
        *wait_us += (uint64_t)((double)(needed - l->refused_units) * SECOND_US / (double)rate);
    return true;
}

void lease_limits_changed(struct lease *l)
{
    l->refused_until_us = 0;
    l->room_us = 0;
}

/* Waiting for more than the next token: then there is something for a lease again, and not an ask for each request. Not
 * so long that a short burst were full before; lease_us, a quarter of it, knows. */
static void put_refusal(struct lease *l, const struct lease_ask *ask, const struct quota_reply *reply)
{
    uint64_t least_us = ask->quota.lease_us < HOLD_MIN_US ? ask->quota.lease_us : HOLD_MIN_US;
    uint64_t wait_us = reply->wait_us < least_us ? least_us : reply->wait_us;

    l->refused = reply->refused;
    l->refused_units = quota_unit_of(&ask->quota.need, quota_counts(reply->refused));
    l->refused_until_us = l->now_us + (wait_us < HOLD_MAX_US ? wait_us : HOLD_MAX_US);
    l->wait_until_us = l->now_us + wait_us;
}

static void put_part(struct lease *l, const struct lease_ask *ask, struct quota_cost extra)
{
    if (ask->asked_us > l->now_us) { /* by a clock that has stepped back since */
        l->owed.late = quota_add(l->owed.late, extra);
        return;
    }
    if (l->parts[1].number != 0) {
        end_part(l, &l->parts[0]);
        l->parts[0] = l->parts[1];
    }
    l->last_number = l->now_us > l->last_number ? l->now_us : l->last_number + 1;
    l->parts[1] = (struct lease_part){extra, ask->asked_us + ask->quota.lease_us, l->last_number};
    l->low = (struct quota_cost){extra.requests / 2, extra.records / 2, extra.bytes / 2};
}

static void note_trip(struct lease *l, const struct lease_ask *ask)
{
    uint64_t trip_us = l->now_us > ask->asked_us ? l->now_us - ask->asked_us : 0;

    l->trip_us -= l->trip_us / 8;
    if (trip_us > l->trip_us)
        l->trip_us = trip_us < SECOND_US ? trip_us : SECOND_US;
}

void lease_put(struct lease *l, const struct quota_limits *limits, const struct lease_ask *ask,
               const struct quota_reply *reply)
{
    struct quota_cost extra = {0};
    bool is_some = false;

    for (enum quota_dimension d = 0; d < QUOTA_DIMENSIONS; d++)
        l->room[d] = reply->room[d];
    l->room_us = l->now_us;
    note_trip(l, ask);
    if (ask->is_lease)
        l->asking_until_us = 0;
    if (reply->refused != QUOTA_NO_DIMENSION) {
        put_refusal(l, ask, reply);
        return;
    }
    l->refused_until_us = 0;
    pace_note(&l->pace, &ask->quota.need, l->now_us);
    for (unsigned unit = 0; unit < QUOTA_UNITS; unit++) {
        uint64_t granted = quota_unit_of(&reply->granted, unit), needed = quota_unit_of(&ask->quota.need, unit);
        *quota_unit(&extra, unit) = granted > needed ? granted - needed : 0;
        is_some |= granted > needed && quota_has_unit(limits, unit);
    }
    if (is_some)
        put_part(l, ask, extra);
}

void lease_fail(struct lease *l, const struct lease_ask *ask, bool was_sent)
{
    if (ask->is_lease)
        l->asking_until_us = 0;
    if (!was_sent)
        l->owed.late = quota_add(l->owed.late, quota_add(ask->quota.give, ask->quota.late));
}

void lease_give_back(struct lease *l, uint64_t number, const struct quota_cost *cost)
{
    l->refused_until_us = 0;
    for (unsigned i = 0; i < 2; i++) {
        if (number == 0 || l->parts[i].number != number)
            continue;
        l->parts[i].left = quota_add(l->parts[i].left, *cost);
        return;
    }
    l->owed.give = quota_add(l->owed.give, *cost);
}

/* On its way at once: it comes in time if it still had so much. */
static void hand_back(struct lease *l, struct lease_part *p)
{
    if (l->now_us + WAY_US <= p->ends_us) {
        l->owed.give = quota_add(l->owed.give, p->left);
        p->left = (struct quota_cost){0};
    }
    end_part(l, p);
}

struct lease_owed lease_take_owed(struct lease *l, const struct quota_limits *limits, bool all)
{
    if (all) {
        hand_back(l, &l->parts[0]);
        hand_back(l, &l->parts[1]);
    }
    struct lease_owed owed = l->owed;
    bool has_calendar = quota_capacity(limits, QUOTA_DAY) != 0 || quota_capacity(limits, QUOTA_MONTH) != 0;
    l->owed = (struct lease_owed){.give = {0}};
    if (!has_calendar)
        owed.late = (struct quota_cost){0};
    return owed;
}

void lease_remaining(const struct lease *l, const struct quota_limits *limits, struct quota_room room[QUOTA_DIMENSIONS])
{
    struct quota_cost both = quota_add(l->parts[0].left, l->parts[1].left);
    uint64_t passed_us = l->room_us == 0 ? 0 : l->now_us - l->room_us;

    for (enum quota_dimension d = 0; d < QUOTA_DIMENSIONS; d++) {
        uint64_t capacity = quota_capacity(limits, d), full_us = l->room[d].full_us;
        room[d] = (struct quota_room){0, 0};
        if (capacity == 0)
            continue;
        double remaining = (double)l->room[d].remaining + (double)quota_unit_of(&both, quota_counts(d));
        remaining += (double)quota_rate(limits, d) * (double)passed_us / SECOND_US;
        room[d].remaining = l->room_us == 0 || remaining > (double)capacity ? capacity : (uint64_t)remaining;
        room[d].full_us = l->room_us == 0 || full_us < passed_us ? 0 : full_us - passed_us;
    }
}
