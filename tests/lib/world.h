/*
 * A worker's road in virtual time: the real front, lanes and sender on a fake loop, net and exchanges; one tenant with
 * one key, and the streams below.
 */
#ifndef KGW_TESTS_LIB_WORLD_H
#define KGW_TESTS_LIB_WORLD_H

#include "gateway/front/address_limit.h"
#include "gateway/front/front.h"
#include "gateway/front/idempotency_memory.h"
#include "gateway/front/idempotency_redis.h"
#include "tests/lib/fake_exchange.h"
#include "tests/lib/fake_loop.h"
#include "tests/lib/fake_net.h"
#include "tests/lib/fake_redis.h"

#define WORLD_ARN "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks-prod"

struct world {
    struct loop *loop;
    struct http_client *http;
    struct fake_net *net;
    struct metrics metrics;
    struct random random;
    struct log *log;
    struct log_ring *log_ring;
    int log_fd;
    struct sender sender;
    struct front front;
    struct idempotency_memory *idempotency;
    struct idempotency_redis *shared; /* NULL until world_share_keys() */
    struct address_limit *addresses;
    struct redis_client redis;
    struct pool *pool, *share;
    struct quota *quota; /* NULL until world_limit() */
    char key[128];       /* "X-Api-Key: …\r\n" */
    char page[128];      /* "key=…": of https://shop.example and what is below it */
    char anybody[128];   /* the same, of calls that name no page, one a second from an address */
    unsigned refreshes;  /* times fresh credentials were asked for */
    bool gives_creds;    /* … and whether they come */
};

/*
 * Streams: orders (retries unknowns), report (does not), clicks (an ARN, key from /user/id or rejected), rewrap (with
 * an envelope). Of browsers: orders, pages (beacons are lines), pages-json (arrays), pages-private (heeds privacy
 * signals; keys by a cut address).
 */
void world_init(struct world *w);
/* Runs what is left, then looks: every record is settled, every gauge is zero, the sums add up; and takes all apart. */
void world_clear(struct world *w);
bool world_is_balanced(const struct world *w); /* received is the sum of the states */
void world_reload(struct world *w);            /* the same snapshot, loaded anew */
size_t world_log_lines(struct world *w);       /* written so far; waits for the log's thread */
void world_reload_without_streams(struct world *w);
struct snapshot *world_snapshot(void);

/* The tenant has limits from now on: members of its row, as `"quota":{…}`. With Redis they are kept in w->redis. */
void world_limit(struct world *w, const char *members, bool has_redis);

/* Idempotency keys are kept in w->redis from now on. */
void world_share_keys(struct world *w);

/* POST /v1/streams/STREAM/record?QUERY with the key. */
struct fake_exchange *world_put(struct world *w, const char *stream, const char *query, struct span body);

#endif
