/*
 * A batch's body as records: what is sent, its partition key, and the rules it keeps. Both passes read by this, so what
 * was checked is what is put.
 */
#include "gateway/front/batch.h"

#define OUT_OF_MEMORY ((struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"})

void batch_rewind(struct batch *b)
{
    b->read = 0;
    b->is_wrapping = false;
    batch_scan_init(&b->scan, b->form, b->text);
}

/* More text than the largest record's base64 with six characters for each is no record, and not unescaped. */
static bool is_hopeless(const struct batch *b, struct span text)
{
    uint64_t bytes_max = b->ticket->stream->put.record_bytes_max;

    return text.len > 6 * base64_encoded_size(bytes_max) + 65536;
}

static bool has_members(const struct batch *b)
{
    return b->form == BATCH_ENTRIES || b->form == BATCH_EVENTS || b->form == BATCH_CBOR;
}

/*
 * Room for what may be decoded: members with escapes, then Data in which a rule looks for the key (twice: base64, and a
 * string in that), then the query. With it no decoded text ever moves.
 */
static bool reserve_scratch(struct batch *b, struct span text)
{
    const struct ticket *t = b->ticket;
    size_t look = text.len < 2 * PARTITION_LOOK_BYTES_MAX ? text.len : 2 * PARTITION_LOOK_BYTES_MAX, bytes = 0;

    buf_reset(&b->scratch);
    if (has_members(b) && (b->form == BATCH_CBOR || memchr(text.ptr, '\\', text.len) != NULL))
        bytes += text.len;
    if (t->stream->partition.source == PARTITION_JSON)
        bytes += 2 * look;
    if (t->stream->partition.source == PARTITION_QUERY)
        bytes += t->query.raw.len;
    return bytes == 0 || buf_reserve(&b->scratch, bytes);
}

static struct failure read_entry(struct batch *b, struct span text, struct record *record)
{
    bool is_aws = b->ticket->route->kind == ROUTE_AWS;
    struct put_record_members m;

    TRY(b->form == BATCH_CBOR ? body_parse_cbor_entry(text, &b->scratch, &m)
                              : body_parse_entry(text, !is_aws, &b->scratch, &m));
    if (is_aws && !m.has_partition_key)
        return (struct failure){
            .row = FAILURE_VALIDATION, .detail = "PartitionKey is missing", .parameter = "PartitionKey"};
    if (m.has_partition_key)
        TRY(record_check_partition_key(m.partition_key)); /* an empty one is given, and wrong */
    if (m.has_explicit_hash_key)
        TRY(record_check_explicit_hash_key(m.explicit_hash_key));
    *record = (struct record){.data = m.data,
                              .data_is_base64 = b->form != BATCH_CBOR,
                              .data_bytes = m.data_bytes,
                              .partition_key = m.partition_key,
                              .explicit_hash_key = m.explicit_hash_key,
                              .is_alone = is_aws || m.has_explicit_hash_key};
    return FAILURE_OK;
}

static struct failure read_record(struct batch *b, struct span text, char key_text[PARTITION_TEXT_BYTES],
                                  struct record *record)
{
    struct ticket *t = b->ticket;

    if (is_hopeless(b, text))
        return (struct failure){.row = FAILURE_RECORD_TOO_LARGE, .detail = "a record is larger than the stream takes"};
    if (!reserve_scratch(b, text))
        return OUT_OF_MEMORY;
    *record = (struct record){.data = text, .data_bytes = text.len};
    if (b->form == BATCH_ENTRIES || b->form == BATCH_CBOR)
        TRY(read_entry(b, text, record));
    if (b->form == BATCH_EVENTS)
        TRY(body_parse_event(text, &b->scratch, &record->partition_key));
    if (record->partition_key.len == 0)
        TRY(ticket_find_partition_key(t, record, key_text, &b->scratch));
    return b->scratch.failed ? OUT_OF_MEMORY : FAILURE_OK;
}

static void charge(size_t *budget, size_t bytes)
{
    *budget -= bytes < *budget ? bytes : *budget;
}

/* The next record, up to its envelope. */
static enum batch_step read_next(struct batch *b, size_t *budget)
{
    struct span text;
    enum batch_step step = batch_scan_next(&b->scan, budget, &text);

    if (step != BATCH_RECORD)
        return step;
    charge(budget, BATCH_RECORD_COST);
    if (has_members(b) || b->ticket->stream->partition.source == PARTITION_JSON)
        charge(budget, text.len); /* it is read once more */
    b->reading_failure = read_record(b, text, b->reading_key, &b->reading);
    b->is_wrapping = true;
    return step;
}

/* A key that was made goes with its record. */
static void hand_over(const struct batch *b, char key_text[PARTITION_TEXT_BYTES], struct record *record)
{
    *record = b->reading;
    if (record->partition_key.ptr != b->reading_key)
        return;
    memcpy(key_text, b->reading_key, PARTITION_TEXT_BYTES);
    record->partition_key.ptr = key_text;
}

enum batch_step batch_read(struct batch *b, size_t *budget, char key_text[PARTITION_TEXT_BYTES], struct record *record,
                           struct failure *failure)
{
    enum batch_step step = b->is_wrapping ? BATCH_RECORD : read_next(b, budget);

    if (step != BATCH_RECORD)
        return step;
    *failure = b->reading_failure;
    if (failure->row == FAILURE_NONE && !ticket_wrap(b->ticket, b->read, budget, &b->reading, failure))
        return BATCH_MORE;
    b->is_wrapping = false;
    if (failure->row == FAILURE_NONE)
        *failure = stream_check_record(b->ticket->stream, &b->reading);
    hand_over(b, key_text, record);
    b->read++;
    return step;
}
