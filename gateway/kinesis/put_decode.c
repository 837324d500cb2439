/*
 * The decoder of PutRecord's answer. A 200 counts only if it is whole JSON with a ShardId and a SequenceNumber of the
 * right form; everything else with a 2xx is an unknown outcome.
 */
#include "gateway/kinesis/put_decode_parts.h"

static bool is_shard_id(struct span text)
{
    static const bool is_one[256] = {
        ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['_'] = true, ['.'] = true, ['-'] = true};
    bool all = true;

    if (text.len == 0 || text.len > SHARD_ID_BYTES_MAX)
        return false;
    for (size_t i = 0; i != text.len; i++)
        all &= is_one[(unsigned char)text.ptr[i]];
    return all;
}

bool put_decode_shard_id(const struct json_value *value, struct span *out)
{
    *out = value->raw;
    return value->type == JSON_TYPE_STRING && !value->has_escapes && is_shard_id(value->raw);
}

bool put_decode_sequence_number(const struct json_value *value, struct span *out)
{
    *out = value->raw;
    return value->type == JSON_TYPE_STRING && !value->has_escapes &&
           record_check_sequence_number(value->raw).row == FAILURE_NONE;
}

enum encryption put_decode_encryption(const struct json_value *value)
{
    return json_string_equals(value, SPAN("KMS"))    ? ENCRYPTION_KMS
           : json_string_equals(value, SPAN("NONE")) ? ENCRYPTION_NONE
                                                     : ENCRYPTION_NOT_SAID;
}

static bool take_member(const struct json_value *name, const struct json_value *value, struct put_result *r)
{
    if (json_string_equals(name, SPAN("ShardId")))
        return put_decode_shard_id(value, &r->shard_id);
    if (json_string_equals(name, SPAN("SequenceNumber")))
        return put_decode_sequence_number(value, &r->sequence_number);
    if (json_string_equals(name, SPAN("EncryptionType")))
        r->encryption = put_decode_encryption(value);
    return true;
}

static bool decode_result(struct span body, struct put_result *r)
{
    struct json_scan s;
    struct json_value name, value;

    json_scan_init(&s, body);
    for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value);)
        if (!take_member(&name, &value, r))
            return false;
    return json_scan_end(&s) && r->shard_id.len != 0 && r->sequence_number.len != 0;
}

void put_decode_record(const struct upstream_answer *a, struct put_answer *out)
{
    *out = (struct put_answer){.class = PUT_ODD_ANSWER};
    if (a->status == 200 && decode_result(a->body, &out->result))
        out->class = PUT_WRITTEN;
    else if (a->status < 200 || a->status > 299)
        put_decode_call_error(a, out);
}
