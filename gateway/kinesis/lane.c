/*
 * Queues, fairness and the window. A record is reserved, added, departs, and is finished; what an attempt's end means
 * is decided in settle.c. Deficit round robin: Shreedhar and Varghese, 1995.
 */
#include "gateway/kinesis/lane.h"

#include "gateway/kinesis/put_call.h"

#include <assert.h>
#include <stdlib.h>

#define QUANTUM_BYTES 65536

static void on_depart(void *ctx);

struct lane *lane_new(struct sender *s, const struct stream_conf *conf)
{
    struct lane *lane = calloc(1, sizeof(*lane));

    if (lane == NULL)
        return NULL;
    lane->sender = s;
    lane->conf = conf;
    lane->users = 1;
    list_init(&lane->ring);
    list_init(&lane->flows);
    list_init(&lane->blocked);
    turn_work_init(&lane->depart, TURN_DEPART, on_depart, lane);
    retry_budget_init(&lane->budget, &s->conf.retry);
    return lane;
}

void lane_acquire(struct lane *lane)
{
    lane->users++;
}

void lane_release(struct lane **lane)
{
    struct lane *gone = *lane;

    *lane = NULL;
    if (gone == NULL || --gone->users != 0)
        return;
    assert(list_is_empty(&gone->flows) && gone->calls_in_flight == 0 && gone->reserved_records == 0);
    turn_work_cancel(&gone->depart);
    list_remove(&gone->blocked);
    sigv4_key_cache_wipe(&gone->key_cache);
    free(gone);
}

/* Room */

struct failure lane_reserve(struct lane *lane, uint64_t bytes)
{
    const struct sender_conf *c = &lane->sender->conf;

    if (lane->reserved_records >= c->queue_records_max || lane->reserved_bytes + bytes > c->queue_bytes_max)
        return (struct failure){.row = FAILURE_OVERLOADED, .detail = "too many records wait for this stream"};
    lane->reserved_records++;
    lane->reserved_bytes += bytes;
    return FAILURE_OK;
}

void lane_unreserve(struct lane *lane, uint64_t bytes)
{
    lane->reserved_records--;
    lane->reserved_bytes -= bytes;
}

/* Flows */

static struct flow *flow_find(struct lane *lane, struct span tenant)
{
    for (struct list *node = lane->flows.next; node != &lane->flows; node = node->next) {
        struct flow *f = LIST_ENTRY(node, struct flow, all);
        if (span_equal(span_of(f->tenant, f->tenant_len), tenant))
            return f;
    }
    return NULL;
}

static struct flow *flow_acquire(struct lane *lane, struct span tenant)
{
    struct flow *f = flow_find(lane, tenant);

    if (f == NULL) {
        f = calloc(1, sizeof(*f) + tenant.len);
        if (f == NULL)
            return NULL;
        f->tenant_len = tenant.len;
        memcpy(f->tenant, tenant.ptr, tenant.len);
        list_init(&f->link);
        list_init(&f->waiters);
        list_append(&lane->flows, &f->all);
    }
    f->users++;
    return f;
}

static void flow_release(struct flow *f)
{
    if (--f->users != 0)
        return;
    list_remove(&f->all);
    list_remove(&f->link);
    free(f);
}

static void enqueue(struct put_waiter *w, bool first)
{
    struct lane *lane = w->lane;

    w->state = PUT_QUEUED;
    lane->queued_records++;
    lane->sender->metrics->gauges[GAUGE_RECORDS_QUEUED]++;
    if (first)
        list_prepend(&w->flow->waiters, &w->link);
    else
        list_append(&w->flow->waiters, &w->link);
    if (list_is_empty(&w->flow->link))
        list_append(&lane->ring, &w->flow->link);
    loop_mark(lane->sender->loop, &lane->depart);
}

static void dequeue(struct put_waiter *w)
{
    list_remove(&w->link);
    w->lane->queued_records--;
    w->lane->sender->metrics->gauges[GAUGE_RECORDS_QUEUED]--;
    if (list_is_empty(&w->flow->waiters)) {
        list_remove(&w->flow->link);
        w->flow->deficit = 0;
    }
}

/* A waiter's life */

