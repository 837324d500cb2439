/* The table of shards that throttle. A row is forgotten when its shard takes a record, or when nothing is heard of it.
 */
#include "gateway/kinesis/shards.h"

#include <assert.h>
#include <stdlib.h>

#define FORGET_US 30000000u

void shards_clear(struct shards *s)
{
    free(s->rows);
    *s = (struct shards){.len = 0};
}

static struct shard *find(struct shards *s, struct span id)
{
    for (size_t i = 0; i != s->len; i++)
        if (span_equal(span_of(s->rows[i].id, s->rows[i].id_len), id))
            return &s->rows[i];
    return NULL;
}

static void forget(struct shards *s, struct shard *row)
{
    *row = s->rows[--s->len];
}

static struct shard *find_oldest(struct shards *s)
{
    struct shard *oldest = &s->rows[0];

    for (size_t i = 1; i != s->len; i++)
        if (s->rows[i].seen_us < oldest->seen_us)
            oldest = &s->rows[i];
    return oldest;
}

static struct shard *add(struct shards *s, struct span id, const struct hash_key *key)
{
    assert(id.len <= SHARD_ID_BYTES_MAX);
    if (s->rows == NULL)
        s->rows = calloc(SHARDS_MAX, sizeof(*s->rows));
    if (s->rows == NULL)
        return NULL;
    if (s->len == SHARDS_MAX)
        forget(s, find_oldest(s));
    struct shard *row = &s->rows[s->len++];
    *row = (struct shard){.low = *key, .high = *key, .id_len = (uint8_t)id.len};
    memcpy(row->id, id.ptr, id.len);
    return row;
}

static bool holds(const struct shard *row, const struct hash_key *key)
{
    return hash_key_compare(&row->low, key) <= 0 && hash_key_compare(key, &row->high) <= 0;
}

static bool is_stale(const struct shard *row, uint64_t now_us)
{
    return now_us - row->seen_us > FORGET_US;
}

uint64_t shards_on_throttle(struct shards *s, const struct retry_conf *c, struct span id, const struct hash_key *key,
                            uint64_t now_us, uint64_t dice)
{
    struct shard *row = find(s, id);

    if (row != NULL && is_stale(row, now_us)) {
        forget(s, row);
        row = NULL;
    }
    if (row == NULL)
        row = add(s, id, key);
    if (row == NULL)
        return now_us;
    if (hash_key_compare(key, &row->low) < 0)
        row->low = *key;
    if (hash_key_compare(key, &row->high) > 0)
        row->high = *key;
    row->seen_us = now_us;
    if (now_us >= row->until_us) /* many records of one answer are one throttling */
        row->until_us = now_us + 1 + retry_backoff_us(c, ++row->throttles, dice);
    return row->until_us;
}

void shards_on_written(struct shards *s, struct span id, const struct hash_key *key, uint64_t now_us)
{
    for (size_t i = s->len; i-- != 0;) {
        struct shard *row = &s->rows[i];
        bool is_it = span_equal(span_of(row->id, row->id_len), id);
        bool is_wrong = !is_it && holds(row, key);
        if (is_stale(row, now_us) || is_wrong || (is_it && now_us >= row->until_us))
            forget(s, row);
    }
}

uint64_t shards_hold_us(const struct shards *s, const struct hash_key *key, uint64_t now_us)
{
    uint64_t most_us = 0;

    for (size_t i = 0; i != s->len; i++)
        if (s->rows[i].until_us > now_us + most_us && holds(&s->rows[i], key))
            most_us = s->rows[i].until_us - now_us;
    return most_us;
}
