/*
 * Who leaves: while there is room, the next records in order of fairness are gathered into a call, until it is full or
 * nobody is left. What was gathered before, from a call that was refused whole, goes first.
 */
#include "gateway/kinesis/lane_parts.h"
#include "gateway/kinesis/put_call.h"

static bool has_room(const struct lane *lane, const struct track *t)
{
    const struct sender *s = lane->sender;
    size_t calls_max = t == &lane->large ? s->conf.large_calls_max : lane->window.size;

    return t->calls < calls_max && t->calls < s->conf.calls_in_flight_max && s->calls < s->conf.calls_max;
}

static bool has_some(const struct track *t)
{
    return !list_is_empty(&t->split) || !flow_ring_is_empty(&t->ring);
}

/* Full by count: by records, or, where several may share one, by waiters. */
static bool is_full(const struct lane *lane, const struct put_call *call, size_t unshared,
                    const struct put_waiter *next)
{
    uint32_t records_max = lane->sender->conf.call_records_max;
    bool is_shared = lane->conf->aggregate_buckets != 0 && records_max != 1;

    return call->waiters_len == (is_shared ? AGGREGATED_WAITERS_MAX : records_max) ||
           (!next->is_packable && unshared == records_max);
}

/* Fills the call; true: it is full, by count or by bytes, or by a record that goes alone. */
static bool fill(struct lane *lane, struct track *t, struct put_call *call)
{
    size_t unshared = 0;
    uint64_t bytes = 0;

    while (!flow_ring_is_empty(&t->ring)) {
        struct flow *f;
        struct put_waiter *w = LIST_ENTRY(flow_next(&t->ring, &f), struct put_waiter, entry);
        if (lane_hold_back(w))
            continue;
        if (call->waiters_len != 0 && (goes_alone(w) || is_full(lane, call, unshared, w) ||
                                       bytes + w->entry.cost > lane->sender->conf.call_bytes_max))
            return true;
        if (!put_call_add(call, w))
            return true;
        lane_dequeue(w, true);
        bytes += w->entry.cost;
        unshared += !w->is_packable;
        if (goes_alone(w))
            return true;
    }
    return false;
}

/* Without memory for a call its first record is settled as one that could not be sent. */
static void fail_first(struct track *t)
{
    struct flow *f;
    struct put_end end = {.kind = PUT_END_NOT_SENT, .companions = 1};
    struct put_waiter *w = LIST_ENTRY(flow_next(&t->ring, &f), struct put_waiter, entry);

    lane_dequeue(w, true);
    w->state = PUT_IN_FLIGHT;
    put_settle(w, &end);
}

static void depart_queued(struct lane *lane, struct track *t)
{
    uint64_t now_us = loop_now_us(lane->sender->loop);
    struct put_call *call = put_call_gather(lane, t);

    if (call == NULL) {
        fail_first(t);
        return;
    }
    bool was_full = fill(lane, t, call);
    if (call->waiters_len == 0 && !flow_ring_is_empty(&t->ring))
        fail_first(t);
    if (t == &lane->small && call->waiters_len != 0)
        window_on_departure(&lane->window, now_us, was_full, !flow_ring_is_empty(&t->ring),
                            now_us - call->waiters[0]->queued_us);
    put_call_begin(call);
}

static void depart_track(struct lane *lane, struct track *t)
{
    while (has_some(t) && has_room(lane, t)) {
        if (list_is_empty(&t->split)) {
            depart_queued(lane, t);
            continue;
        }
        struct put_call *call = LIST_ENTRY(t->split.next, struct put_call, link);
        list_remove(&call->link);
        put_call_begin(call);
    }
}

void lane_depart(void *ctx)
{
    struct lane *lane = ctx;
    struct sender *s = lane->sender;

    lane_acquire(lane); /* the last waiter may leave in here */
    list_remove(&lane->blocked);
    depart_track(lane, &lane->small);
    depart_track(lane, &lane->large);
    if ((has_some(&lane->small) || has_some(&lane->large)) && s->calls >= s->conf.calls_max)
        list_append(&s->blocked_lanes, &lane->blocked);
    lane_release(&lane);
}
