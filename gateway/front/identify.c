/* Who calls, what it may do, and whose partition key a record gets: verdicts of auth/ mapped to failures in one table.
 */
#include "auth/grant.h"
#include "gateway/front/ticket.h"

_Static_assert(sizeof(struct head_field) == sizeof(struct sigv4_header), "the guard's table is the verifier's");

static struct failure failure_of_verdict(enum authn_verdict v)
{
    static const struct failure failures[] = {
        [AUTHN_OK] = {.row = FAILURE_NONE},
        [AUTHN_NONE] = {.row = FAILURE_UNAUTHENTICATED, .aws_code = NULL},
        [AUTHN_BAD] = {.row = FAILURE_UNAUTHENTICATED},
        [AUTHN_SIGNATURE_BAD] = {.row = FAILURE_SIGNATURE},
        [AUTHN_SIGNATURE_SKEWED] = {.row = FAILURE_SIGNATURE_SKEWED},
        [AUTHN_SIGNATURE_UNKNOWN] = {.row = FAILURE_UNAUTHENTICATED},
    };

    return failures[v];
}

struct failure ticket_check_credentials(struct ticket *t)
{
    const struct exchange *e = t->exchange;
    const struct snapshot *s = t->view->snapshot;

    if (s->keyring == NULL)
        return (struct failure){.row = FAILURE_KEYS_UNAVAILABLE};
    struct authn_request r = {
        .method = e->head.method,
        .path = t->path,
        .query = t->query.raw,
        .headers = (const struct sigv4_header *)e->head.fields,
        .headers_len = e->head.fields_len,
        .body = e->body,
        .allow_sigv4 = t->route->kind == ROUTE_AWS,
        .is_beacon = route_is_browsers(t->route),
        .memo = t->view->memo,
        .body_sha256 = t->hash.is_done ? t->hash.digest : NULL,
    };
    enum authn_verdict v = authn_check(s->keyring, &s->masters, &r, loop_unix_ms(t->front->loop) / 1000, &t->principal);

    t->has_no_credentials = v == AUTHN_NONE;
    return failure_of_verdict(v);
}

/* Unknown and forbidden streams get one answer, so that names cannot be probed. */
struct failure ticket_grant(struct ticket *t)
{
    enum grant_verdict v = GRANT_NO_STREAM;

    if (t->stream != NULL)
        v = grant_check(&t->principal, t->stream->put.name, t->route->call, t->client);
    return (struct failure){.row = v == GRANT_OK ? FAILURE_NONE : FAILURE_FORBIDDEN};
}
