/*
 * A ticket's life: taken from the worker's slab, settled once, let go when neither client nor Kinesis needs it. And the
 * worker's front around it.
 */
#include "gateway/front/batch.h"
#include "gateway/front/envelope.h"
#include "gateway/front/forwarded.h"
#include "gateway/front/reply.h"
#include "gateway/front/server.h"
#include "gateway/front/ticket_hook.h"
#include "gateway/front/ticket_recall.h"
#include "gateway/front/ticket_spend.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define IDLE_TICKETS_MAX   1024
#define IDLE_SCRATCH_BYTES 16384

static struct ticket *ticket_new(struct front *f)
{
    struct ticket *t = calloc(1, sizeof(*t));

    if (t == NULL)
        return NULL;
    t->front = f;
    list_init(&t->link);
    buf_init(&t->scratch, SIZE_MAX / 2); /* a request's size bounds it */
    buf_init(&t->response, RESPONSE_BYTES);
    if (buf_reserve(&t->response, RESPONSE_BYTES))
        return t;
    free(t);
    return NULL;
}

static void ticket_free(struct ticket *t)
{
    buf_clear(&t->scratch);
    buf_clear(&t->response);
    free(t);
}

static struct ticket *ticket_take(struct front *f)
{
    if (list_is_empty(&f->idle_tickets))
        return ticket_new(f);
    struct ticket *t = LIST_ENTRY(f->idle_tickets.next, struct ticket, link);
    list_remove(&t->link);
    f->idle_tickets_len--;
    return t;
}

static void ticket_give_back(struct ticket *t)
{
    struct front *f = t->front;

    batch_free(&t->batch);
    ticket_recall_free(&t->recall);
    envelope_free(&t->envelope);
    buf_clear(&t->made);
    ticket_hook_free(&t->hook);
    sha256_stream_free(&t->hash.stream);
    buf_reset(&t->scratch);
    if (t->scratch.capacity > IDLE_SCRATCH_BYTES)
        buf_clear(&t->scratch);
    buf_reset(&t->response);
    if (f->idle_tickets_len == IDLE_TICKETS_MAX) {
        ticket_free(t);
        return;
    }
    memset(t, 0, offsetof(struct ticket, request_id));
    t->front = f;
    list_prepend(&f->idle_tickets, &t->link);
    f->idle_tickets_len++;
}

static bool is_request_id_char(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || memchr("-_.:/=+", c, 7) != NULL;
}

/* An id of ours, in the form of a UUID: RFC 9562 section 5.4. */
static size_t make_request_id(struct random *random, char out[REQUEST_ID_BYTES_MAX])
{
    uint64_t bits[2] = {random_next(random), random_next(random)};
    char hex[32];

    hex_encode(bits, sizeof(bits), hex);
    memcpy(out, hex, 8);
    memcpy(out + 9, hex + 8, 4);
    memcpy(out + 14, hex + 12, 4);
    memcpy(out + 19, hex + 16, 4);
    memcpy(out + 24, hex + 20, 12);
    out[8] = out[13] = out[18] = out[23] = '-';
    out[14] = '4';
    out[19] = "89ab"[bits[1] >> 62];
    return 36;
}

/* The caller's own id, if it is one that can stand in a log and a header; else one of ours. `head` may be NULL. */
static size_t take_request_id(struct front *f, const struct head *head, char out[REQUEST_ID_BYTES_MAX])
{
    struct span given = head == NULL ? SPAN("") : head_find(head, SPAN("x-request-id"), NULL);
    bool ok = given.len != 0 && given.len <= REQUEST_ID_BYTES_MAX;

    for (size_t i = 0; ok && i != given.len; i++)
        ok = is_request_id_char(given.ptr[i]);
    if (!ok)
        return make_request_id(f->random, out);
    memcpy(out, given.ptr, given.len);
    return given.len;
}

struct failure ticket_set_timeout(struct ticket *t)
{
    const struct front_conf *c = &t->front->conf;
    struct span asked = head_find(&t->exchange->head, SPAN("x-request-timeout-ms"), NULL);
    uint64_t ms = t->hook != NULL ? c->hook_timeout_ms : c->request_timeout_ms;

    if (asked.len != 0 && (!span_parse_u64(asked, &ms) || ms == 0))
        return (struct failure){.row = FAILURE_MALFORMED,
                                .detail = "X-Request-Timeout-Ms must be a number of milliseconds above 0"};
    t->timeout_us = (ms < c->request_timeout_ms_max ? ms : c->request_timeout_ms_max) * MS_IN_US;
    return FAILURE_OK;
}

/* No memory for a ticket: the shortest honest answer. */
static void refuse_without_ticket(struct front *f, struct exchange *e)
{
    struct reply r = {.status = 503, .close = true};

    reply_add(&r, "retry-after", SPAN("1"));
    metrics_records_received(f->metrics, 1);
    metrics_records_settle(f->metrics, RECORD_REJECTED, 1);
    f->metrics->answers[FAILURE_OVERLOADED]++;
    exchange_reply(e, &r);
}

