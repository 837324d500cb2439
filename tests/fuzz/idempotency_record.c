/*
 * A record that is accepted is written back as it came (but for the case of its hex), result by result as well; and as
 * an answer of Redis it is granted, told or refused, without a byte from beside it.
 */
#include "gateway/front/idempotency_script.h"
#include "tests/fuzz/fuzz.h"

static void check_results(struct span results, struct span whole)
{
    struct buf written;
    struct put_result result;
    bool is_written;

    buf_init(&written, RESULT_TEXT_BYTES_MAX);
    for (struct span rest = results; rest.len != 0;) {
        BELIEVE(idempotency_result_read(&rest, &result, &is_written));
        BELIEVE(fuzz_is_within(result.shard_id, whole) && fuzz_is_within(result.sequence_number, whole));
        if (!is_written)
            continue;
        struct put_result again;
        buf_reset(&written);
        idempotency_result_write(&result, &written);
        BELIEVE(!written.failed && written.len <= RESULT_TEXT_BYTES_MAX);
        struct span text = buf_span(&written);
        BELIEVE(idempotency_result_read(&text, &again, &is_written) && is_written && text.len == 0);
        BELIEVE(span_equal(again.shard_id, result.shard_id) &&
                span_equal(again.sequence_number, result.sequence_number) && again.encryption == result.encryption &&
                again.has_sub_sequence_number == result.has_sub_sequence_number &&
                again.sub_sequence_number == result.sub_sequence_number &&
                again.is_possible_duplicate == result.is_possible_duplicate);
    }
    buf_clear(&written);
}

static void check_verdict(struct span text, bool is_record)
{
    struct redis_reply reply = {.type = REDIS_TYPE_STRING, .text = text};
    struct idempotency_record claimed = {.state = IDEMPOTENCY_PENDING, .token = 0xa7};
    struct span results;

    if (is_record)
        (void)idempotency_record_read(text, &claimed); /* its token and fingerprint */
    enum recall_verdict verdict = idempotency_script_verdict(&reply, &claimed, &results);
    BELIEVE(results.len == 0 || fuzz_is_within(results, text));
    BELIEVE(is_record || verdict == RECALL_UNAVAILABLE);
    BELIEVE(!is_record || verdict == (claimed.state == IDEMPOTENCY_DONE      ? RECALL_DONE
                                      : claimed.state == IDEMPOTENCY_PENDING ? RECALL_CLAIMED
                                                                             : RECALL_UNAVAILABLE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = fuzz_copy(fuzz_span(data, size));
    struct idempotency_record record;
    struct buf written;

    buf_init(&written, text.len);
    bool is_record = idempotency_record_read(text, &record);
    check_verdict(text, is_record);
    if (is_record) {
        BELIEVE(fuzz_is_within(record.results, text));
        check_results(record.results, text);
        idempotency_record_write(&record, &written);
        BELIEVE(!written.failed && written.len == text.len && bytes_equal_nocase(written.ptr, text.ptr, text.len));
    }
    buf_clear(&written);
    fuzz_free(text);
    return 0;
}
