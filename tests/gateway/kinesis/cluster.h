/*
 * Workers that are each other's peers, each with a loop, a net and callers of its own, whose clocks go together. Their
 * lane 0 is ordered: a record travels to the worker where its key is at home. Data begins with the asker's name ("w1").
 */
#ifndef KGW_TESTS_GATEWAY_KINESIS_CLUSTER_H
#define KGW_TESTS_GATEWAY_KINESIS_CLUSTER_H

#include "tests/gateway/kinesis/callers.h"

#define WORKERS 3

struct cluster {
    struct crowd workers[WORKERS];
    struct sender_peer peers[WORKERS];
};

void cluster_init(struct cluster *c);
void cluster_pass(struct cluster *c, uint64_t us);
void cluster_settle(struct cluster *c); /* posts too, until nobody has anything to do now */
void cluster_clear(struct cluster *c);

/* The nth key that is at home with that worker. */
const char *cluster_key(const struct cluster *c, size_t home, unsigned nth);
/* a.word and, without a key, a.key are set here. */
struct caller *cluster_ask(struct cluster *c, size_t asker, size_t home, struct arrival a);
unsigned cluster_count(const struct cluster *c, enum failure_row row);

#endif
