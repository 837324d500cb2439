#ifndef KGW_BENCH_REQUEST_H
#define KGW_BENCH_REQUEST_H

#include "tests/bench/load/options.h"

/* One connection's request, written out once; only the event's id and the partition key's number change, and of
 * a body from a file nothing. */
struct request {
    char *bytes;
    size_t size;
    size_t body_at;
    size_t key_at; /* of the partition key's digits; 0: none */
};

void request_init(struct request *request, const struct options *options);
void request_clear(struct request *request);

/* Makes it the `number`-th request. Numbers must not fall, since a shorter id would leave the rest of a longer one. */
void request_stamp(struct request *request, const struct options *options, uint64_t number);

#endif
