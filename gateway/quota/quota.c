/*
 * Asking Redis on behalf of a request, or ahead of all. An ask outlives the request that waits for it: what it brings
 * belongs to the pool.
 */
#include "gateway/quota/quota.h"

#include "gateway/quota/script.h"

#include <assert.h>
#include <stdlib.h>

#define HAND_BACK_US  1000000u
#define LEFTOVERS_MAX 16

struct quota {
    struct quota_conf conf;
    struct redis_script script;
    struct list asks;
    size_t asks_len;
    struct timer hand_back;
};

struct quota_asking {
    struct list link;
    struct quota *quota;
    struct redis_script_call *call;
    struct quota_spending *spending; /* NULL: nobody waits */
    bool is_leftover;                /* hands back only: the pool expects no answer */
    struct lease_ask ask;
    struct quota_limits limits;
    size_t tenant_len;
    char tenant[POOL_NAME_BYTES_MAX];
};

static struct pool_now now_of(const struct quota *q)
{
    return (struct pool_now){loop_now_us(q->conf.loop), (uint64_t)loop_unix_ms(q->conf.loop) * MS_IN_US};
}

/* Verdicts */

static struct quota_grant grant_of(const struct pool_answer *a, enum quota_purse purse)
{
    static const enum quota_verdict verdicts[] = {
        [POOL_GRANTED] = QUOTA_GRANTED,   [POOL_REFUSED] = QUOTA_REFUSED,       [POOL_MUST_ASK] = QUOTA_UNAVAILABLE,
        [POOL_HOPELESS] = QUOTA_HOPELESS, [POOL_NO_MEMORY] = QUOTA_UNAVAILABLE,
    };

    return (struct quota_grant){.verdict = verdicts[a->verdict],
                                .refused = a->refused,
                                .wait_us = a->wait_us,
                                .purse = a->verdict == POOL_GRANTED ? purse : QUOTA_PURSE_NONE,
                                .lease = a->lease};
}

static struct quota_limits share_of(const struct quota *q, const struct quota_limits *limits)
{
    return quota_share(limits, pool_gateways(q->conf.pool));
}

/* Without Redis: the tenant's policy. */
static struct quota_grant decide_alone(struct quota *q, const struct quota_spending *s)
{
    struct quota_grant g = {.verdict = s->on_outage == QUOTA_OPEN ? QUOTA_GRANTED : QUOTA_UNAVAILABLE};

    if (s->on_outage == QUOTA_LOCAL_SHARE) {
        struct quota_limits share = share_of(q, s->limits);
        struct pool_answer a;
        pool_try(q->conf.share, s->tenant, &share, &s->cost, now_of(q), &a);
        g = grant_of(&a, QUOTA_PURSE_SHARE);
    }
    g.is_outage = true;
    return g;
}

/* Asks */

static void end_ask(struct quota_asking *a)
{
    list_remove(&a->link);
    a->quota->asks_len--;
    free(a);
}

static bool read_answer(const struct redis_answer *answer, struct quota_reply *reply)
{
    int64_t numbers[SCRIPT_NUMBERS];
    const struct redis_reply *r = answer->reply;

    if (answer->result != REDIS_REPLIED || r->type != REDIS_TYPE_ARRAY || r->elements_len != SCRIPT_NUMBERS)
        return false;
    for (size_t i = 0; i != SCRIPT_NUMBERS; i++) {
        if (r->elements[i].type != REDIS_TYPE_INTEGER)
            return false;
        numbers[i] = r->elements[i].integer;
    }
    return script_decode(numbers, SCRIPT_NUMBERS, reply);
}

/* Its name is its key's hash tag. */
static bool is_prompt(const struct quota *q, struct span tenant)
{
    return redis_is_prompt(q->conf.redis, tenant);
}

