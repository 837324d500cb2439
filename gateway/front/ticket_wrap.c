/*
 * What a ticket knows for its records' envelope. The AWS-shaped endpoint has none: its callers say what Data is.
 */
#include "gateway/front/envelope.h"
#include "gateway/front/idempotency_key.h"
#include "gateway/front/ticket.h"

/* The sender's own id of it, else that of its retries, else that of this call. `key` holds the text. */
static struct failure find_id(const struct ticket *t, struct idempotency_key *key, struct span *id)
{
    *id = t->event_id;
    if (id->len != 0)
        return FAILURE_OK;
    TRY(idempotency_key_find(&t->exchange->head, key));
    *id = key->len != 0 ? span_of(key->text, key->len) : span_of(t->request_id, t->request_id_len);
    return FAILURE_OK;
}

static int64_t received_unix_ms(const struct ticket *t)
{
    uint64_t so_far_us = loop_now_us(t->front->loop) - t->started_us;

    return loop_unix_ms(t->front->loop) - (int64_t)(so_far_us / MS_IN_US);
}

/* The content type of a body that holds Data as a member is not Data's. */
static struct span content_type_of(const struct ticket *t, const struct record *r)
{
    if (t->event_attributes.len != 0)
        return SPAN("application/cloudevents+json");
    return r->data_is_base64 ? SPAN("") : head_find(&t->exchange->head, SPAN("content-type"), NULL);
}

static struct failure make_envelope(struct ticket *t, const struct record *r)
{
    const struct head *h = &t->exchange->head;
    struct idempotency_key key;
    struct envelope_inputs in = {
        .request_id = span_of(t->request_id, t->request_id_len),
        .path = t->path,
        .query = t->query.raw,
        .content_type = content_type_of(t, r),
        .headers = t->stream->envelope_headers,
        .is_batch = t->batch != NULL,
        .received_unix_ms = received_unix_ms(t),
        .head = h,
    };

    in.has_client = stream_client_address(t->stream, t->client, &in.client);
    TRY(find_id(t, &key, &in.id));
    t->envelope = envelope_new(&in);
    return t->envelope != NULL ? FAILURE_OK : (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
}

bool ticket_wrap(struct ticket *t, size_t index, size_t *budget, struct record *r, struct failure *f)
{
    *f = FAILURE_OK;
    if (!t->stream->has_envelope || t->route->kind == ROUTE_AWS)
        return true;
    if (t->envelope == NULL)
        *f = make_envelope(t, r);
    return f->row != FAILURE_NONE || envelope_wrap(t->envelope, index, t->stream->put.record_bytes_max, budget, r, f);
}
