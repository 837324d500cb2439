/*
 * What the quota said to a ticket, counted: for the gateway as a whole, and for its tenant.
 */
#ifndef KGW_FRONT_TICKET_COUNT_H
#define KGW_FRONT_TICKET_COUNT_H

#include "gateway/front/ticket.h"

/* `t` passed without a quota: its tenant has none, or nothing is limited here. */
void ticket_count_admitted(const struct ticket *t, const struct quota_cost *cost);
/* The verdict on `s`, once. */
void ticket_count_grant(const struct ticket *t, const struct quota_spending *s);

#endif
