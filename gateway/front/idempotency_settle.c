/* What a claim wrote, or that it wrote nothing, on its way to Redis: twice at most, and in bounded memory. */
#include "gateway/front/idempotency_redis_parts.h"

#define RETRY_US 1000000u
#define TRIES    2

static void lose(struct errand *e)
{
    if (e->order.verb == IDEMPOTENCY_FINISH)
        metrics_count(e->store->conf.metrics, COUNT_IDEMPOTENCY_LOST, 1);
    errand_end(e);
}

static void try_later(struct errand *e)
{
    if (++e->tries == TRIES)
        lose(e);
    else
        loop_timer_start(e->store->conf.loop, &e->timer, RETRY_US);
}

void errand_try_again(struct errand *e)
{
    if (!errand_send(e))
        try_later(e);
}

/* False: too much is on its way already. */
static bool begin(struct errand *e, enum idempotency_verb verb, enum idempotency_state state)
{
    e->order.verb = verb;
    e->order.record.state = state;
    e->store->bytes += sizeof(*e) + e->results.capacity;
    return e->store->bytes <= IDEMPOTENCY_REDIS_BYTES_MAX;
}

void errand_release(struct errand *e)
{
    if (begin(e, IDEMPOTENCY_RELEASE, IDEMPOTENCY_OPEN))
        errand_try_again(e);
    else
        lose(e);
}

enum recall_kept errand_finish(struct errand *e, struct recall *r, struct buf *results, bool is_whole)
{
    e->results = *results;
    buf_init(results, results->bytes_max);
    if (!begin(e, IDEMPOTENCY_FINISH, is_whole ? IDEMPOTENCY_DONE : IDEMPOTENCY_OPEN)) {
        lose(e);
        return RECALL_NOT_KEPT;
    }
    if (!errand_send(e)) {
        try_later(e);
        return RECALL_NOT_KEPT;
    }
    e->recall = r;
    r->wait = e;
    return RECALL_KEEPING;
}

void errand_on_settled(struct errand *e, const struct redis_answer *answer)
{
    struct recall *r = e->recall;
    bool is_answered = errand_is_carried_out(answer);
    bool is_kept = is_answered && idempotency_script_is_done(answer->reply);

    e->recall = NULL;
    if (!is_answered)
        try_later(e);
    else if (is_kept)
        errand_end(e);
    else
        lose(e); /* another has the key by now */
    if (r == NULL)
        return;
    r->wait = NULL;
    r->kept(r, is_kept);
}
