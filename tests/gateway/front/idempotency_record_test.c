#include "gateway/front/idempotency_record.h"

#include "tests/auth/check.h"

#define FINGERPRINT "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const struct {
    const char *what;
    struct put_result result;
    const char *text;
} results[] = {
    {"one that failed", {.failure = {.row = FAILURE_THROTTLED}}, "-"},
    {"one of unknown outcome", {.failure = {.row = FAILURE_UPSTREAM_UNKNOWN, .outcome = OUTCOME_UNKNOWN}}, "-"},
    {"one that was written",
     {.encryption = ENCRYPTION_KMS, .shard_id = SPAN("shardId-1"), .sequence_number = SPAN("4960")},
     "w29:shardId-14:49600:"},
    {"one that may be there twice",
     {.is_possible_duplicate = true, .shard_id = SPAN("a"), .sequence_number = SPAN("1")},
     "p01:a1:10:"},
    {"one in an aggregate",
     {.encryption = ENCRYPTION_NONE,
      .shard_id = SPAN("a"),
      .sequence_number = SPAN("1"),
      .has_sub_sequence_number = true,
      .sub_sequence_number = UINT32_MAX},
     "w11:a1:110:4294967295"},
    {"the first of an aggregate",
     {.shard_id = SPAN("a"), .sequence_number = SPAN("1"), .has_sub_sequence_number = true},
     "w01:a1:11:0"},
};

static void results_are_written_and_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(results); i++) {
        const struct put_result *want = &results[i].result;
        struct put_result got;
        struct buf b;
        bool is_written;
        buf_init(&b, RESULT_TEXT_BYTES_MAX);
        idempotency_result_write(want, &b);
        check(span_is(buf_span(&b), results[i].text), "%s: %.*s", results[i].what, (int)b.len, b.ptr);
        struct span rest = buf_span(&b);
        check(idempotency_result_read(&rest, &got, &is_written) && rest.len == 0, "%s is read", results[i].what);
        check(is_written == (want->failure.row == FAILURE_NONE), "%s", results[i].what);
        check(got.encryption == want->encryption && got.is_possible_duplicate == want->is_possible_duplicate &&
                  got.has_sub_sequence_number == want->has_sub_sequence_number &&
                  got.sub_sequence_number == want->sub_sequence_number && span_equal(got.shard_id, want->shard_id) &&
                  span_equal(got.sequence_number, want->sequence_number),
              "%s is the same", results[i].what);
        buf_clear(&b);
    }
}

static void what_is_not_a_result_is_refused(void **state)
{
    static const char *const texts[] = {
        "",         "w",          "x01:a1:10:",    "w31:a1:10:",  "w01:a1:1",
        "w02:a",    "w0:a1:10:",  "w01:a1:11:x",   "w0-1:a1:10:", "w01:a1:110:4294967296",
        "w0129:a:", "w01:a130:1", "w00001:a1:10:", "w01a1:10:"};

    (void)state;
    for (size_t i = 0; i != LEN(texts); i++) {
        struct span rest = span_str(texts[i]);
        struct put_result got;
        bool is_written;
        check(!idempotency_result_read(&rest, &got, &is_written), "%s", texts[i]);
        check(span_is(rest, texts[i]), "%s stays where it is", texts[i]);
    }
}

static void a_record_is_written_and_read_back(void **state)
{
    static const enum idempotency_state states[] = {IDEMPOTENCY_PENDING, IDEMPOTENCY_OPEN, IDEMPOTENCY_DONE};
    struct idempotency_record record = {.token = 0x1234567890abcdef, .results = SPAN("-w01:a1:10:")}, got;

    (void)state;
    for (size_t i = 0; i != SHA256_BYTES; i++)
        record.fingerprint[i] = (uint8_t)i;
    for (size_t i = 0; i != LEN(states); i++) {
        char want[] = "1|P|1234567890abcdef|" FINGERPRINT "|-w01:a1:10:";
        struct buf b;
        want[2] = "POD"[i];
        record.state = states[i];
        buf_init(&b, 1024);
        idempotency_record_write(&record, &b);
        check(span_is(buf_span(&b), want), "%.*s", (int)b.len, b.ptr);
        check(b.len == IDEMPOTENCY_RECORD_HEAD_BYTES + record.results.len, "its head's size is known");
        assert_true(idempotency_record_read(buf_span(&b), &got));
        check(got.state == record.state && got.token == record.token &&
                  memcmp(got.fingerprint, record.fingerprint, SHA256_BYTES) == 0 &&
                  span_equal(got.results, record.results),
              "it is the same");
        buf_clear(&b);
    }
}

static void what_is_not_a_record_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "1",
        "1|P",
        "2|P|1234567890abcdef|" FINGERPRINT "|",
        "1|X|1234567890abcdef|" FINGERPRINT "|",
        "1|P|1234567890abcde|" FINGERPRINT "|",
        "1|P|1234567890abcdef|" FINGERPRINT,
        "1|P|1234567890abcdef|" FINGERPRINT "0|",
        "1|P|1234567890abcdef|" FINGERPRINT "|w",
        "1|P|1234567890abcdef|" FINGERPRINT "|-|",
    };
    struct idempotency_record got;

    (void)state;
    for (size_t i = 0; i != LEN(texts); i++)
        check(!idempotency_record_read(span_str(texts[i]), &got), "%s", texts[i]);
    assert_true(idempotency_record_read(SPAN("1|P|1234567890ABCDEF|" FINGERPRINT "|"), &got));
    assert_int_equal(got.results.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_written_and_read_back),
        cmocka_unit_test(what_is_not_a_result_is_refused),
        cmocka_unit_test(a_record_is_written_and_read_back),
        cmocka_unit_test(what_is_not_a_record_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
