/*
 * Aggregates under resharding. A stream in memory splits and merges its shards at random while keyed records are packed
 * by bucket; a reader that does as KCL does, and drops a whole aggregate for one record outside the shard, gets them
 * all.
 */
#include "gateway/kinesis/aggregate.h"

#include "gateway/base/random.h"
#include "tests/auth/check.h"
#include "tests/gateway/kinesis/aggregate_reader.h"

#define SEEDS       25
#define RECORDS     2000
#define KEYS        200
#define SHARDS_MAX  32
#define BUCKETS_MAX 64

struct range {
    unsigned __int128 first, last;
};

/* What lies in a shard, with the range that the shard had; a shard that was split or merged stays readable so. */
struct put {
    struct range shard;
    struct span bytes;
};

struct world {
    struct random random;
    struct range shards[SHARDS_MAX]; /* open ones, in order, without a gap */
    size_t shards_len, puts_len;
    struct put puts[RECORDS];
    uint32_t buckets;
    struct aggregate *aggregates[BUCKETS_MAX];
    uint32_t next[KEYS]; /* the number of a key's next record: when packed, and then when read */
    bool forgets_inner_keys;
    unsigned read, dropped;
};

static void split(struct world *w)
{
    size_t at = random_below(&w->random, w->shards_len);
    struct range old = w->shards[at];
    unsigned __int128 point = (unsigned __int128)random_next(&w->random) << 64 | random_next(&w->random);

    if (w->shards_len == SHARDS_MAX || old.last - old.first < 2)
        return;
    point = old.first + 1 + point % (old.last - old.first);
    memmove(&w->shards[at + 1], &w->shards[at], (w->shards_len - at) * sizeof(w->shards[0]));
    w->shards_len++;
    w->shards[at].last = point - 1;
    w->shards[at + 1].first = point;
}

static void merge(struct world *w)
{
    if (w->shards_len == 1)
        return;
    size_t at = random_below(&w->random, w->shards_len - 1);
    w->shards[at].last = w->shards[at + 1].last;
    memmove(&w->shards[at + 1], &w->shards[at + 2], (w->shards_len - at - 2) * sizeof(w->shards[0]));
    w->shards_len--;
}

static const struct range *shard_of(const struct world *w, const struct hash_key *k)
{
    size_t at = 0;

    while (hash_key_number(k) > w->shards[at].last)
        at++;
    return &w->shards[at];
}

static void begin(struct world *w, uint32_t bucket)
{
    char digits[HASH_KEY_DIGITS_MAX];
    struct hash_key middle = aggregate_bucket_middle(bucket, w->buckets);

    aggregate_begin(w->aggregates[bucket], span_of(digits, hash_key_format(&middle, digits)), (struct span){0});
}

static void put(struct world *w, uint32_t bucket)
{
    struct hash_key outer = aggregate_bucket_middle(bucket, w->buckets);
    struct span bytes = aggregate_end(w->aggregates[bucket]);
    char *copy = malloc(bytes.len);

    memcpy(copy, bytes.ptr, bytes.len);
    w->puts[w->puts_len++] = (struct put){.shard = *shard_of(w, &outer), .bytes = span_of(copy, bytes.len)};
    begin(w, bucket);
}

/* Data: the key's number and the record's number under that key. */
static void pack(struct world *w)
{
    uint32_t number = (uint32_t)random_below(&w->random, KEYS), data[2] = {number, w->next[number]++};
    struct record r = {.partition_key = span_of((const char *)&number, sizeof(number)),
                       .data = span_of((const char *)data, sizeof(data)),
                       .data_bytes = sizeof(data)};
    struct hash_key k = hash_key_of_partition_key(r.partition_key);
    uint32_t bucket = aggregate_bucket_of(&k, w->buckets);

    assert_true(aggregate_add(w->aggregates[bucket], &r));
    if (random_below(&w->random, 8) == 0)
        put(w, bucket);
}

static bool is_within(const struct range *shard, struct hash_key k)
{
    unsigned __int128 number = hash_key_number(&k);
    return number >= shard->first && number <= shard->last;
}

/* KCL's AggregatorUtil.deaggregate(): one record outside the shard, and the aggregate is gone without a word. */
static bool is_dropped(const struct world *w, const struct put *p, struct read_aggregate *a)
{
    bool is_outside = false;

    for (size_t i = 0; i < a->records_len; i++) {
        if (w->forgets_inner_keys)
            a->records[i].explicit_hash_key = (struct span){0};
        is_outside |= !is_within(&p->shard, read_effective_hash_key(&a->records[i]));
    }
    return is_outside;
}

static void read_put(struct world *w, const struct put *p)
{
    struct read_aggregate *a = read_aggregate(p->bytes);

    assert_non_null(a);
    if (is_dropped(w, p, a)) {
        w->dropped += (unsigned)a->records_len;
        free(a);
        return;
    }
    for (size_t i = 0; i < a->records_len; i++) {
        uint32_t data[2];
        assert_int_equal(a->records[i].data.len, sizeof(data));
        memcpy(data, a->records[i].data.ptr, sizeof(data));
        assert_memory_equal(a->records[i].partition_key.ptr, &data[0], sizeof(data[0]));
        check(w->forgets_inner_keys || data[1] == w->next[data[0]]++, "key %u: record %u comes in order", data[0],
              data[1]);
        w->read++;
    }
    free(a);
}

static struct world *world_new(uint64_t seed)
{
    struct world *w = calloc(1, sizeof(*w));

    random_seed(&w->random, seed);
    w->shards[0].last = ~(unsigned __int128)0;
    w->shards_len = 1;
    w->buckets = 1 + (uint32_t)random_below(&w->random, BUCKETS_MAX);
    for (uint32_t i = 0; i < w->buckets; i++) {
        w->aggregates[i] = aggregate_new();
        begin(w, i);
    }
    return w;
}

static void world_free(struct world *w)
{
    for (uint32_t i = 0; i < w->buckets; i++)
        aggregate_free(&w->aggregates[i]);
    for (size_t i = 0; i < w->puts_len; i++)
        free((void *)(uintptr_t)w->puts[i].bytes.ptr);
    free(w);
}

static void live(struct world *w)
{
    for (int i = 0; i < RECORDS; i++) {
        uint64_t event = random_below(&w->random, 50);
        if (event < 2)
            split(w);
        if (event == 2)
            merge(w);
        pack(w);
    }
    for (uint32_t i = 0; i < w->buckets; i++)
        if (aggregate_records(w->aggregates[i]) != 0)
            put(w, i);
    memset(w->next, 0, sizeof(w->next));
    for (size_t i = 0; i < w->puts_len; i++)
        read_put(w, &w->puts[i]);
}

static void every_record_is_read_once_and_in_the_order_of_its_key(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct world *w = world_new(seed);
        live(w);
        check(w->read == RECORDS && w->dropped == 0, "seed %u: %u read, %u dropped", (unsigned)seed, w->read,
              w->dropped);
        world_free(w);
    }
}

static void without_inner_keys_the_same_reader_drops(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct world *w = world_new(seed);
        w->forgets_inner_keys = true;
        live(w);
        check(w->dropped > 0 && w->read + w->dropped == RECORDS, "seed %u: %u dropped", (unsigned)seed, w->dropped);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_is_read_once_and_in_the_order_of_its_key),
        cmocka_unit_test(without_inner_keys_the_same_reader_drops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
