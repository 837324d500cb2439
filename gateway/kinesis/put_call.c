/*
 * A call's life: gathered, begun, and ended, whatever came of it, by settling each of its waiters once. It knows
 * nothing of queues or retries.
 */
#include "gateway/kinesis/put_call.h"

#include "gateway/kinesis/lane_parts.h"

#include <stdlib.h>

#define IDLE_CALLS_MAX  64
#define IDLE_BODY_BYTES 262144
#define WAITERS_FIRST   64

/* Data of the largest record, its key and the other members, as base64 and JSON; coalesced calls are smaller. */
#define BODY_BYTES_MAX (RECORD_BYTES_MAX / 3 * 4 + 4 * 1048576)

static void call_free(struct put_call *call)
{
    buf_clear(&call->body);
    free(call->waiters);
    free(call->records);
    free(call);
}

struct put_call *put_call_gather(struct lane *lane, struct track *track)
{
    struct sender *s = lane->sender;
    struct put_call *call;

    if (!list_is_empty(&s->idle_calls)) {
        call = LIST_ENTRY(s->idle_calls.next, struct put_call, link);
        list_remove(&call->link);
        s->idle_calls_len--;
    } else {
        call = calloc(1, sizeof(*call));
        if (call == NULL)
            return NULL;
        list_init(&call->link);
        buf_init(&call->body, BODY_BYTES_MAX);
    }
    call->lane = lane;
    call->track = track;
    lane_acquire(lane);
    return call;
}

void put_call_give_back(struct put_call *call)
{
    struct lane *lane = call->lane;
    struct sender *s = lane->sender;

    buf_reset(&call->body);
    if (call->body.capacity > IDLE_BODY_BYTES)
        buf_clear(&call->body);
    call->lane = NULL;
    call->http = NULL;
    call->waiters_len = call->records_len = 0;
    if (s->idle_calls_len == IDLE_CALLS_MAX) {
        call_free(call);
    } else {
        list_prepend(&s->idle_calls, &call->link);
        s->idle_calls_len++;
    }
    lane_release(&lane);
}

void put_call_free_idle(struct sender *s)
{
    while (!list_is_empty(&s->idle_calls)) {
        struct put_call *call = LIST_ENTRY(s->idle_calls.next, struct put_call, link);
        list_remove(&call->link);
        call_free(call);
    }
    s->idle_calls_len = 0;
}

static bool grow(struct put_call *call)
{
    size_t capacity = call->waiters_capacity == 0 ? WAITERS_FIRST : 2 * call->waiters_capacity;
    struct put_waiter **waiters = realloc(call->waiters, capacity * sizeof(struct put_waiter *));

    if (waiters == NULL)
        return false;
    call->waiters = waiters;
    uint32_t *records = realloc(call->records, (capacity + 1) * sizeof(uint32_t));
    if (records == NULL)
        return false;
    call->records = records;
    call->waiters_capacity = capacity;
    return true;
}

bool put_call_add(struct put_call *call, struct put_waiter *w)
{
    if (call->waiters_len == call->waiters_capacity && !grow(call))
        return false;
    w->call = call;
    w->gathered = (uint32_t)call->waiters_len;
    call->waiters[call->waiters_len++] = w;
    return true;
}

void put_call_drop(struct put_call *call, struct put_waiter *w)
{
    call->waiters[w->gathered] = NULL;
    w->call = NULL;
}

/*
 * Settles every waiter. Settling may start others, but not in this call: it is given back last, and its room with it.
 */
void put_call_end(struct put_call *call, struct put_end *end, const struct put_answer *items)
{
    struct lane *lane = call->lane;
    struct sender *s = lane->sender;

    end->creds_serial = call->creds_serial;
    end->companions = call->waiters_len;
    for (size_t r = 0; r != call->records_len; r++)
        for (size_t i = call->records[r]; i != call->records[r + 1]; i++) {
            struct put_waiter *w = call->waiters[i];
            w->call = NULL;
            if (items != NULL)
                end->answer = items[r];
            end->sub_sequence_number = (uint32_t)(i - call->records[r]);
            put_settle(w, end);
        }
    call->track->calls--;
    s->calls--;
    s->metrics->gauges[GAUGE_CALLS_IN_FLIGHT]--;
    loop_mark(s->loop, &lane->depart);
    if (!list_is_empty(&s->blocked_lanes))
        loop_mark(s->loop, &LIST_ENTRY(s->blocked_lanes.next, struct lane, blocked)->depart);
    put_call_give_back(call);
}

