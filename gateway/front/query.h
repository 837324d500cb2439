/*
 * The query string of a request: the gateway's own parameters, percent-decoded. '+' is a space, as browsers and most
 * libraries write it. Pure.
 */
#ifndef KGW_FRONT_QUERY_H
#define KGW_FRONT_QUERY_H

#include "gateway/base/failure.h"

struct query {
    struct span raw;
    struct span partition_key, explicit_hash_key, sequence_number_for_ordering;
    bool has_partition_key, has_explicit_hash_key, has_sequence_number, has_dry_run, dry_run;
};

/* Decoded texts go to *scratch, which must have room for raw.len bytes already (they may not move later). */
struct failure query_parse(struct span raw, struct buf *scratch, struct query *out) MUST_LOOK;
/* The decoded value of the first parameter of that name. False: absent or malformed. */
bool query_find(struct span raw, struct span name, struct buf *scratch, struct span *out);
/* Is a parameter of that (decoded) name the gateway's own, `key` among them, and so never part of an event? */
bool query_is_own(struct span name);
/* Appends the decoded text; false: a malformed escape, or no room. */
bool query_decode(struct span text, struct buf *out);

#endif
