/*
 * The stream's rule for records that come without a partition key: a part of the record, a header, a query parameter,
 * the caller's address, or chance.
 */
#include "gateway/base/json_scan.h"
#include "gateway/front/ticket.h"

/* Strings as decoded, numbers and booleans by their text; anything else misses. */
static bool text_of_value(struct ticket *t, const struct json_value *value, struct span *out)
{
    switch (value->type) {
    case JSON_TYPE_STRING:
        *out = value->raw;
        if (value->has_escapes) {
            size_t start = t->scratch.len;
            json_unescape(value->raw, &t->scratch);
            *out = span_of(t->scratch.ptr + start, t->scratch.len - start);
        }
        return !t->scratch.failed;
    case JSON_TYPE_NUMBER:
    case JSON_TYPE_TRUE:
    case JSON_TYPE_FALSE:
        *out = value->raw;
        return true;
    default:
        return false;
    }
}

static bool data_as_text(struct ticket *t, struct span *text)
{
    const struct record *r = &t->put.record;
    size_t start = t->scratch.len, bytes;

    *text = r->data;
    if (!r->data_is_base64)
        return true;
    if (!buf_reserve(&t->scratch, r->data.len) || !base64_decode(r->data, t->scratch.ptr + start, &bytes))
        return false;
    t->scratch.len += bytes;
    *text = span_of(t->scratch.ptr + start, bytes);
    return true;
}

static bool find_in_data(struct ticket *t, struct span pointer, struct span *out)
{
    struct span text;
    struct json_value value;

    return data_as_text(t, &text) && json_pointer_find(text, pointer, &value) && text_of_value(t, &value, out);
}

static bool apply_rule(struct ticket *t, const struct partition_rule *rule, struct span *out)
{
    switch (rule->source) {
    case PARTITION_JSON:
        return find_in_data(t, rule->argument, out);
    case PARTITION_HEADER:
        *out = head_find(&t->exchange->head, rule->argument, NULL);
        return true;
    case PARTITION_QUERY:
        return query_find(t->query.raw, rule->argument, &t->scratch, out);
    case PARTITION_CLIENT_IP:
        *out = span_of(t->partition_key, address_format(t->exchange->peer, t->partition_key));
        return true;
    case PARTITION_RANDOM:
        break;
    }
    return false;
}

struct failure ticket_find_partition_key(struct ticket *t)
{
    const struct partition_rule *rule = &t->stream->partition;
    struct span *key = &t->put.record.partition_key;

    if (rule->source != PARTITION_RANDOM) {
        if (apply_rule(t, rule, key) && key->len != 0)
            return record_check_partition_key(*key);
        if (rule->reject_if_missing)
            return (struct failure){.row = FAILURE_ARGUMENT,
                                    .parameter = "PartitionKey",
                                    .detail = "the record has no partition key where the stream's rule looks for it"};
    }
    uint64_t bits = random_next(t->front->random);
    hex_encode(&bits, sizeof(bits), t->partition_key);
    *key = span_of(t->partition_key, 2 * sizeof(bits));
    return FAILURE_OK;
}
