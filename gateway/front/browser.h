/*
 * Browsers' calls on a ticket's road: who is let in once the key is known, and how they are answered. What CORS says
 * is cors.h; what a body or a query becomes is body/beacon.c.
 */
#ifndef KGW_FRONT_BROWSER_H
#define KGW_FRONT_BROWSER_H

#include "gateway/front/ticket.h"

/*
 * After authentication: the page's origin, and how often its visitor's address calls. A preflight is answered with
 * that, and spends nothing. Later failures can be read by a listed origin too.
 */
struct failure browser_admit(struct ticket *t) MUST_LOOK;
/* Sec-GPC or DNT, on a stream that heeds them: nothing is written, and the answer is a success that says so. */
bool browser_drops(struct ticket *t);
/* 204, or a pixel's image: all is written, or was dropped as the stream wants it. */
void browser_write_success(struct ticket *t, struct reply *r);
void browser_add_fields(const struct ticket *t, struct reply *r); /* of every answer on these paths, errors too */

#endif
