/*
 * What the fields RateLimit-Policy and RateLimit say of a tenant's quota (draft-ietf-httpapi-ratelimit-headers). A
 * policy's text is the same for every answer: the last ones are kept. One owner at a time.
 */
#ifndef KGW_FRONT_RATELIMIT_H
#define KGW_FRONT_RATELIMIT_H

#include "auth/bytes.h"
#include "gateway/quota/bucket.h"

#define RATELIMIT_POLICIES_KEPT 16

struct ratelimit_policy {
    struct quota_limits limits;
    uint16_t len; /* 0: nothing is kept here */
    char text[446];
};

/* One of zeros is new. */
struct ratelimit_policies {
    struct ratelimit_policy kept[RATELIMIT_POLICIES_KEPT];
};

/* What is left of one tenant's quota, as it was said last: to be said again in the same turn. One of zeros is new. */
struct ratelimit_room {
    uint64_t at_us, spends; /* of which moment, and after so many changes */
    uint16_t len;
    uint8_t tenant_len;
    char tenant[64], text[320];
};

/* True, and it is appended, if `r` has it. */
bool ratelimit_say_again(const struct ratelimit_room *r, struct span tenant, uint64_t at_us, uint64_t spends,
                         struct buf *b);
void ratelimit_remember(struct ratelimit_room *r, struct span tenant, uint64_t at_us, uint64_t spends,
                        struct span text);

/* Both append to `b`, and return what they appended; `l` limits something. */
struct span ratelimit_write_policy(struct ratelimit_policies *p, const struct quota_limits *l, struct buf *b);
struct span ratelimit_write_room(const struct quota_limits *l, const struct quota_room room[QUOTA_DIMENSIONS],
                                 struct buf *b);

#endif
