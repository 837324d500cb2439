/*
 * A batch in its lane: pass 2 gives it the records as it has room, and every result finds its place. What is in the
 * lane when the wait is over leaves it, or settles later.
 */
#include "gateway/front/batch.h"
#include "gateway/front/envelope.h"
#include "gateway/front/idempotency_book.h"

#include <assert.h>

static void on_item_done(struct put_waiter *w);

static struct lane *lane_of(const struct ticket *t)
{
    return t->view->lanes[t->stream->index];
}

/* Reading */

static bool is_in(struct span bytes, struct span text)
{
    return bytes.len != 0 && text.ptr >= bytes.ptr && text.ptr < bytes.ptr + bytes.len;
}

/* Of a text that was made for this record alone. */
static size_t decoded_bytes(const struct batch *b, struct span text)
{
    return is_in(buf_span(&b->scratch), text) || is_in(envelope_data(b->ticket->envelope), text) ? text.len : 0;
}

static void keep(struct batch_item *item, struct span *text)
{
    struct buf *kept = &item->decoded;

    if (decoded_bytes(item->batch, *text) == 0)
        return;
    buf_append(kept, *text);
    *text = span_of(kept->ptr + kept->len - text->len, text->len);
}

/* What was decoded or wrapped for the record goes with it: scratch and envelope are the next one's. */
static bool keep_decoded(struct batch_item *item)
{
    const struct batch *b = item->batch;
    struct record *r = &item->waiter.record;
    size_t bytes =
        decoded_bytes(b, r->data) + decoded_bytes(b, r->partition_key) + decoded_bytes(b, r->explicit_hash_key);

    if (bytes != 0 && !buf_reserve(&item->decoded, bytes))
        return false;
    keep(item, &r->data);
    keep(item, &r->partition_key);
    keep(item, &r->explicit_hash_key);
    return true;
}

enum read { READ_RECORD, READ_LATER, READ_NO_MEMORY };

/* b->next becomes the next record. */
static enum read read_next(struct batch *b, size_t *budget)
{
    struct batch_item *item = batch_item_take(b);
    struct failure f;

    if (item == NULL)
        return READ_LATER;
    enum batch_step step = batch_read(b, budget, item->partition_key, &item->waiter.record, &f);
    assert(step == BATCH_RECORD || step == BATCH_MORE); /* so many were there in pass 1 */
    bool has_memory = step == BATCH_MORE || (f.row != FAILURE_OVERLOADED && keep_decoded(item));
    if (step == BATCH_RECORD && has_memory) {
        assert(f.row == FAILURE_NONE);
        b->next = item;
        return READ_RECORD;
    }
    batch_item_give_back(item);
    return has_memory ? READ_LATER : READ_NO_MEMORY;
}

/* Feeding */

static struct failure give_to_lane(struct ticket *t, struct batch_item *item)
{
    struct put_waiter *w = &item->waiter;
    uint64_t bytes = record_bytes(&w->record);

