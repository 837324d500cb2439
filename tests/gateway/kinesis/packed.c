/* See packed.h. */
#include "tests/gateway/kinesis/packed.h"

#include "gateway/kinesis/aggregate.h"
#include "tests/gateway/kinesis/aggregate_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static bool is_callers(const struct read_record *r, const struct caller *w)
{
    return span_equal(r->data, w->expected_data) && (w->is_key_drawn || span_equal(r->partition_key, w->expected_key));
}

static unsigned shard_of(const struct crowd *c, const struct read_record *r)
{
    const struct fake_record as_itself = {.partition_key = r->partition_key, .explicit_hash_key = r->explicit_hash_key};

    return fake_shard_of(&as_itself, c->net->shards);
}

/* The key's own, of one of the cuts that the tests make. */
static bool is_in_its_bucket(const struct read_record *r)
{
    static const uint32_t cuts[] = {1, 4, 7, 8, 16, 64};
    struct hash_key own = hash_key_of_partition_key(r->partition_key), got = read_effective_hash_key(r);

    for (size_t i = 0; i != sizeof(cuts) / sizeof(cuts[0]); i++) {
        struct hash_key middle = aggregate_bucket_middle(aggregate_bucket_of(&own, cuts[i]), cuts[i]);
        if (hash_key_compare(&middle, &got) == 0)
            return true;
    }
    return false;
}

static void saw_inner(struct crowd *c, const struct fake_attempt *a, const struct read_record *r)
{
    struct caller *w = caller_of(c, r->data);

    assert_true(is_callers(r, w));
    assert_true(w->is_key_drawn || is_in_its_bucket(r));
    assert_int_equal(w->state, CALLER_WAITING);
    assert_true(w->waiter.record.explicit_hash_key.len == 0 && !w->waiter.record.is_alone);
    assert_int_equal(shard_of(c, r), fake_shard_of(a->record, c->net->shards));
    caller_is_sent(w, a);
}

void packed_saw(void *ctx, const struct fake_attempt *a)
{
    struct crowd *c = ctx;
    struct read_aggregate *whole = read_aggregate(a->record->data);

    if (whole == NULL) {
        caller_saw(c, a);
        return;
    }
    assert_true(whole->records_len > 1); /* one alone travels as itself */
    for (size_t i = 0; i != whole->records_len; i++)
        saw_inner(c, a, &whole->records[i]);
    free(whole);
}

struct fake_stored *packed_find_stored(const struct caller *w)
{
    const struct put_result *r = &w->waiter.result;
    struct fake_stored *s = fake_ledger_find(&w->crowd->net->ledger, r->sequence_number);

    if (s == NULL)
        return NULL;
    struct read_aggregate *whole = read_aggregate(s->data);
    if (whole == NULL)
        return r->sub_sequence_number == 0 ? caller_find_stored(w) : NULL;
    bool is_there = r->has_sub_sequence_number && r->sub_sequence_number < whole->records_len &&
                    is_callers(&whole->records[r->sub_sequence_number], w);
    free(whole);
    return is_there ? s : NULL;
}

void packed_init(struct crowd *c)
{
    c->net->saw = packed_saw;
    c->net->saw_ctx = c;
    c->find_stored = packed_find_stored;
}
