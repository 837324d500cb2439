/* See aggregate_reader.h. A protobuf message is fields of (number << 3 | wire type) and a value; two wire types occur.
 */
#include "tests/gateway/kinesis/aggregate_reader.h"

#include <stdlib.h>

#include "auth/digest.h"

struct field {
    uint64_t number, value; /* value: of wire type 0 */
    bool is_bytes;
    struct span bytes; /* of wire type 2 */
};

static bool read_varint(struct span *rest, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 63 && rest->len > 0; shift += 7) {
        uint8_t byte = (uint8_t)rest->ptr[0];
        *rest = span_of(rest->ptr + 1, rest->len - 1);
        *value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return shift == 0 || byte != 0; /* the shortest form only */
    }
    return false;
}

static bool read_field(struct span *rest, struct field *f)
{
    uint64_t tag, len;

    if (!read_varint(rest, &tag) || (tag & 7) % 2 != 0 || (tag & 7) > 2)
        return false;
    *f = (struct field){.number = tag >> 3, .is_bytes = (tag & 7) == 2};
    if (!f->is_bytes)
        return read_varint(rest, &f->value);
    if (!read_varint(rest, &len) || len > rest->len)
        return false;
    f->bytes = span_of(rest->ptr, (size_t)len);
    *rest = span_of(rest->ptr + len, rest->len - (size_t)len);
    return true;
}

static bool read_key(struct span key, struct span *table, size_t *len)
{
    if (*len == READ_RECORDS_MAX)
        return false;
    table[(*len)++] = key;
    return true;
}

/* partition_key_index = 1, explicit_hash_key_index = 2 (optional), data = 3: once each and in this order. */
static bool read_record(struct span message, struct read_aggregate *a)
{
    struct read_record *r = &a->records[a->records_len];
    struct field f;

    if (a->records_len == READ_RECORDS_MAX || !read_field(&message, &f) || f.number != 1 || f.is_bytes ||
        f.value >= a->partition_keys_len)
        return false;
    *r = (struct read_record){.partition_key = a->partition_keys[f.value], .partition_key_index = f.value};
    if (!read_field(&message, &f))
        return false;
    if (f.number == 2) {
        if (f.is_bytes || f.value >= a->explicit_hash_keys_len)
            return false;
        r->explicit_hash_key = a->explicit_hash_keys[f.value];
        if (!read_field(&message, &f))
            return false;
    }
    r->data = f.bytes;
    a->records_len++;
    return f.number == 3 && f.is_bytes && message.len == 0;
}

static bool read_message(struct span message, struct read_aggregate *a)
{
    struct field f;
    uint64_t last = 1;

    for (; message.len > 0; last = f.number) {
        if (!read_field(&message, &f) || !f.is_bytes || f.number < last)
            return false;
        if (f.number == 1 && !read_key(f.bytes, a->partition_keys, &a->partition_keys_len))
            return false;
        if (f.number == 2 && !read_key(f.bytes, a->explicit_hash_keys, &a->explicit_hash_keys_len))
            return false;
        if (f.number == 3 && !read_record(f.bytes, a))
            return false;
        if (f.number > 3)
            return false;
    }
    return a->records_len > 0;
}

struct read_aggregate *read_aggregate(struct span bytes)
{
    uint8_t md5[MD5_BYTES];

    if (bytes.len <= 4 + MD5_BYTES || memcmp(bytes.ptr, "\xF3\x89\x9A\xC2", 4) != 0)
        return NULL;
    struct span message = span_of(bytes.ptr + 4, bytes.len - 4 - MD5_BYTES);
    digest_md5(message, md5);
    if (memcmp(md5, bytes.ptr + bytes.len - MD5_BYTES, MD5_BYTES) != 0)
        return NULL;
    struct read_aggregate *a = reallocarray(NULL, 1, sizeof(*a)); /* which no test makes fail */
    if (a == NULL)
        abort();
    a->partition_keys_len = a->explicit_hash_keys_len = a->records_len = 0;
    if (!read_message(message, a)) {
        free(a);
        return NULL;
    }
    return a;
}

struct hash_key read_effective_hash_key(const struct read_record *r)
{
    struct hash_key k = {{0}};

    if (r->explicit_hash_key.len == 0)
        digest_md5(r->partition_key, k.bytes);
    else if (!hash_key_parse(r->explicit_hash_key, &k))
        abort();
    return k;
}
