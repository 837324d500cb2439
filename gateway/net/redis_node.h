/*
 * One Redis server that is kept connected: names are resolved, addresses tried one after the other, failures met with
 * longer waits, and the breaker opens and closes. For redis_client and its layouts only; on its loop's thread.
 */
#ifndef KGW_NET_REDIS_NODE_H
#define KGW_NET_REDIS_NODE_H

#include "gateway/base/random.h"
#include "gateway/net/redis_link.h"

struct redis_node;

/* All run at a turn's end or from a timer or reply; none may free the node. */
struct redis_node_events {
    void (*on_up)(void *ctx, struct redis_node *n);
    /* Also after each attempt that failed; may name another host. */
    void (*on_down)(void *ctx, struct redis_node *n);
    void (*on_push)(void *ctx, struct redis_node *n, const struct redis_reply *reply); /* NULL: none may come */
};

struct redis_greeting_step {
    struct redis_waiter waiter;
    struct redis_node *node;
};

#define REDIS_GREETING_STEPS 3

struct redis_node {
    struct loop *loop;
    const struct redis_conf *conf;
    struct random *random;
    const struct redis_node_events *events;
    void *ctx;
    bool is_sentinel;    /* else authenticates and selects at once */
    bool must_be_master; /* a replica is as good as none */
    bool sentinel_authenticates;

    struct redis_host host; /* no name: none so far, and nothing is attempted */
    struct resolve *resolve;
    struct net_address addresses[RESOLVE_ADDRESSES_MAX];
    size_t addresses_len, addresses_tried;
    struct redis_link link;
    const char *failure; /* what the turn's end has to clear away; NULL: nothing */
    struct timer retry, deadline;
    struct turn_work work;
    uint32_t retry_ms;
    bool was_told_up;

    struct redis_greeting_step greeting[REDIS_GREETING_STEPS];
    size_t greeting_len;

    /* The breaker: redis_health.c */
    bool is_up, is_suspect;
    uint64_t up_since_us, pinged_us;
    uint64_t rests_until_us; /* 0: does not rest */
    struct redis_waiter ping;
};

void redis_node_init(struct redis_node *n, struct loop *l, const struct redis_conf *conf, struct random *random,
                     const struct redis_node_events *events, void *ctx);
/* Another host than before drops the connection to that. `at_once`: without the rest of a wait between attempts. */
void redis_node_set_host(struct redis_node *n, const struct redis_host *host, bool at_once);
/* Ends the connection at this turn's end, or at once what is asked of it; a new one will be tried. */
void redis_node_fail(struct redis_node *n, const char *reason);
/* Sends a command of this turn. False: not sent. */
bool redis_node_send(struct redis_node *n, struct span command, struct redis_waiter *w);
void redis_node_flush_later(struct redis_node *n);
void redis_node_clear(struct redis_node *n); /* who waits runs without a reply; not from its events */

/* redis_greeting.c: what is said first on every connection */
bool redis_greeting_send(struct redis_node *n); /* false: not sent */

/* redis_health.c */
void redis_health_begin(struct redis_node *n);        /* a connection greets: it is up once a PING is answered */
void redis_health_end(struct redis_node *n);          /* the connection is gone */
void redis_health_note_answer(struct redis_node *n);  /* an answer in time */
void redis_health_note_timeout(struct redis_node *n); /* none */
void redis_health_distrust(struct redis_node *n, const char *reason); /* it answers, but that it cannot work */
/* It is up, but takes no writes: what has to do with that begins a rest, or ends it. */
void redis_health_note_refusal(struct redis_node *n);
void redis_health_note_success(struct redis_node *n);
bool redis_health_rests(const struct redis_node *n);
void redis_health_note_trial(struct redis_node *n); /* a call is sent all the same: the next one a while after it */

#endif
