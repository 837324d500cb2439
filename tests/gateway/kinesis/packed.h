/* A crowd's ears and eyes on a lane with aggregates: what was packed is read as a consumer does. */
#ifndef KGW_TESTS_GATEWAY_KINESIS_PACKED_H
#define KGW_TESTS_GATEWAY_KINESIS_PACKED_H

#include "tests/gateway/kinesis/callers.h"

/*
 * Every record in it is its caller's, lies in the shard of the whole, and is one that may be packed. For a net's `saw`,
 * with the crowd.
 */
void packed_saw(void *crowd, const struct fake_attempt *a);
find_stored_fn packed_find_stored; /* by sequence number and sub-sequence number */
void packed_init(struct crowd *c); /* the crowd's lanes have aggregates: both of these */

#endif
