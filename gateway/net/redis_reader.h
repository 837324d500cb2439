/*
 * Replies out of a stream of bytes: hiredis's reader, with memory that is ours and bounded. Knows no connection. Owned
 * by one thread.
 */
#ifndef KGW_NET_REDIS_READER_H
#define KGW_NET_REDIS_READER_H

#include "auth/arena.h"
#include "gateway/net/redis_reply.h"

#define REDIS_SCRATCH_BYTES 2048

struct redis_reader {
    struct redisReader *native;
    struct arena arena;
    size_t taken_bytes, reply_bytes_max;
    size_t scratch_used;
    _Alignas(16) char scratch[REDIS_SCRATCH_BYTES]; /* for small replies, which most are */
};

/* `reply_bytes_max` bounds one reply, as it came and as it is held. False: out of memory. */
bool redis_reader_init(struct redis_reader *r, size_t reply_bytes_max);
void redis_reader_clear(struct redis_reader *r); /* safe on one that is all zeros */

bool redis_reader_feed(struct redis_reader *r, struct span bytes); /* copied; false: out of memory, or broken before */

enum redis_reading {
    REDIS_READING_REPLY,  /* *out, until redis_reader_release(), feed or clear */
    REDIS_READING_MORE,   /* nothing whole yet */
    REDIS_READING_BROKEN, /* not Redis's protocol, nested too deep, or too large: no reply will come any more */
};
enum redis_reading redis_reader_next(struct redis_reader *r, const struct redis_reply **out);
void redis_reader_release(struct redis_reader *r); /* after each reply */

#endif
