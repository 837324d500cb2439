/*
 * A ticket of a webhook: which hook, what was found out about who sent it, and its answer where it is a handshake.
 */
#ifndef KGW_FRONT_TICKET_HOOK_H
#define KGW_FRONT_TICKET_HOOK_H

#include "gateway/front/ticket.h"

struct ticket_hook {
    const struct hook_row *row;      /* of the ticket's view */
    const struct tenant_row *tenant; /* once it is verified; of the same view */
    struct webhook_check *check;     /* until its exchange is answered: what identifies it may lie in it */
    const char *why;                 /* it was refused; for the log */
    struct span answer;              /* text/plain, to a handshake */
    struct span allowed_origin;      /* likewise, of CloudEvents */
    bool is_handshake;
    char digest[2 * SHA256_BYTES];
};

/*
 * The route's part: finds the hook and its stream, and answers handshakes that are no deliveries. FAILURE_NOT_FOUND:
 * there is no such hook.
 */
struct failure ticket_hook_begin(struct ticket *t, struct span name) MUST_LOOK;
void ticket_hook_free(struct ticket_hook **h); /* NULL-safe */

/* The step "authenticate": over the raw body, in slices. Then t->principal is the hook's tenant, without a key. */
enum step_result ticket_hook_verify(struct ticket *t);
/*
 * hook_event.c: t->event_id, once it is verified; then, where it is in the body, once its scratch has room. It is a
 * part of the request, of the check or of the scratch.
 */
void hook_event_identify(struct ticket *t);
void hook_event_identify_in_body(struct ticket *t);
bool hook_event_is_deduplicated(const struct ticket *t); /* it has an id, and its hook remembers them */

/* hook_handshake.c: GET and OPTIONS; and, once verified, a POST that may be one: t->is_ready, if it was. */
struct failure hook_handshake(struct ticket *t) MUST_LOOK;
struct failure hook_handshake_in_body(struct ticket *t) MUST_LOOK;
void hook_handshake_write(const struct ticket *t, struct reply *r);

/* Whose quota it spends, and whose counts it is in; NULL: nobody's so far. */
static inline const struct tenant_row *ticket_tenant(const struct ticket *t)
{
    if (t->hook != NULL)
        return t->hook->tenant;
    return t->principal.key != NULL ? t->principal.key->tenant : NULL;
}

#endif
