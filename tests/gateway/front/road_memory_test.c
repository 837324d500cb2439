/*
 * Memory runs out at every moment of a request's road: the caller is still told once, and never a lie.
 */
#include "tests/lib/failing_memory.h"
#include "tests/lib/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char envelope[] = "{\"Data\":\"aGVsbG8=\",\"PartitionKey\":\"k\\u00e9\\n\"}";

#define AWS_CBOR "Content-Type: application/x-amz-cbor-1.1\r\nX-Amz-Target: Kinesis_20131202.PutRecord"
#define CBOR_ENTRY                                                                                                     \
    "\x64"                                                                                                             \
    "Data\x5f\x41x\x41y\xff\x6cPartitionKey\x61k"
#define CBOR_STREAM "\x6aStreamName\x66orders"

static enum fake_fate second_time_lucky(void *ctx, unsigned call, struct span body)
{
    (void)ctx;
    (void)body;
    return call == 0 ? FAKE_THROTTLED : FAKE_STORED;
}

static struct fake_exchange *request_of(struct world *w, unsigned kind)
{
    static const char *const more[] = {
        [1] = "Content-Type: application/vnd.kinesis.v1+json\r\n",
        [4] = "Idempotency-Key: k\r\n",
        [5] = "ce-specversion: 1.0\r\nce-id: %41\r\nce-source: s\r\nce-type: t\r\nce-partitionkey: %22\r\n",
        [6] = AWS_CBOR,
        [7] = "Content-Type: application/x-ndjson\r\n",
        [8] = AWS_CBOR "s\r\n",
    };
    char fields[512];

    snprintf(fields, sizeof(fields), "%s%s", w->key, more[kind] != NULL ? more[kind] : "");
    if (kind == 6)
        strcat(fields, "\r\n");
    switch (kind) {
    case 0:
        return fake_request("POST /v1/streams/orders/record?partitionKey=a%20b", w->key, SPAN("event"));
    case 1:
        return fake_request("POST /v1/streams/orders/record", fields, SPAN(envelope));
    case 2:
        return fake_request("POST /v1/streams/clicks/record", w->key, SPAN("{\"user\":{\"id\":\"a\\tb\"}}"));
    case 4:
        return fake_request("POST /v1/streams/rewrap/record?a=1&key=2", fields, SPAN("event"));
    case 5:
        return fake_request("POST /v1/streams/rewrap/record", fields, SPAN("event"));
    case 6:
        return fake_request("POST /", fields, SPAN("\xa3" CBOR_ENTRY CBOR_STREAM));
    case 7:
        return fake_request("POST /v1/streams/rewrap/records", fields, SPAN("one\ntwo\n"));
    case 8:
        return fake_request("POST /", fields,
                            SPAN("\xa2" CBOR_STREAM "\x67Records\x82\xa2" CBOR_ENTRY "\xa2" CBOR_ENTRY));
    default:
        return fake_request("POST /v1/streams/unknown/record", w->key, SPAN("event"));
    }
}

/* Returns whether the nth allocation failed: the run before the last had them all. */
static bool run_with_failure(unsigned kind, unsigned nth)
{
    struct world w;

    world_init(&w);
    w.net->fate_of = second_time_lucky;
    struct fake_exchange *e = request_of(&w, kind);
    failing_memory_begin(nth);
    front_request(&w.front, &e->exchange);
    fake_loop_pass(w.loop, 4000000);
    bool failed = failing_memory_end();
    assert_int_equal(e->replies, 1);
    if (kind == 3)
        assert_true(e->status == 403 || e->status == 503);
    else if (kind < 7 && e->status != 200) /* of a batch the answer tells of each record */
        assert_true(e->status == 503 && w.metrics.records[RECORD_WRITTEN] == 0);
    fake_exchange_free(e);
    world_clear(&w);
    return failed;
}

static void test_the_nth_allocation_fails(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind != 9; kind++) {
        unsigned nth = 1;
        while (run_with_failure(kind, nth))
            nth++;
        assert_in_range(nth, kind == 3 ? 2 : 5, 200);
    }
}

static void test_a_reload_without_memory_keeps_what_was(void **state)
{
    (void)state;
    for (unsigned nth = 1, failed = 1; failed; nth++) {
        struct world w;
        world_init(&w);
        struct view *before = w.front.view;
        struct snapshot *s = world_snapshot();
        failing_memory_begin(nth);
        bool ok = front_set_snapshot(&w.front, s);
        failed = failing_memory_end();
        assert_int_equal(ok, !failed);
        assert_int_equal(w.front.view == before, !ok);
        snapshot_release(&s);
        struct fake_exchange *e = world_put(&w, "orders", "", SPAN("event"));
        fake_loop_pass(w.loop, 100000);
        assert_int_equal(e->status, 200);
        fake_exchange_free(e);
        world_clear(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_nth_allocation_fails),
        cmocka_unit_test(test_a_reload_without_memory_keeps_what_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