void ticket_start(struct front *f, struct exchange *e)
{
    struct ticket *t = ticket_take(f);

    if (t == NULL) {
        refuse_without_ticket(f, e);
        return;
    }
    f->tickets_in_use++;
    f->metrics->gauges[GAUGE_REQUESTS_IN_FLIGHT]++;
    t->exchange = e;
    t->client = forwarded_client(&e->head, e->peer, e->trusted_proxies);
    t->view = view_pin(f->view);
    t->route = &route_none;
    t->started_us = loop_now_us(f->loop);
    t->body_bytes = e->body.len;
    t->request_id_len = take_request_id(f, &e->head, t->request_id);
    ticket_run(t);
}

void ticket_receive(struct ticket *t, size_t records)
{
    metrics_records_received(t->front->metrics, records);
    t->unsettled += records;
}

void ticket_reject(struct ticket *t)
{
    metrics_records_settle(t->front->metrics, RECORD_REJECTED, t->unsettled);
    t->unsettled = 0;
}

void ticket_settle_unsent(struct ticket *t, size_t records)
{
    assert(records <= t->unsettled);
    metrics_records_settle(t->front->metrics, RECORD_FAILED, records);
    t->unsettled -= records;
}

void ticket_settle_replayed(struct ticket *t, size_t records)
{
    assert(records <= t->unsettled);
    metrics_records_settle(t->front->metrics, RECORD_REPLAYED, records);
    t->unsettled -= records;
}

void ticket_settle(struct ticket *t, const struct put_waiter *w)
{
    struct metrics *m = t->front->metrics;
    const struct put_result *r = &w->result;

    assert(t->unsettled != 0);
    t->unsettled--;
    ticket_recall_know(t, w);
    if (r->failure.row == FAILURE_NONE || r->failure.outcome == OUTCOME_UNKNOWN)
        ticket_spend_keep(t, record_bytes(&w->record));
    if (r->failure.row != FAILURE_NONE) {
        metrics_records_settle(m, r->failure.outcome == OUTCOME_UNKNOWN ? RECORD_UNKNOWN : RECORD_FAILED, 1);
        return;
    }
    metrics_records_settle(m, RECORD_WRITTEN, 1);
    metrics_count(m, COUNT_RECORD_BYTES, record_bytes(&w->record));
    if (r->is_possible_duplicate)
        metrics_count(m, COUNT_RECORDS_DUPLICABLE, 1);
}

void ticket_unreserve(struct ticket *t)
{
    if (t->has_reservation)
        lane_unreserve(t->view->lanes[t->stream->index], record_bytes(&t->put.record));
    t->has_reservation = false;
}

void ticket_let_go(struct ticket *t)
{
    struct front *f = t->front;

    if (t->exchange != NULL || t->waiting != 0)
        return;
    ticket_recall_settle(t);
    ticket_spend_settle(t);
    assert(t->unsettled == 0 && !t->deadline.is_armed && !t->go_on.is_armed);
    f->tickets_in_use--;
    view_unpin(&t->view);
    ticket_give_back(t);
}

/* The front */

_Static_assert(REFUSAL_ID_BYTES == REQUEST_ID_BYTES_MAX, "a refused request's id is like any other");

void front_refused(struct front *f, const struct failure *failure, const struct head *head, struct address peer,
                   struct refusal *out)
{
    out->id_len = take_request_id(f, head, out->id);
    struct span id = span_of(out->id, out->id_len);
    metrics_records_received(f->metrics, 1);
    metrics_records_settle(f->metrics, RECORD_REJECTED, 1);
    f->metrics->answers[failure->row]++;
    problem_write(failure, NULL, id, &out->body);
    refusal_log(f, failure, id, peer);
}

static void on_log_flush(void *ctx)
{
    struct front *f = ctx;

    f->metrics->counters[COUNT_LOG_DROPPED] = log_ring_dropped(f->log);
    log_ring_flush(f->log);
}

void front_init(struct front *f, struct loop *l, struct sender *sender, struct metrics *metrics, struct log_ring *log,
                struct random *random, const struct front_conf *conf)
{
    *f = (struct front){.loop = l, .sender = sender, .metrics = metrics, .log = log, .random = random, .conf = *conf};
    f->browser_path = span_str(conf->browser_path);
    list_init(&f->idle_tickets);
    list_init(&f->replies);
    turn_work_init(&f->send_replies, TURN_REPLY, ticket_send_all, f);
    buf_init(&f->log_line, LOG_LINE_BYTES_MAX);
    turn_work_init(&f->log_flush, TURN_LOG, on_log_flush, f);
}

void front_clear(struct front *f)
{
    assert(f->tickets_in_use == 0);
    while (!list_is_empty(&f->idle_tickets)) {
        struct ticket *t = LIST_ENTRY(f->idle_tickets.next, struct ticket, link);
        list_remove(&t->link);
        ticket_free(t);
    }
    turn_work_cancel(&f->log_flush);
    turn_work_cancel(&f->send_replies);
    buf_clear(&f->log_line);
    view_unpin(&f->view);
}

bool front_set_snapshot(struct front *f, struct snapshot *s)
{
    struct view *v = view_new(s, f->view, f->sender);

    if (v == NULL)
        return false;
    view_replace(&f->view, &v);
    return true;
}

void front_request(struct front *f, struct exchange *e)
{
    ticket_start(f, e);
}
