/*
 * The packer. The format wants its tables of keys first, and they are complete only at the end: keys and records are
 * encoded apart as they come, and put together once. Knows the sizes before it writes, so that nothing is undone.
 */
#include "gateway/kinesis/aggregate.h"

#include <assert.h>
#include <stdlib.h>

#include "auth/digest.h"
#include "gateway/kinesis/stream_conf.h"

#define SLOTS (2 * AGGREGATE_RECORDS_MAX) /* a power of two, never more than half full */
/*
 * Far more than keys of chance ever meet. Somebody may choose keys that all want one slot: then a key is written again
 * instead of looked for any longer, which readers do not mind.
 */
#define PROBES_MAX  128
#define NO_KEY      UINT32_MAX
#define VARINT_MAX  10
#define RECORD_HEAD (6 + 3 * VARINT_MAX + 2) /* tags, lengths, indexes; decoding base64 wants 2 bytes */

/* AggregatedRecord and Record, as aggregation-format.md numbers their fields: number << 3 | wire type. */
enum {
    TAG_PARTITION_KEY = 1 << 3 | 2,
    TAG_EXPLICIT_HASH_KEY = 2 << 3 | 2,
    TAG_RECORD = 3 << 3 | 2,
    TAG_PARTITION_KEY_INDEX = 1 << 3 | 0,
    TAG_EXPLICIT_HASH_KEY_INDEX = 2 << 3 | 0,
    TAG_DATA = 3 << 3 | 2,
};

struct key {
    uint32_t hash, at, len; /* where in `keys` its text stands */
};

struct aggregate {
    struct buf keys, records, whole; /* the encoded table, the encoded records, and all that was finished */
    size_t records_len;
    uint32_t keys_len;
    size_t explicit_hash_key_len, shared_key_len;
    char explicit_hash_key[HASH_KEY_DIGITS_MAX];
    char shared_key[PARTITION_KEY_BYTES_MAX];
    struct key key[AGGREGATE_RECORDS_MAX];
    uint16_t slots[SLOTS]; /* 1 + a key's index; 0: empty */
};

/* A record as it is going to be written. */
struct entry {
    struct span partition_key;
    uint32_t hash, slot, key_index;
    bool is_new_key;
    size_t data_bytes, record_bytes; /* record_bytes: the message, without its tag and length */
};

struct aggregate *aggregate_new(void)
{
    struct aggregate *a = calloc(1, sizeof(*a));

    if (a == NULL)
        return NULL;
    buf_init(&a->keys, RECORD_BYTES_MAX);
    buf_init(&a->records, RECORD_BYTES_MAX + RECORD_HEAD);
    buf_init(&a->whole, RECORD_BYTES_MAX);
    return a;
}

void aggregate_free(struct aggregate **a)
{
    if (*a == NULL)
        return;
    buf_clear(&(*a)->keys);
    buf_clear(&(*a)->records);
    buf_clear(&(*a)->whole);
    free(*a);
    *a = NULL;
}

void aggregate_begin(struct aggregate *a, struct span explicit_hash_key, struct span shared_key)
{
    assert(explicit_hash_key.len != 0 && explicit_hash_key.len <= sizeof(a->explicit_hash_key));
    assert(shared_key.len <= sizeof(a->shared_key));
    memcpy(a->explicit_hash_key, explicit_hash_key.ptr, explicit_hash_key.len);
    a->explicit_hash_key_len = explicit_hash_key.len;
    if (shared_key.len != 0)
        memcpy(a->shared_key, shared_key.ptr, shared_key.len);
    a->shared_key_len = shared_key.len;
    if (a->keys_len != 0)
        memset(a->slots, 0, sizeof(a->slots));
    a->keys_len = 0;
    a->records_len = 0;
    buf_reset(&a->keys);
    buf_reset(&a->records);
    buf_reset(&a->whole);
}

size_t aggregate_records(const struct aggregate *a)
{
    return a->records_len;
}

static size_t varint_size(uint64_t value)
{
    size_t size = 1;

    for (; value >= 0x80; value >>= 7)
        size++;
    return size;
}

/* A field of bytes: its tag, its length and itself. */
static size_t field_size(size_t bytes)
{
    return 1 + varint_size(bytes) + bytes;
}

static bool is_key(const struct aggregate *a, uint32_t index, const struct entry *e)
{
    const struct key *k = &a->key[index];
    return k->hash == e->hash && span_equal(span_of(a->keys.ptr + k->at, k->len), e->partition_key);
}

/* Finds the key, or the slot where it will stand; NO_KEY is the slot of one that is not looked for any longer. */
static void find_key(const struct aggregate *a, struct entry *e)
{
    e->key_index = a->keys_len;
    e->is_new_key = true;
    e->slot = NO_KEY;
    for (uint32_t i = 0; i < PROBES_MAX; i++) {
        uint32_t slot = (e->hash + i) & (SLOTS - 1);
        if (a->slots[slot] == 0) {
            e->slot = slot;
            return;
        }
        if (is_key(a, a->slots[slot] - 1u, e)) {
            e->key_index = a->slots[slot] - 1u;
            e->is_new_key = false;
            return;
        }
    }
}

