/*
 * JSON in, a checked call out: members' names and types (SerializationException), then the model's constraints on each
 * (ValidationException). An unknown member is an error here, stricter than AWS, for no caller of ours should send one.
 */
#include "tests/double/call.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_CHARACTERS_MAX = 256, DATA_BYTES_MAX = 10485760 };

#define INVALID  "ValidationException"
#define SENTENCE "1 validation error detected: Value %sat '%s' failed to satisfy constraint: Member must "

const char *const operation_names[OPERATION_COUNT] = {
    [OPERATION_UNKNOWN] = "unknown",        [OPERATION_PUT_RECORD] = "PutRecord",
    [OPERATION_PUT_RECORDS] = "PutRecords", [OPERATION_DESCRIBE_STREAM_SUMMARY] = "DescribeStreamSummary",
    [OPERATION_LIST_SHARDS] = "ListShards",
};

static const char *const members[OPERATION_COUNT][10] = {
    [OPERATION_PUT_RECORD] = {"Data", "PartitionKey", "StreamName", "StreamARN", "ExplicitHashKey",
                              "SequenceNumberForOrdering", "DryRun"},
    [OPERATION_PUT_RECORDS] = {"Records", "StreamName", "StreamARN", "DryRun"},
    [OPERATION_DESCRIBE_STREAM_SUMMARY] = {"StreamName", "StreamARN"},
    [OPERATION_LIST_SHARDS] = {"StreamName", "StreamARN", "MaxResults"},
};
static const char *const record_members[] = {"Data", "PartitionKey", "ExplicitHashKey", NULL};

static bool known_members(const struct fields *fields, const char *const *known, struct failure *failure)
{
    for (size_t i = 0; i < fields->count && i < FIELDS_MAX; i++) {
        size_t j = 0;
        while (known[j] != NULL && !slice_is(fields->list[i].name, known[j]))
            j++;
        if (known[j] == NULL)
            return fail(failure, "SerializationException", "Unexpected member '%.*s'.",
                        (int)fields->list[i].name.length, fields->list[i].name.base);
    }
    return fields->count <= FIELDS_MAX || fail(failure, "SerializationException", "Too many members.");
}

/* AWS takes null for absent. */
static const struct field *find_field(const struct fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count && i < FIELDS_MAX; i++) {
        if (slice_is(fields->list[i].name, name))
            return fields->list[i].kind == FIELD_NULL ? NULL : &fields->list[i];
    }
    return NULL;
}

static bool take_string(const struct fields *fields, const char *name, struct slice *out, struct failure *failure)
{
    const struct field *field = find_field(fields, name);
    if (field == NULL)
        return true;
    *out = field->text;
    return field->kind == FIELD_STRING ||
           fail(failure, "SerializationException", "%s can not be converted to a String", name);
}

static bool is_number(struct slice text, size_t digits_max)
{
    if (text.length == 0 || text.length > digits_max || (text.base[0] == '0' && text.length > 1))
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.base[i] < '0' || text.base[i] > '9')
            return false;
    }
    return true;
}

static bool check_partition_key(struct slice key, struct failure *failure)
{
    size_t characters = 0;
    for (size_t i = 0; i < key.length; i++)
        characters += (key.base[i] & 0xC0) != 0x80;
    if (key.base == NULL)
        return fail(failure, INVALID, SENTENCE "not be null", "null ", "partitionKey");
    if (characters < 1)
        return fail(failure, INVALID, SENTENCE "have length greater than or equal to 1", "'' ", "partitionKey");
    if (characters > KEY_CHARACTERS_MAX)
        return fail(failure, INVALID, SENTENCE "have length less than or equal to 256", "", "partitionKey");
    return true;
}

static bool check_model(const struct put_record *record, struct failure *failure)
{
    if (record->data.base == NULL)
        return fail(failure, INVALID, SENTENCE "not be null", "null ", "data");
    if (!check_partition_key(record->partition_key, failure))
        return false;
    if (record->data.length > DATA_BYTES_MAX)
        return fail(failure, INVALID, SENTENCE "have length less than or equal to 10485760", "", "data");
    if (record->explicit_hash_key.base != NULL && !is_number(record->explicit_hash_key, 39))
        return fail(failure, INVALID, SENTENCE "satisfy regular expression pattern: 0|([1-9]\\d{0,38})", "",
                    "explicitHashKey");
    return true;
}

