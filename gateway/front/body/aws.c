/*
 * The AWS-shaped endpoint: `POST /` with X-Amz-Target, as the SDKs send. The stream is named in the body, by the
 * gateway's name for it or by a configured ARN; the partition key is the caller's, as AWS demands.
 */
#include "gateway/front/batch.h"

static struct failure validation(const char *detail, const char *parameter)
{
    return (struct failure){.row = FAILURE_VALIDATION, .detail = detail, .parameter = parameter};
}

/* Unknown streams are left unnamed here and refused by the grant, like forbidden ones. */
struct failure body_find_stream(struct ticket *t, const struct put_record_members *m)
{
    const struct stream_table *streams = t->view->snapshot->streams;
    const struct stream_row *by_name = NULL, *by_arn = NULL;

    if (!m->has_stream_name && !m->has_stream_arn)
        return validation("StreamName or StreamARN is missing", "StreamName");
    if (m->has_stream_name)
        by_name = stream_table_find(streams, m->stream_name);
    if (m->has_stream_arn)
        by_arn = stream_table_find_arn(streams, m->stream_arn);
    if (m->has_stream_name && m->has_stream_arn && by_name != by_arn)
        by_name = by_arn = NULL;
    t->stream = by_name != NULL ? by_name : by_arn;
    t->stream_name = t->stream != NULL ? t->stream->put.name : m->stream_name;
    return FAILURE_OK;
}

static struct failure check_operation(struct ticket *t, struct span operation)
{
    struct span parameters, type = head_find(&t->exchange->head, SPAN("content-type"), NULL);
    struct span target = head_find(&t->exchange->head, SPAN("x-amz-target"), NULL);

    if (!span_equal(target, operation))
        return (struct failure){.row = FAILURE_UNKNOWN_OPERATION};
    type = span_trim(span_cut(type, ';', &parameters));
    if (!t->is_cbor && !span_equal_nocase(type, SPAN("application/x-amz-json-1.1")))
        return (struct failure){.row = FAILURE_UNSUPPORTED_TYPE,
                                .detail = "the content type must be application/x-amz-json-1.1 or -cbor-1.1"};
    return FAILURE_OK;
}

/* So that a result can always be told: its JSON fits the response, and is no shorter. */
static struct failure reserve_answer(struct ticket *t)
{
    buf_init(&t->made, SIZE_MAX / 2);
    return buf_reserve(&t->made, RESPONSE_BYTES)
               ? FAILURE_OK
               : (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
}

struct failure body_parse_aws(struct ticket *t)
{
    struct put_record_members m;

    TRY(check_operation(t, SPAN("Kinesis_20131202.PutRecord")));
    if (t->is_cbor)
        TRY(reserve_answer(t));
    TRY(t->is_cbor ? body_parse_cbor(t->exchange->body, &t->scratch, &m)
                   : body_parse_members(t->exchange->body, false, &t->scratch, &m));
    TRY(body_find_stream(t, &m));
    if (!m.has_partition_key)
        return validation("PartitionKey is missing", "PartitionKey");
    if (m.has_explicit_hash_key)
        TRY(record_check_explicit_hash_key(m.explicit_hash_key));
    if (m.has_sequence_number)
        TRY(record_check_sequence_number(m.sequence_number_for_ordering));
    t->is_dry_run = m.dry_run;
    t->put.record = (struct record){.data = m.data,
                                    .data_is_base64 = !t->is_cbor,
                                    .data_bytes = m.data_bytes,
                                    .partition_key = m.partition_key,
                                    .explicit_hash_key = m.explicit_hash_key,
                                    .sequence_number_for_ordering = m.sequence_number_for_ordering,
                                    .is_alone = true};
    return record_check_partition_key(m.partition_key);
}

struct failure body_parse_aws_records(struct ticket *t)
{
    TRY(check_operation(t, SPAN("Kinesis_20131202.PutRecords")));
    return batch_new(t, t->is_cbor ? BATCH_CBOR : BATCH_ENTRIES);
}
