/*
 * May this principal do this? Streams by exact name or prefix, calls, client networks. Pure.
 */
#ifndef KGW_AUTH_GRANT_H
#define KGW_AUTH_GRANT_H

#include "auth/authn.h"

/* The first thing that is not allowed. Callers answer all of them alike; the difference is for logs. */
enum grant_verdict { GRANT_OK, GRANT_NO_STREAM, GRANT_NO_CALL, GRANT_NO_NETWORK };

enum grant_verdict grant_check(const struct principal *p, struct span stream, enum key_call call,
                               struct address client);

#endif
