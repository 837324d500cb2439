/*
 * What can end a ticket's wait: its turn comes again, its deadline passes, its client leaves. A record that is not in
 * flight leaves its lane then; one that is settles later.
 */
#include "gateway/front/batch.h"
#include "gateway/front/ticket_recall.h"
#include "gateway/front/ticket_spend.h"

static void on_go_on(void *ctx)
{
    struct ticket *t = ctx;
    struct stages *stages = loop_stages(t->front->loop);
    enum stage before = stages_enter(stages, STAGE_ADMIT);

    ticket_run(t);
    stages_enter(stages, before);
}

/* What became of the single record, as far as its caller is told. */
static struct failure give_up_put(struct ticket *t)
{
    if (!lane_detach(&t->put))
        return (struct failure){.row = FAILURE_UPSTREAM_UNKNOWN, .outcome = OUTCOME_UNKNOWN};
    t->waiting = 0;
    ticket_settle(t, &t->put);
    return t->put.result.failure;
}

static void on_deadline(void *ctx)
{
    struct ticket *t = ctx;

    loop_timer_stop(t->front->loop, &t->go_on);
    ticket_spend_give_up(t);
    if (t->batch != NULL && t->batch->is_admitted) {
        batch_give_up(t);
        ticket_run(t);
        return;
    }
    t->failure = t->waiting != 0 ? give_up_put(t) : ticket_recall_give_up(t);
    ticket_run_to_reply(t);
}

static void on_exchange_gone(void *ctx)
{
    struct ticket *t = ctx;

    if (t->is_answered) { /* the answer was written, not sent */
        t->exchange = NULL;
        list_remove(&t->link);
        ticket_let_go(t);
        return;
    }
    t->front->metrics->gauges[GAUGE_REQUESTS_IN_FLIGHT]--;
    ticket_end_wait(t);
    ticket_spend_give_up(t);
    ticket_unreserve(t);
    if (t->batch != NULL && t->batch->is_admitted)
        batch_give_up(t);
    else if (t->waiting != 0)
        (void)give_up_put(t);
    else
        ticket_reject(t);
    (void)ticket_recall_give_up(t);
    t->exchange = NULL;
    if (t->batch != NULL)
        batch_end_answer(t->batch);
    ticket_let_go(t);
}

static uint64_t time_left_us(const struct ticket *t)
{
    uint64_t now_us = loop_now_us(t->front->loop), deadline_us = t->started_us + t->timeout_us;

    return deadline_us > now_us ? deadline_us - now_us : 0;
}

enum step_result ticket_wait(struct ticket *t)
{
    t->has_waited = true;
    t->exchange->on_gone = on_exchange_gone;
    t->exchange->gone_ctx = t;
    if (t->deadline.is_armed || t->timeout_us == 0) /* not known yet while the body is hashed */
        return STEP_WAIT;
    timer_init(&t->deadline, on_deadline, t);
    loop_timer_start(t->front->loop, &t->deadline, time_left_us(t));
    return STEP_WAIT;
}

enum step_result ticket_go_on_later(struct ticket *t)
{
    if (!t->go_on.is_armed) {
        timer_init(&t->go_on, on_go_on, t);
        loop_timer_start(t->front->loop, &t->go_on, 0);
    }
    return ticket_wait(t);
}

void ticket_end_wait(struct ticket *t)
{
    loop_timer_stop(t->front->loop, &t->deadline);
    loop_timer_stop(t->front->loop, &t->go_on);
}
