/*
 * A batch before anything is spent: its envelope, if it has one, and pass 1 over its records. One that is invalid
 * refuses them all.
 */
#include "gateway/front/batch.h"

static struct failure validation(const char *detail, const char *parameter)
{
    return (struct failure){.row = FAILURE_VALIDATION, .detail = detail, .parameter = parameter};
}

static enum step_result fail(struct ticket *t, struct failure f)
{
    t->failure = f;
    return STEP_NEXT;
}

/* The envelope */

static struct failure take_members(struct ticket *t, const struct put_records_members *m)
{
    struct put_record_members names = {.stream_name = m->stream_name,
                                       .stream_arn = m->stream_arn,
                                       .has_stream_name = m->has_stream_name,
                                       .has_stream_arn = m->has_stream_arn};

    TRY(t->route->kind == ROUTE_AWS ? body_find_stream(t, &names) : body_check_stream(t, &names));
    t->is_dry_run |= m->dry_run;
    t->batch->text = m->records;
    batch_rewind(t->batch);
    return FAILURE_OK;
}

static struct failure open_cbor(struct ticket *t)
{
    struct batch *b = t->batch;
    struct failure f = body_parse_cbor_records(b->text, &b->names, &b->members);

    if (b->names.failed)
        return validation("StreamName or StreamARN is too long", "StreamName");
    return f.row != FAILURE_NONE ? f : take_members(t, &b->members);
}

enum step_result batch_open(struct ticket *t)
{
    struct batch *b = t->batch;
    struct failure f;

    if (b->form == BATCH_CBOR)
        return fail(t, open_cbor(t));
    if (b->form != BATCH_ENTRIES)
        return STEP_NEXT;
    switch (body_scan_members(&b->envelope, SLICE_BYTES, &b->members, &f)) {
    case MEMBERS_MORE:
        return ticket_go_on_later(t);
    case MEMBERS_FAILED:
        return fail(t, b->names.failed ? validation("StreamName or StreamARN is too long", "StreamName") : f);
    case MEMBERS_DONE:
        break;
    }
    return fail(t, take_members(t, &b->members));
}

/* Pass 1 */

static struct failure too_many(const struct ticket *t)
{
    if (t->route->kind == ROUTE_AWS)
        return validation("Records must have at most 500 members", "Records");
    return (struct failure){.row = FAILURE_BODY_TOO_LARGE, .detail = "the batch has too many records"};
}

static void note_invalid(struct batch_invalid *invalid, size_t index, const struct failure *f)
{
    bool is_too_large = f->row == FAILURE_RECORD_TOO_LARGE;

    if (invalid->len != BATCH_INVALID_MAX)
        invalid->at[invalid->len++] = (uint32_t)index;
    if (invalid->first.row == FAILURE_NONE || (invalid->is_all_too_large && !is_too_large))
        invalid->first = *f;
    invalid->is_all_too_large &= is_too_large;
}

static struct failure note_record(struct ticket *t, const struct record *record, const struct failure *f)
{
    struct batch *b = t->batch;
    size_t records_max = t->route->kind == ROUTE_AWS ? BATCH_AWS_RECORDS_MAX : t->front->conf.batch_records_max;

    if (b->records == records_max)
        return too_many(t);
    if (f->row == FAILURE_OVERLOADED)
        return *f;
    if (f->row != FAILURE_NONE)
        note_invalid(&b->invalid, b->records, f);
    b->records++;
    if (f->row == FAILURE_NONE)
        b->bytes += record_bytes(record);
    return FAILURE_OK;
}

static struct failure end_check(struct ticket *t)
{
    struct batch *b = t->batch;

    if (b->records == 0)
        return validation("the batch has no records", t->route->kind == ROUTE_AWS ? "Records" : NULL);
    b->invalid.is_why = b->invalid.len != 0;
    if (b->invalid.is_why)
        return b->invalid.first;
    if (t->is_dry_run || batch_make_room(b))
        return FAILURE_OK;
    return (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
}

enum step_result batch_check(struct ticket *t)
{
    struct batch *b = t->batch;
    struct record record;
    struct failure f;
    size_t budget = SLICE_BYTES;

    while (budget != 0)
        switch (batch_read(b, &budget, b->partition_key, &record, &f)) {
        case BATCH_RECORD:
            t->failure = note_record(t, &record, &f);
            if (t->failure.row != FAILURE_NONE)
                return STEP_NEXT;
            break;
        case BATCH_MORE:
            return ticket_go_on_later(t);
        case BATCH_END:
            batch_rewind(b);
            return fail(t, end_check(t));
        case BATCH_MALFORMED:
            return fail(t, (struct failure){.row = FAILURE_SERIALIZATION,
                                            .detail = "the records are not a JSON array of what is asked for"});
        }
    return ticket_go_on_later(t);
}
