/*
 * Internals of a client, shared by redis_call.c, redis_client.c, the layouts (one Redis, sentinels, a cluster: a file
 * each, ending in its table of functions) and redis_subscribe.c.
 */
#ifndef KGW_NET_REDIS_CLIENT_H
#define KGW_NET_REDIS_CLIENT_H

#include "gateway/net/redis_node.h"

struct redis_layout {
    bool keeps_commands; /* a call may have to be sent again, elsewhere */
    bool (*start)(struct redis_client *c);
    /* Where a key's commands go; NULL: nowhere, or not known. */
    struct redis_node *(*pick)(const struct redis_client *c, struct span route_key);
    /* True: the call goes on elsewhere. NULL: no error means anything here. */
    bool (*on_error)(struct redis_client *c, struct redis_call *call, enum redis_error e, struct span text);
    void (*stop)(struct redis_client *c);
};

extern const struct redis_layout redis_layout_single, redis_layout_sentinel, redis_layout_cluster;

/* For a connection that is listened to instead of asked. */
struct redis_listener {
    void (*on_up)(void *ctx, struct redis_node *n);
    void (*on_down)(void *ctx, struct redis_node *n);
    void (*on_push)(void *ctx, struct redis_node *n, const struct redis_reply *reply);
    void *ctx;
};

struct redis_client {
    struct loop *loop;
    struct redis_conf conf;
    struct random random;
    const struct redis_layout *layout;
    void *layout_state; /* the layout's own */
    const struct redis_listener *listener;
    struct list calls, spare;
    size_t spare_len;
};

struct redis_call {
    struct list link;
    struct redis_client *client;
    struct redis_node *node; /* that is asked, or waited for */
    struct redis_waiter waiter;
    struct timer timer;
    redis_call_cb *cb;
    void *ctx;
    struct buf command; /* if the layout keeps them */
    unsigned redirects;
    bool must_ask_leave; /* the node is told ASKING first */
};

/* `listener`: NULL, or outlives the client, which then listens: a cluster's is any of its nodes. */
struct redis_client *redis_client_new_listening(struct loop *l, const struct redis_conf *conf,
                                                const struct redis_listener *listener);

/* redis_call.c, for layouts: the same as redis_call(), to one node. */
struct redis_call *redis_call_to(struct redis_client *c, struct redis_node *n, struct span command, uint32_t timeout_ms,
                                 redis_call_cb *cb, void *ctx);
/* Sends a kept command to call->node, if that is up; else it waits for redis_call_send_waiting(). */
void redis_call_send_again(struct redis_call *call);
void redis_call_send_waiting(struct redis_client *c, struct redis_node *up);
void redis_call_lose_waiting(struct redis_client *c, struct redis_node *gone); /* calls back */
void redis_call_free_spare(struct redis_client *c);

#endif
