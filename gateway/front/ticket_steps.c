/*
 * The steps of a request's road. The table says the order; each step does one job and stores a failure or goes on.
 * There is no other way from a request to its answer.
 */
#include "gateway/front/batch.h"
#include "gateway/front/browser.h"
#include "gateway/front/ticket_hook.h"
#include "gateway/front/ticket_recall.h"
#include "gateway/front/ticket_spend.h"

typedef enum step_result step_fn(struct ticket *t);
static step_fn step_route, step_authenticate, step_admit, step_grant_path, step_parse, step_open, step_grant_body,
    step_check, step_recall, step_reserve, step_spend, step_put, step_tell, step_keep, step_reply;

static const struct {
    const char *name;
    step_fn *run;
} steps[] = {
    {"route", step_route},               /* what is asked; only 404, 405, 411, 413 and 415 may come before 401 */
    {"authenticate", step_authenticate}, /* may WAIT: a large body is hashed in slices */
    {"admit", step_admit},               /* a browser's page, and its address; a preflight ends here */
    {"grant path", step_grant_path},     /* where the path names the stream: before any parsing */
    {"parse", step_parse},
    {"open", step_open},             /* a batch within members; may WAIT, like all of a batch's steps: slices */
    {"grant body", step_grant_body}, /* where the body does */
    {"check", step_check},           /* envelopes, and the stream's limits; a dry run ends here; may WAIT: slices */
    {"recall", step_recall},         /* seen before? may WAIT for the call that has the key, and for slices of a hash */
    {"reserve", step_reserve},       /* a batch reserves while it puts */
    {"spend", step_spend},           /* the tenant's quota; may WAIT for Redis; a dry run ends here */
    {"put", step_put},               /* WAIT for Kinesis */
    {"tell", step_tell},             /* what became of each record of a batch */
    {"keep", step_keep},             /* what an idempotency key's call wrote, before it is told; may WAIT for Redis */
    {"reply", step_reply},
};

#define STEP_KEEP (sizeof(steps) / sizeof(steps[0]) - 2) /* and what follows is for whatever is answered */

static size_t step_after(const struct ticket *t)
{
    bool is_decided = t->failure.row != FAILURE_NONE || t->is_ready;

    return is_decided && t->step < STEP_KEEP ? STEP_KEEP : t->step + 1;
}

void ticket_run(struct ticket *t) /* a step that says DONE may have freed t */
{
    while (steps[t->step].run(t) == STEP_NEXT)
        t->step = step_after(t);
}

void ticket_run_to_reply(struct ticket *t)
{
    t->step = STEP_KEEP;
    ticket_run(t);
}

static bool is_cbor(const struct ticket *t)
{
    struct span parameters, type = head_find(&t->exchange->head, SPAN("content-type"), NULL);

    return t->route->kind == ROUTE_AWS &&
           span_equal_nocase(span_trim(span_cut(type, ';', &parameters)), SPAN("application/x-amz-cbor-1.1"));
}

static enum step_result step_route(struct ticket *t)
{
    struct exchange *e = t->exchange;
    struct span raw_query, stream, allow;

    t->path = span_cut(e->head.target, '?', &raw_query);
    t->failure = route_find(t->front->browser_path, e->head.method, t->path, &t->route, &stream, &allow);
    t->allow = allow;
    t->query.raw = raw_query;
    if (t->route->kind == ROUTE_HEALTH)
        t->is_ready = true;
    else if (t->route->kind != ROUTE_PREFLIGHT)
        ticket_receive(t, 1);
    t->is_cbor = is_cbor(t);
    if (t->route->kind == ROUTE_AWS)
        t->route = route_of_operation(t->route, head_find(&e->head, SPAN("x-amz-target"), NULL));
    if (t->route->kind == ROUTE_HOOK) { /* the hook names the stream, and may answer a handshake */
        t->failure = ticket_hook_begin(t, stream);
        stream = SPAN("");
    }
    if (t->failure.row != FAILURE_NONE || t->is_ready)
        return STEP_NEXT;
    struct span encoding = head_find(&e->head, SPAN("content-encoding"), NULL);
    if (t->route->kind != ROUTE_PIXEL && t->route->kind != ROUTE_PREFLIGHT && !e->head.has_length &&
        !e->head.is_chunked)
        t->failure = (struct failure){.row = FAILURE_LENGTH_REQUIRED};
    else if (encoding.len != 0 && !span_equal_nocase(encoding, SPAN("identity")))
        t->failure = (struct failure){.row = FAILURE_UNSUPPORTED_TYPE, .detail = "the body must not be encoded"};
    t->stream_name = stream;
    return STEP_NEXT;
}

static enum step_result step_authenticate(struct ticket *t)
{
    if (t->hook != NULL)
        return ticket_hook_verify(t);
    enum step_result result = ticket_hash_body(t);
    if (result == STEP_NEXT && t->failure.row == FAILURE_NONE)
        t->failure = ticket_check_credentials(t);
    return result;
}

