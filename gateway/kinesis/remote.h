/*
 * A record whose key is at home on another worker: on an ordered stream every key has one home in the process, so that
 * at most one of its records is under way. The record is copied and posted there; its result is posted back. The waiter
 * stays in its own worker's lane, and knows no difference.
 */
#ifndef KGW_KINESIS_REMOTE_H
#define KGW_KINESIS_REMOTE_H

#include "gateway/kinesis/lane.h"

/* The worker that keeps the order of this key: itself, if there is no other. */
size_t remote_home_of(const struct sender *s, struct span partition_key);
/* Sends the waiter's record to its home. It comes back by lane_finish(). False: out of memory. */
bool remote_put(struct put_waiter *w, size_t home, struct span tenant);

#endif
