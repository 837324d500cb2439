#include "tests/gateway/quota/fleet.h"

#include "tests/auth/check.h"

#define SECOND        1000000u
#define PERIOD_US     700000u
#define STORM_ENDS_US 40000u
#define CALM_ENDS_US  400000u
#define TENANT        SPAN("acme")

struct fleet_flight {
    uint64_t at_us; /* when it arrives; 0: no flight */
    unsigned gateway, life;
    bool is_back, is_waited_for;
    struct lease_ask ask;
    struct quota_reply reply;
    uint64_t granted_us;
};

struct fleet_return {
    uint64_t at_us;
    unsigned gateway, life;
    uint64_t lease;
    struct quota_cost cost;
    size_t row;
};

static uint64_t chance(struct fleet *f, uint64_t below)
{
    return random_below(&f->random, below);
}

static bool happens(struct fleet *f, unsigned percent)
{
    return chance(f, 100) < percent;
}

static struct pool_now now_of(const struct fleet *f, const struct fleet_gateway *g)
{
    return (struct pool_now){f->now_us + (uint64_t)g->steady_offset_us, f->now_us + (uint64_t)g->unix_offset_us};
}

static void start(struct fleet *f, struct fleet_gateway *g)
{
    struct pool_conf conf = {true, POOL_LEASE_LONGEST_US, 100, 7};

    g->pool = pool_new(&conf);
    assert_non_null(g->pool);
    pool_set_gateways(g->pool, f->conf.gateways);
    g->lives++;
}

/* With lulls: a storm, a calm, and then nothing until the next storm, for longer than a lease lives. */
static uint64_t pause_us(struct fleet *f)
{
    uint64_t mean_us = SECOND * f->conf.gateways * FLEET_WORKERS / f->conf.offered_per_second;
    uint64_t phase_us = f->now_us % PERIOD_US;

    if (f->conf.has_lulls && phase_us > CALM_ENDS_US)
        return PERIOD_US - phase_us;
    if (f->conf.has_lulls && phase_us < STORM_ENDS_US)
        mean_us /= 16;
    return 1 + chance(f, 2 * mean_us);
}

void fleet_init(struct fleet *f, const struct fleet_conf *conf, uint64_t seed)
{
    uint64_t before_us = conf->before_midnight_us != 0 ? conf->before_midnight_us : 60ull * SECOND;

    *f = (struct fleet){.conf = *conf, .now_us = FLEET_MIDNIGHT_US - before_us};
    random_seed(&f->random, seed);
    f->flights = calloc(FLEET_FLIGHTS, sizeof(f->flights[0]));
    f->returns = calloc(FLEET_RETURNS, sizeof(f->returns[0]));
    assert_true(f->flights != NULL && f->returns != NULL);
    for (unsigned i = 0; i < conf->gateways; i++) {
        f->gateways[i].steady_offset_us = (int64_t)chance(f, 3600ull * SECOND);
        start(f, &f->gateways[i]);
        for (unsigned w = 0; w < FLEET_WORKERS; w++)
            f->gateways[i].next_us[w] = f->now_us + pause_us(f);
    }
    f->next_trouble_us = UINT64_MAX;
    if (conf->troubles_per_second != 0)
        f->next_trouble_us = f->now_us + SECOND / conf->troubles_per_second;
}

void fleet_clear(struct fleet *f)
{
    for (unsigned i = 0; i < f->conf.gateways; i++)
        pool_free(&f->gateways[i].pool);
    free(f->flights);
    free(f->returns);
    ledger_clear(&f->requests);
    ledger_clear(&f->spent);
    ledger_clear(&f->written);
}

