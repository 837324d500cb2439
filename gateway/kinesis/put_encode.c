/* The encoder: reserves once, writes members in order, and base64 straight into the body. */
#include "gateway/kinesis/put_encode.h"

#include "gateway/base/json_write.h"

#define MEMBERS_BYTES 256 /* names, quotes and separators */

/* Values that hold nothing to escape: base64 and decimal numbers. */
static void write_plain_member(struct buf *out, const char *name, struct span value)
{
    json_write_name(out, name);
    buf_append_char(out, '"');
    buf_append(out, value);
    buf_append_char(out, '"');
}

static void write_data(struct buf *out, const struct record *r)
{
    if (r->data_is_base64) {
        write_plain_member(out, "Data", r->data);
        return;
    }
    json_write_name(out, "Data");
    buf_append_char(out, '"');
    buf_append_base64(out, r->data);
    buf_append_char(out, '"');
}

void put_encode_record(const struct stream_conf *stream, const struct record *r, struct buf *out)
{
    size_t data = r->data_is_base64 ? r->data.len : base64_encoded_size(r->data.len);

    buf_reserve(out, MEMBERS_BYTES + stream->stream_arn.len + stream->stream_name.len + r->partition_key.len + data);
    if (stream->stream_arn.len != 0)
        json_write_member(out, "StreamARN", stream->stream_arn);
    else
        json_write_member(out, "StreamName", stream->stream_name);
    json_write_member(out, "PartitionKey", r->partition_key);
    if (r->explicit_hash_key.len != 0)
        write_plain_member(out, "ExplicitHashKey", r->explicit_hash_key);
    if (r->sequence_number_for_ordering.len != 0)
        write_plain_member(out, "SequenceNumberForOrdering", r->sequence_number_for_ordering);
    write_data(out, r);
    buf_append_char(out, '}');
}