    w->deadline_us = t->started_us + t->timeout_us;
    w->done = on_item_done;
    if (!batch_reserve_text(item->batch))
        return (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
    TRY(lane_reserve(lane_of(t), t->principal.tenant, bytes, w->deadline_us));
    struct failure f = lane_add(lane_of(t), t->principal.tenant, w);
    if (f.row != FAILURE_NONE)
        lane_unreserve(lane_of(t), bytes);
    return f;
}

static void on_given(struct ticket *t)
{
    struct batch *b = t->batch;

    if (!b->is_admitted)
        ticket_receive(t, b->records - t->unsettled); /* so far it counted as a request */
    b->is_admitted = true;
    b->next->index = b->fed++;
    b->next->is_in_lane = true;
    b->next = NULL;
    t->waiting++;
}

/* Behind a gap that opened before this record was fed: the lane knows only of those that it had. */
static void fail_for_gap(struct ticket *t)
{
    struct batch *b = t->batch;

    ticket_settle_unsent(t, 1);
    batch_know(b, b->fed++, &(struct put_result){.failure = {.row = FAILURE_ORDERING_GAP}});
    batch_item_give_back(b->next);
    b->next = NULL;
}

/* An earlier call with the same key wrote it. */
static bool skip_known(struct batch *b)
{
    if (!b->slots[b->fed].is_known)
        return false;
    b->fed++;
    batch_item_give_back(b->next);
    b->next = NULL;
    return true;
}

bool batch_replay(struct ticket *t, const struct result_book *written)
{
    struct batch *b = t->batch;
    struct put_result result;

    for (size_t i = 0; i != b->records; i++)
        if (result_book_find(written, i, &result)) {
            if (!batch_reserve_text(b))
                return false;
            batch_know(b, i, &result);
        }
    ticket_receive(t, b->records - t->unsettled);
    ticket_settle_replayed(t, b->known);
    b->is_admitted = true;
    return true;
}

static void note_gap(const struct ticket *t, const struct put_waiter *w)
{
    const struct stream_conf *conf = lane_of(t)->conf;

    if (w->result.failure.row != FAILURE_NONE && conf->is_ordered && !conf->continues_after_gap)
        batch_gap_add(&t->batch->gap, w->record.partition_key);
}

/* No room: for the first record, all are refused; later there will be when one of ours leaves, or the rest has failed.
 */
static void on_no_room(struct ticket *t, struct failure f)
{
    struct batch *b = t->batch;

    if (!b->is_admitted)
        t->failure = f;
    else if (t->waiting == 0 || b->next == NULL) /* none will come, or the record that was read is lost */
        batch_fail_rest(b, f.row);
}

static void feed(struct ticket *t)
{
    struct batch *b = t->batch;
    size_t budget = SLICE_BYTES;

    while (budget != 0 && b->fed != b->records) {
        enum read read = b->next != NULL ? READ_RECORD : read_next(b, &budget);
        struct failure f = {.row = FAILURE_OVERLOADED, .detail = "out of memory"};
        if (read == READ_LATER)
            break;
        if (read == READ_RECORD && skip_known(b))
            continue;
        if (read == READ_RECORD && batch_gap_has(&b->gap, b->next->waiter.record.partition_key)) {
            fail_for_gap(t);
            continue;
        }
        if (read == READ_RECORD)
            f = give_to_lane(t, b->next);
        if (f.row != FAILURE_NONE) {
            on_no_room(t, f);
            return;
        }
        on_given(t);
    }
    if (b->fed != b->records && b->free_items != NULL)
        (void)ticket_go_on_later(t);
}

enum step_result batch_put(struct ticket *t)
{
    struct batch *b = t->batch;

    if (b->fed != b->records && b->known != b->records)
        feed(t);
    if (t->failure.row != FAILURE_NONE || b->known == b->records)
        return STEP_NEXT;
    return ticket_wait(t);
}

/* Ends */

static void on_item_done(struct put_waiter *w)
{
    struct batch_item *item = LIST_ENTRY(w, struct batch_item, waiter);
    struct ticket *t = item->batch->ticket;
    struct batch *b = item->batch;

    t->waiting--;
    ticket_settle(t, w);
    if (!b->is_over)
        note_gap(t, w);
    batch_item_give_back(item);
    if (b->is_over) {
        metrics_count(t->front->metrics, COUNT_RESULTS_LATE, 1);
        ticket_let_go(t);
        return;
    }
    batch_know(b, item->index, &w->result);
    (void)ticket_go_on_later(t);
}

static void give_up_item(struct ticket *t, struct batch_item *item)
{
    struct put_waiter *w = &item->waiter;
    struct put_result unknown = {.failure = {.row = FAILURE_UPSTREAM_UNKNOWN, .outcome = OUTCOME_UNKNOWN}};

    if (!lane_detach(w)) {
        batch_know(item->batch, item->index, &unknown);
        return;
    }
    t->waiting--;
    ticket_settle(t, w);
    batch_know(item->batch, item->index, &w->result);
    batch_item_give_back(item);
}

void batch_give_up(struct ticket *t)
{
    struct batch *b = t->batch;

    for (size_t i = 0; i != b->items_len; i++)
        if (b->items[i].is_in_lane)
            give_up_item(t, &b->items[i]);
    batch_fail_rest(b, FAILURE_DEADLINE);
    b->is_over = true;
    ticket_end_wait(t);
}
