/*
 * How much is asked for. A lease is what the tenant uses in LEASE_SPAN_US, and longer where Redis is slow, at its
 * present pace, bounded by this gateway's part of a quarter of the burst, and by its part of what seems to be left: so
 * it shrinks to the need near the limit, where tokens that lie with one gateway are missing at another.
 */
#include "gateway/quota/lease.h"

#define LEASE_SPAN_US   20000u
#define LEASE_TRIPS     4u      /* and for so many trips to Redis more */
#define AHEAD_PAUSE_US  5000u   /* between two leases asked for ahead */
#define LOST_US         100000u /* an ask that is not answered until then is lost */
#define SECOND_US       1000000u
#define LEASES_IN_BURST 4u

/* This gateway's part of what dimension d has, as far as one knows. */
static uint64_t part_of(const struct lease *l, const struct lease_conf *conf, const struct quota_limits *limits,
                        enum quota_dimension d, const struct quota_cost *need)
{
    uint64_t gateways = conf->gateways == 0 ? 1 : conf->gateways, capacity = quota_capacity(limits, d);
    uint64_t needed = quota_unit_of(need, quota_counts(d)), most = capacity / LEASES_IN_BURST / gateways;
    double refilled = (double)quota_rate(limits, d) * (double)(l->now_us - l->room_us) / SECOND_US;
    double left = (double)l->room[d].remaining + refilled;
    uint64_t room = left < (double)capacity ? (uint64_t)left : capacity;

    room = room > needed ? (room - needed) / gateways : 0;
    return room < most ? room : most;
}

static bool is_worth_it(const struct quota_limits *limits, const struct quota_cost *extra)
{
    for (unsigned unit = 0; unit < QUOTA_UNITS; unit++)
        if (quota_has_unit(limits, unit) && quota_unit_of(extra, unit) == 0)
            return false;
    return true;
}

/* Half of a lease lasts while the next is on its way; no lease is for more than half of its life. */
static uint64_t span_us(const struct lease *l, uint64_t lease_us)
{
    uint64_t wanted_us = LEASE_SPAN_US + LEASE_TRIPS * l->trip_us;
    uint64_t most_us = lease_us / 2 > LEASE_SPAN_US ? lease_us / 2 : LEASE_SPAN_US;

    return wanted_us < most_us ? wanted_us : most_us;
}

/* Nothing at all if one of the units would be missing: the others alone cannot be spent. */
static struct quota_cost extra_of(const struct lease *l, const struct lease_conf *conf,
                                  const struct quota_limits *limits, const struct quota_cost *need, uint64_t lease_us)
{
    struct quota_cost extra = pace_of(&l->pace, span_us(l, lease_us), l->now_us), none = {0};

    if (l->room_us == 0)
        return none;
    for (enum quota_dimension d = 0; d < QUOTA_DIMENSIONS; d++) {
        uint64_t *unit = quota_unit(&extra, quota_counts(d)), part = part_of(l, conf, limits, d, need);
        if (quota_capacity(limits, d) != 0 && part < *unit)
            *unit = part;
    }
    for (unsigned unit = 0; unit < QUOTA_UNITS; unit++)
        if (!quota_has_unit(limits, unit))
            *quota_unit(&extra, unit) = 0;
    return is_worth_it(limits, &extra) ? extra : none;
}

static bool is_asking(const struct lease *l)
{
    return l->now_us < l->asking_until_us;
}

static void mark_asked(struct lease *l)
{
    l->asked_us = l->now_us;
    l->asking_until_us = l->now_us + LOST_US;
}

void lease_ask(struct lease *l, const struct lease_conf *conf, const struct quota_limits *limits,
               const struct quota_cost *need, struct lease_ask *ask)
{
    uint64_t lease_us = quota_lease_us(limits, conf->longest_us);
    struct quota_cost extra = {0};

    if (lease_us != 0 && !is_asking(l))
        extra = extra_of(l, conf, limits, need, lease_us);
    *ask = (struct lease_ask){.asked_us = l->now_us, .is_lease = !quota_is_nothing(&extra)};
    if (ask->is_lease)
        mark_asked(l);
    /* Near the limit what is left too little of here counts, too, when Redis looks whether there is enough. */
    struct lease_owed owed = lease_take_owed(l, limits, !ask->is_lease && !is_asking(l));
    ask->quota = (struct quota_ask){
        .give = owed.give, .late = owed.late, .need = *need, .want = quota_add(*need, extra), .lease_us = lease_us};
}

static bool is_low(const struct lease *l, const struct quota_limits *limits)
{
    struct quota_cost both = quota_add(l->parts[0].left, l->parts[1].left);

    for (unsigned unit = 0; unit < QUOTA_UNITS; unit++)
        if (quota_has_unit(limits, unit) && quota_unit_of(&both, unit) < quota_unit_of(&l->low, unit))
            return true;
    return false;
}

bool lease_ask_ahead(struct lease *l, const struct lease_conf *conf, const struct quota_limits *limits,
                     struct lease_ask *ask)
{
    static const struct quota_cost nothing = {0};

    if (!is_low(l, limits) || is_asking(l) || l->now_us - l->asked_us < AHEAD_PAUSE_US)
        return false;
    uint64_t lease_us = quota_lease_us(limits, conf->longest_us);
    struct quota_cost extra = extra_of(l, conf, limits, &nothing, lease_us);
    if (lease_us == 0 || quota_is_nothing(&extra))
        return false;
    mark_asked(l);
    *ask = (struct lease_ask){.asked_us = l->now_us, .is_ahead = true, .is_lease = true};
    struct lease_owed owed = lease_take_owed(l, limits, false);
    ask->quota = (struct quota_ask){.give = owed.give, .late = owed.late, .want = extra, .lease_us = lease_us};
    return true;
}
