/*
 * What a worker's lanes share on their way to Kinesis: connections, credentials, the clock's offset, settings and
 * counters. Owned by one worker; credentials arrive as immutable snapshots.
 */
#ifndef KGW_KINESIS_SENDER_H
#define KGW_KINESIS_SENDER_H

#include "auth/aws_creds.h"
#include "gateway/base/metrics.h"
#include "gateway/base/random.h"
#include "gateway/kinesis/retry.h"
#include "gateway/net/http_call.h"

/* Bounds are per worker: the process's, divided by the workers. */
struct sender_conf {
    uint32_t call_timeout_ms;
    uint32_t window_min;          /* a lane's window begins with this and never falls below; per worker as it is */
    uint32_t calls_in_flight_max; /* a lane's window never grows above */
    uint32_t call_records_max;    /* in one call */
    uint32_t call_bytes_max;      /* of records that travel together; a larger one travels alone */
    uint32_t large_calls_max;     /* a lane's, with records over 256 KiB */
    uint32_t ordering_keys_max;   /* of an ordered lane: keys whose last sequence number is remembered */
    uint32_t calls_max;           /* all lanes' calls together: what descriptors allow */
    uint32_t queue_records_max;   /* a lane's */
    uint64_t queue_bytes_max;     /* a lane's */
    struct retry_conf retry;
};

struct aggregate;
struct lane;
struct put_answer;
struct sender;

/* Another worker's sender, touched by nobody but that worker: posts name it. */
struct sender_peer {
    struct loop *loop;
    struct sender *sender;
};

struct sender {
    struct loop *loop;
    struct http_client *client;
    struct sender_conf conf;
    struct aws_creds *creds; /* NULL: none; a reference of ours */
    int64_t clock_offset_s;  /* AWS's clock minus ours */
    struct random *random;
    struct metrics *metrics;
    /* Asks, from this worker's thread, for fresh credentials: those with `serial` were refused. They come by
     * sender_set_creds(). */
    void (*refresh_creds)(void *ctx, uint64_t serial);
    void *refresh_ctx;
    uint64_t refresh_asked_us;
    /* All workers of the process, this one too, for streams whose keys have a home; none: there is but one. */
    const struct sender_peer *peers;
    size_t peers_len, self;
    struct lane *(*find_lane)(void *ctx, struct span stream); /* for what peers send; NULL: no such stream */
    void *find_lane_ctx;
    size_t calls;              /* under way, all lanes' */
    struct list blocked_lanes; /* those that calls_max keeps waiting */
    struct list idle_calls;    /* of struct put_call, kept for their buffers */
    size_t idle_calls_len;
    struct put_answer *answers;  /* one answer's items, while it is settled; made when first needed */
    struct aggregate *aggregate; /* the one being packed; the same */
};

void sender_init(struct sender *s, struct loop *l, struct http_client *client, const struct sender_conf *conf,
                 struct random *random, struct metrics *metrics);
void sender_clear(struct sender *s);
void sender_set_creds(struct sender *s, struct aws_creds *creds); /* takes a reference of its own */

#endif
