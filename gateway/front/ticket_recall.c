/*
 * The steps "recall" and "keep", and the life of a claim. What a verdict means for a ticket stands in one table; the
 * store, its time and its place are not known here.
 */
#include "gateway/front/ticket_recall.h"

#include "gateway/front/batch.h"
#include "gateway/front/ticket_hook.h"

#include <assert.h>
#include <stdlib.h>

#define HOLD_SPARE_US  5000000u /* a claim outlives its deadline and its last attempt by this */
#define RETRY_AFTER_MS 1000

#define OUT_OF_MEMORY ((struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"})

static enum step_result fail(struct ticket *t, struct failure f)
{
    t->failure = f;
    return STEP_NEXT;
}

static void count(const struct ticket *t, enum counter c, uint64_t n)
{
    metrics_count(t->front->metrics, c, n);
}

/* Beginning: a name and a fingerprint */

/* In what of the head the stream's rule finds the key of a record that has none. Data is in the fingerprint anyway. */
static struct span rule_input(struct ticket *t)
{
    const struct partition_rule *rule = &t->stream->partition;
    struct span found = SPAN("");

    if (t->query.has_partition_key)
        return found;
    if (rule->source == PARTITION_HEADER)
        return head_find(&t->exchange->head, rule->argument, NULL);
    if (rule->source == PARTITION_QUERY)
        (void)query_find(t->query.raw, rule->argument, &t->scratch, &found);
    return found;
}

/* A provider tells an event again with another time and signature: its id is all there is to compare. */
static void fingerprint_event(struct ticket *t)
{
    sha256_stream_update(t->hash.stream, t->event_id);
    sha256_stream_final(t->hash.stream, t->hash.digest);
    sha256_stream_free(&t->hash.stream);
    t->hash.is_done = true;
}

static void begin_fingerprint(struct ticket *t)
{
    const struct query *q = &t->query;
    struct idempotency_inputs inputs = {
        .method = t->exchange->head.method,
        .route = t->route->path.text,
        .stream = t->stream->put.name,
        .content_type = head_find(&t->exchange->head, SPAN("content-type"), NULL),
        .partition_key = q->has_partition_key ? q->partition_key : SPAN(""),
        .explicit_hash_key = q->has_explicit_hash_key ? q->explicit_hash_key : SPAN(""),
        .sequence_number_for_ordering = q->has_sequence_number ? q->sequence_number_for_ordering : SPAN(""),
        .event = t->event_attributes,
        .rule = rule_input(t),
    };

    idempotency_fingerprint_begin(t->hash.stream, &inputs);
}

static void on_recalled(struct recall *recall, enum recall_verdict verdict)
{
    struct ticket_recall *r = LIST_ENTRY(recall, struct ticket_recall, recall);
    struct stages *stages = loop_stages(r->ticket->front->loop);
    enum stage before = stages_enter(stages, STAGE_ADMIT);

    r->is_asked = false;
    r->has_verdict = true;
    r->verdict = verdict;
    ticket_run(r->ticket);
    stages_enter(stages, before);
}

static void note_kept(struct ticket *t, bool is_kept)
{
    t->recall->is_unavailable |= !is_kept;
    count(t, COUNT_IDEMPOTENCY_UNKEPT, !is_kept);
}

static void on_kept(struct recall *recall, bool is_kept)
{
    struct ticket_recall *r = LIST_ENTRY(recall, struct ticket_recall, recall);
    struct stages *stages = loop_stages(r->ticket->front->loop);
    enum stage before = stages_enter(stages, STAGE_REPLY);

    r->is_keeping = false;
    note_kept(r->ticket, is_kept);
    ticket_run(r->ticket);
    stages_enter(stages, before);
}

static struct failure begin(struct ticket *t, const struct idempotency_key *key)
{
    struct ticket_recall *r = t->recall = calloc(1, sizeof(*r));
    size_t records = t->batch != NULL ? t->batch->records : 1;

