/*
 * One call upstream: the records it carries, encoded, signed and sent at departure, and settled by its answer. It owns
 * the bytes it sends. Between departure.c, which decides what leaves, and settle.c, which decides what an answer means.
 */
#ifndef KGW_KINESIS_PUT_CALL_H
#define KGW_KINESIS_PUT_CALL_H

#include "gateway/kinesis/lane.h"
#include "gateway/kinesis/put_decode.h"
#include "gateway/kinesis/put_encode.h"

struct put_call {
    struct list link; /* while idle, or waiting to begin in a track's split */
    struct lane *lane;
    struct track *track;
    struct http_call *http; /* NULL: not begun, or still being prepared */
    struct buf body;
    int64_t signed_s;
    uint64_t creds_serial;
    /* Who waits; NULL where one left before the call began. Once begun, records[i] is the first waiter of the i-th
     * record sent, and there is one more for the end: a record holds several waiters if it is an aggregate. */
    struct put_waiter **waiters;
    uint32_t *records;
    size_t waiters_len, waiters_capacity, records_len;
    bool is_single; /* PutRecord */
    uint64_t begun_us;
    struct put_large *large; /* while a large record is prepared in slices */
};

/* An empty call; NULL: out of memory. */
struct put_call *put_call_gather(struct lane *lane, struct track *track);
/* The waiter, which is in no queue, travels with it. False: out of memory. */
bool put_call_add(struct put_call *call, struct put_waiter *w);
void put_call_drop(struct put_call *call, struct put_waiter *w); /* it leaves a call that has not begun */
/*
 * Encodes, signs and sends; or ends the call at once, settling its waiters. It takes its room in the window either way,
 * until its end. Waiters that do not fit are queued again.
 */
void put_call_begin(struct put_call *call);
/* Gives the call up if its only record certainly was not sent: true, and the waiter is in no call any more. */
bool put_call_cancel_unsent(struct put_call *call);
void put_call_free_idle(struct sender *s);

/* put_call.c, for the other parts of a call. `items` are those of a PutRecords that was taken, else NULL. */
struct put_end;
void put_call_send(struct put_call *call, const uint8_t *body_sha256); /* the body is whole; its hash may be NULL */
void put_call_fail(struct put_call *call);                             /* it cannot be sent: its waiters are told */
void put_call_fail_as(struct put_call *call, struct put_end *end);
void put_call_end(struct put_call *call, struct put_end *end, const struct put_answer *items);
void put_call_give_back(struct put_call *call); /* nobody is in it */

/* put_send.c. False: nothing was sent. */
bool put_send(struct put_call *call, const uint8_t *body_sha256);
/* put_answer.c */
void put_on_answer(void *call, const struct http_answer *a);

/* put_large.c: a record too large for one turn is encoded and hashed in slices. False: out of memory. */
bool put_large_start(struct put_call *call);
void put_large_cancel(struct put_call *call); /* nothing if it is not being prepared */

/* put_pack.c: orders the waiters so that those of one record stand together, and encodes the body. */
void put_pack(struct put_call *call);
/* The explicit hash key that a record travels under: its bucket's, that of a shared key, or its caller's. */
struct span put_hash_key(const struct put_waiter *w, struct span shared_key, char out[HASH_KEY_DIGITS_MAX]);

/* settle.c: what the end of an attempt means for its waiter. */
struct put_end {
    enum { PUT_END_ANSWERED, PUT_END_NOT_SENT, PUT_END_UNANSWERED, PUT_END_NO_CREDENTIALS } kind;
    struct put_answer answer;
    struct span upstream_id;
    int64_t clock_offset_s; /* what AWS's Date says, for PUT_CLOCK */
    uint64_t creds_serial;
    size_t companions; /* waiters of the call, this one too */
    uint32_t sub_sequence_number;
};
void put_settle(struct put_waiter *w, const struct put_end *end);
/* Was the call refused for what is in it, so that only its records one by one can tell which is guilty? */
bool put_is_guilt(enum put_class class);

#endif
