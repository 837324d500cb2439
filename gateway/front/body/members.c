/*
 * PutRecord's members as JSON (API_PutRecord.html), and those of an entry of PutRecords
 * (API_PutRecordsRequestEntry.html), read in place. Data stays base64: it is checked here and copied as text into the
 * call.
 */
#include "gateway/front/body/body.h"
#include "gateway/front/body/member.h"

#define ROW(name, kind, value, has) MEMBER_ROW(struct put_record_members, name, kind, value, has)
#define ENTRY_ROWS                  3 /* the first of all */

static const struct member_row rows[] = {
    ROW("Data", MEMBER_TEXT, data, has_data),
    ROW("PartitionKey", MEMBER_TEXT, partition_key, has_partition_key),
    ROW("ExplicitHashKey", MEMBER_TEXT, explicit_hash_key, has_explicit_hash_key),
    ROW("StreamName", MEMBER_TEXT, stream_name, has_stream_name),
    ROW("StreamARN", MEMBER_TEXT, stream_arn, has_stream_arn),
    ROW("SequenceNumberForOrdering", MEMBER_TEXT, sequence_number_for_ordering, has_sequence_number),
    ROW("DryRun", MEMBER_FLAG, dry_run, dry_run),
};

static const struct member_shape put_record = {
    .rows = rows,
    .rows_len = sizeof(rows) / sizeof(rows[0]),
    .not_object = "the body is not a JSON object",
    .unknown = "the body has a member that PutRecord does not have",
};

static const struct member_shape entry = {
    .rows = rows,
    .rows_len = ENTRY_ROWS,
    .not_object = "a record is not a JSON object",
    .unknown = "a record has a member that PutRecords does not have",
};

static struct failure parse(const struct member_shape *shape, struct span object, bool strict, struct buf *scratch,
                            struct put_record_members *out)
{
    struct json_scan s;
    struct json_value name, value;
    unsigned seen = 0;

    *out = (struct put_record_members){.has_data = false};
    json_scan_init(&s, object);
    for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value);)
        TRY(member_take(shape, &name, &value, strict, &seen, scratch, out));
    if (!json_scan_end(&s))
        return member_failure(shape->not_object, NULL);
    if (!out->has_data)
        return member_missing("Data is missing", "Data");
    if (!base64_check(out->data, &out->data_bytes))
        return member_failure("Data is not base64 (RFC 4648 section 4, with padding)", "Data");
    return FAILURE_OK;
}

struct failure body_parse_members(struct span body, bool strict, struct buf *scratch, struct put_record_members *out)
{
    return parse(&put_record, body, strict, scratch, out);
}

struct failure body_parse_entry(struct span object, bool strict, struct buf *scratch, struct put_record_members *out)
{
    return parse(&entry, object, strict, scratch, out);
}
