/*
 * Which of a Redis Cluster's slots a key is in (Redis cluster specification, "Key distribution model"), and what the
 * cluster says of where slots are. Pure.
 */
#ifndef KGW_NET_REDIS_SLOT_H
#define KGW_NET_REDIS_SLOT_H

#include "gateway/net/redis_reply.h"
#include "gateway/net/redis_url.h"

#define REDIS_SLOTS 16384

/* What stands between the first { and the next } decides, if that is not empty; else the whole key. */
unsigned redis_slot_of(struct span key);

struct redis_slots {
    unsigned first, last;
    struct redis_host host; /* the master */
};

/* One element of the answer to CLUSTER SLOTS. A host that is left out is the one that was asked. False: malformed. */
bool redis_slots_read(const struct redis_reply *range, const struct redis_host *asked, struct redis_slots *out);
/* "MOVED 3999 127.0.0.1:6381" or "ASK …": first and last are the slot. */
bool redis_slots_read_redirect(struct span text, const struct redis_host *asked, struct redis_slots *out);

#endif
