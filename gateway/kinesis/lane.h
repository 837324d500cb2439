/*
 * A lane: one worker's way to one stream. Records wait in flows, one a tenant, served by deficit round robin in bytes,
 * and leave at the end of a turn while the window of calls in flight has room: alone as PutRecord, or, with what else
 * is there, as PutRecords. Large records have calls and a queue of their own, so that nobody waits behind one. Each
 * record has one waiter, and each waiter gets exactly one result.
 */
#ifndef KGW_KINESIS_LANE_H
#define KGW_KINESIS_LANE_H

#include "auth/sigv4_key.h"
#include "gateway/kinesis/flow.h"
#include "gateway/kinesis/order.h"
#include "gateway/kinesis/sender.h"
#include "gateway/kinesis/shards.h"
#include "gateway/kinesis/stream_conf.h"
#include "gateway/kinesis/window.h"

#define LARGE_RECORD_BYTES 262144 /* more than this is large: it travels alone, and is prepared in slices */

struct put_call;
struct put_waiter;

enum put_state {
    PUT_IDLE,
    PUT_WAITING_TURN, /* for its key's turn, on an ordered stream */
    PUT_AT_HOME,      /* with the worker that keeps the order of its key */
    PUT_QUEUED,
    PUT_GATHERED, /* in a call that has not begun */
    PUT_IN_FLIGHT,
    PUT_BACKING_OFF
};

typedef void put_done_cb(struct put_waiter *w);

/* Embedded in whoever waits. The caller sets record, done and deadline_us; the rest is the lane's. */
struct put_waiter {
    struct record record;     /* its spans stay unchanged until done, or until lane_detach() */
    put_done_cb *done;        /* once, on the worker's loop, never before lane_add() returned; `result` is set */
    uint64_t deadline_us;     /* no retry is planned past it; the caller's own timer ends the wait */
    struct put_result result; /* whole while done runs; afterwards without its spans */
    uint8_t upstream_id_len;
    char upstream_id[UPSTREAM_ID_BYTES_MAX]; /* x-amzn-RequestId of the last answer; for the log */

    enum put_state state;
    bool is_detached, has_refreshed, has_set_clock, has_forgotten_last, is_maybe_written, is_large;
    bool has_sub_sequence_number; /* its stream had aggregates when it came */
    bool is_packable;             /* it may share an aggregate … */
    bool has_bucket;              /* … with those of its bucket; without one, with those whose keys are drawn */
    uint8_t attempts;
    uint32_t gathered;              /* its place in its call */
    struct hash_key bucket_key;     /* the bucket's explicit hash key */
    uint64_t added_us, departed_us; /* first of all; for the log */
    uint64_t queued_us;             /* when it was queued last */
    uint64_t attempt_us;            /* when the newest attempt departed */
    struct flow_entry entry;
    struct flow *flow;
    struct lane *lane;
    struct put_call *call;
    struct order_place place;
    struct timer backoff;
};

/* Records of a size wait and depart together. */
struct track {
    struct flow_ring ring;
    struct list flows; /* all of them: a tenant has one here, and another on the other track */
    struct list split; /* of calls gathered from one that was refused whole; they go first */
    size_t calls;      /* under way */
    size_t alone;      /* of those queued: they need a call each */
};

struct lane {
    struct sender *sender;
    const struct stream_conf *conf; /* of the newest snapshot that has the stream */
    struct track small, large;      /* records up to LARGE_RECORD_BYTES, and above */
    struct window window;           /* of the small track */
    struct shards shards;
    struct order *order; /* once the stream was ordered */
    struct turn_work depart;
    struct list blocked; /* in the sender's list, while all lanes together have too many calls under way */
    size_t reserved_records;
    uint64_t reserved_bytes;
    struct retry_budget budget;
    struct sigv4_key_cache key_cache;
    size_t users;
};

struct lane *lane_new(struct sender *s, const struct stream_conf *conf); /* with one user; NULL: out of memory */
void lane_acquire(struct lane *lane);
void lane_release(struct lane **lane); /* the last one frees it; nothing may be queued or in flight then */

/*
 * Room for a record of `bytes` of `tenant`, or an early refusal: FAILURE_OVERLOADED if the queue is full, if the tenant
 * has its share of it, or if the record would not leave before deadline_us. What was reserved is used by lane_add() or
 * given back by lane_unreserve().
 */
struct failure lane_reserve(struct lane *lane, struct span tenant, uint64_t bytes, uint64_t deadline_us) MUST_LOOK;
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
