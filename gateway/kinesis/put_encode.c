/*
 * The encoder: reserves once a record, writes members in order, and base64 straight into the body. Data stands last, so
 * that a large one can follow in slices.
 */
#include "gateway/kinesis/put_encode.h"

#include "gateway/base/json_write.h"

#define MEMBERS_BYTES       256 /* names, quotes and separators */
#define ESCAPED_BYTES_MAX   6   /* one byte as \u001f */
#define SLICE_OF_DATA_BYTES (PUT_ENCODE_SLICE / 4 * 3)

_Static_assert(PUT_ENCODE_SLICE % 4 == 0,
               "base64 of slices is the base64 of the whole: no slice but the last is padded");

static size_t encoded_data_bytes(const struct record *r)
{
    return r->data_is_base64 ? r->data.len : base64_encoded_size(r->data.len);
}

/* Values that hold nothing to escape: base64 and decimal numbers. */
static void write_plain_member(struct buf *out, const char *name, struct span value)
{
    json_write_name(out, name);
    buf_append_char(out, '"');
    buf_append(out, value);
    buf_append_char(out, '"');
}

static void write_stream(const struct stream_conf *stream, struct buf *out)
{
    if (stream->stream_arn.len != 0)
        json_write_member(out, "StreamARN", stream->stream_arn);
    else
        json_write_member(out, "StreamName", stream->stream_name);
}

static void append_data(struct buf *out, const struct record *r, struct span data)
{
    if (r->data_is_base64)
        buf_append(out, data);
    else
        buf_append_base64(out, data);
}

/* All of PutRecord's body up to Data's first character, and room for the rest. */
static void write_head(const struct stream_conf *stream, const struct record *r, struct buf *out)
{
    buf_reserve(out, MEMBERS_BYTES + stream->stream_arn.len + stream->stream_name.len + r->partition_key.len +
                         encoded_data_bytes(r));
    write_stream(stream, out);
    json_write_member(out, "PartitionKey", r->partition_key);
    if (r->explicit_hash_key.len != 0)
        write_plain_member(out, "ExplicitHashKey", r->explicit_hash_key);
    if (r->sequence_number_for_ordering.len != 0)
        write_plain_member(out, "SequenceNumberForOrdering", r->sequence_number_for_ordering);
    buf_append(out, SPAN(",\"Data\":\""));
}

void put_encode_record(const struct stream_conf *stream, const struct record *r, struct buf *out)
{
    write_head(stream, r, out);
    append_data(out, r, r->data);
    buf_append(out, SPAN("\"}"));
}

void put_encode_begin(const struct stream_conf *stream, struct buf *out)
{
    write_stream(stream, out);
    buf_append(out, SPAN(",\"Records\":["));
}

size_t put_encode_next_bytes_max(const struct record *r)
{
    return sizeof(",{\"PartitionKey\":\"\",\"ExplicitHashKey\":\"\",\"Data\":\"\"}") +
           ESCAPED_BYTES_MAX * r->partition_key.len + r->explicit_hash_key.len + encoded_data_bytes(r);
}

void put_encode_next(const struct record *r, struct buf *out)
{
    if (!buf_reserve(out, put_encode_next_bytes_max(r)))
        return;
    if (out->ptr[out->len - 1] != '[')
        buf_append_char(out, ',');
    buf_append(out, SPAN("{\"PartitionKey\":"));
    json_write_string(out, r->partition_key);
    if (r->explicit_hash_key.len != 0) {
        buf_append(out, SPAN(",\"ExplicitHashKey\":\""));
        buf_append(out, r->explicit_hash_key);
        buf_append_char(out, '"');
    }
    buf_append(out, SPAN(",\"Data\":\""));
    append_data(out, r, r->data);
    buf_append(out, SPAN("\"}"));
}

void put_encode_end(struct buf *out)
{
    buf_append(out, SPAN("]}"));
}

void put_encode_large_begin(struct put_encode_large *e, const struct stream_conf *stream, const struct record *r,
                            struct buf *out)
{
    *e = (struct put_encode_large){.record = r};
    write_head(stream, r, out);
}

bool put_encode_large_step(struct put_encode_large *e, struct buf *out)
{
    struct span data = e->record->data;
    size_t slice = e->record->data_is_base64 ? PUT_ENCODE_SLICE : SLICE_OF_DATA_BYTES;
    size_t bytes = data.len - e->at < slice ? data.len - e->at : slice;

    if (bytes != 0)
        append_data(out, e->record, span_of(data.ptr + e->at, bytes));
    e->at += bytes;
    if (e->at != data.len)
        return out->failed;
    buf_append(out, SPAN("\"}"));
    return true;
}
