/* What the fake Kinesis has stored: the truth that answers are held against. */
#ifndef KGW_TESTS_LIB_FAKE_LEDGER_H
#define KGW_TESTS_LIB_FAKE_LEDGER_H

#include "tests/lib/fake_put.h"

#define FAKE_SEQUENCE_DIGITS 56

struct fake_stored {
    unsigned call; /* its number */
    unsigned shard;
    uint64_t at_us;
    struct span sequence_number; /* rising */
    struct span data;
    struct span partition_key, explicit_hash_key, sequence_number_for_ordering;
    unsigned claims; /* for the test: how many were told that this is theirs */
};

struct fake_ledger {
    struct fake_stored **entries; /* in the order of storing; they stay where they are */
    size_t len, capacity;
};

const struct fake_stored *fake_ledger_store(struct fake_ledger *l, const struct fake_record *r, unsigned call,
                                            unsigned shard, uint64_t at_us);
struct fake_stored *fake_ledger_find(const struct fake_ledger *l, struct span sequence_number); /* NULL: no such */
size_t fake_ledger_count(const struct fake_ledger *l, struct span data); /* entries that hold exactly that */
void fake_ledger_clear(struct fake_ledger *l);

/* The shard of a record, of `shards` that cut the space of hash keys evenly. */
unsigned fake_shard_of(const struct fake_record *r, unsigned shards);

#endif