static void send(struct fleet *f, unsigned gateway, const struct lease_ask *ask, bool is_waited_for)
{
    struct fleet_flight *flight = f->flights;

    while (flight < f->flights + FLEET_FLIGHTS && flight->at_us != 0)
        flight++;
    assert_true(flight < f->flights + FLEET_FLIGHTS);
    if (flight == f->flights + f->flights_len)
        f->flights_len++;
    *flight = (struct fleet_flight){.at_us = f->now_us + 1 + chance(f, f->conf.way_us),
                                    .gateway = gateway,
                                    .life = f->gateways[gateway].lives,
                                    .is_waited_for = is_waited_for,
                                    .ask = *ask};
    f->asks++;
}

/* The request's own; its records may turn out not to have been written. */
static void admit(struct fleet *f, unsigned gateway, uint64_t at_us, uint64_t lease, const struct quota_cost *cost)
{
    struct fleet_return *r = f->returns;

    ledger_spend(&f->requests, at_us, (int64_t)cost->requests);
    ledger_spend(&f->spent, at_us, (int64_t)cost->records);
    size_t row = ledger_spend(&f->written, at_us, (int64_t)cost->records);
    if (!happens(f, f->conf.returned_percent))
        return;
    while (r < f->returns + FLEET_RETURNS && r->at_us != 0)
        r++;
    if (r == f->returns + FLEET_RETURNS)
        return;
    if (r == f->returns + f->returns_len)
        f->returns_len++;
    uint64_t later_us = happens(f, 50) ? SECOND / 50 : 3 * SECOND;
    *r = (struct fleet_return){
        f->now_us + 1 + chance(f, later_us), gateway, f->gateways[gateway].lives, lease, *cost, row};
}

static void request(struct fleet *f, unsigned gateway)
{
    struct fleet_gateway *g = &f->gateways[gateway];
    struct quota_cost cost = {1, 1 + chance(f, f->conf.records_max), 100};
    struct pool_answer answer;

    pool_try(g->pool, TENANT, &f->conf.limits, &cost, now_of(f, g), &answer);
    if (answer.verdict == POOL_GRANTED)
        admit(f, gateway, f->now_us, answer.lease, &cost);
    f->refused += answer.verdict == POOL_REFUSED;
    if (answer.verdict == POOL_MUST_ASK || answer.is_ask_ahead)
        send(f, gateway, &answer.ask, answer.verdict == POOL_MUST_ASK);
}

/* Where nothing is given back but leases, that must not make a difference. */
static void take(struct fleet *f, const struct quota_ask *ask, struct quota_reply *reply)
{
    if (f->conf.returned_percent != 0)
        ledger_spend(&f->spent, f->now_us, -(int64_t)ask->give.records);
    bucket_take(&f->bucket, &f->conf.limits, ask, f->now_us, reply);
}

static void arrive_there(struct fleet *f, struct fleet_flight *flight)
{
    take(f, &flight->ask.quota, &flight->reply);
    flight->granted_us = f->now_us;
    flight->is_back = true;
    flight->at_us = f->now_us + 1 + chance(f, f->conf.way_us);
}

static void arrive_back(struct fleet *f, struct fleet_flight *flight, bool is_lost)
{
    struct fleet_gateway *g = &f->gateways[flight->gateway];
    struct pool_answer answer;

    flight->at_us = 0;
    if (flight->life != g->lives)
        return;
    if (is_lost) {
        pool_fail(g->pool, TENANT, &flight->ask, flight->is_back);
        return;
    }
    pool_put(g->pool, TENANT, &f->conf.limits, &flight->ask, &flight->reply, now_of(f, g), &answer);
    f->refused += answer.verdict == POOL_REFUSED;
    if (answer.verdict == POOL_GRANTED && flight->is_waited_for)
        admit(f, flight->gateway, flight->granted_us, answer.lease, &flight->ask.quota.need);
}

static void fly(struct fleet *f, struct fleet_flight *flight)
{
    bool is_lost = happens(f, f->conf.lost_percent);

    if (flight->is_back || is_lost)
        arrive_back(f, flight, is_lost);
    else
        arrive_there(f, flight);
}

