/*
 * Listening to channels, on a connection of its own that is kept up as a client's is. On any loop: control has one.
 */
#ifndef KGW_NET_REDIS_SUBSCRIBE_H
#define KGW_NET_REDIS_SUBSCRIBE_H

#include "gateway/net/redis_call.h"

#define REDIS_CHANNELS_MAX 8

enum redis_news {
    REDIS_NEWS_LISTENING, /* from now on nothing is missed; what was published before may have been: read anew */
    REDIS_NEWS_MESSAGE,   /* of `channel` */
    REDIS_NEWS_LOST,      /* nothing is heard until REDIS_NEWS_LISTENING */
};

/* The spans live until it returns; it must not call redis_unsubscribe(). */
typedef void redis_news_cb(void *ctx, enum redis_news what, struct span channel, struct span message);

struct redis_subscription;
/*
 * Calls `cb` on the loop for as long as it lives, never before this returns. The channels are copied; `conf` as for a
 * client. A connection that is silent for two seconds is replaced. NULL: no memory.
 */
struct redis_subscription *redis_subscribe(struct loop *l, const struct redis_conf *conf, const struct span *channels,
                                           size_t channels_len, redis_news_cb *cb, void *ctx);
void redis_unsubscribe(struct redis_subscription **s); /* NULL-safe; no callback after it */

#endif
