/*
 * The batch of POST /v1/streams/{stream}/records: its form by content type. A parameter of the single-record call has
 * no meaning here, and is refused rather than passed over.
 */
#include "gateway/front/batch.h"

static const struct {
    const char *type;
    enum batch_form form;
} types[] = {
    {"application/x-ndjson", BATCH_LINES},
    {"application/json", BATCH_ARRAY},
    {"application/vnd.kinesis.v1+json", BATCH_ENTRIES},
    {"application/cloudevents-batch+json", BATCH_EVENTS},
};

static struct failure check_parameter(const struct ticket *t, bool is_in_query, struct span header,
                                      const char *parameter)
{
    size_t count;

    (void)head_find(&t->exchange->head, header, &count);
    if (!is_in_query && count == 0)
        return FAILURE_OK;
    return (struct failure){.row = FAILURE_MALFORMED,
                            .parameter = parameter,
                            .detail = "the parameter belongs to the call for a single record"};
}

struct failure body_refuse_parameters(const struct ticket *t)
{
    const struct query *q = &t->query;

    TRY(check_parameter(t, q->has_partition_key, SPAN("x-kinesis-partition-key"), "PartitionKey"));
    TRY(check_parameter(t, q->has_explicit_hash_key, SPAN("x-kinesis-explicit-hash-key"), "ExplicitHashKey"));
    return check_parameter(t, q->has_sequence_number, SPAN("x-kinesis-sequence-number-for-ordering"),
                           "SequenceNumberForOrdering");
}

struct failure body_parse_records(struct ticket *t)
{
    struct span parameters, type = head_find(&t->exchange->head, SPAN("content-type"), NULL);

    type = span_trim(span_cut(type, ';', &parameters));
    for (size_t i = 0; i != sizeof(types) / sizeof(types[0]); i++)
        if (span_equal_nocase(type, span_str(types[i].type))) {
            TRY(body_refuse_parameters(t));
            t->is_dry_run = t->query.dry_run;
            return batch_new(t, types[i].form);
        }
    return (struct failure){.row = FAILURE_UNSUPPORTED_TYPE,
                            .detail = "the content type must be application/x-ndjson, application/json, "
                                      "application/vnd.kinesis.v1+json or application/cloudevents-batch+json"};
}
