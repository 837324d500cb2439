/*
 * A call's answer: decoded, told to the window, and handed to whoever waits; or, if it refuses the call for one of its
 * records, the call is split until only that one is refused.
 */
#include "gateway/kinesis/put_call.h"

/* What is in the call is told, or asked again: those whose caller left are not asked again. */
static void settle_detached(struct put_call *call, struct put_end *end)
{
    size_t kept = 0;

    end->companions = call->waiters_len;
    for (size_t i = 0; i != call->waiters_len; i++) {
        struct put_waiter *w = call->waiters[i];
        if (w->is_detached) {
            w->call = NULL;
            put_settle(w, end);
        } else {
            call->waiters[kept++] = w;
        }
    }
    call->waiters_len = kept;
}

/*
 * A call that was refused for what is in it: its halves go on, until only the guilty record is refused. Without memory
 * its waiters try again later, each as it comes.
 */
static void split(struct put_call *call, struct put_end *end)
{
    struct track *t = call->track;
    struct metrics *m = call->lane->sender->metrics;
    struct put_call *halves[2] = {put_call_gather(call->lane, t), put_call_gather(call->lane, t)};
    bool ok = halves[0] != NULL && halves[1] != NULL;

    settle_detached(call, end);
    for (size_t i = 0; i != call->waiters_len && ok; i++)
        ok = put_call_add(halves[i >= call->waiters_len / 2], call->waiters[i]);
    for (int h = 0; h != 2; h++) {
        if (ok)
            list_append(&t->split, &halves[h]->link);
        else if (halves[h] != NULL)
            put_call_give_back(halves[h]);
    }
    if (!ok) {
        put_call_fail_as(call, &(struct put_end){.kind = PUT_END_NOT_SENT});
        return;
    }
    for (size_t i = 0; i != call->waiters_len; i++)
        call->waiters[i]->state = PUT_GATHERED;
    metrics_count(m, COUNT_UPSTREAM_SPLITS, 1);
    metrics_count(m, COUNT_UPSTREAM_RETRIES, call->waiters_len);
    call->records_len = 0;
    put_call_end(call, end, NULL);
}

static bool is_throttled(const struct put_call *call, const struct put_end *end, const struct put_answer *items)
{
    if (end->kind == PUT_END_ANSWERED && end->answer.class == PUT_THROTTLED)
        return true;
    for (size_t r = 0; items != NULL && r != call->records_len; r++)
        if (items[r].class == PUT_THROTTLED)
            return true;
    return false;
}

static void tell_window(struct put_call *call, const struct put_end *end, const struct put_answer *items)
{
    struct lane *lane = call->lane;
    uint64_t now_us = loop_now_us(lane->sender->loop);

    if (call->track != &lane->small || end->kind == PUT_END_NOT_SENT)
        return;
    window_on_answer(&lane->window, now_us, now_us - call->begun_us);
    if (is_throttled(call, end, items))
        window_on_throttle(&lane->window, now_us);
}

/* What came of the call; the items of a PutRecords that was taken, else NULL. */
static struct put_answer *decode(struct put_call *call, const struct http_answer *a, struct put_end *end)
{
    struct sender *s = call->lane->sender;
    struct upstream_answer u = {.status = a->status,
                                .body = a->body,
                                .error_type = http_answer_header(a, SPAN("x-amzn-ErrorType")),
                                .signed_s = call->signed_s};

    if (a->status != 200)
        u.date_s = http_answer_date(a);
    end->kind = PUT_END_ANSWERED;
    end->upstream_id = http_answer_header(a, SPAN("x-amzn-RequestId"));
    end->clock_offset_s = u.date_s - loop_unix_ms(s->loop) / 1000;
    if (call->is_single) {
        put_decode_record(&u, &end->answer);
        return NULL;
    }
    put_decode_records(&u, call->records_len, &end->answer, s->answers);
    return end->answer.class == PUT_WRITTEN ? s->answers : NULL;
}

void put_on_answer(void *ctx, const struct http_answer *a)
{
    struct put_call *call = ctx;
    struct sender *s = call->lane->sender;
    struct put_end end = {.kind = a->result == HTTP_NOT_SENT ? PUT_END_NOT_SENT : PUT_END_UNANSWERED};
    struct put_answer *items = NULL;
    enum stage before = stages_enter(loop_stages(s->loop), STAGE_SETTLE);

    call->http = NULL;
    metrics_observe_us(s->metrics, HISTOGRAM_UPSTREAM, a->took_us);
    if (a->result == HTTP_ANSWERED)
        items = decode(call, a, &end);
    tell_window(call, &end, items);
    if (items == NULL && end.kind == PUT_END_ANSWERED && put_is_guilt(end.answer.class) && call->waiters_len > 1)
        split(call, &end);
    else
        put_call_end(call, &end, items);
    stages_enter(loop_stages(s->loop), before);
}
