/*
 * A bucket as bucket.lua keeps it in Redis, for those who only look. Pure.
 */
#ifndef KGW_QUOTA_STORED_H
#define KGW_QUOTA_STORED_H

#include "auth/bytes.h"
#include "gateway/quota/bucket.h"

#define STORED_KEY_BYTES 80

/* The key under which it is; `tenant` is at most 64 bytes long. */
struct span stored_key(struct span tenant, char out[STORED_KEY_BYTES]);
/* False, and *b is a full one: the text is none that bucket.lua writes. An empty text is none. */
bool stored_read(struct span text, struct quota_bucket *b);
/* What is left at `now_us`, by Redis's clock. What gateways hold on lease counts as used. */
void stored_room(const struct quota_bucket *b, const struct quota_limits *l, uint64_t now_us,
                 struct quota_room room[QUOTA_DIMENSIONS]);

#endif
