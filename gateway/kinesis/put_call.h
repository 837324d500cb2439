/*
 * One call upstream for one record (an array of one): encoded, signed and sent at departure, and settled by its answer.
 * It owns the bytes it sends. Between lane.c, which decides what leaves, and settle.c, which decides what an answer
 * means.
 */
#ifndef KGW_KINESIS_PUT_CALL_H
#define KGW_KINESIS_PUT_CALL_H

#include "gateway/kinesis/lane.h"
#include "gateway/kinesis/put_decode.h"

#define PUT_CALL_RECORDS_MAX 1

struct put_call {
    struct list link; /* while idle */
    struct lane *lane;
    struct http_call *http;
    struct buf body;
    int64_t signed_s;
    uint64_t creds_serial;
    size_t waiters_len;
    struct put_waiter *waiters[PUT_CALL_RECORDS_MAX];
};

/* Starts the call for `w`, which becomes in flight. On failure nothing was sent, and the waiter is as before. */
enum put_start { PUT_STARTED, PUT_NO_MEMORY, PUT_NO_CREDENTIALS };
enum put_start put_call_start(struct lane *lane, struct put_waiter *w);
/* Gives the call up if its only record certainly was not sent: true, and the waiter is in no call any more. */
bool put_call_cancel_unsent(struct put_call *call);
void put_call_free_idle(struct sender *s);

/* settle.c: what the end of an attempt means for its waiter. */
struct put_end {
    enum { PUT_END_ANSWERED, PUT_END_NOT_SENT, PUT_END_UNANSWERED, PUT_END_NO_CREDENTIALS } kind;
    struct put_answer answer;
    struct span upstream_id;
    int64_t clock_offset_s; /* what AWS's Date says, for PUT_CLOCK */
    uint64_t creds_serial;
};
void put_settle(struct put_waiter *w, const struct put_end *end);

/* lane.c, for settle.c */
void lane_requeue(struct put_waiter *w); /* first in its flow, and leaves this turn if there is room */
void lane_back_off(struct put_waiter *w, uint64_t delay_us); /* the same, later */
void lane_finish(struct put_waiter *w);                      /* result is set: unlinks, then calls done */

#endif
