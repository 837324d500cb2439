/*
 * A ticket: one request on its road, and what is settled for it. It outlives its client: gone is its exchange, not the
 * record that Kinesis may be storing. It is freed when the exchange is gone and every waiter has settled.
 */
#ifndef KGW_FRONT_TICKET_H
#define KGW_FRONT_TICKET_H

#include "gateway/front/front.h"
#include "gateway/front/query.h"
#include "gateway/front/routes.h"
#include "gateway/quota/quota.h"

#define REQUEST_ID_BYTES_MAX 128
#define RESPONSE_BYTES       2304

/*
 * Room for what is decoded of a query and a body of that many bytes together: each decoding is shorter than what it
 * decodes, and there are three at most (a member, the base64 in it, a string in that). With it no decoded text ever
 * moves.
 */
#define SCRATCH_BYTES(request_bytes) (3 * (request_bytes))

/* What one ticket may do in one turn of the loop, in bytes of its body: well under a millisecond of either. */
#define SLICE_BYTES      65536 /* scanned as JSON: of tiny numbers it takes some 15 ns a byte */
#define HASH_SLICE_BYTES 262144

#define PARTITION_TEXT_BYTES     ADDRESS_TEXT_BYTES_MAX
#define PARTITION_LOOK_BYTES_MAX 1048576 /* no partition key is looked for inside larger Data */

enum step_result {
    STEP_NEXT, /* go on: with the next step, or with the reply if a failure is set or nothing else is needed */
    STEP_WAIT, /* somebody will call ticket_run() */
    STEP_DONE, /* the ticket may be freed */
};

/* SHA-256 of a body too large to hash in one turn, or of what makes a request the same as another. */
struct body_hash {
    struct sha256_stream *stream;
    size_t at;
    bool is_done;
    uint8_t digest[SHA256_BYTES];
};

/* What it spends of its tenant's quota. */
struct ticket_spending {
    struct quota_spending spending;
    struct quota_cost left; /* of what was granted: not written so far, and not surely unwritten */
    bool is_decided;        /* by Redis, while it waited */
    bool is_said;           /* the answer says what is left */
};

struct ticket {
    struct list link; /* while idle, and among the replies of a turn */
    struct front *front;
    struct exchange *exchange; /* NULL once answered or gone */
    struct view *view;
    size_t step;

    const struct route *route;
    struct span path, stream_name;
    struct address client; /* who sent it, as far as its connection and trusted proxies say */
    struct span event_id;  /* what identifies it for its sender; empty: nothing but its request id */
    struct query query;
    struct principal principal;
    const struct stream_row *stream;
    struct put_waiter put;        /* of a single record; a batch has its own */
    struct batch *batch;          /* NULL: a single record */
    struct ticket_recall *recall; /* NULL: without an idempotency key */
    struct envelope *envelope;    /* NULL: its records go as they are */
    struct ticket_hook *hook;     /* NULL: no webhook */
    size_t unsettled;             /* its records that are in flight in the audit */
    size_t waiting;               /* its waiters that the lane has */
    bool has_waited;              /* it is not answered in the turn in which it came */
    bool is_ready;                /* nothing is left but the reply */
    struct span reader;           /* the origin whose page may read the answer; empty: none */
    bool is_dropped;              /* for what the browser asks of sites: nothing is written */
    bool is_answered, is_dry_run, has_reservation, has_no_credentials;
    bool is_cbor;      /* the AWS-shaped endpoint, asked and answered in CBOR */
    struct span allow; /* methods, for a 405 */
    struct ticket_spending spend;
    struct failure failure;
    struct timer deadline, go_on;
    struct body_hash hash;
    uint64_t started_us, timeout_us;
    uint64_t body_bytes;
    struct buf made;              /* an event of binary mode as Data, or an answer in CBOR */
    struct span event_attributes; /* in it; empty: no such event */
    size_t request_id_len;

