/*
 * A batch: the records of one request, put through the lane of their stream by many waiters and answered together. The
 * body is read twice, in slices: first every record is checked, and one that is invalid refuses them all; then they are
 * fed to the lane as it has room. In between nothing is kept of a record; afterwards 16 bytes and its result's text.
 */
#ifndef KGW_FRONT_BATCH_H
#define KGW_FRONT_BATCH_H

#include "gateway/front/batch_gap.h"
#include "gateway/front/body/batch_scan.h"
#include "gateway/front/body/body.h"

#define BATCH_INVALID_MAX     20   /* indexes that a refusal names */
#define BATCH_ITEMS_MAX       2048 /* a batch's records in its lane at one time */
#define BATCH_AWS_RECORDS_MAX 500  /* API_PutRecords.html */
#define BATCH_RECORD_COST     128  /* what a record counts of a slice, besides its bytes */
#define BATCH_NAMES_BYTES     4096 /* of StreamName and StreamARN, if they come with escapes */

/* What became of a record: the text of one that was written lies in the batch's texts. */
struct batch_slot {
    const char *aws_code;
    uint32_t text_at;
    uint16_t text_len;
    uint8_t row; /* of failure.h */
    bool is_known : 1, is_unknown_outcome : 1;
};

/* A record on its way: in the lane from lane_add() to its callback, and free before and after. */
struct batch_item {
    struct put_waiter waiter;
    struct batch *batch;
    struct batch_item *next_free;
    size_t index;
    bool is_in_lane;
    char partition_key[PARTITION_TEXT_BYTES];
    struct buf decoded; /* what of the record had to be decoded */
};

struct batch_invalid {
    size_t len;
    uint32_t at[BATCH_INVALID_MAX];
    bool is_all_too_large;
    bool is_why;          /* the batch is refused for them */
    struct failure first; /* of those that are not too large, if there is any */
};

struct batch {
    struct ticket *ticket;
    enum batch_form form;
    struct members_scan envelope; /* BATCH_ENTRIES */
    struct put_records_members members;
    struct buf names; /* what of the stream's was decoded there */
    struct span text;
    struct batch_scan scan;
    size_t read;      /* records, in this pass */
    bool is_wrapping; /* the next one, below, is read, but its envelope is not finished */
    struct record reading;
    struct failure reading_failure;
    char reading_key[PARTITION_TEXT_BYTES];
    struct buf scratch; /* what is decoded of one record */
    char partition_key[PARTITION_TEXT_BYTES];

    uint64_t bytes;                     /* of its records, as they are charged */
    size_t records, fed, known, failed; /* fed: given to the lane, or failed without; known: have their result */
    bool is_admitted;                   /* a record was given to the lane: the answer is a 200 from now on */
    bool is_over;                       /* nobody waits any more for what is in the lane */
    struct batch_invalid invalid;

    struct batch_item *items, *free_items;
    size_t items_len;
    struct batch_item *next; /* read, and not yet taken by the lane */
    struct batch_slot *slots;
    struct batch_gap gap;
    struct buf texts, response;
    size_t told;
    bool is_told; /* response is the answer's body */
    enum encryption encryption;
};

/* For body/: makes the ticket's batch, whose records are in the body, or in a member of it. */
struct failure batch_new(struct ticket *t, enum batch_form form) MUST_LOOK;
void batch_free(struct batch **b); /* NULL-safe; nothing of it is in a lane */
/* Memory for results and items. False: there is none. */
bool batch_make_room(struct batch *b);
struct batch_item *batch_item_take(struct batch *b); /* NULL: all are in the lane */
void batch_item_give_back(struct batch_item *item);
void batch_end_answer(struct batch *b); /* the answer is sent, or nobody's: its memory goes */

/*
 * batch_read.c. The next record, checked against all that is asked of it: *failure says whether it is valid. Its spans
 * point into the body, into key_text and into the batch's scratch, until the next read.
 */
enum batch_step batch_read(struct batch *b, size_t *budget, char key_text[PARTITION_TEXT_BYTES], struct record *record,
                           struct failure *failure);
void batch_rewind(struct batch *b);

/* The steps, each a slice a turn. */
enum step_result batch_open(struct ticket *t);  /* members: finds the records and what stands beside them */
enum step_result batch_check(struct ticket *t); /* pass 1 */
enum step_result batch_put(struct ticket *t);   /* pass 2; goes on when every record's result is known */
enum step_result batch_tell(struct ticket *t);  /* the answer's text */
/* The deadline passed, or the client left: what is in the lane leaves it or settles later, the rest has failed. */
void batch_give_up(struct ticket *t);

/*
 * What an earlier call with the same key wrote is known, and not put again; from now on the answer is a 200. False: out
 * of memory.
 */
struct result_book;
bool batch_replay(struct ticket *t, const struct result_book *written) MUST_LOOK;

/* batch_result.c */
bool batch_reserve_text(struct batch *b); /* so that the next result can be told, whatever it is */
void batch_know(struct batch *b, size_t index, const struct put_result *r);
void batch_fail_rest(struct batch *b, enum failure_row row); /* of those that were not fed */

#endif
