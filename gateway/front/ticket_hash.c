/*
 * The hash of a large body, a slice a turn: nobody else on the loop waits for all of it. Signed calls are hashed for
 * their signature, calls with an idempotency key for their fingerprint; none is both.
 */
#include "gateway/front/ticket.h"

/* A small body is hashed where it is verified, and one that is not signed nowhere. */
static bool is_wanted(const struct ticket *t)
{
    struct span authorization = head_find(&t->exchange->head, SPAN("authorization"), NULL);

    return t->route->kind == ROUTE_AWS && t->exchange->body.len > HASH_SLICE_BYTES && !t->hash.is_done &&
           span_starts_with(authorization, SPAN("AWS4-"));
}

enum step_result ticket_hash_body(struct ticket *t)
{
    struct body_hash *h = &t->hash;

    if (!is_wanted(t))
        return STEP_NEXT;
    if (h->stream == NULL && (h->stream = sha256_stream_new()) == NULL) {
        t->failure = (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
        return STEP_NEXT;
    }
    return ticket_hash_slice(t);
}

enum step_result ticket_hash_slice(struct ticket *t)
{
    struct body_hash *h = &t->hash;
    struct span rest = span_of(t->exchange->body.ptr + h->at, t->exchange->body.len - h->at);

    if (rest.len > HASH_SLICE_BYTES)
        rest.len = HASH_SLICE_BYTES;
    sha256_stream_update(h->stream, rest);
    h->at += rest.len;
    if (h->at != t->exchange->body.len)
        return ticket_go_on_later(t);
    sha256_stream_final(h->stream, h->digest);
    sha256_stream_free(&h->stream);
    h->is_done = true;
    return STEP_NEXT;
}