    /* What follows is not cleared when the ticket is used again: no request needs it zero. */
    char request_id[REQUEST_ID_BYTES_MAX];
    char partition_key[PARTITION_TEXT_BYTES]; /* a random one, or an address */
    struct reply reply;                       /* once is_answered */
    struct buf scratch;                       /* decoded texts; as large as the request at most */
    struct buf response; /* RESPONSE_BYTES are there from the start, so that a result can always be told */
};

void ticket_start(struct front *f, struct exchange *e);
void ticket_run(struct ticket *t);
void ticket_run_to_reply(struct ticket *t); /* the same, with the reply next */

/* Its records in the audit: in flight from the start, and each settled once. A refused request counts one. */
void ticket_receive(struct ticket *t, size_t records);
void ticket_reject(struct ticket *t);                             /* refused before anything was tried */
void ticket_settle(struct ticket *t, const struct put_waiter *w); /* one, by w->result */
void ticket_settle_unsent(struct ticket *t, size_t records);      /* failed, never given to a lane */
void ticket_settle_replayed(struct ticket *t, size_t records);    /* written by an earlier call with the same key */
void ticket_unreserve(struct ticket *t); /* its room in the lane, if it has any and was not put */
void ticket_let_go(struct ticket *t);    /* frees it if nothing needs it any more */

/* Waiting: ticket_wait.c. In between the client may leave, and the deadline may pass once it is known. */
enum step_result ticket_wait(struct ticket *t);        /* STEP_WAIT: for a lane */
enum step_result ticket_go_on_later(struct ticket *t); /* STEP_WAIT: for the next turn, and the next slice */
void ticket_end_wait(struct ticket *t);                /* no deadline any more, and nothing to go on with */

/* Steps that are more than a few lines, each in its own file. */
struct failure ticket_set_timeout(struct ticket *t) MUST_LOOK;
enum step_result ticket_hash_body(struct ticket *t);  /* STEP_NEXT: t->hash.is_done, if anybody wants to know */
enum step_result ticket_hash_slice(struct ticket *t); /* the same, of what t->hash.stream has begun with */
struct failure ticket_check_credentials(struct ticket *t) MUST_LOOK;
struct failure ticket_grant(struct ticket *t) MUST_LOOK;
/*
 * By the stream's rule, for a record without a partition key. `text` is for a key that is made; what is decoded goes to
 * *scratch, which has room for it (SCRATCH_BYTES).
 */
struct failure ticket_find_partition_key(struct ticket *t, struct record *r, char text[PARTITION_TEXT_BYTES],
                                         struct buf *scratch) MUST_LOOK;
/*
 * ticket_wrap.c. Puts the record into its envelope, if its stream has them; `index` is its place in its batch. Data
 * lies in t->envelope then, until the next one is wrapped. Reads about *budget bytes and takes them off. False: call
 * again in a turn to come, with the same; else *f says how it ended.
 */
bool ticket_wrap(struct ticket *t, size_t index, size_t *budget, struct record *r, struct failure *f) MUST_LOOK;
/* What a JSON pointer finds in the Data, as text; false: nothing, or Data of more than PARTITION_LOOK_BYTES_MAX. */
bool ticket_find_in_data(const struct record *r, struct span pointer, struct buf *scratch, struct span *out);
/* What the stream asks of a record: its size, known before its partition key is, and the rest. */
struct failure stream_check_size(const struct stream_row *stream, const struct record *r) MUST_LOOK;
struct failure stream_check_record(const struct stream_row *stream, const struct record *r) MUST_LOOK;

/* reply.c: the only writer of responses. */
void ticket_reply(
    struct ticket *t); /* at once, or with others at the turn's end if it has waited; then it may be freed */
/* The answer's text as CBOR, in t->made. False: out of memory. */
bool ticket_answer_in_cbor(struct ticket *t, struct span json) MUST_LOOK;
void ticket_send(struct ticket *t);
void ticket_send_all(void *front);
void ticket_log(struct ticket *t, int status);
void refusal_log(struct front *f, const struct failure *failure, struct span request_id, struct address peer);

#endif