static void on_backoff_over(void *ctx)
{
    enqueue(ctx, false);
}

struct failure lane_add(struct lane *lane, struct span tenant, struct put_waiter *w)
{
    struct flow *f = flow_acquire(lane, tenant);

    if (f == NULL)
        return (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
    w->flow = f;
    w->lane = lane;
    w->call = NULL;
    w->attempts = 0;
    w->is_detached = w->has_refreshed = w->has_set_clock = w->is_maybe_written = false;
    w->result = (struct put_result){.failure = FAILURE_OK};
    w->added_us = w->attempt_us = loop_now_us(lane->sender->loop);
    list_init(&w->link);
    timer_init(&w->backoff, on_backoff_over, w);
    lane_acquire(lane);
    enqueue(w, false);
    return FAILURE_OK;
}

/* Leaves the lane, wherever it is: no callback, no span is looked at after this. */
static void leave(struct put_waiter *w)
{
    struct lane *lane = w->lane;

    if (w->state == PUT_QUEUED)
        dequeue(w);
    loop_timer_stop(lane->sender->loop, &w->backoff);
    w->state = PUT_IDLE;
    flow_release(w->flow);
    w->flow = NULL;
    lane_unreserve(lane, record_bytes(&w->record));
    lane_release(&w->lane);
}

void lane_finish(struct put_waiter *w)
{
    leave(w);
    w->done(w);
}

void lane_requeue(struct put_waiter *w)
{
    enqueue(w, true);
}

void lane_back_off(struct put_waiter *w, uint64_t delay_us)
{
    w->state = PUT_BACKING_OFF;
    loop_timer_start(w->lane->sender->loop, &w->backoff, delay_us);
}

bool lane_detach(struct put_waiter *w)
{
    assert(w->state != PUT_IDLE);
    w->is_detached = true;
    if (w->state == PUT_IN_FLIGHT && !put_call_cancel_unsent(w->call))
        return false;
    if (w->is_maybe_written)
        w->result.failure = (struct failure){.row = FAILURE_UPSTREAM_UNKNOWN, .outcome = OUTCOME_UNKNOWN};
    else if (w->result.failure.row == FAILURE_NONE)
        w->result.failure = (struct failure){.row = FAILURE_DEADLINE};
    leave(w);
    return true;
}

/* Departure */

/* Whose turn it is; the caller sends it, or the flow's deficit is short of it. */
static struct put_waiter *next_waiter(struct lane *lane)
{
    for (;;) {
        struct flow *f = LIST_ENTRY(lane->ring.next, struct flow, link);
        struct put_waiter *w = LIST_ENTRY(f->waiters.next, struct put_waiter, link);
        uint64_t cost = record_bytes(&w->record);
        if (f->deficit >= cost) {
            f->deficit -= cost;
            return w;
        }
        f->deficit += QUANTUM_BYTES;
        list_remove(&f->link);
        list_append(&lane->ring, &f->link);
    }
}

static void depart(struct lane *lane, struct put_waiter *w)
{
    dequeue(w);
    enum put_start start = put_call_start(lane, w);
    w->state = PUT_IN_FLIGHT;
    if (start != PUT_STARTED) {
        struct put_end end = {.kind = start == PUT_NO_CREDENTIALS ? PUT_END_NO_CREDENTIALS : PUT_END_NOT_SENT};
        put_settle(w, &end);
        return;
    }
    w->attempt_us = loop_now_us(lane->sender->loop);
    if (w->attempts == 0)
        w->departed_us = w->attempt_us;
    if (w->attempts++ == 0)
        retry_budget_earn(&lane->budget, &lane->sender->conf.retry);
}

static void on_depart(void *ctx)
{
    struct lane *lane = ctx;

    struct sender *s = lane->sender;

    lane_acquire(lane); /* the last waiter may leave in here */
    list_remove(&lane->blocked);
    while (!list_is_empty(&lane->ring) && lane->calls_in_flight < s->conf.calls_in_flight_max &&
           s->calls < s->conf.calls_max)
        depart(lane, next_waiter(lane));
    if (!list_is_empty(&lane->ring) && s->calls >= s->conf.calls_max)
        list_append(&s->blocked_lanes, &lane->blocked);
    lane_release(&lane);
}
