/*
 * A worker's front: every request of its public listeners goes through here.
 */
#ifndef KGW_FRONT_FRONT_H
#define KGW_FRONT_FRONT_H

#include "gateway/base/log.h"
#include "gateway/front/exchange.h"
#include "gateway/front/ratelimit.h"
#include "gateway/front/snapshot.h"

struct address_limit;
struct idempotency_store;
struct quota;
struct tenant_counts;

struct front_conf {
    uint32_t request_timeout_ms, request_timeout_ms_max, hook_timeout_ms;
    uint32_t batch_records_max;
    bool log_requests;
    const char *browser_path; /* NULL: browsers have no routes */
};

struct front {
    struct loop *loop;
    struct sender *sender;
    struct metrics *metrics;
    struct log_ring *log;
    struct random *random;
    struct front_conf conf;
    struct span browser_path;              /* conf's */
    struct idempotency_store *idempotency; /* set after front_init(); NULL: keys are not looked at */
    struct quota *quota;                   /* likewise; NULL: nothing is limited */
    struct tenant_counts *tenants;         /* likewise; NULL: not counted */
    struct address_limit *addresses;       /* likewise; NULL: addresses are not limited */
    struct view *view;                     /* the current one; never NULL once requests come */
    bool is_draining;                      /* health says so, and every answer closes its connection */
    struct list idle_tickets;
    size_t idle_tickets_len, tickets_in_use;
    int64_t logged_s; /* the second whose text logged_time holds */
    char logged_time[20];
    struct buf log_line;
    struct ratelimit_policies policies;
    struct ratelimit_room room;
    uint64_t spends; /* how often something was spent or given back here */
    struct turn_work log_flush, send_replies;
    struct list replies; /* of tickets that have waited, to be sent at the end of this turn */
};

void front_init(struct front *f, struct loop *l, struct sender *sender, struct metrics *metrics, struct log_ring *log,
                struct random *random, const struct front_conf *conf);
void front_clear(struct front *f); /* no ticket is in use */
/* False: out of memory, and the previous snapshot stays. */
bool front_set_snapshot(struct front *f, struct snapshot *s);
/* The request of `e` is whole. It will be answered exactly once, unless it is gone before. */
void front_request(struct front *f, struct exchange *e);
/* A request that the server refused by itself (server.h): counted, logged and worded here. */
struct refusal;
void front_refused(struct front *f, const struct failure *failure, const struct head *head, struct address peer,
                   struct refusal *out);

#endif