static void come_back(struct fleet *f, struct fleet_return *r)
{
    struct fleet_gateway *g = &f->gateways[r->gateway];

    r->at_us = 0;
    if (r->life != g->lives)
        return;
    ledger_void(&f->written, r->row);
    if (r->lease != 0)
        ledger_spend(&f->spent, f->now_us, -(int64_t)r->cost.records);
    pool_give_back(g->pool, TENANT, &f->conf.limits, r->lease, &r->cost, now_of(f, g));
}

static void drain(struct fleet *f, struct fleet_gateway *g, bool is_ending)
{
    struct pool_leftover left[4];
    struct quota_reply reply;

    for (unsigned stripe = 0; stripe < POOL_STRIPES; stripe++) {
        size_t len = pool_drain(g->pool, stripe, now_of(f, g), is_ending, left, LEN(left));
        for (size_t i = 0; i < len; i++) {
            struct quota_ask ask = {.give = left[i].owed.give, .late = left[i].owed.late, .lease_us = left[i].lease_us};
            take(f, &ask, &reply);
        }
    }
}

static void trouble(struct fleet *f)
{
    struct fleet_gateway *g = &f->gateways[chance(f, f->conf.gateways)];

    switch (chance(f, 6)) {
    case 0: /* it dies */
        pool_free(&g->pool);
        start(f, g);
        break;
    case 1: /* it ends in peace */
        drain(f, g, true);
        pool_free(&g->pool);
        start(f, g);
        break;
    case 2:
        drain(f, g, false);
        break;
    case 3:
        g->unix_offset_us = (int64_t)chance(f, 7200ull * SECOND) - 3600 * (int64_t)SECOND;
        break;
    case 4:
        g->steady_offset_us += (int64_t)chance(f, SECOND);
        break;
    default:
        g->steady_offset_us -= (int64_t)(5 * SECOND + chance(f, 10 * SECOND));
    }
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t next_us(const struct fleet *f)
{
    uint64_t at_us = f->next_trouble_us;

    for (unsigned i = 0; i < f->conf.gateways * FLEET_WORKERS; i++)
        at_us = earlier(at_us, f->gateways[i / FLEET_WORKERS].next_us[i % FLEET_WORKERS]);
    for (size_t i = 0; i < f->flights_len; i++)
        at_us = f->flights[i].at_us == 0 ? at_us : earlier(at_us, f->flights[i].at_us);
    for (size_t i = 0; i < f->returns_len; i++)
        at_us = f->returns[i].at_us == 0 ? at_us : earlier(at_us, f->returns[i].at_us);
    return at_us;
}

static void turn(struct fleet *f)
{
    for (size_t i = 0; i < f->flights_len; i++)
        if (f->flights[i].at_us == f->now_us)
            fly(f, &f->flights[i]);
    for (size_t i = 0; i < f->returns_len; i++)
        if (f->returns[i].at_us == f->now_us)
            come_back(f, &f->returns[i]);
    for (unsigned i = 0; i < f->conf.gateways * FLEET_WORKERS; i++) {
        uint64_t *at_us = &f->gateways[i / FLEET_WORKERS].next_us[i % FLEET_WORKERS];
        if (*at_us != f->now_us)
            continue;
        request(f, i / FLEET_WORKERS);
        *at_us = f->now_us + pause_us(f);
    }
    if (f->next_trouble_us == f->now_us) {
        trouble(f);
        f->next_trouble_us = f->now_us + 1 + chance(f, 2 * SECOND / f->conf.troubles_per_second);
    }
}

void fleet_run(struct fleet *f, uint64_t duration_us)
{
    uint64_t end_us = f->now_us + duration_us;

    for (;;) {
        uint64_t at_us = next_us(f);
        if (at_us > end_us)
            break;
        f->now_us = at_us;
        turn(f);
    }
    f->now_us = end_us;
}
