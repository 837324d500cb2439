/* Bodies through jansson, so that nothing of the gateway's own JSON vouches for itself. */
#include "tests/lib/fake_put.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define DATA_CHARS_MAX (FAKE_DATA_BYTES_MAX / 3 * 4 + 4)

/* reallocarray() is not among the functions that failing_memory.h wraps. */
void *fake_memory(size_t bytes)
{
    void *memory = reallocarray(NULL, bytes + 1, 1);

    if (memory == NULL)
        abort();
    return memory;
}

static void must(bool is_so, const char *sentence)
{
    if (is_so)
        return;
    fprintf(stderr, "fake Kinesis: %s\n", sentence);
    abort();
}

static struct span text_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    must(value == NULL || json_is_string(value), "a member that is no string");
    return value == NULL ? SPAN("") : span_of(json_string_value(value), json_string_length(value));
}

static bool is_decimal(struct span text, size_t digits_max)
{
    for (size_t i = 0; i != text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len <= digits_max && (text.len < 2 || text.ptr[0] != '0');
}

static size_t count_of(const json_t *object, const char *const *names, size_t names_len)
{
    size_t found = 0;

    for (size_t i = 0; i != names_len; i++)
        found += json_object_get(object, names[i]) != NULL;
    return found;
}

static void parse_record(const json_t *object, struct fake_record *out)
{
    must(json_is_object(object), "a record that is no object");
    struct span base64 = text_of(object, "Data");
    must(json_object_get(object, "Data") != NULL, "a record without Data");
    must(base64.len <= DATA_CHARS_MAX, "Data is too large");
    char *data = fake_memory(base64.len / 4 * 3);
    must(base64_decode(base64, data, &out->data.len), "Data is not base64");
    out->data.ptr = data;
    out->partition_key = text_of(object, "PartitionKey");
    out->explicit_hash_key = text_of(object, "ExplicitHashKey");
    out->sequence_number_for_ordering = text_of(object, "SequenceNumberForOrdering");
    must(out->partition_key.len != 0 && span_utf8_length(out->partition_key) <= 256,
         "a partition key that is empty or too long");
    must(is_decimal(out->explicit_hash_key, 39), "an explicit hash key that is no number");
    must(is_decimal(out->sequence_number_for_ordering, 129), "a sequence number that is no number");
}

static void check_members(const struct fake_put *put)
{
    static const char *const stream[] = {"StreamName", "StreamARN"};
    static const char *const record[] = {"Data", "PartitionKey", "ExplicitHashKey", "SequenceNumberForOrdering"};
    const json_t *records = json_object_get(put->json, "Records"), *item;
    size_t i;

    must(count_of(put->json, stream, 2) == 1, "not exactly one of StreamName and StreamARN");
    if (put->operation == FAKE_PUT_RECORD) {
        must(json_object_size(put->json) == 1 + count_of(put->json, record, 4),
             "PutRecord with a member of no meaning");
        return;
    }
    must(json_object_size(put->json) == 2, "PutRecords with a member of no meaning");
    json_array_foreach(records, i, item)
    {
        must(json_object_get(item, "SequenceNumberForOrdering") == NULL, "SequenceNumberForOrdering in PutRecords");
        must(json_object_size(item) == count_of(item, record, 3), "a record with a member of no meaning");
    }
}

static enum fake_operation operation_of(const struct http_request *r)
{
    for (size_t i = 0; i != r->headers_len; i++) {
        struct span line = span_str(r->headers[i].line);
        if (span_equal_nocase(line, SPAN("X-Amz-Target: Kinesis_20131202.PutRecord")))
            return FAKE_PUT_RECORD;
        if (span_equal_nocase(line, SPAN("X-Amz-Target: Kinesis_20131202.PutRecords")))
            return FAKE_PUT_RECORDS;
    }
    must(false, "a call without a target that is known");
    return FAKE_PUT_RECORD;
}

void fake_put_parse(const struct http_request *r, struct fake_put *out)
{
    size_t bytes = 0;

    *out = (struct fake_put){.operation = operation_of(r), .len = 1};
    out->json = json_loadb(r->body.ptr, r->body.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    must(json_is_object(out->json), "a body that is no JSON object");
    check_members(out);
    const json_t *records = json_object_get(out->json, "Records");
    if (out->operation == FAKE_PUT_RECORDS) {
        out->len = json_array_size(records);
        must(out->len >= 1 && out->len <= FAKE_RECORDS_MAX, "PutRecords with no record, or with more than 500");
    }
    out->records = fake_memory(out->len * sizeof(out->records[0]));
    for (size_t i = 0; i != out->len; i++) {
        parse_record(records == NULL ? out->json : json_array_get(records, i), &out->records[i]);
        bytes += out->records[i].data.len + out->records[i].partition_key.len;
    }
    must(out->len == 1 || bytes <= FAKE_PUT_BYTES_MAX, "PutRecords with more than 5 MiB");
}

void fake_put_clear(struct fake_put *put)
{
    for (size_t i = 0; i != put->len; i++)
        free((char *)put->records[i].data.ptr);
    free(put->records);
    json_decref(put->json);
    *put = (struct fake_put){.len = 0};
}
