/*
 * The stream's rule for records that come without a partition key: a part of the record, a header, a query parameter,
 * the caller's address, or chance.
 */
#include "gateway/base/json_scan.h"
#include "gateway/front/ticket_hook.h"

/* Strings as decoded, numbers and booleans by their text; anything else misses. */
static bool text_of_value(const struct json_value *value, struct buf *scratch, struct span *out)
{
    switch (value->type) {
    case JSON_TYPE_STRING:
        *out = value->raw;
        if (value->has_escapes) {
            size_t start = scratch->len;
            json_unescape(value->raw, scratch);
            *out = span_of(scratch->ptr + start, scratch->len - start);
        }
        return !scratch->failed;
    case JSON_TYPE_NUMBER:
    case JSON_TYPE_TRUE:
    case JSON_TYPE_FALSE:
        *out = value->raw;
        return true;
    default:
        return false;
    }
}

static bool data_as_text(const struct record *r, struct buf *scratch, struct span *text)
{
    size_t start = scratch->len, bytes;

    *text = r->data;
    if (!r->data_is_base64)
        return true;
    if (!buf_reserve(scratch, r->data.len) || !base64_decode(r->data, scratch->ptr + start, &bytes))
        return false;
    scratch->len += bytes;
    *text = span_of(scratch->ptr + start, bytes);
    return true;
}

bool ticket_find_in_data(const struct record *r, struct span pointer, struct buf *scratch, struct span *out)
{
    struct span text;
    struct json_value value;

    if (r->data_bytes > PARTITION_LOOK_BYTES_MAX)
        return false;
    return data_as_text(r, scratch, &text) && json_pointer_find(text, pointer, &value) &&
           text_of_value(&value, scratch, out);
}

/* A hook may have a rule of its own. */
static const struct partition_rule *rule_of(const struct ticket *t)
{
    return t->hook != NULL ? &t->hook->row->partition : &t->stream->partition;
}

static bool apply_rule(const struct ticket *t, const struct record *r, char text[PARTITION_TEXT_BYTES],
                       struct buf *scratch, struct span *out)
{
    const struct partition_rule *rule = rule_of(t);
    struct address client;

    switch (rule->source) {
    case PARTITION_JSON:
        return ticket_find_in_data(r, rule->argument, scratch, out);
    case PARTITION_HEADER:
        *out = head_find(&t->exchange->head, rule->argument, NULL);
        return true;
    case PARTITION_QUERY:
        return query_find(t->query.raw, rule->argument, scratch, out);
    case PARTITION_CLIENT_IP:
        if (!stream_client_address(t->stream, t->client, &client))
            return false;
        *out = span_of(text, address_format(client, text));
        return true;
    case PARTITION_RANDOM:
    case PARTITION_OF_STREAM:
        break;
    }
    return false;
}

struct failure ticket_find_partition_key(struct ticket *t, struct record *r, char text[PARTITION_TEXT_BYTES],
                                         struct buf *scratch)
{
    const struct partition_rule *rule = rule_of(t);
    struct span *key = &r->partition_key;

    TRY(stream_check_size(t->stream, r)); /* nothing is looked for in what is refused anyway */
    if (rule->source != PARTITION_RANDOM) {
        if (apply_rule(t, r, text, scratch, key) && key->len != 0)
            return record_check_partition_key(*key);
        if (rule->reject_if_missing)
            return (struct failure){.row = FAILURE_ARGUMENT,
                                    .parameter = "PartitionKey",
                                    .detail = "the record has no partition key where the stream's rule looks for it"};
    }
    uint64_t bits = random_next(t->front->random);
    hex_encode(&bits, sizeof(bits), text);
    *key = span_of(text, 2 * sizeof(bits));
    r->has_random_key = true;
    return FAILURE_OK;
}
