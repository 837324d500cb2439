/*
 * What Redis answered (RESP2). Plain data: whoever hands a reply out says how long it lives.
 */
#ifndef KGW_NET_REDIS_REPLY_H
#define KGW_NET_REDIS_REPLY_H

#include "auth/bytes.h"

enum redis_type {
    REDIS_TYPE_NIL,
    REDIS_TYPE_INTEGER,
    REDIS_TYPE_STATUS,
    REDIS_TYPE_STRING,
    REDIS_TYPE_ERROR,
    REDIS_TYPE_ARRAY,
};

struct redis_reply {
    enum redis_type type;
    int64_t integer;
    struct span text;                   /* of a status, string or error; no NUL behind it */
    const struct redis_reply *elements; /* of an array */
    size_t elements_len;
};

static inline bool redis_reply_is_status(const struct redis_reply *r, struct span text)
{
    return r->type == REDIS_TYPE_STATUS && span_equal(r->text, text);
}

#endif
