/*
 * The decoder of PutRecords' answer, in one pass over the body. Who gets which answer is told by an item's place alone,
 * so one item too few or too many, or one that cannot be understood, and nobody's answer is believed.
 */
#include "gateway/kinesis/put_decode_parts.h"

#include <assert.h>

enum member { SHARD_ID, SEQUENCE_NUMBER, ERROR_CODE, ERROR_MESSAGE, OTHER_MEMBER };

/* An item's members; one that is absent is null. */
struct item {
    struct json_value values[OTHER_MEMBER];
    bool is_said[OTHER_MEMBER];
};

static enum member member_of(const struct json_value *name)
{
    static const struct span names[OTHER_MEMBER] = {SPAN("ShardId"), SPAN("SequenceNumber"), SPAN("ErrorCode"),
                                                    SPAN("ErrorMessage")};
    enum member m = SHARD_ID;

    while (m != OTHER_MEMBER && !json_string_equals(name, names[m]))
        m++;
    return m;
}

/* A member that is said twice could be read in two ways: false. */
static bool read_item(struct json_scan *s, struct item *item)
{
    struct json_value name, value;

    for (int i = 0; i != OTHER_MEMBER; i++) {
        item->values[i].type = JSON_TYPE_NULL;
        item->is_said[i] = false;
    }
    for (json_scan_enter_object(s); json_scan_next_member(s, &name, &value);) {
        enum member m = member_of(&name);
        if (m == OTHER_MEMBER)
            continue;
        if (item->is_said[m])
            return false;
        item->is_said[m] = true;
        item->values[m] = value;
    }
    return !s->failed;
}

static bool is_null(const struct item *item, enum member m)
{
    return item->values[m].type == JSON_TYPE_NULL;
}

static bool decode_error(const struct item *item, struct put_answer *out)
{
    const struct json_value *code = &item->values[ERROR_CODE], *message = &item->values[ERROR_MESSAGE];

    if (code->type != JSON_TYPE_STRING || code->raw.len == 0 || !is_null(item, SHARD_ID) ||
        !is_null(item, SEQUENCE_NUMBER) || (message->type != JSON_TYPE_STRING && message->type != JSON_TYPE_NULL))
        return false;
    put_decode_code(code->raw, out);
    if (out->class == PUT_THROTTLED)
        out->result.shard_id = put_decode_named_shard(message);
    else if (out->class != PUT_KMS_THROTTLED)
        out->class = PUT_FAILED_UNKNOWN;
    return true;
}

static bool decode_item(struct json_scan *s, struct put_answer *out)
{
    struct item item;

    *out = (struct put_answer){.class = PUT_WRITTEN};
    if (!read_item(s, &item))
        return false;
    if (!is_null(&item, ERROR_CODE))
        return decode_error(&item, out);
    return is_null(&item, ERROR_MESSAGE) && put_decode_shard_id(&item.values[SHARD_ID], &out->result.shard_id) &&
           put_decode_sequence_number(&item.values[SEQUENCE_NUMBER], &out->result.sequence_number);
}

static bool decode_items(struct json_scan *s, size_t items_len, struct put_answer *items)
{
    size_t n = 0;

    for (json_scan_enter_array(s); json_scan_has_element(s); n++)
        if (n == items_len || !decode_item(s, &items[n]))
            return false;
    return !s->failed && n == items_len;
}

static bool decode_body(struct span body, size_t items_len, struct put_answer *items, enum encryption *encryption)
{
    struct json_scan s;
    struct json_value name, value;
    bool has_items = false;

    json_scan_init(&s, body);
    for (json_scan_enter_object(&s); json_scan_next_name(&s, &name);) {
        if (json_string_equals(&name, SPAN("Records"))) {
            if (has_items || !decode_items(&s, items_len, items))
                return false;
            has_items = true;
            continue;
        }
        if (!json_scan_value(&s, &value))
            return false;
        if (json_string_equals(&name, SPAN("EncryptionType")))
            *encryption = put_decode_encryption(&value);
    }
    return has_items && json_scan_end(&s);
}

void put_decode_records(const struct upstream_answer *a, size_t records_len, struct put_answer *call,
                        struct put_answer *items)
{
    enum encryption encryption = ENCRYPTION_NOT_SAID;

    assert(records_len != 0);
    *call = (struct put_answer){.class = PUT_ODD_ANSWER};
    if (a->status < 200 || a->status > 299)
        put_decode_call_error(a, call);
    if (a->status != 200 || !decode_body(a->body, records_len, items, &encryption))
        return;
    call->class = PUT_WRITTEN;
    for (size_t i = 0; i != records_len; i++)
        if (items[i].class == PUT_WRITTEN)
            items[i].result.encryption = encryption;
}
