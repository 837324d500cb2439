/*
 * PutRecord's members as JSON (API_PutRecord.html), read in place. Data stays base64: it is checked here and copied as
 * text into the call. A member given twice is refused: parsers differ on which one counts.
 */
#include "gateway/base/json_scan.h"
#include "gateway/front/body/body.h"

static struct failure serialization(const char *detail, const char *parameter)
{
    return (struct failure){.row = FAILURE_SERIALIZATION, .detail = detail, .parameter = parameter};
}

static struct failure take_text(const struct json_value *value, const char *name, struct buf *scratch, struct span *to,
                                bool *has)
{
    if (*has)
        return serialization("a member is given twice", name);
    if (value->type == JSON_TYPE_NULL)
        return FAILURE_OK;
    if (value->type != JSON_TYPE_STRING)
        return serialization("a member must be a string", name);
    *has = true;
    *to = value->raw;
    if (!value->has_escapes)
        return FAILURE_OK;
    size_t start = scratch->len;
    json_unescape(value->raw, scratch);
    if (scratch->failed)
        return (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
    *to = span_of(scratch->ptr + start, scratch->len - start);
    return FAILURE_OK;
}

static struct failure take_dry_run(const struct json_value *value, struct put_record_members *m)
{
    if (value->type != JSON_TYPE_TRUE && value->type != JSON_TYPE_FALSE && value->type != JSON_TYPE_NULL)
        return serialization("a member must be a boolean", "DryRun");
    m->dry_run = value->type == JSON_TYPE_TRUE;
    return FAILURE_OK;
}

static struct failure take_member(const struct json_value *name, const struct json_value *value, bool strict,
                                  struct buf *scratch, struct put_record_members *m)
{
    if (json_string_equals(name, SPAN("Data")))
        return take_text(value, "Data", scratch, &m->data, &m->has_data);
    if (json_string_equals(name, SPAN("PartitionKey")))
        return take_text(value, "PartitionKey", scratch, &m->partition_key, &m->has_partition_key);
    if (json_string_equals(name, SPAN("StreamName")))
        return take_text(value, "StreamName", scratch, &m->stream_name, &m->has_stream_name);
    if (json_string_equals(name, SPAN("StreamARN")))
        return take_text(value, "StreamARN", scratch, &m->stream_arn, &m->has_stream_arn);
    if (json_string_equals(name, SPAN("ExplicitHashKey")))
        return take_text(value, "ExplicitHashKey", scratch, &m->explicit_hash_key, &m->has_explicit_hash_key);
    if (json_string_equals(name, SPAN("SequenceNumberForOrdering")))
        return take_text(value, "SequenceNumberForOrdering", scratch, &m->sequence_number_for_ordering,
                         &m->has_sequence_number);
    if (json_string_equals(name, SPAN("DryRun")))
        return take_dry_run(value, m);
    return strict ? serialization("the body has a member that PutRecord does not have", NULL) : FAILURE_OK;
}

struct failure body_parse_members(struct span body, bool strict, struct buf *scratch, struct put_record_members *out)
{
    struct json_scan s;
    struct json_value name, value;

    *out = (struct put_record_members){.has_data = false};
    json_scan_init(&s, body);
    for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value);)
        TRY(take_member(&name, &value, strict, scratch, out));
    if (!json_scan_end(&s))
        return serialization("the body is not a JSON object", NULL);
    if (!out->has_data)
        return (struct failure){.row = FAILURE_VALIDATION, .detail = "Data is missing", .parameter = "Data"};
    if (!base64_check(out->data, &out->data_bytes))
        return serialization("Data is not base64 (RFC 4648 section 4, with padding)", "Data");
    return FAILURE_OK;
}
