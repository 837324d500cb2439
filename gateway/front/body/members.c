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
    if (value->type == JSON_TYPE_NULL) /* as if it were not there */
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

enum member { DATA, PARTITION_KEY, STREAM_NAME, STREAM_ARN, EXPLICIT_HASH_KEY, SEQUENCE_NUMBER, DRY_RUN, MEMBERS };

static const char *const names[MEMBERS] = {
    [DATA] = "Data",
    [PARTITION_KEY] = "PartitionKey",
    [STREAM_NAME] = "StreamName",
    [STREAM_ARN] = "StreamARN",
    [EXPLICIT_HASH_KEY] = "ExplicitHashKey",
    [SEQUENCE_NUMBER] = "SequenceNumberForOrdering",
    [DRY_RUN] = "DryRun",
};

static enum member member_of(const struct json_value *name)
{
    int m = 0;

    while (m != MEMBERS && !json_string_equals(name, span_str(names[m])))
        m++;
    return (enum member)m;
}

static struct failure take_member(enum member member, const struct json_value *value, struct buf *scratch,
                                  struct put_record_members *m)
{
    switch (member) {
    case DATA:
        return take_text(value, names[member], scratch, &m->data, &m->has_data);
    case PARTITION_KEY:
        return take_text(value, names[member], scratch, &m->partition_key, &m->has_partition_key);
    case STREAM_NAME:
        return take_text(value, names[member], scratch, &m->stream_name, &m->has_stream_name);
    case STREAM_ARN:
        return take_text(value, names[member], scratch, &m->stream_arn, &m->has_stream_arn);
    case EXPLICIT_HASH_KEY:
        return take_text(value, names[member], scratch, &m->explicit_hash_key, &m->has_explicit_hash_key);
    case SEQUENCE_NUMBER:
        return take_text(value, names[member], scratch, &m->sequence_number_for_ordering, &m->has_sequence_number);
    case DRY_RUN:
        return take_dry_run(value, m);
    case MEMBERS:
        break;
    }
    return FAILURE_OK;
}

static struct failure take_named(const struct json_value *name, const struct json_value *value, bool strict,
                                 unsigned *seen, struct buf *scratch, struct put_record_members *m)
{
    enum member member = member_of(name);

    if (member == MEMBERS)
        return strict ? serialization("the body has a member that PutRecord does not have", NULL) : FAILURE_OK;
    if ((*seen & 1u << member) != 0)
        return serialization("a member is given twice", names[member]);
    *seen |= 1u << member;
    return take_member(member, value, scratch, m);
}

struct failure body_parse_members(struct span body, bool strict, struct buf *scratch, struct put_record_members *out)
{
    struct json_scan s;
    struct json_value name, value;
    unsigned seen = 0;

    *out = (struct put_record_members){.has_data = false};
    json_scan_init(&s, body);
    for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value);)
        TRY(take_named(&name, &value, strict, &seen, scratch, out));
    if (!json_scan_end(&s))
        return serialization("the body is not a JSON object", NULL);
    if (!out->has_data)
        return (struct failure){.row = FAILURE_VALIDATION, .detail = "Data is missing", .parameter = "Data"};
    if (!base64_check(out->data, &out->data_bytes))
        return serialization("Data is not base64 (RFC 4648 section 4, with padding)", "Data");
    return FAILURE_OK;
}
