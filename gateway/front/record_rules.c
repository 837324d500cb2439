/* What a stream asks of a record besides PutRecord's own rules; for single records and for those of a batch alike. */
#include "gateway/front/ticket.h"
#include "gateway/kinesis/aggregate.h"

struct failure stream_check_size(const struct stream_row *stream, const struct record *r)
{
    if (record_bytes(r) <= stream->put.record_bytes_max)
        return FAILURE_OK;
    return (struct failure){.row = FAILURE_RECORD_TOO_LARGE,
                            .detail = "Data and PartitionKey together are larger than the stream takes",
                            .bytes = record_bytes(r),
                            .bytes_max = stream->put.record_bytes_max};
}

struct failure stream_check_record(const struct stream_row *stream, const struct record *r)
{
    const struct stream_conf *put = &stream->put;

    TRY(record_check(r, put->record_bytes_max));
    if (put->is_ordered && r->sequence_number_for_ordering.len != 0)
        return (struct failure){.row = FAILURE_ARGUMENT,
                                .parameter = "SequenceNumberForOrdering",
                                .detail = "the stream keeps the order of each key itself"};
    if (!put->allows_kpl_input && aggregate_imitates(r))
        return (struct failure){.row = FAILURE_AGGREGATE};
    return FAILURE_OK;
}
