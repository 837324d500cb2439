/*
 * A ticket with an idempotency key: whether it was seen before, and what is kept of it. The claim on its key lives as
 * long as any record of it may still be written: longer than its client, if need be.
 */
#ifndef KGW_FRONT_TICKET_RECALL_H
#define KGW_FRONT_TICKET_RECALL_H

#include "gateway/front/idempotency_book.h"
#include "gateway/front/idempotency_key.h"
#include "gateway/front/idempotency_store.h"
#include "gateway/front/ticket.h"

#define IDEMPOTENT_RECORDS_MAX 500

struct ticket_recall {
    struct ticket *ticket;
    struct recall recall;
    struct result_book book;
    size_t written_before;
    enum recall_verdict verdict; /* once has_verdict */
    bool has_verdict, is_asked, is_claimed, is_keeping;
    bool is_replayed;    /* nothing of it is put */
    bool is_unavailable; /* it went on without the store, or was not kept there in time */
    char name[IDEMPOTENCY_NAME_BYTES_MAX];
};

/* The step; nothing to do without a key, and on calls shaped like AWS's, which know no such header. */
enum step_result ticket_recall(struct ticket *t);
/* The wait ends, for a verdict or for what is kept; what its caller is told at the deadline. */
struct failure ticket_recall_give_up(struct ticket *t);
/* A record of it has settled. */
void ticket_recall_know(struct ticket *t, const struct put_waiter *w);
/*
 * Nothing of it will settle any more: what it wrote is kept, and its claim ends. Once; then nothing is left to do. The
 * step waits until it is kept, for as long as the store takes at most; the other does not wait.
 */
enum step_result ticket_recall_keep(struct ticket *t);
void ticket_recall_settle(struct ticket *t);
void ticket_recall_free(struct ticket_recall **r); /* NULL-safe; settled, and nothing asked */

static inline bool ticket_is_replayed(const struct ticket *t)
{
    return t->recall != NULL && t->recall->is_replayed;
}

void ticket_recall_add_fields(const struct ticket *t, struct reply *r);

#endif
