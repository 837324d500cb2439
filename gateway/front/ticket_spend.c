/*
 * The step "spend". What a verdict means for a ticket stands here; where the quota is kept is not known.
 */
#include "gateway/front/ticket_spend.h"

#include "gateway/front/batch.h"
#include "gateway/front/reply.h"
#include "gateway/front/ticket_count.h"
#include "gateway/front/ticket_hook.h"
#include "gateway/front/ticket_recall.h"

static bool is_limited(const struct ticket *t)
{
    return t->front->quota != NULL && ticket_tenant(t) != NULL && quota_has_any(&ticket_tenant(t)->quota);
}

static struct quota_cost cost_of(const struct ticket *t)
{
    const struct batch *b = t->batch;

    if (b == NULL)
        return (struct quota_cost){.requests = 1, .records = 1, .bytes = record_bytes(&t->put.record)};
    /* the bytes of what is replayed are given back in the end: they are kept by nothing */
    return (struct quota_cost){.requests = 1, .records = b->records - b->known, .bytes = b->bytes};
}

static uint32_t retry_after_ms(uint64_t wait_us)
{
    uint64_t ms = (wait_us + MS_IN_US - 1) / MS_IN_US;

    return ms == 0 ? 1 : ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

static struct failure failure_of(const struct quota_grant *g)
{
    switch (g->verdict) {
    case QUOTA_GRANTED:
        break;
    case QUOTA_REFUSED:
        return (struct failure){.row = FAILURE_OVER_QUOTA, .retry_after_ms = retry_after_ms(g->wait_us)};
    case QUOTA_HOPELESS:
        return (struct failure){.row = FAILURE_BEYOND_QUOTA,
                                .detail = "the request is larger than its tenant's quota allows at once, ever"};
    case QUOTA_UNAVAILABLE:
        return (struct failure){.row = FAILURE_QUOTA_UNAVAILABLE};
    }
    return FAILURE_OK;
}

static enum step_result act(struct ticket *t)
{
    struct quota_grant *g = &t->spend.spending.grant;

    t->front->spends++;
    ticket_count_grant(t, &t->spend.spending);
    t->spend.is_said = true;
    t->failure = failure_of(g);
    if (g->verdict == QUOTA_GRANTED)
        t->spend.left = t->spend.spending.cost;
    return STEP_NEXT;
}

static void on_decided(struct quota_spending *s)
{
    struct ticket *t = LIST_ENTRY(s, struct ticket, spend.spending);
    struct stages *stages = loop_stages(t->front->loop);
    enum stage before = stages_enter(stages, STAGE_ADMIT);

    t->spend.is_decided = true;
    ticket_run(t);
    stages_enter(stages, before);
}

enum step_result ticket_spend(struct ticket *t)
{
    struct ticket_spending *s = &t->spend;

    if (s->is_decided)
        return act(t);
    if (ticket_is_replayed(t))
        return STEP_NEXT;
    if (!is_limited(t)) {
        struct quota_cost cost = cost_of(t);
        ticket_count_admitted(t, &cost);
        return STEP_NEXT;
    }
    s->spending = (struct quota_spending){
        .tenant = t->principal.tenant,
        .limits = &ticket_tenant(t)->quota,
        .on_outage = ticket_tenant(t)->on_redis_failure,
        .cost = cost_of(t),
        .done = on_decided,
    };
    return quota_spend(t->front->quota, &s->spending) ? act(t) : ticket_wait(t);
}

void ticket_spend_give_up(struct ticket *t)
{
    quota_cancel(&t->spend.spending);
}

void ticket_spend_keep(struct ticket *t, uint64_t bytes)
{
    struct quota_cost *left = &t->spend.left;

    left->records -= left->records != 0;
    left->bytes -= bytes < left->bytes ? bytes : left->bytes;
}

void ticket_spend_settle(struct ticket *t)
{
    struct quota_cost back = t->spend.left;

    t->spend.left = (struct quota_cost){0, 0, 0};
    back.requests = 0;
    if (quota_is_nothing(&back))
        return;
    t->front->spends++;
    quota_give_back(t->front->quota, &t->spend.spending, &back);
}

/* The fields */

/* Answers go out many at a time, when a call upstream has returned: those of a turn say the same. */
static struct span write_room(const struct ticket *t, struct buf *texts)
{
    struct front *f = t->front;
    const struct quota_limits *l = t->spend.spending.limits;
    struct span tenant = t->principal.tenant;
    uint64_t now_us = loop_now_us(f->loop);
    struct quota_room room[QUOTA_DIMENSIONS];
    size_t start = texts->len;

    if (ratelimit_say_again(&f->room, tenant, now_us, f->spends, texts))
        return span_of(texts->ptr + start, texts->len - start);
    quota_room(f->quota, tenant, l, room);
    struct span text = ratelimit_write_room(l, room, texts);
    ratelimit_remember(&f->room, tenant, now_us, f->spends, text);
    return text;
}

void ticket_spend_add_fields(const struct ticket *t, struct reply *r, struct buf *texts)
{
    if (!t->spend.is_said)
        return;
    const struct quota_limits *l = t->spend.spending.limits;
    reply_add(r, "ratelimit-policy", ratelimit_write_policy(&t->front->policies, l, texts));
    reply_add(r, "ratelimit", write_room(t, texts));
}
