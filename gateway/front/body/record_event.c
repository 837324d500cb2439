/*
 * POST /v1/streams/{stream}/record with a CloudEvent. In structured mode the body is the Data, byte for byte; in binary
 * mode Data is the same event in the JSON format. Its partitionkey is the PartitionKey.
 */
#include "gateway/front/body/event.h"

static struct failure check_size(struct span body)
{
    if (body.len <= EVENT_BYTES_MAX)
        return FAILURE_OK;
    return (struct failure){.row = FAILURE_RECORD_TOO_LARGE,
                            .detail = "an event is larger than 1 MiB",
                            .bytes = body.len,
                            .bytes_max = EVENT_BYTES_MAX};
}

static struct failure take_event(struct ticket *t, struct span event, struct buf *scratch)
{
    struct query *q = &t->query;
    struct span key;

    TRY(body_parse_event(event, scratch, &key));
    TRY(body_merge(key, key.len != 0, "PartitionKey", &q->partition_key, &q->has_partition_key));
    t->put.record = (struct record){.data = event, .data_bytes = event.len};
    return body_take_parameters(t, scratch);
}

struct failure event_parse_structured(struct ticket *t)
{
    TRY(check_size(t->exchange->body));
    return take_event(t, t->exchange->body, &t->scratch);
}

struct failure event_parse_binary(struct ticket *t)
{
    size_t attributes_bytes;

    TRY(check_size(t->exchange->body));
    buf_init(&t->made, SIZE_MAX / 2); /* the request's size bounds it */
    TRY(event_write(&t->exchange->head, t->exchange->body, &t->made, &attributes_bytes));
    size_t event_bytes = t->made.len;
    /* what is decoded of it goes behind it (its partitionkey, and what a rule finds in it or in the query) */
    if (!buf_reserve(&t->made, 2 * event_bytes + t->query.raw.len))
        return (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
    t->event_attributes = span_of(t->made.ptr, attributes_bytes);
    return take_event(t, span_of(t->made.ptr, event_bytes), &t->made);
}