/* Nobody waits for a Redis that has just let another ask time out: what these asks still bring belongs to the pool. */
static void stop_waiting(struct quota *q)
{
    for (struct list *at = q->asks.next; at != &q->asks; at = at->next) {
        struct quota_asking *a = LIST_ENTRY(at, struct quota_asking, link);
        struct quota_spending *s = a->spending;
        if (s == NULL || is_prompt(q, s->tenant))
            continue;
        quota_cancel(s);
        s->grant = decide_alone(q, s);
        s->grant.was_asked = true;
        s->done(s);
    }
}

/* What came of an ask that nobody waits for any more, though it was for a request: its need goes back. */
static void give_back_need(struct quota_asking *a, const struct pool_answer *answer)
{
    struct quota_cost need = a->ask.quota.need;

    need.requests = 0;
    if (answer->verdict == POOL_GRANTED && !quota_is_nothing(&need))
        pool_give_back(a->quota->conf.pool, span_of(a->tenant, a->tenant_len), &a->limits, answer->lease, &need,
                       now_of(a->quota));
}

static void on_answer(void *ctx, const struct redis_answer *answer)
{
    struct quota_asking *a = ctx;
    struct quota *q = a->quota;
    struct quota_spending *s = a->spending;
    struct span tenant = span_of(a->tenant, a->tenant_len);
    struct quota_reply reply;
    struct pool_answer told = {.verdict = POOL_REFUSED};
    bool is_told = read_answer(answer, &reply);

    a->call = NULL;
    if (is_told && !a->is_leftover)
        pool_put(q->conf.pool, tenant, &a->limits, &a->ask, &reply, now_of(q), &told);
    else if (!a->is_leftover)
        pool_fail(q->conf.pool, tenant, &a->ask, true);
    if (s == NULL && is_told && !a->is_leftover)
        give_back_need(a, &told);
    end_ask(a);
    if (s != NULL) {
        s->grant = is_told ? grant_of(&told, QUOTA_PURSE_POOL) : decide_alone(q, s);
        s->grant.was_asked = true;
        s->asking = NULL;
        s->done(s);
    }
    if (answer->result == REDIS_TIMED_OUT)
        stop_waiting(q);
}

/* NULL: Redis cannot be asked now. */
static struct quota_asking *start_ask(struct quota *q, struct span tenant, const struct quota_limits *limits,
                                      const struct lease_ask *ask)
{
    struct script_call command;
    struct quota_asking *a = calloc(1, sizeof(*a));

    if (a == NULL || tenant.len > sizeof(a->tenant)) {
        free(a);
        return NULL;
    }
    *a = (struct quota_asking){.quota = q, .ask = *ask, .limits = *limits, .tenant_len = tenant.len};
    memcpy(a->tenant, tenant.ptr, tenant.len);
    script_encode(&command, tenant, limits, &ask->quota, false);
    struct redis_script_words words = {
        .keys = &command.arguments[3],
        .keys_len = 1,
        .arguments = &command.arguments[4],
        .arguments_len = command.arguments_len - 4,
    };
    a->call = redis_script_call(q->conf.redis, &q->script, &words, q->conf.timeout_ms, on_answer, a);
    if (a->call == NULL) {
        free(a);
        return NULL;
    }
    list_init(&a->link);
    list_append(&q->asks, &a->link);
    q->asks_len++;
    return a;
}

static bool ask_ahead(struct quota *q, const struct quota_spending *s, const struct lease_ask *ask)
{
    bool is_under_way = start_ask(q, s->tenant, s->limits, ask) != NULL;

    if (!is_under_way)
        pool_fail(q->conf.pool, s->tenant, ask, false);
    return is_under_way;
}

/* Spending */

bool quota_spend(struct quota *q, struct quota_spending *s)
{
    struct pool_answer a;

    s->asking = NULL;
    pool_try(q->conf.pool, s->tenant, s->limits, &s->cost, now_of(q), &a);
    if (a.verdict != POOL_MUST_ASK) {
        s->grant = grant_of(&a, QUOTA_PURSE_POOL);
        s->grant.was_leased = a.verdict == POOL_GRANTED && q->conf.redis != NULL;
        s->grant.was_asked_ahead = a.verdict == POOL_GRANTED && a.is_ask_ahead && ask_ahead(q, s, &a.ask);
        return true;
    }
    s->asking = is_prompt(q, s->tenant) ? start_ask(q, s->tenant, s->limits, &a.ask) : NULL;
    if (s->asking != NULL) {
        s->asking->spending = s;
        return false;
    }
    pool_fail(q->conf.pool, s->tenant, &a.ask, false);
    s->grant = decide_alone(q, s);
    return true;
}

