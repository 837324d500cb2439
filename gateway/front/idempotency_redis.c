/* Asking Redis whose a key is, as often as it takes. */
#include "gateway/front/idempotency_redis_parts.h"

#include <assert.h>
#include <stdlib.h>

#define WAIT_US_MIN 10000u
#define WAIT_US_MAX 100000u

static struct idempotency_redis *redis_of(struct idempotency_store *s)
{
    return LIST_ENTRY(s, struct idempotency_redis, store);
}

void errand_end(struct errand *e)
{
    assert(e->recall == NULL && e->call == NULL);
    loop_timer_stop(e->store->conf.loop, &e->timer);
    if (e->order.verb != IDEMPOTENCY_CLAIM)
        e->store->bytes -= sizeof(*e) + e->results.capacity;
    e->store->errands_len--;
    list_remove(&e->link);
    buf_clear(&e->results);
    free(e);
}

static void on_answer(void *ctx, const struct redis_answer *answer);

bool errand_send(struct errand *e)
{
    struct idempotency_redis *s = e->store;
    struct span name = span_of(e->name, e->name_len);
    struct idempotency_words words;

    e->order.record.results = buf_span(&e->results);
    idempotency_script_encode(&e->order, &words);
    struct redis_script_words w = {&name, 1, words.arguments, IDEMPOTENCY_SCRIPT_ARGUMENTS};
    e->call = redis_script_call(s->conf.redis, &s->script, &w, s->conf.timeout_ms, on_answer, e);
    return e->call != NULL;
}

bool errand_is_carried_out(const struct redis_answer *a)
{
    return a->result == REDIS_REPLIED && a->error == REDIS_ERROR_NONE;
}

/* Asking */

static void tell(struct errand *e, enum recall_verdict verdict, bool may_be_claimed)
{
    struct recall *r = e->recall;

    e->recall = NULL;
    r->wait = verdict == RECALL_CLAIMED ? e : NULL;
    if (verdict == RECALL_CLAIMED)
        r->token = e->order.record.token;
    else if (may_be_claimed)
        errand_release(e);
    else
        errand_end(e);
    r->done(r, verdict);
}

/* Without an answer now, but with an earlier one that another call has the key: it is not put beside that call. */
static void tell_unavailable(struct errand *e, bool may_be_claimed)
{
    tell(e, e->wait_us != 0 ? RECALL_IN_FLIGHT : RECALL_UNAVAILABLE, may_be_claimed);
}

static void ask_again_later(struct errand *e)
{
    e->wait_us = e->wait_us == 0 ? WAIT_US_MIN : 2 * e->wait_us;
    if (e->wait_us > WAIT_US_MAX)
        e->wait_us = WAIT_US_MAX;
    loop_timer_start(e->store->conf.loop, &e->timer, e->wait_us);
}

static void tell_results(struct errand *e, enum recall_verdict verdict, struct span results)
{
    struct buf *out = &e->recall->results;

    buf_reset(out);
    buf_append(out, results);
    tell(e, out->failed ? RECALL_NO_MEMORY : verdict, verdict == RECALL_CLAIMED);
}

static void on_verdict(struct errand *e, const struct redis_answer *answer)
{
    struct span results = SPAN("");
    bool is_answered = errand_is_carried_out(answer);
    enum recall_verdict verdict = RECALL_UNAVAILABLE;

    if (is_answered)
        verdict = idempotency_script_verdict(answer->reply, &e->order.record, &results);
    bool may_be_claimed = answer->result != REDIS_REPLIED || verdict == RECALL_CLAIMED;
    if (e->recall == NULL && may_be_claimed)
        errand_release(e);
    else if (e->recall == NULL)
        errand_end(e);
    else if (!is_answered)
        tell_unavailable(e, may_be_claimed);
    else if (verdict == RECALL_WAIT)
        ask_again_later(e);
    else
        tell_results(e, verdict, results);
}

static void on_answer(void *ctx, const struct redis_answer *answer)
{
    struct errand *e = ctx;

    e->call = NULL;
    if (e->order.verb == IDEMPOTENCY_CLAIM)
        on_verdict(e, answer);
    else
        errand_on_settled(e, answer);
}