    if (r == NULL)
        return OUT_OF_MEMORY;
    r->ticket = t;
    buf_init(&r->recall.results, UINT32_MAX);
    t->hash.stream = sha256_stream_new();
    if (t->hash.stream == NULL || !result_book_init(&r->book, records))
        return OUT_OF_MEMORY;
    r->recall.loop = t->front->loop;
    r->recall.name = span_of(r->name, idempotency_name(t->principal.tenant, t->stream->put.name, key, r->name));
    r->recall.done = on_recalled;
    r->recall.kept = on_kept;
    if (t->hook != NULL) {
        r->recall.keep_us = t->hook->row->dedup_window_us;
        fingerprint_event(t);
    } else {
        begin_fingerprint(t);
    }
    return FAILURE_OK;
}

static struct failure find_key(struct ticket *t)
{
    struct idempotency_key key;

    if (t->route->kind == ROUTE_AWS || t->route->kind == ROUTE_PIXEL) /* no image has a field of its own */
        return FAILURE_OK;
    if (t->hook != NULL) {
        if (!hook_event_is_deduplicated(t) || t->front->idempotency == NULL)
            return FAILURE_OK;
        idempotency_key_of_event(t->hook->row->name, t->event_id, &key);
        return begin(t, &key);
    }
    TRY(idempotency_key_find(&t->exchange->head, &key));
    if (key.len == 0 || t->front->idempotency == NULL)
        return FAILURE_OK;
    if (t->batch != NULL && t->batch->records > IDEMPOTENT_RECORDS_MAX)
        return (struct failure){.row = FAILURE_MALFORMED,
                                .parameter = "Idempotency-Key",
                                .detail = "a batch with an Idempotency-Key has at most 500 records"};
    return begin(t, &key);
}

/* What verdicts mean */

static enum step_result on_unavailable(struct ticket *t)
{
    count(t, COUNT_IDEMPOTENCY_UNAVAILABLE, 1);
    t->recall->is_unavailable = true;
    if (t->stream->refuses_without_idempotency)
        return fail(t, (struct failure){.row = FAILURE_IDEMPOTENCY_UNAVAILABLE});
    return STEP_NEXT;
}

/* Earlier results: all are told again, and of a batch the rest is put. */
static enum step_result replay(struct ticket *t)
{
    struct ticket_recall *r = t->recall;

    r->written_before = r->book.written;
    if (t->batch != NULL && !batch_replay(t, &r->book))
        return fail(t, (struct failure){.row = FAILURE_UPSTREAM_UNKNOWN, .outcome = OUTCOME_UNKNOWN});
    r->is_replayed = r->book.written == r->book.len;
    if (t->batch != NULL || !r->is_replayed)
        return STEP_NEXT;
    (void)result_book_find(&r->book, 0, &t->put.result);
    ticket_settle_replayed(t, 1);
    t->is_ready = true;
    return STEP_NEXT;
}

static enum step_result on_done(struct ticket *t)
{
    struct ticket_recall *r = t->recall;

    if (!result_book_load(&r->book, buf_span(&r->recall.results)) || r->book.written != r->book.len)
        return on_unavailable(t); /* what the store has is not what was put there */
    return replay(t);
}

static enum step_result on_claimed(struct ticket *t)
{
    struct ticket_recall *r = t->recall;

    r->is_claimed = true;
    if (r->recall.results.len == 0)
        return STEP_NEXT;
    if (!result_book_load(&r->book, buf_span(&r->recall.results)))
        return on_unavailable(t);
    return replay(t);
}

static enum step_result act(struct ticket *t)
{
    switch (t->recall->verdict) {
    case RECALL_CLAIMED:
        return on_claimed(t);
    case RECALL_DONE:
        return on_done(t);
    case RECALL_OTHER:
        return fail(t, (struct failure){.row = FAILURE_IDEMPOTENCY_REUSED,
                                        .detail = "the key came before with another request: parameters, content type "
                                                  "and body must be the same"});
    case RECALL_IN_FLIGHT:
        return fail(t, (struct failure){.row = FAILURE_IDEMPOTENCY_IN_FLIGHT, .retry_after_ms = RETRY_AFTER_MS});
    case RECALL_UNAVAILABLE:
        return on_unavailable(t);
    case RECALL_WAIT:
    case RECALL_NO_MEMORY:
    case RECALL_VERDICTS:
        break;
    }
    return fail(t, OUT_OF_MEMORY);
}

/* Asking */

