/*
 * One connection's conversation: commands go out, and replies come back to whoever waits, in order. It lives once: who
 * wants another one begins anew. For redis_node only; on its loop's thread.
 */
#ifndef KGW_NET_REDIS_LINK_H
#define KGW_NET_REDIS_LINK_H

#include "gateway/net/redis_call.h"
#include "gateway/net/redis_reader.h"
#include "gateway/net/redis_socket.h"

/* Waits for one reply; embedded in whatever asked. */
struct redis_waiter {
    /* The reply lives until this returns. NULL: the connection ended. */
    void (*run)(struct redis_waiter *w, const struct redis_reply *reply);
    uint64_t sequence;
    bool is_waiting;
};

struct redis_link_events {
    void (*on_open)(void *ctx);
    void (*on_push)(void *ctx, const struct redis_reply *reply); /* what nobody waits for; NULL: that breaks the link */
    void (*on_end)(void *ctx, const char *reason);               /* static; also of redis_link_end() */
};

struct redis_link {
    struct redis_socket socket;
    struct redis_reader reader;
    const struct redis_link_events *events;
    void *ctx;
    struct redis_waiter **waiters; /* a ring; NULL: the reply is for nobody any more */
    size_t capacity, waiters_max;
    uint64_t first, next; /* sequence numbers: of the reply to come next, of the command to be sent next */
    bool is_alive;
};

void redis_link_init(struct redis_link *k, struct loop *l, const struct redis_conf *conf,
                     const struct redis_link_events *events, void *ctx);
/* NULL: under way. Else a static sentence, and no event will come. */
const char *redis_link_connect(struct redis_link *k, const struct net_address *to, struct ssl_ctx_st *tls,
                               const char *host);
/*
 * Sends a command at the next flush, for `w`, or for nobody (NULL) when its reply is swallowed. False: not sent, and w
 * will not run.
 */
bool redis_link_send(struct redis_link *k, struct span command, struct redis_waiter *w);
/* Sends a command whose replies come as pushes. */
bool redis_link_send_for_pushes(struct redis_link *k, struct span command);
void redis_link_forget(struct redis_link *k, struct redis_waiter *w); /* its reply is swallowed; safe if it has run */
void redis_link_flush(struct redis_link *k);
/* Closes it: nothing runs but on_end, at once. Safe at any time, on one that has ended too. */
void redis_link_end(struct redis_link *k, const char *reason);
/* Runs all who still wait, without a reply, and frees everything; after on_end, and not from within another event. */
void redis_link_clear(struct redis_link *k);

#endif
