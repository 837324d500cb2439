/*
 * What became of a batch's records, and the answer that says so: a result is 16 bytes, and a text if it was written. A
 * result can always be kept; whether all of them can be told is known when the answer is written.
 */
#include "gateway/base/json_write.h"
#include "gateway/front/batch.h"
#include "gateway/front/reply.h"

#include <assert.h>

_Static_assert(sizeof(struct batch_slot) == 16, "a record costs 16 bytes");

#define TOLD_A_SLICE       2048
#define FAILED_ITEM_BYTES  192 /* about; the answer grows if it must */
#define WRITTEN_ITEM_BYTES 3
#define ENVELOPE_BYTES     128

/* Texts are plain, and SequenceNumber and ShardId the longest of them by far. */
#define TEXT_BYTES_MAX (SEQUENCE_NUMBER_BYTES_MAX + 6 * SHARD_ID_BYTES_MAX + 128)
_Static_assert(TEXT_BYTES_MAX <= UINT16_MAX, "a text's length fits its slot");

/* Results */

bool batch_reserve_text(struct batch *b)
{
    size_t outstanding = b->ticket->waiting + 1;

    if (buf_reserve(&b->texts, outstanding * TEXT_BYTES_MAX))
        return true;
    b->texts.failed = false; /* what it holds, and has room for, is good */
    return false;
}

static void write_text(struct buf *out, const struct put_result *r, bool is_aws)
{
    buf_append(out, SPAN("\"SequenceNumber\":"));
    json_write_string(out, r->sequence_number);
    buf_append(out, SPAN(",\"ShardId\":"));
    json_write_string(out, r->shard_id);
    if (r->has_sub_sequence_number) {
        buf_append(out, SPAN(",\"SubSequenceNumber\":"));
        buf_append_u64(out, r->sub_sequence_number);
    }
    if (r->is_possible_duplicate && !is_aws) /* no member of AWS's */
        buf_append(out, SPAN(",\"PossibleDuplicate\":true"));
}

void batch_know(struct batch *b, size_t index, const struct put_result *r)
{
    struct batch_slot *slot = &b->slots[index];

    assert(!slot->is_known);
    b->known++;
    *slot = (struct batch_slot){.is_known = true, .row = (uint8_t)r->failure.row, .aws_code = r->failure.aws_code};
    slot->is_unknown_outcome = r->failure.outcome == OUTCOME_UNKNOWN;
    if (r->failure.row != FAILURE_NONE) {
        b->failed++;
        return;
    }
    if (r->encryption > b->encryption)
        b->encryption = r->encryption;
    slot->text_at = (uint32_t)b->texts.len;
    write_text(&b->texts, r, b->ticket->route->kind == ROUTE_AWS);
    assert(!b->texts.failed); /* reserved when the record was fed */
    slot->text_len = (uint16_t)(b->texts.len - slot->text_at);
}

void batch_fail_rest(struct batch *b, enum failure_row row)
{
    struct put_result result = {.failure = {.row = row}};

    for (; b->fed != b->records; b->fed++)
        if (!b->slots[b->fed].is_known) {
            ticket_settle_unsent(b->ticket, 1);
            batch_know(b, b->fed, &result);
        }
}

/* The answer */

static void write_failure(const struct batch *b, const struct batch_slot *slot, struct buf *out)
{
    struct failure f = {.row = (enum failure_row)slot->row, .aws_code = slot->aws_code};

    if (b->ticket->route->kind == ROUTE_AWS) {
        struct aws_error e = aws_error_of(&f, false);
        json_write_member(out, "ErrorCode", span_str(e.type));
        json_write_member(out, "ErrorMessage", span_str(e.message));
        return;
    }
    json_write_member(out, "ErrorCode", span_str(failure_code(&f)));
    json_write_member(out, "ErrorMessage", span_str(failure_title(f.row)));
    json_write_member(out, "Outcome", slot->is_unknown_outcome ? SPAN("unknown") : SPAN("not_written"));
    json_write_member_bool(out, "Retryable", failure_is_retryable(f.row));
}

