/*
 * What a ticket spends of its tenant's quota, and what of that it gives back in the end.
 */
#ifndef KGW_FRONT_TICKET_SPEND_H
#define KGW_FRONT_TICKET_SPEND_H

#include "gateway/front/ticket.h"

/* The step; nothing to do for tenants without limits. A batch is spent at once; what is replayed costs nothing. */
enum step_result ticket_spend(struct ticket *t);
void ticket_spend_give_up(struct ticket *t); /* the wait ends without a verdict, if there is one */
/* A record of it was written, or may have been: it stays spent. */
void ticket_spend_keep(struct ticket *t, uint64_t bytes);
/* Nothing of it will settle any more: what certainly was not written is given back. Once. */
void ticket_spend_settle(struct ticket *t);
/* RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers). Their texts are appended to `texts`. */
void ticket_spend_add_fields(const struct ticket *t, struct reply *r, struct buf *texts);

#endif