bool put_call_cancel_unsent(struct put_call *call)
{
    if (call->waiters_len != 1 || (call->http != NULL && http_call_may_be_sent(call->http)))
        return false;
    put_large_cancel(call);
    call->waiters[0]->call = NULL;
    http_call_cancel(&call->http);
    call->records_len = 0; /* nobody is left to settle */
    put_call_end(call, &(struct put_end){.kind = PUT_END_NOT_SENT}, NULL);
    return true;
}

void put_call_fail_as(struct put_call *call, struct put_end *end)
{
    call->records_len = 1;
    call->records[0] = 0;
    call->records[1] = (uint32_t)call->waiters_len;
    put_call_end(call, end, NULL);
}

void put_call_fail(struct put_call *call)
{
    struct put_end end = {.kind = call->lane->sender->creds == NULL ? PUT_END_NO_CREDENTIALS : PUT_END_NOT_SENT};

    put_call_fail_as(call, &end);
}

/* The attempt counts: for its waiters, for the budget of retries (once, if somebody's first is in it), for operators.
 */
static void count_attempt(struct put_call *call)
{
    struct lane *lane = call->lane;
    struct sender *s = lane->sender;
    bool has_first = false;

    call->begun_us = loop_now_us(s->loop);
    for (size_t i = 0; i != call->waiters_len; i++) {
        struct put_waiter *w = call->waiters[i];
        w->attempt_us = call->begun_us;
        if (w->attempts == 0)
            w->departed_us = w->attempt_us;
        has_first |= w->attempts == 0;
        w->attempts += w->attempts != UINT8_MAX;
    }
    if (has_first)
        retry_budget_earn(&lane->budget, &s->conf.retry);
    metrics_count(s->metrics, COUNT_UPSTREAM_CALLS, 1);
    metrics_count(s->metrics, COUNT_UPSTREAM_RECORDS, call->records_len);
    metrics_count(s->metrics, COUNT_UPSTREAM_BYTES, call->body.len);
}

void put_call_send(struct put_call *call, const uint8_t *body_sha256)
{
    if (!put_send(call, body_sha256))
        put_call_fail(call);
    else
        count_attempt(call);
}

static void close_gaps(struct put_call *call)
{
    size_t kept = 0;

    for (size_t i = 0; i != call->waiters_len; i++) {
        struct put_waiter *w = call->waiters[i];
        if (w == NULL)
            continue;
        w->gathered = (uint32_t)kept;
        w->state = PUT_IN_FLIGHT;
        call->waiters[kept++] = w;
    }
    call->waiters_len = kept;
}

static bool encode(struct put_call *call)
{
    struct sender *s = call->lane->sender;
    enum stage before = stages_enter(loop_stages(s->loop), STAGE_ENCODE);

    if (s->answers == NULL && !call->is_single)
        s->answers = calloc(s->conf.call_records_max, sizeof(*s->answers));
    put_pack(call);
    stages_enter(loop_stages(s->loop), before);
    return !call->body.failed && (s->answers != NULL || call->is_single);
}

void put_call_begin(struct put_call *call)
{
    struct sender *s = call->lane->sender;

    close_gaps(call);
    if (call->waiters_len == 0) {
        put_call_give_back(call);
        return;
    }
    call->is_single = call->waiters_len == 1;
    call->track->calls++;
    s->calls++;
    s->metrics->gauges[GAUGE_CALLS_IN_FLIGHT]++;
    bool is_large = call->waiters[0]->is_large;
    if (s->creds == NULL || !(is_large ? put_large_start(call) : encode(call)))
        put_call_fail(call);
    else if (!is_large)
        put_call_send(call, NULL);
}