static void on_timer(void *ctx)
{
    struct errand *e = ctx;

    if (e->order.verb != IDEMPOTENCY_CLAIM)
        errand_try_again(e);
    else if (!errand_send(e))
        tell_unavailable(e, false);
}

static enum recall_verdict redis_look(struct idempotency_store *s, struct recall *r)
{
    (void)s;
    (void)r;
    return RECALL_WAIT;
}

static uint64_t ms_of(uint64_t us)
{
    return (us + MS_IN_US - 1) / MS_IN_US;
}

static struct errand *errand_new(struct idempotency_redis *s, struct recall *r)
{
    struct errand *e = calloc(1, sizeof(*e));

    if (e == NULL)
        return NULL;
    assert(r->name.len <= sizeof(e->name));
    e->store = s;
    e->recall = r;
    e->order = (struct idempotency_order){
        .verb = IDEMPOTENCY_CLAIM,
        .record = {.state = IDEMPOTENCY_PENDING, .token = random_next(s->conf.random)},
        .keep_ms = r->keep_us != 0 ? ms_of(r->keep_us) : (uint64_t)s->conf.ttl_s * 1000,
        .hold_ms = ms_of(r->hold_us),
    };
    memcpy(e->order.record.fingerprint, r->fingerprint, sizeof(r->fingerprint));
    e->name_len = r->name.len;
    memcpy(e->name, r->name.ptr, r->name.len);
    buf_init(&e->results, UINT32_MAX);
    timer_init(&e->timer, on_timer, e);
    list_init(&e->link);
    list_append(&s->errands, &e->link);
    s->errands_len++;
    return e;
}

static bool redis_ask(struct idempotency_store *store, struct recall *r)
{
    struct errand *e = errand_new(redis_of(store), r);

    if (e == NULL)
        return false;
    r->wait = e;
    if (!errand_send(e))
        loop_timer_start(e->store->conf.loop, &e->timer, 0);
    return true;
}

static void redis_cancel_waiting(struct idempotency_store *s, struct recall *r)
{
    struct errand *e = r->wait;

    (void)s;
    if (e == NULL || e->recall == NULL) /* or a claim, for which nobody waits */
        return;
    r->wait = NULL;
    e->recall = NULL;
    if (e->order.verb == IDEMPOTENCY_CLAIM && e->call == NULL)
        errand_end(e);
}

static struct errand *take_claim(struct recall *r)
{
    struct errand *e = r->wait;

    assert(e != NULL && e->order.verb == IDEMPOTENCY_CLAIM && e->call == NULL);
    r->wait = NULL;
    return e;
}

static enum recall_kept redis_finish(struct idempotency_store *s, struct recall *r, struct buf *results, bool is_whole)
{
    (void)s;
    return errand_finish(take_claim(r), r, results, is_whole);
}

static void redis_release(struct idempotency_store *s, struct recall *r)
{
    (void)s;
    errand_release(take_claim(r));
}

static const struct idempotency_ops ops = {redis_look, redis_ask, redis_cancel_waiting, redis_finish, redis_release};

/* Life */

struct idempotency_redis *idempotency_redis_new(const struct idempotency_redis_conf *conf)
{
    struct idempotency_redis *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return NULL;
    s->store.ops = &ops;
    s->conf = *conf;
    list_init(&s->errands);
    redis_script_init(&s->script, span_str(idempotency_script_source));
    return s;
}

void idempotency_redis_free(struct idempotency_redis **s)
{
    struct idempotency_redis *gone = *s;

    *s = NULL;
    if (gone == NULL)
        return;
    while (!list_is_empty(&gone->errands)) {
        struct errand *e = LIST_ENTRY(gone->errands.next, struct errand, link);
        redis_script_cancel(&e->call);
        errand_end(e);
    }
    free(gone);
}

struct idempotency_store *idempotency_redis_store(struct idempotency_redis *s)
{
    return &s->store;
}

size_t idempotency_redis_under_way(const struct idempotency_redis *s)
{
    return s->errands_len;
}
