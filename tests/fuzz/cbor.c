/* Bodies in CBOR: what is read lies within them or the scratch, twice the same, and a batch's entries are read whole.
 */
#include "gateway/front/body/batch_scan.h"
#include "gateway/front/body/body.h"
#include "tests/fuzz/fuzz.h"

static void check_text(struct span text, struct span body, const struct buf *scratch)
{
    BELIEVE(fuzz_is_within(text, body) || fuzz_is_within(text, buf_span(scratch)));
}

static void check_members(const struct put_record_members *m, struct span body, const struct buf *scratch)
{
    check_text(m->data, body, scratch);
    check_text(m->partition_key, body, scratch);
    check_text(m->explicit_hash_key, body, scratch);
    check_text(m->stream_name, body, scratch);
    check_text(m->stream_arn, body, scratch);
    check_text(m->sequence_number_for_ordering, body, scratch);
    BELIEVE(m->has_data && m->data_bytes == m->data.len && span_is_utf8(m->partition_key));
}

static void check_failure(struct failure f)
{
    BELIEVE(f.row == FAILURE_NONE ||
            ((f.row == FAILURE_SERIALIZATION || f.row == FAILURE_VALIDATION) && f.detail != NULL));
}

static void read_members(struct span body, struct buf *scratch,
                         struct failure (*parse)(struct span, struct buf *, struct put_record_members *))
{
    struct put_record_members m;
    const char *room = scratch->ptr;

    buf_reset(scratch);
    struct failure f = parse(body, scratch, &m);
    check_failure(f);
    BELIEVE(scratch->ptr == room && !scratch->failed);
    if (f.row == FAILURE_NONE)
        check_members(&m, body, scratch);
}

/* An array that was passed over is well-formed to its end, and its elements follow one another. */
static void read_batch(struct span records, struct buf *scratch)
{
    struct batch_scan s;
    struct span record;
    size_t budget = SIZE_MAX, bytes = 0;
    enum batch_step step;

    batch_scan_init(&s, BATCH_CBOR, records);
    while ((step = batch_scan_next(&s, &budget, &record)) == BATCH_RECORD) {
        BELIEVE(record.len != 0 && fuzz_is_within(record, records));
        bytes += record.len;
        read_members(record, scratch, body_parse_cbor_entry);
    }
    BELIEVE(step == BATCH_END && bytes <= records.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span body = fuzz_copy(fuzz_span(data, size));
    struct put_records_members m;
    struct buf scratch, entries;

    buf_init(&scratch, body.len + 1);
    buf_init(&entries, body.len + 1);
    BELIEVE(buf_reserve(&scratch, body.len + 1) && buf_reserve(&entries, body.len + 1));
    read_members(body, &scratch, body_parse_cbor);
    buf_reset(&scratch);
    struct failure f = body_parse_cbor_records(body, &scratch, &m);
    check_failure(f);
    if (f.row == FAILURE_NONE) {
        check_text(m.stream_name, body, &scratch);
        BELIEVE(m.has_records && fuzz_is_within(m.records, body));
        read_batch(m.records, &entries);
    }
    buf_clear(&scratch);
    buf_clear(&entries);
    fuzz_free(body);
    return 0;
}