static void write_item(const struct batch *b, const struct batch_slot *slot, struct buf *out)
{
    buf_append(out, SPAN("{"));
    if (slot->row == FAILURE_NONE)
        buf_append(out, span_of(b->texts.ptr + slot->text_at, slot->text_len));
    else
        write_failure(b, slot, out);
    buf_append_char(out, '}');
}

/* What a page is told of all, where it is told of some: unknown is worse than failed, and then the higher status. */
static struct failure worst_failure(const struct batch *b)
{
    struct failure worst = FAILURE_OK;

    for (size_t i = 0; i != b->records; i++) {
        const struct batch_slot *s = &b->slots[i];
        enum outcome outcome = s->is_unknown_outcome ? OUTCOME_UNKNOWN : OUTCOME_NOT_WRITTEN;
        bool is_worse = outcome != worst.outcome ? outcome == OUTCOME_UNKNOWN
                                                 : failure_status((enum failure_row)s->row) > failure_status(worst.row);
        if (s->row != FAILURE_NONE && is_worse)
            worst = (struct failure){.row = (enum failure_row)s->row, .aws_code = s->aws_code, .outcome = outcome};
    }
    return worst;
}

static bool is_beacon(const struct batch *b)
{
    return b->ticket->route->kind == ROUTE_BEACON;
}

static void begin_answer(struct batch *b)
{
    struct buf *out = &b->response;
    const struct ticket *t = b->ticket;
    size_t written = b->records - b->failed;

    buf_reserve(out, ENVELOPE_BYTES + b->texts.len + WRITTEN_ITEM_BYTES * written + FAILED_ITEM_BYTES * b->failed);
    if (is_beacon(b)) {
        struct failure worst = worst_failure(b);
        problem_write_members(&worst, NULL, span_of(t->request_id, t->request_id_len), out);
    }
    json_write_member_u64(out, "FailedRecordCount", b->failed);
    json_write_name(out, "Records");
    buf_append_char(out, '[');
}

/* Without memory for the answer there is one for all: as honest as it can be. */
static struct failure failure_of_all(const struct batch *b)
{
    bool may_be_written = b->failed != b->records;

    for (size_t i = 0; i != b->records; i++)
        may_be_written |= b->slots[i].is_unknown_outcome;
    if (may_be_written)
        return (struct failure){.row = FAILURE_UPSTREAM_UNKNOWN, .outcome = OUTCOME_UNKNOWN};
    return (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
}

static void end_answer(struct ticket *t)
{
    struct batch *b = t->batch;

    buf_append_char(&b->response, ']');
    if (b->encryption != ENCRYPTION_NOT_SAID)
        json_write_member(&b->response, "EncryptionType", b->encryption == ENCRYPTION_KMS ? SPAN("KMS") : SPAN("NONE"));
    buf_append_char(&b->response, '}');
    if (t->is_cbor)
        b->response.failed |= !ticket_answer_in_cbor(t, buf_span(&b->response));
    b->is_told = !b->response.failed;
    if (!b->is_told)
        t->failure = failure_of_all(b);
    else if (is_beacon(b))
        t->failure = worst_failure(b);
}

enum step_result batch_tell(struct ticket *t)
{
    struct batch *b = t->batch;
    enum stage before = stages_enter(loop_stages(t->front->loop), STAGE_REPLY);

    if (b->told == 0) {
        ticket_end_wait(t);
        t->timeout_us = 0;
        if (!is_beacon(b) || b->failed != 0)
            begin_answer(b);
        else
            b->told = b->records; /* a 204 says it all */
    }
    for (size_t i = 0; i != TOLD_A_SLICE && b->told != b->records && !b->response.failed; i++) {
        if (b->told != 0)
            buf_append_char(&b->response, ',');
        write_item(b, &b->slots[b->told++], &b->response);
    }
    stages_enter(loop_stages(t->front->loop), before);
    if (b->told != b->records && !b->response.failed)
        return ticket_go_on_later(t);
    if (!is_beacon(b) || b->failed != 0)
        end_answer(t);
    return STEP_NEXT;
}
