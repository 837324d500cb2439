/*
 * The results of one request with an idempotency key, record by record: those of earlier calls and those that come now,
 * in whatever order. Its memory is taken at the start, so that nothing that was written is ever lost for want of it.
 * Owned by one ticket.
 */
#ifndef KGW_FRONT_IDEMPOTENCY_BOOK_H
#define KGW_FRONT_IDEMPOTENCY_BOOK_H

#include "gateway/front/idempotency_record.h"

struct result_slot {
    uint32_t at;
    uint16_t len; /* 0: not known to be written */
};

struct result_book {
    size_t len, written;
    struct result_slot *slots;
    struct buf texts, encoded;
};

/* For a request of `len` records. False: out of memory; it is cleared. */
bool result_book_init(struct result_book *b, size_t len);
void result_book_clear(struct result_book *b); /* also after { 0 } */
/* Takes over what was encoded. False: it is not the results of so many records; nothing was taken. */
bool result_book_load(struct result_book *b, struct span results);
/* A result, unless it is a failure: then nothing is known. The first one stays. */
void result_book_know(struct result_book *b, size_t index, const struct put_result *r);
bool result_book_find(const struct result_book *b, size_t index, struct put_result *out); /* its spans: the book's */
/* As idempotency_record.h says. The buffer is the book's; its memory may be taken from it. */
struct buf *result_book_encode(struct result_book *b);

#endif