static enum step_result step_admit(struct ticket *t)
{
    if (route_is_browsers(t->route))
        t->failure = browser_admit(t);
    return STEP_NEXT;
}

static enum step_result step_grant_path(struct ticket *t)
{
    if (t->stream_name.len == 0)
        return STEP_NEXT;
    t->stream = stream_table_find(t->view->snapshot->streams, t->stream_name);
    t->failure = ticket_grant(t);
    return STEP_NEXT;
}

static enum step_result step_parse(struct ticket *t)
{
    struct span raw = t->query.raw;
    size_t body_bytes = t->route->is_batch ? 0 : t->exchange->body.len; /* a batch decodes one record at a time */

    if (!buf_reserve(&t->scratch, SCRATCH_BYTES(raw.len + body_bytes))) {
        t->failure = (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
        return STEP_NEXT;
    }
    t->failure = ticket_set_timeout(t);
    if (t->failure.row == FAILURE_NONE)
        t->failure = query_parse(raw, &t->scratch, &t->query);
    if (t->failure.row == FAILURE_NONE)
        t->failure = t->route->parse(t);
    return STEP_NEXT;
}

static enum step_result step_open(struct ticket *t)
{
    return t->batch != NULL ? batch_open(t) : STEP_NEXT;
}

static enum step_result step_grant_body(struct ticket *t)
{
    if (t->route->kind == ROUTE_AWS)
        t->failure = ticket_grant(t);
    return STEP_NEXT;
}

static enum step_result check_one(struct ticket *t)
{
    size_t budget = SLICE_BYTES;

    if (!ticket_wrap(t, 0, &budget, &t->put.record, &t->failure))
        return ticket_go_on_later(t);
    if (t->failure.row == FAILURE_NONE)
        t->failure = stream_check_record(t->stream, &t->put.record);
    return STEP_NEXT;
}

static enum step_result step_check(struct ticket *t)
{
    return t->batch != NULL ? batch_check(t) : check_one(t);
}

static enum step_result step_recall(struct ticket *t)
{
    return t->is_dry_run ? STEP_NEXT : ticket_recall(t);
}

static enum step_result step_reserve(struct ticket *t)
{
    if (t->batch != NULL || t->is_dry_run)
        return STEP_NEXT;
    t->failure = lane_reserve(t->view->lanes[t->stream->index], t->principal.tenant, record_bytes(&t->put.record),
                              t->started_us + t->timeout_us);
    t->has_reservation = t->failure.row == FAILURE_NONE;
    return STEP_NEXT;
}

static enum step_result step_spend(struct ticket *t)
{
    enum step_result result = ticket_spend(t);

    if (result == STEP_NEXT && t->failure.row == FAILURE_NONE && t->is_dry_run) {
        if (t->route->kind == ROUTE_AWS)
            t->failure = (struct failure){.row = FAILURE_DRY_RUN};
        t->is_ready = true;
    }
    return result;
}

/* The put's end: the record is settled, and the answer goes out unless the deadline was faster. */
static void on_put_done(struct put_waiter *w)
{
    struct ticket *t = LIST_ENTRY(w, struct ticket, put);
    struct metrics *m = t->front->metrics;

    loop_timer_stop(t->front->loop, &t->deadline);
    t->waiting = 0;
    ticket_settle(t, w);
    if (t->is_answered || t->exchange == NULL) { /* late, or nobody's */
        metrics_count(m, COUNT_RESULTS_LATE, 1);
        ticket_let_go(t);
        return;
    }
    t->failure = w->result.failure;
    t->is_ready = true;
    ticket_run_to_reply(t);
}

static enum step_result put_one(struct ticket *t)
{
    t->put.deadline_us = t->started_us + t->timeout_us;
    t->put.done = on_put_done;
    t->failure = lane_add(t->view->lanes[t->stream->index], t->principal.tenant, &t->put);
    if (t->failure.row != FAILURE_NONE)
        return STEP_NEXT;
    t->has_reservation = false;
    t->waiting = 1;
    return ticket_wait(t);
}

static enum step_result step_put(struct ticket *t)
{
    return t->batch != NULL ? batch_put(t) : put_one(t);
}

static enum step_result step_tell(struct ticket *t)
{
    return t->batch != NULL ? batch_tell(t) : STEP_NEXT;
}

static enum step_result step_keep(struct ticket *t)
{
    ticket_unreserve(t);
    return t->waiting == 0 ? ticket_recall_keep(t) : STEP_NEXT; /* else it is kept when all of it has settled */
}

static enum step_result step_reply(struct ticket *t)
{
    if (t->waiting == 0)
        ticket_reject(t);
    ticket_reply(t);
    return STEP_DONE;
}
