/*
 * PutRecord's and PutRecords' members as CBOR, as the AWS SDK for Java sends them: the same names as in JSON, but Data
 * is bytes. Members that are not known are passed over, as AWS does.
 */
#include "gateway/front/body/body.h"
#include "gateway/front/body/member.h"

#include "gateway/base/cbor_read.h"

#define ROW(name, kind, value, has)     MEMBER_ROW(struct put_record_members, name, kind, value, has)
#define RECORDS(name, kind, value, has) MEMBER_ROW(struct put_records_members, name, kind, value, has)
#define ENTRY_ROWS                      3 /* the first of all */

static const struct member_row rows[] = {
    ROW("Data", MEMBER_BYTES, data, has_data),
    ROW("PartitionKey", MEMBER_TEXT, partition_key, has_partition_key),
    ROW("ExplicitHashKey", MEMBER_TEXT, explicit_hash_key, has_explicit_hash_key),
    ROW("StreamName", MEMBER_TEXT, stream_name, has_stream_name),
    ROW("StreamARN", MEMBER_TEXT, stream_arn, has_stream_arn),
    ROW("SequenceNumberForOrdering", MEMBER_TEXT, sequence_number_for_ordering, has_sequence_number),
    ROW("DryRun", MEMBER_FLAG, dry_run, dry_run),
};

static const struct member_row records_rows[] = {
    RECORDS("Records", MEMBER_ARRAY, records, has_records),
    RECORDS("StreamName", MEMBER_TEXT, stream_name, has_stream_name),
    RECORDS("StreamARN", MEMBER_TEXT, stream_arn, has_stream_arn),
    RECORDS("DryRun", MEMBER_FLAG, dry_run, dry_run),
};

struct shape {
    const struct member_row *rows;
    size_t rows_len;
};

static const struct failure malformed = {.row = FAILURE_SERIALIZATION, .detail = "the body is not well-formed CBOR"};

static struct failure take_string(struct cbor_reader *r, const struct cbor_item *item, const struct member_row *row,
                                  struct buf *scratch, struct span *to)
{
    enum cbor_type want = row->kind == MEMBER_BYTES ? CBOR_BYTES : CBOR_TEXT;

    if (item->type != want)
        return member_failure(want == CBOR_BYTES ? "a member must be a byte string" : "a member must be a text string",
                              row->name);
    if (cbor_string(r, item, scratch, to))
        return FAILURE_OK;
    return scratch->failed ? (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"} : malformed;
}

/* The array's exact bytes, head and break included. */
static struct failure take_array(struct cbor_reader *r, const struct cbor_item *item, const struct member_row *row,
                                 const unsigned char *start, struct span *to)
{
    if (item->type != CBOR_ARRAY)
        return member_failure("a member must be an array", row->name);
    if (!cbor_skip(r, item))
        return malformed;
    *to = span_of((const char *)start, (size_t)(r->at - start));
    return FAILURE_OK;
}

static struct failure take_value(struct cbor_reader *r, const struct member_row *row, struct buf *scratch, char *out)
{
    struct span *to = (struct span *)(void *)(out + row->value_at);
    bool *has = (bool *)(out + row->has_at);
    const unsigned char *start = r->at;
    struct cbor_item item;

    if (!cbor_next(r, &item))
        return malformed;
    if (item.type == CBOR_NULL)
        return FAILURE_OK;
    *has = row->kind != MEMBER_FLAG || item.type == CBOR_TRUE;
    if (row->kind == MEMBER_FLAG)
        return *has || item.type == CBOR_FALSE ? FAILURE_OK : member_failure("a member must be a boolean", row->name);
    return row->kind == MEMBER_ARRAY ? take_array(r, &item, row, start, to) : take_string(r, &item, row, scratch, to);
}

static size_t row_of(const struct shape *shape, struct span name)
{
    size_t i = 0;

    while (i != shape->rows_len && !span_equal(name, span_str(shape->rows[i].name)))
        i++;
    return i;
}

static struct failure take_member(struct cbor_reader *r, const struct shape *shape, unsigned *seen, struct buf *scratch,
                                  void *out)
{
    struct cbor_item item;
    struct span name;
    size_t before = scratch->len;

    if (!cbor_next(r, &item) || item.type != CBOR_TEXT || !cbor_string(r, &item, scratch, &name))
        return malformed;
    size_t i = row_of(shape, name);
    scratch->len = before; /* a name in chunks is no longer needed */
    if (i == shape->rows_len)
        return cbor_next(r, &item) && cbor_skip(r, &item) ? FAILURE_OK : malformed;
    if ((*seen & 1u << i) != 0)
        return member_failure("a member is given twice", shape->rows[i].name);
    *seen |= 1u << i;
    return take_value(r, &shape->rows[i], scratch, out);
}

static struct failure take_members(struct span map, const struct shape *shape, struct buf *scratch, void *out)
{
    struct cbor_reader r;
    struct cbor_item item;
    unsigned seen = 0;

    cbor_init(&r, map);
    if (!cbor_next(&r, &item) || item.type != CBOR_MAP)
        return member_failure("the body, or a record of it, is not a CBOR map", NULL);
    while (cbor_has_more(&r, &item))
        TRY(take_member(&r, shape, &seen, scratch, out));
    return cbor_end(&r) ? FAILURE_OK : malformed;
}

static struct failure parse(struct span map, size_t rows_len, struct buf *scratch, struct put_record_members *out)
{
    *out = (struct put_record_members){.has_data = false};
    TRY(take_members(map, &(struct shape){rows, rows_len}, scratch, out));
    out->data_bytes = out->data.len;
    return out->has_data ? FAILURE_OK : member_missing("Data is missing", "Data");
}

struct failure body_parse_cbor(struct span body, struct buf *scratch, struct put_record_members *out)
{
    return parse(body, sizeof(rows) / sizeof(rows[0]), scratch, out);
}

struct failure body_parse_cbor_entry(struct span map, struct buf *scratch, struct put_record_members *out)
{
    return parse(map, ENTRY_ROWS, scratch, out);
}

struct failure body_parse_cbor_records(struct span body, struct buf *scratch, struct put_records_members *out)
{
    *out = (struct put_records_members){.has_records = false};
    TRY(take_members(body, &(struct shape){records_rows, sizeof(records_rows) / sizeof(records_rows[0])}, scratch,
                     out));
    return out->has_records ? FAILURE_OK : member_missing("Records is missing", "Records");
}
