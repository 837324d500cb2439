/*
 * What the lane's files share: lane.c (who waits), departure.c (who leaves), put_call.c (what is sent) and settle.c
 * (what an answer means).
 */
#ifndef KGW_KINESIS_LANE_PARTS_H
#define KGW_KINESIS_LANE_PARTS_H

#include "gateway/kinesis/lane.h"

#define AGGREGATED_WAITERS_MAX 4096 /* in a call whose records are aggregates */

static inline struct track *lane_track(struct put_waiter *w)
{
    return w->is_large ? &w->lane->large : &w->lane->small;
}

/* A record that no other may share a call with. */
static inline bool goes_alone(const struct put_waiter *w)
{
    return w->is_large || w->place.key != NULL || w->record.sequence_number_for_ordering.len != 0;
}

/* lane.c */
void lane_requeue(struct put_waiter *w); /* first in its flow, and leaves this turn if there is room */
void lane_back_off(struct put_waiter *w, uint64_t delay_us); /* the same, later */
void lane_finish(struct put_waiter *w);                      /* result is set: unlinks, then calls done */
void lane_dequeue(struct put_waiter *w, bool departs);
bool lane_hold_back(struct put_waiter *w); /* its shard is left alone just now: it backs off instead of departing */

/* Where its record goes; not for one whose key is drawn anew when it is packed. Its spans must still be there. */
struct hash_key waiter_hash_key(const struct put_waiter *w);

/* departure.c */
void lane_depart(void *lane);

#endif
