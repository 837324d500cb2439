/*
 * A lane: one worker's way to one stream. Records wait in flows, one a tenant, served by deficit round robin in bytes,
 * and leave at the end of a turn while the window of calls in flight has room. Each record in flight has one waiter,
 * and each waiter gets exactly one result.
 */
#ifndef KGW_KINESIS_LANE_H
#define KGW_KINESIS_LANE_H

#include "auth/sigv4_key.h"
#include "gateway/kinesis/record.h"
#include "gateway/kinesis/sender.h"
#include "gateway/kinesis/stream_conf.h"

struct put_call;
struct put_waiter;

enum put_state { PUT_IDLE, PUT_QUEUED, PUT_IN_FLIGHT, PUT_BACKING_OFF };

typedef void put_done_cb(struct put_waiter *w);

/* Embedded in whoever waits. The caller sets record, done and deadline_us; the rest is the lane's. */
struct put_waiter {
    struct record record; /* its spans stay unchanged until done, or until lane_detach() */
    put_done_cb *done;    /* once, on the worker's loop, never before lane_add() returned; `result` is set */
    uint64_t deadline_us; /* no retry is planned past it; the caller's own timer ends the wait */
    struct put_result result;

    enum put_state state;
    bool is_detached, has_refreshed, has_set_clock, is_maybe_written;
    uint8_t attempts;
    uint64_t added_us, departed_us; /* first of all; for the log */
    uint64_t attempt_us;            /* when the newest attempt departed */
    struct list link;
    struct flow *flow;
    struct lane *lane;
    struct put_call *call;
    struct timer backoff;
};

struct flow {
    struct list link;    /* in the lane's ring while it has waiters */
    struct list waiters; /* queued */
    struct list all;     /* in the lane's table of flows */
    uint64_t deficit;    /* bytes */
    size_t users;        /* waiters that point here */
    size_t tenant_len;
    char tenant[];
};

struct lane {
    struct sender *sender;
    const struct stream_conf *conf; /* of the newest snapshot that has the stream */
    struct list ring;               /* of flows with waiters */
    struct list flows;              /* all of them */
    struct turn_work depart;
    struct list blocked; /* in the sender's list, while all lanes together have too many calls under way */
    size_t calls_in_flight;
    size_t reserved_records, queued_records; /* reserved: queued or about to be, or backing off */
    uint64_t reserved_bytes;
    struct retry_budget budget;
    struct sigv4_key_cache key_cache;
    size_t users;
};

struct lane *lane_new(struct sender *s, const struct stream_conf *conf); /* with one user; NULL: out of memory */
void lane_acquire(struct lane *lane);
void lane_release(struct lane **lane); /* the last one frees it; nothing may be queued or in flight then */

/*
 * Room for a record of `bytes`, or an early refusal: FAILURE_OVERLOADED. What was reserved is used by lane_add() or
 * given back by lane_unreserve().
 */
struct failure lane_reserve(struct lane *lane, uint64_t bytes) MUST_LOOK;
void lane_unreserve(struct lane *lane, uint64_t bytes);
/*
 * Puts the waiter's record, which has a reservation, for `tenant` (copied). On failure (out of memory) there is no
 * callback and the reservation is still the caller's.
 */
struct failure lane_add(struct lane *lane, struct span tenant, struct put_waiter *w) MUST_LOOK;

/*
 * The caller's deadline passed: it stops waiting. A record that is not in flight leaves the lane at once: true,
 * w->result holds the failure, no callback comes. One in flight is settled later, by the callback, without further
 * attempts and without its spans: false.
 */
bool lane_detach(struct put_waiter *w);

#endif
