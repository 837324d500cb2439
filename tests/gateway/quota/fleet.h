/*
 * A fleet in virtual time: gateways with workers that share a pool, one bucket for all of them at the other end of ways
 * that take time, and callers at random moments. Everything follows from the seed.
 */
#ifndef KGW_TESTS_QUOTA_FLEET_H
#define KGW_TESTS_QUOTA_FLEET_H

#include "gateway/base/random.h"
#include "gateway/quota/pool.h"
#include "tests/gateway/quota/ledger.h"

#define FLEET_GATEWAYS    4
#define FLEET_WORKERS     2
#define FLEET_FLIGHTS     4096
#define FLEET_RETURNS     512
#define FLEET_MIDNIGHT_US (1772323200ull * 1000000) /* 2026-03-01 */

struct fleet_conf {
    struct quota_limits limits;
    unsigned gateways;
    uint64_t offered_per_second; /* requests, of all gateways together */
    uint64_t records_max;        /* of a request: 1 to so many */
    uint64_t way_us;             /* at most, to Redis, and as long back */
    unsigned lost_percent;       /* of asks, on the way there or back */
    unsigned returned_percent;   /* of granted requests: certainly not written, some time later */
    unsigned troubles_per_second;
    uint64_t before_midnight_us; /* when it begins, of a month's last day; 0: a minute */
    bool has_lulls;              /* all callers pause now and then, and leases grow old */
};

struct fleet {
    struct fleet_conf conf;
    struct random random;
    uint64_t now_us;
    struct quota_bucket bucket;
    struct fleet_gateway {
        struct pool *pool;
        unsigned lives;
        int64_t steady_offset_us, unix_offset_us;
        uint64_t next_us[FLEET_WORKERS]; /* when the next request comes */
    } gateways[FLEET_GATEWAYS];
    struct fleet_flight *flights; /* asks on their way */
    struct fleet_return *returns;
    size_t flights_len, returns_len; /* as many as were ever used at once */
    struct ledger requests;
    struct ledger spent;   /* records; less those that were given back, when that has its effect */
    struct ledger written; /* records without those */
    uint64_t asks, refused, next_trouble_us;
};

void fleet_init(struct fleet *f, const struct fleet_conf *conf, uint64_t seed);
void fleet_run(struct fleet *f, uint64_t duration_us);
void fleet_clear(struct fleet *f);

#endif
