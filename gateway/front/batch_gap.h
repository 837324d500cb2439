/*
 * The keys of a batch that have a gap: on an ordered stream whose on_gap is "fail", what comes behind a record that
 * failed is not written, and not even given to the lane. Pure; a key is 8 bytes, so that two keys in 2^64 share a gap.
 */
#ifndef KGW_FRONT_BATCH_GAP_H
#define KGW_FRONT_BATCH_GAP_H

#include "auth/bytes.h"

struct batch_gap {
    uint64_t *keys; /* open addressing; 0: free */
    size_t len, slots;
    bool is_everywhere; /* out of memory: all keys have one */
};

void batch_gap_clear(struct batch_gap *g);
void batch_gap_add(struct batch_gap *g, struct span partition_key);
bool batch_gap_has(const struct batch_gap *g, struct span partition_key);

#endif
