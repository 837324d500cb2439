/* Every answer of the public listeners is written here. The response's memory was taken with the ticket: telling cannot
 * fail. */
#include "gateway/front/reply.h"
#include "gateway/front/batch.h"
#include "gateway/front/browser.h"
#include "gateway/front/ticket_hook.h"
#include "gateway/front/ticket_recall.h"
#include "gateway/front/ticket_spend.h"

#include "gateway/base/cbor_write.h"
#include "gateway/base/json_write.h"

#include <assert.h>
#include <stdio.h>

#define RETRY_AFTER_DEFAULT_MS 1000
#define CROWD                  8 /* callers answered at once: enough that some of them ask again at once */

void result_write(const struct put_result *r, struct buf *out)
{
    json_write_plain(out, "ShardId", r->shard_id);
    json_write_plain(out, "SequenceNumber", r->sequence_number);
    if (r->has_sub_sequence_number)
        json_write_member_u64(out, "SubSequenceNumber", r->sub_sequence_number);
    if (r->encryption != ENCRYPTION_NOT_SAID)
        json_write_plain(out, "EncryptionType", r->encryption == ENCRYPTION_KMS ? SPAN("KMS") : SPAN("NONE"));
    buf_append_char(out, '}');
}

static void add_errors_fields(const struct ticket *t, struct reply *r, struct buf *numbers)
{
    const struct failure *f = &t->failure;

    if (r->status == 401) /* RFC 9110 section 11.6.1: there is a challenge */
        reply_add(r, "www-authenticate", t->hook != NULL ? SPAN("Signature") : SPAN("Bearer"));
    if (f->row == FAILURE_METHOD)
        reply_add(r, "allow", t->allow);
    if (r->status != 503 && f->retry_after_ms == 0)
        return;
    uint32_t ms = f->retry_after_ms != 0 ? f->retry_after_ms : RETRY_AFTER_DEFAULT_MS;
    size_t start = numbers->len;
    buf_append_u64(numbers, ((uint64_t)ms + 999) / 1000); /* rounded up, never 0 */
    reply_add(r, "retry-after", span_of(numbers->ptr + start, numbers->len - start));
}

static void write_success(struct ticket *t, struct reply *r)
{
    struct buf *body = &t->response;

    r->status = 200;
    if (t->route->kind == ROUTE_HEALTH) {
        r->status = t->front->is_draining ? 503 : 200;
        reply_add(r, "content-type", SPAN("text/plain"));
        reply_add(r, "cache-control", SPAN("no-store"));
        buf_append(body, t->front->is_draining ? SPAN("draining\n") : SPAN("ok\n"));
        return;
    }
    if (t->hook != NULL && t->hook->is_handshake) {
        hook_handshake_write(t, r);
        buf_append(body, t->hook->answer);
        return;
    }
    if (route_is_browsers(t->route) && !t->is_dry_run) {
        browser_write_success(t, r);
        return;
    }
    if (t->route->kind != ROUTE_AWS)
        reply_add(r, "content-type", SPAN("application/json"));
    if (t->is_dry_run) {
        buf_append(body, SPAN("{\"DryRun\":true}"));
        return;
    }
    if (t->batch != NULL) /* told already */
        return;
    result_write(&t->put.result, body);
    if (t->put.result.is_possible_duplicate)
        reply_add(r, "kgw-possible-duplicate", SPAN("true"));
}

static void write_error(struct ticket *t, struct reply *r)
{
    struct span request_id = span_of(t->request_id, t->request_id_len);

    if (t->route->kind == ROUTE_AWS) {
        struct aws_error e = aws_error_of(&t->failure, t->has_no_credentials);
        r->status = e.status;
        aws_error_write(&e, &t->response);
        return;
    }
    r->status = failure_status(t->failure.row);
    reply_add(r, "content-type", SPAN("application/problem+json"));
    if (t->batch != NULL && t->batch->is_told)
        return; /* with its records */
    problem_write(&t->failure, t->batch != NULL ? &t->batch->invalid : NULL, request_id, &t->response);
}

bool ticket_answer_in_cbor(struct ticket *t, struct span json)
{
    if (t->made.bytes_max == 0)
        buf_init(&t->made, SIZE_MAX / 2); /* the JSON's size bounds it */
    buf_reset(&t->made);
    return cbor_from_json(json, &t->made);
}

/* In the caller's own format, which a batch's answer has already; without memory for an error's text, in JSON. */
static void finish_aws(struct ticket *t, struct reply *r, bool is_told)
{
    bool is_cbor = t->is_cbor && (is_told || ticket_answer_in_cbor(t, r->body));

    if (is_cbor)
        r->body = buf_span(&t->made);
    reply_add(r, "content-type", is_cbor ? SPAN("application/x-amz-cbor-1.1") : SPAN("application/x-amz-json-1.1"));
    reply_add(r, "x-amzn-requestid", span_of(t->request_id, t->request_id_len));
}

static void write_answer(struct ticket *t, struct reply *r)
{
    bool is_head = span_equal(t->exchange->head.method, SPAN("HEAD"));

    r->close = t->front->is_draining;
    r->fields_len = 0;
    if (t->failure.row == FAILURE_NONE)
        write_success(t, r);
    else
        write_error(t, r);
    assert(!t->response.failed);
    bool is_told = t->batch != NULL && t->batch->is_told;
    r->body = is_head ? SPAN("") : buf_span(is_told ? &t->batch->response : &t->response);
    const char *before = t->response.ptr;
    add_errors_fields(t, r, &t->response);
    ticket_spend_add_fields(t, r, &t->response);
    ticket_recall_add_fields(t, r);
    browser_add_fields(t, r);
    assert(t->response.ptr == before); /* the body's span is still good */
    if (t->route->kind == ROUTE_AWS)
        finish_aws(t, r, is_told);
    reply_add(r, "x-request-id", span_of(t->request_id, t->request_id_len));
}

void ticket_reply(struct ticket *t)
{
    struct front *f = t->front;
    enum stage before = stages_enter(loop_stages(f->loop), STAGE_REPLY);

    loop_timer_stop(f->loop, &t->deadline);
    write_answer(t, &t->reply);
    f->metrics->answers[t->failure.row]++;
    f->metrics->gauges[GAUGE_REQUESTS_IN_FLIGHT]--;
    metrics_observe_us(f->metrics, HISTOGRAM_REQUEST, loop_now_us(f->loop) - t->started_us);
    ticket_log(t, t->reply.status);
    t->is_answered = true;
    if (t->has_waited) {
        list_append(&f->replies, &t->link);
        loop_mark(f->loop, &f->send_replies);
    } else {
        ticket_send(t);
    }
    stages_enter(loop_stages(f->loop), before);
}

void ticket_send(struct ticket *t)
{
    struct exchange *e = t->exchange;

    t->exchange = NULL;
    exchange_reply(e, &t->reply);
    if (t->batch != NULL)
        batch_end_answer(t->batch);
    ticket_let_go(t);
}

/* One after the other without a pause: whoever reads them is woken once, not for each. */
void ticket_send_all(void *front)
{
    struct front *f = front;
    enum stage before = stages_enter(loop_stages(f->loop), STAGE_REPLY);
    size_t sent = 0;

    for (; !list_is_empty(&f->replies); sent++) {
        struct ticket *t = LIST_ENTRY(f->replies.next, struct ticket, link);
        list_remove(&t->link);
        ticket_send(t);
    }
    if (sent >= CROWD)
        loop_look_again(f->loop);
    stages_enter(loop_stages(f->loop), before);
}