void quota_cancel(struct quota_spending *s)
{
    if (s->asking == NULL)
        return;
    s->asking->spending = NULL;
    s->asking = NULL;
}

void quota_give_back(struct quota *q, const struct quota_spending *s, const struct quota_cost *cost)
{
    if (s->grant.purse == QUOTA_PURSE_POOL)
        pool_give_back(q->conf.pool, s->tenant, s->limits, s->grant.lease, cost, now_of(q));
    if (s->grant.purse == QUOTA_PURSE_SHARE) {
        struct quota_limits share = share_of(q, s->limits);
        pool_give_back(q->conf.share, s->tenant, &share, s->grant.lease, cost, now_of(q));
    }
}

void quota_room(struct quota *q, struct span tenant, const struct quota_limits *limits,
                struct quota_room room[QUOTA_DIMENSIONS])
{
    pool_remaining(q->conf.pool, tenant, limits, now_of(q), room);
}

/* Leftovers */

static void hand_back_stripe(struct quota *q, unsigned stripe, bool is_ending)
{
    struct pool_leftover left[LEFTOVERS_MAX];
    size_t len = LEFTOVERS_MAX;

    while (len == LEFTOVERS_MAX) {
        len = pool_drain(q->conf.pool, stripe, now_of(q), is_ending, left, LEFTOVERS_MAX);
        for (size_t i = 0; i != len; i++) {
            struct lease_ask ask = {
                .quota = {.give = left[i].owed.give, .late = left[i].owed.late, .lease_us = left[i].lease_us}};
            struct quota_asking *a = start_ask(q, span_of(left[i].tenant, left[i].tenant_len), &left[i].limits, &ask);
            if (a == NULL)
                return; /* it is lost: that errs on the safe side */
            a->is_leftover = true;
        }
    }
}

static void on_hand_back(void *ctx)
{
    struct quota *q = ctx;

    for (unsigned stripe = q->conf.index; stripe < POOL_STRIPES; stripe += q->conf.workers)
        hand_back_stripe(q, stripe, false);
    loop_timer_start(q->conf.loop, &q->hand_back, HAND_BACK_US);
}

void quota_hand_back(struct quota *q)
{
    for (unsigned stripe = 0; q->conf.redis != NULL && stripe != POOL_STRIPES; stripe++)
        hand_back_stripe(q, stripe, true);
}

size_t quota_under_way(const struct quota *q)
{
    return q->asks_len;
}

/* Life */

struct quota *quota_new(const struct quota_conf *conf)
{
    struct quota *q = calloc(1, sizeof(*q));

    if (q == NULL)
        return NULL;
    q->conf = *conf;
    list_init(&q->asks);
    redis_script_init(&q->script, span_str(script_source));
    timer_init(&q->hand_back, on_hand_back, q);
    if (conf->redis != NULL)
        loop_timer_start(conf->loop, &q->hand_back, HAND_BACK_US);
    return q;
}

void quota_free(struct quota **q)
{
    struct quota *gone = *q;

    *q = NULL;
    if (gone == NULL)
        return;
    loop_timer_stop(gone->conf.loop, &gone->hand_back);
    while (!list_is_empty(&gone->asks)) {
        struct quota_asking *a = LIST_ENTRY(gone->asks.next, struct quota_asking, link);
        assert(a->spending == NULL);
        redis_script_cancel(&a->call);
        if (!a->is_leftover)
            pool_fail(gone->conf.pool, span_of(a->tenant, a->tenant_len), &a->ask, true);
        end_ask(a);
    }
    free(gone);
}
