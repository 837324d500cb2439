/* A growing table of copies. A sequence number is "4960", the entry's number in 42 digits, its shard in 10. */
#include "tests/lib/fake_ledger.h"

#include "auth/digest.h"

#include <stdio.h>
#include <stdlib.h>

#define PREFIX        "4960"
#define NUMBER_DIGITS 42

typedef unsigned __int128 hash_key;

unsigned fake_shard_of(const struct fake_record *r, unsigned shards)
{
    const hash_key all = ~(hash_key)0;
    uint8_t md5[MD5_BYTES];
    hash_key key = 0;

    if (r->explicit_hash_key.len != 0) {
        for (size_t i = 0; i != r->explicit_hash_key.len; i++)
            key = key * 10 + (hash_key)(r->explicit_hash_key.ptr[i] - '0');
    } else {
        digest_md5(r->partition_key, md5);
        for (size_t i = 0; i != MD5_BYTES; i++)
            key = key << 8 | md5[i];
    }
    if (shards == 1)
        return 0;
    hash_key width = all / shards + (all % shards == shards - 1); /* 2^128 / shards; the last shard has the rest */
    return key / width < shards ? (unsigned)(key / width) : shards - 1;
}

static struct span copy(char **to, struct span text)
{
    struct span copied = span_of(*to, text.len);

    if (text.len != 0)
        memcpy(*to, text.ptr, text.len);
    *to += text.len;
    return copied;
}

const struct fake_stored *fake_ledger_store(struct fake_ledger *l, const struct fake_record *r, unsigned call,
                                            unsigned shard, uint64_t at_us)
{
    char sequence[FAKE_SEQUENCE_DIGITS + 1];
    struct fake_stored *e = fake_memory(sizeof(*e) + FAKE_SEQUENCE_DIGITS + r->data.len + r->partition_key.len +
                                        r->explicit_hash_key.len + r->sequence_number_for_ordering.len);
    char *to = (char *)(e + 1);

    if (l->len == l->capacity) {
        l->capacity = l->capacity == 0 ? 64 : 2 * l->capacity;
        l->entries = reallocarray(l->entries, l->capacity, sizeof(l->entries[0]));
        if (l->entries == NULL)
            abort();
    }
    snprintf(sequence, sizeof(sequence), PREFIX "%0*zu%010u", NUMBER_DIGITS, l->len, shard % 1000000000);
    *e = (struct fake_stored){.call = call, .shard = shard, .at_us = at_us};
    e->sequence_number = copy(&to, span_str(sequence));
    e->data = copy(&to, r->data);
    e->partition_key = copy(&to, r->partition_key);
    e->explicit_hash_key = copy(&to, r->explicit_hash_key);
    e->sequence_number_for_ordering = copy(&to, r->sequence_number_for_ordering);
    l->entries[l->len++] = e;
    return e;
}

struct fake_stored *fake_ledger_find(const struct fake_ledger *l, struct span sequence_number)
{
    uint64_t number;
    size_t at = sizeof(PREFIX) - 1 + NUMBER_DIGITS - 18; /* the digits that can differ */

    if (sequence_number.len != FAKE_SEQUENCE_DIGITS || !span_parse_u64(span_of(sequence_number.ptr + at, 18), &number))
        return NULL;
    if (number >= l->len || !span_equal(l->entries[number]->sequence_number, sequence_number))
        return NULL;
    return l->entries[number];
}

size_t fake_ledger_count(const struct fake_ledger *l, struct span data)
{
    size_t count = 0;

    for (size_t i = 0; i != l->len; i++)
        count += span_equal(l->entries[i]->data, data);
    return count;
}

void fake_ledger_clear(struct fake_ledger *l)
{
    for (size_t i = 0; i != l->len; i++)
        free(l->entries[i]);
    free(l->entries);
    *l = (struct fake_ledger){.len = 0};
}
