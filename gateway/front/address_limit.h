/*
 * How often one address may call with one key: a token bucket each (GCRA), in a table of fixed size that all workers
 * share, so that the limit holds for the process however connections are spread. An IPv6 address counts as its /64,
 * which is what one household or phone has. When more addresses call at once than the table has room for, the one that
 * has been quiet the longest is forgotten and begins anew: the limit is then not kept for some, and nobody is refused
 * for another's sake.
 */
#ifndef KGW_FRONT_ADDRESS_LIMIT_H
#define KGW_FRONT_ADDRESS_LIMIT_H

#include "auth/address.h"

#define ADDRESS_LIMIT_BURST_S 10 /* requests of so many seconds may come at once: pages send in bursts */

struct address_limit;

/* Room for `entries` pairs of key and address or somewhat more, 16 bytes each. `seed`: not to be foreseen by callers.
 * NULL: out of memory. */
struct address_limit *address_limit_new(size_t entries, uint64_t seed);
void address_limit_free(struct address_limit **l); /* NULL-safe; nobody uses it any more */
/*
 * A request at now_us, of the process's monotonic clock. 0: it may go on, and is counted; else how many microseconds
 * until one may, and nothing is counted. For any thread; holds one short lock.
 */
uint64_t address_limit_take(struct address_limit *l, struct span key_id, struct address from, uint32_t per_second,
                            uint64_t now_us);

#endif
