/*
 * The single record of POST /v1/streams/{stream}/record: raw bytes, PutRecord's members, or an event. A parameter may
 * come by query, header or member; given twice, its values must be equal.
 */
#include "gateway/front/body/event.h"

#define MEMBERS_TYPE "application/vnd.kinesis.v1+json"
#define EVENT_TYPE   "application/cloudevents"

static struct failure differs(const char *parameter)
{
    return (struct failure){.row = FAILURE_MALFORMED,
                            .parameter = parameter,
                            .detail = "a parameter is given twice, with different values"};
}

struct failure body_merge(struct span value, bool is_given, const char *parameter, struct span *to, bool *has)
{
    if (!is_given)
        return FAILURE_OK;
    if (*has && !span_equal(*to, value))
        return differs(parameter);
    *to = value;
    *has = true;
    return FAILURE_OK;
}

static struct failure merge_fields(const struct head *h, struct span header, const char *parameter, struct span *to,
                                   bool *has)
{
    for (size_t i = 0; i != h->fields_len; i++)
        TRY(body_merge(h->fields[i].value, span_equal_nocase(h->fields[i].name, header), parameter, to, has));
    return FAILURE_OK;
}

static inline struct failure merge_header(const struct head *h, struct span header, const char *parameter,
                                          struct span *to, bool *has)
{
    return head_may_have(h, header) ? merge_fields(h, header, parameter, to, has) : FAILURE_OK;
}

struct failure body_take_parameters(struct ticket *t, struct buf *scratch)
{
    struct query *q = &t->query;
    struct record *r = &t->put.record;
    const struct head *h = &t->exchange->head;

    TRY(merge_header(h, SPAN("x-kinesis-partition-key"), "PartitionKey", &q->partition_key, &q->has_partition_key));
    TRY(merge_header(h, SPAN("x-kinesis-explicit-hash-key"), "ExplicitHashKey", &q->explicit_hash_key,
                     &q->has_explicit_hash_key));
    TRY(merge_header(h, SPAN("x-kinesis-sequence-number-for-ordering"), "SequenceNumberForOrdering",
                     &q->sequence_number_for_ordering, &q->has_sequence_number));
    r->partition_key = q->partition_key;
    r->explicit_hash_key = q->explicit_hash_key;
    r->sequence_number_for_ordering = q->sequence_number_for_ordering;
    t->is_dry_run |= q->dry_run;
    if (q->has_explicit_hash_key)
        TRY(record_check_explicit_hash_key(r->explicit_hash_key)); /* an empty one is given, and wrong */
    if (q->has_sequence_number)
        TRY(record_check_sequence_number(r->sequence_number_for_ordering));
    r->is_alone = q->has_explicit_hash_key;
    return q->has_partition_key ? record_check_partition_key(r->partition_key)
                                : ticket_find_partition_key(t, r, t->partition_key, scratch);
}

struct failure body_parse_raw(struct ticket *t)
{
    t->put.record = (struct record){.data = t->exchange->body, .data_bytes = t->exchange->body.len};
    return body_take_parameters(t, &t->scratch);
}

struct failure body_check_stream(const struct ticket *t, const struct put_record_members *m)
{
    if (m->has_stream_name && !span_equal(m->stream_name, t->stream->put.name))
        return differs("StreamName");
    if (m->has_stream_arn && !span_equal(m->stream_arn, t->stream->put.stream_arn))
        return differs("StreamARN");
    return FAILURE_OK;
}

static struct failure parse_members(struct ticket *t)
{
    struct put_record_members m;
    struct query *q = &t->query;

    TRY(body_parse_members(t->exchange->body, true, &t->scratch, &m));
    TRY(body_check_stream(t, &m));
    TRY(body_merge(m.partition_key, m.has_partition_key, "PartitionKey", &q->partition_key, &q->has_partition_key));
    TRY(body_merge(m.explicit_hash_key, m.has_explicit_hash_key, "ExplicitHashKey", &q->explicit_hash_key,
                   &q->has_explicit_hash_key));
    TRY(body_merge(m.sequence_number_for_ordering, m.has_sequence_number, "SequenceNumberForOrdering",
                   &q->sequence_number_for_ordering, &q->has_sequence_number));
    t->is_dry_run = m.dry_run;
    t->put.record = (struct record){.data = m.data, .data_is_base64 = true, .data_bytes = m.data_bytes};
    return body_take_parameters(t, &t->scratch);
}

struct failure body_parse_record(struct ticket *t)
{
    struct span parameters, type = head_find(&t->exchange->head, SPAN("content-type"), NULL);

    type = span_trim(span_cut(type, ';', &parameters));
    if (span_equal_nocase(type, SPAN(MEMBERS_TYPE)))
        return parse_members(t);
    if (span_equal_nocase(type, SPAN(EVENT_TYPE "+json")))
        return event_parse_structured(t);
    if (type.len >= strlen(EVENT_TYPE) && span_equal_nocase(span_of(type.ptr, strlen(EVENT_TYPE)), SPAN(EVENT_TYPE)))
        return (struct failure){.row = FAILURE_UNSUPPORTED_TYPE,
                                .detail = "an event must be application/cloudevents+json or in binary mode; batches go "
                                          "to /records"};
    return event_is_binary(&t->exchange->head) ? event_parse_binary(t) : body_parse_raw(t);
}