static struct entry entry_of(const struct aggregate *a, const struct record *r)
{
    struct entry e = {.partition_key = r->partition_key};

    if (a->shared_key_len != 0)
        e.partition_key = span_of(a->shared_key, a->shared_key_len);
    e.hash = (uint32_t)span_hash(e.partition_key, 0);
    find_key(a, &e);
    e.data_bytes = r->data_is_base64 ? base64_decoded_size(r->data) : r->data.len;
    e.record_bytes = 1 + varint_size(e.key_index) + 1 + varint_size(0) + field_size(e.data_bytes);
    return e;
}

static size_t bytes_with(const struct aggregate *a, const struct entry *e)
{
    size_t tables = a->keys.len + field_size(a->explicit_hash_key_len);

    if (e->is_new_key)
        tables += field_size(e->partition_key.len);
    return AGGREGATE_MAGIC_BYTES + tables + a->records.len + field_size(e->record_bytes) + MD5_BYTES;
}

size_t aggregate_bytes_with(const struct aggregate *a, const struct record *r)
{
    struct entry e = entry_of(a, r);
    return bytes_with(a, &e);
}

/* The buf stays usable: what it holds is whole, and the next record may be a smaller one. */
static bool make_room(struct buf *b, size_t more)
{
    bool has_room = buf_reserve(b, more);
    b->failed = false;
    return has_room;
}

static void write_varint(struct buf *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buf_append_char(out, (char)(value | 0x80));
    buf_append_char(out, (char)value);
}

static void write_number(struct buf *out, char tag, uint64_t value)
{
    buf_append_char(out, tag);
    write_varint(out, value);
}

static void write_bytes(struct buf *out, char tag, struct span bytes)
{
    write_number(out, tag, bytes.len);
    buf_append(out, bytes);
}

static void write_key(struct aggregate *a, const struct entry *e)
{
    write_bytes(&a->keys, TAG_PARTITION_KEY, e->partition_key);
    a->key[e->key_index] = (struct key){
        .hash = e->hash, .at = (uint32_t)(a->keys.len - e->partition_key.len), .len = (uint32_t)e->partition_key.len};
    a->keys_len++;
    if (e->slot != NO_KEY)
        a->slots[e->slot] = (uint16_t)(e->key_index + 1);
}

static void write_base64_data(struct buf *out, struct span text, size_t data_bytes)
{
    size_t len = 0;
    bool is_base64 = base64_decode(text, out->ptr + out->len, &len);

    assert(is_base64 && len == data_bytes);
    out->len += len;
}

static void write_record(struct buf *out, const struct entry *e, const struct record *r)
{
    write_number(out, TAG_RECORD, e->record_bytes);
    write_number(out, TAG_PARTITION_KEY_INDEX, e->key_index);
    write_number(out, TAG_EXPLICIT_HASH_KEY_INDEX, 0);
    write_number(out, TAG_DATA, e->data_bytes);
    if (r->data_is_base64)
        write_base64_data(out, r->data, e->data_bytes);
    else
        buf_append(out, r->data);
}

bool aggregate_add(struct aggregate *a, const struct record *r)
{
    struct entry e = entry_of(a, r);

    if (a->records_len == AGGREGATE_RECORDS_MAX || bytes_with(a, &e) > RECORD_BYTES_MAX ||
        !make_room(&a->keys, e.is_new_key ? field_size(e.partition_key.len) : 0) ||
        !make_room(&a->records, RECORD_HEAD + e.data_bytes))
        return false;
    if (e.is_new_key)
        write_key(a, &e);
    write_record(&a->records, &e, r);
    a->records_len++;
    return true;
}

struct span aggregate_end(struct aggregate *a)
{
    struct buf *out = &a->whole;
    uint8_t md5[MD5_BYTES];

    assert(a->records_len != 0);
    buf_reset(out);
    buf_reserve(out, AGGREGATE_MAGIC_BYTES + a->keys.len + field_size(a->explicit_hash_key_len) + a->records.len +
                         MD5_BYTES);
    buf_append(out, AGGREGATE_MAGIC);
    buf_append(out, buf_span(&a->keys));
    write_bytes(out, TAG_EXPLICIT_HASH_KEY, span_of(a->explicit_hash_key, a->explicit_hash_key_len));
    buf_append(out, buf_span(&a->records));
    if (out->failed)
        return (struct span){0};
    digest_md5(span_of(out->ptr + AGGREGATE_MAGIC_BYTES, out->len - AGGREGATE_MAGIC_BYTES), md5);
    buf_append(out, span_of((const char *)md5, sizeof(md5)));
    return buf_span(out);
}
