/*
 * What this process holds of one tenant's quota in Redis: tokens taken ahead, in two parts with an end each, what is to
 * be handed back, and the last refusal. Pure: `now_us` is of a steady clock; one that stepped back by more than a
 * second ends everything that was timed by it.
 *
 * A lease ends lease_us after it was asked for, which is before Redis granted it: so it is spent within lease_us of the
 * grant, whatever the way to Redis takes, and that is what bucket.h reckons with.
 */
#ifndef KGW_QUOTA_LEASE_H
#define KGW_QUOTA_LEASE_H

#include "gateway/quota/bucket.h"
#include "gateway/quota/pace.h"

struct lease_part {
    struct quota_cost left;
    uint64_t ends_us;
    uint64_t number; /* of no other part, also not of one that was forgotten; 0: none */
};

/* To be handed back with the next ask, as in struct quota_ask. */
struct lease_owed {
    struct quota_cost give, late;
};

/* One of zeros is new. */
struct lease {
    uint64_t now_us;            /* the latest that was seen: threads' clocks lag behind each other */
    struct lease_part parts[2]; /* the older one first */
    uint64_t last_number;
    struct quota_cost low; /* less than that is left: time to ask ahead */
    struct lease_owed owed;
    struct pace pace;
    uint64_t asked_us;        /* when a lease was last asked for */
    uint64_t trip_us;         /* how long an answer takes: the longest, fading out */
    uint64_t asking_until_us; /* one is on its way, or was lost; 0: none */
    enum quota_dimension refused;
    uint64_t refused_units;                   /* of it: who needs less may ask all the same */
    uint64_t refused_until_us;                /* how long nobody asks; 0: not refused */
    uint64_t wait_until_us;                   /* how long to wait, as the refusal said */
    struct quota_room room[QUOTA_DIMENSIONS]; /* as Redis said */
    uint64_t room_us;                         /* when; 0: never */
};

struct lease_conf {
    uint64_t longest_us; /* of a lease's life */
    uint64_t gateways;   /* that share the tenant's quota, as far as one knows; 0 counts as 1 */
};

/* An ask under way. `quota` is what Redis is asked. */
struct lease_ask {
    struct quota_ask quota;
    uint64_t asked_us;
    bool is_ahead; /* nobody waits for it */
    bool is_lease; /* for more than is needed: only one such is under way */
};

/* Moves on to now; returns it, or the latest moment that was seen. */
uint64_t lease_settle(struct lease *l, uint64_t now_us);
/* Spends `cost` if all of it is there; *number is the part it was spent from, 0 for both. */
bool lease_spend(struct lease *l, const struct quota_limits *limits, const struct quota_cost *cost, uint64_t *number);
/* Does the last refusal hold for `cost` too? Then so long is to be waited. */
bool lease_refuses(const struct lease *l, const struct quota_limits *limits, const struct quota_cost *cost,
                   uint64_t *wait_us);
void lease_limits_changed(struct lease *l);
/* Makes an ask for `need`, and for as much more as is used in a short while; near the limit for nothing more. */
void lease_ask(struct lease *l, const struct lease_conf *conf, const struct quota_limits *limits,
               const struct quota_cost *need, struct lease_ask *ask);
/* The same before anything is missing. False: not needed, or nothing to be had. */
bool lease_ask_ahead(struct lease *l, const struct lease_conf *conf, const struct quota_limits *limits,
                     struct lease_ask *ask);
/* The answer to it: what is beyond the need becomes a part. */
void lease_put(struct lease *l, const struct quota_limits *limits, const struct lease_ask *ask,
               const struct quota_reply *reply);
/* There is no answer. What was to be handed back is owed still if the ask certainly was never sent, but late. */
void lease_fail(struct lease *l, const struct lease_ask *ask, bool was_sent);
/* What was spent from part `number` and not written may be spent again while that part lives; else it is owed to Redis.
 */
void lease_give_back(struct lease *l, uint64_t number, const struct quota_cost *cost);
/* Takes what is to be handed back; `all`: with what could still be spent. */
struct lease_owed lease_take_owed(struct lease *l, const struct quota_limits *limits, bool all);
void lease_remaining(const struct lease *l, const struct quota_limits *limits,
                     struct quota_room room[QUOTA_DIMENSIONS]);

#endif