/* `decoded` is where the data goes; it moves on behind it. */
static bool read_record(const struct fields *object, struct put_record *record, uint8_t **decoded,
                        struct failure *failure)
{
    *record = (struct put_record){0};
    if (!take_string(object, "Data", &record->data_base64, failure) ||
        !take_string(object, "PartitionKey", &record->partition_key, failure) ||
        !take_string(object, "ExplicitHashKey", &record->explicit_hash_key, failure))
        return false;
    if (record->data_base64.base != NULL) {
        ptrdiff_t length = base64_decode(*decoded, record->data_base64.base, record->data_base64.length);
        if (length < 0)
            return fail(failure, "SerializationException", "Data is not base64");
        record->data = (struct slice){(const char *)*decoded, (size_t)length};
        *decoded += length;
    }
    return check_model(record, failure);
}

static bool read_records(struct call *call, uint8_t *decoded, struct failure *failure)
{
    const struct field *list = find_field(&call->body.top, "Records");
    call->record_count = call->body.record_count;
    if (list == NULL)
        return fail(failure, INVALID, SENTENCE "not be null", "null ", "records");
    if (list->kind != FIELD_RECORDS)
        return fail(failure, "SerializationException", "Expected list or null");
    if (call->record_count < 1)
        return fail(failure, INVALID, SENTENCE "have length greater than or equal to 1", "'[]' ", "records");
    if (call->record_count > RECORDS_MAX)
        return fail(failure, INVALID, SENTENCE "have length less than or equal to 500", "", "records");
    call->records = calloc(call->record_count, sizeof call->records[0]);
    for (size_t i = 0; i < call->record_count; i++) {
        const struct fields *object = &call->body.records[i];
        if (!object->is_object)
            return fail(failure, "SerializationException", "Expected a structure in Records");
        if (!known_members(object, record_members, failure) ||
            !read_record(object, &call->records[i], &decoded, failure))
            return false;
    }
    return true;
}

static bool read_put_record(struct call *call, uint8_t *decoded, struct failure *failure)
{
    call->records = &call->one;
    call->record_count = 1;
    if (!read_record(&call->body.top, &call->one, &decoded, failure) ||
        !take_string(&call->body.top, "SequenceNumberForOrdering", &call->ordering, failure))
        return false;
    if (call->ordering.base != NULL && !is_number(call->ordering, 129))
        return fail(failure, INVALID, SENTENCE "satisfy regular expression pattern: 0|([1-9]\\d{0,128})", "",
                    "sequenceNumberForOrdering");
    return true;
}

static enum operation operation_of(struct slice target)
{
    static const char prefix[] = "Kinesis_20131202.";
    size_t skip = strlen(prefix);
    if (target.length < skip || memcmp(target.base, prefix, skip) != 0)
        return OPERATION_UNKNOWN;
    for (int i = OPERATION_UNKNOWN + 1; i < OPERATION_COUNT; i++) {
        if (slice_is((struct slice){target.base + skip, target.length - skip}, operation_names[i]))
            return (enum operation)i;
    }
    return OPERATION_UNKNOWN;
}

bool call_read(struct call *call, struct slice target, struct slice body, struct failure *failure)
{
    call->operation = operation_of(target);
    if (call->operation == OPERATION_UNKNOWN) {
        failure->code = "UnknownOperationException"; /* AWS sends no message with it */
        return false;
    }
    if (!body_read(&call->body, body) || !call->body.top.is_object)
        return fail(failure, "SerializationException", "The body is not a JSON structure.");
    const struct field *dry_run = find_field(&call->body.top, "DryRun");
    if (!known_members(&call->body.top, members[call->operation], failure) ||
        !take_string(&call->body.top, "StreamName", &call->stream_name, failure) ||
        !take_string(&call->body.top, "StreamARN", &call->stream_arn, failure))
        return false;
    if (dry_run != NULL && dry_run->kind != FIELD_TRUE && dry_run->kind != FIELD_FALSE)
        return fail(failure, "SerializationException", "DryRun can not be converted to a Boolean");
    call->dry_run = dry_run != NULL && dry_run->kind == FIELD_TRUE;
    if (call->operation != OPERATION_PUT_RECORD && call->operation != OPERATION_PUT_RECORDS)
        return true;
    call->decoded = malloc(body.length + 1);
    return call->operation == OPERATION_PUT_RECORD ? read_put_record(call, call->decoded, failure)
                                                   : read_records(call, call->decoded, failure);
}

struct slice call_stream_name(const struct call *call)
{
    const char *slash = call->stream_arn.base ? memchr(call->stream_arn.base, '/', call->stream_arn.length) : NULL;
    if (slash == NULL)
        return call->stream_name;
    return (struct slice){slash + 1, (size_t)(call->stream_arn.base + call->stream_arn.length - slash - 1)};
}

void call_clear(struct call *call)
{
    if (call->records != &call->one)
        free(call->records);
    free(call->decoded);
    body_clear(&call->body);
    *call = (struct call){0};
}