static uint64_t hold_us(const struct ticket *t)
{
    uint64_t so_far_us = loop_now_us(t->front->loop) - t->started_us;
    uint64_t left_us = t->timeout_us > so_far_us ? t->timeout_us - so_far_us : 0;

    return left_us + (uint64_t)t->front->sender->conf.call_timeout_ms * MS_IN_US + HOLD_SPARE_US;
}

static enum step_result ask(struct ticket *t)
{
    struct ticket_recall *r = t->recall;

    memcpy(r->recall.fingerprint, t->hash.digest, sizeof(r->recall.fingerprint));
    r->recall.hold_us = hold_us(t);
    r->verdict = recall_try(t->front->idempotency, &r->recall);
    r->has_verdict = r->verdict != RECALL_WAIT;
    if (r->has_verdict)
        return act(t);
    r->is_asked = recall_ask(t->front->idempotency, &r->recall);
    return r->is_asked ? ticket_wait(t) : fail(t, OUT_OF_MEMORY);
}

enum step_result ticket_recall(struct ticket *t)
{
    if (t->recall == NULL) {
        t->failure = find_key(t);
        if (t->failure.row != FAILURE_NONE || t->recall == NULL)
            return STEP_NEXT;
    }
    if (t->recall->has_verdict)
        return act(t);
    enum step_result result = t->hash.is_done ? STEP_NEXT : ticket_hash_slice(t);
    return result == STEP_NEXT ? ask(t) : result;
}

/* Ends */

struct failure ticket_recall_give_up(struct ticket *t)
{
    struct ticket_recall *r = t->recall;

    if (r == NULL || (!r->is_asked && !r->is_keeping))
        return (struct failure){.row = FAILURE_DEADLINE};
    r->is_asked = r->is_keeping = false;
    recall_cancel(t->front->idempotency, &r->recall);
    return (struct failure){.row = FAILURE_IDEMPOTENCY_IN_FLIGHT, .retry_after_ms = RETRY_AFTER_MS};
}

void ticket_recall_know(struct ticket *t, const struct put_waiter *w)
{
    if (t->recall == NULL || !t->recall->is_claimed)
        return;
    size_t index = t->batch == NULL ? 0 : LIST_ENTRY(w, const struct batch_item, waiter)->index;
    result_book_know(&t->recall->book, index, &w->result);
}

static enum recall_kept settle(struct ticket *t)
{
    struct ticket_recall *r = t->recall;
    enum recall_kept kept = RECALL_KEPT;

    if (r == NULL || !r->is_claimed)
        return RECALL_KEPT;
    r->is_claimed = false;
    if (r->book.written == r->written_before)
        recall_release(t->front->idempotency, &r->recall);
    else
        kept = recall_finish(t->front->idempotency, &r->recall, result_book_encode(&r->book),
                             r->book.written == r->book.len);
    count(t, COUNT_IDEMPOTENCY_FORGOTTEN, r->recall.forgotten);
    return kept;
}

enum step_result ticket_recall_keep(struct ticket *t)
{
    enum recall_kept kept = settle(t);

    if (kept == RECALL_NOT_KEPT)
        note_kept(t, false);
    if (kept != RECALL_KEEPING)
        return STEP_NEXT;
    t->recall->is_keeping = true;
    if (t->batch == NULL) /* its texts are the put's, which is over */
        (void)result_book_find(&t->recall->book, 0, &t->put.result);
    ticket_end_wait(t);
    t->timeout_us = 0; /* what is written is told: the store's own bound is the last one */
    return ticket_wait(t);
}

void ticket_recall_settle(struct ticket *t)
{
    if (settle(t) == RECALL_KEEPING)
        recall_cancel(t->front->idempotency, &t->recall->recall);
}

void ticket_recall_free(struct ticket_recall **r)
{
    struct ticket_recall *gone = *r;

    if (gone == NULL)
        return;
    assert(!gone->is_claimed && !gone->is_asked && !gone->is_keeping);
    *r = NULL;
    result_book_clear(&gone->book);
    buf_clear(&gone->recall.results);
    free(gone);
}

void ticket_recall_add_fields(const struct ticket *t, struct reply *reply)
{
    if (ticket_is_replayed(t) && t->failure.row == FAILURE_NONE)
        reply_add(reply, "idempotent-replayed", SPAN("true"));
    if (t->recall != NULL && t->recall->is_unavailable)
        reply_add(reply, "idempotency-status", SPAN("unavailable"));
}
