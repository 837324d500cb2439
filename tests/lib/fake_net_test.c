/* The fake Kinesis tells the truth: what it answers to PutRecords is what it stored, whatever the fate. */
#include "tests/lib/fake_loop.h"
#include "tests/lib/fake_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <jansson.h>

#define RECORDS 40

struct put {
    struct loop *loop;
    struct http_client *http;
    struct fake_net *net;
    enum fake_fate fate;
    unsigned ends[FAKE_END_UNKNOWN + 1];
    struct http_answer answer; /* without its spans */
    json_t *json;
};

static enum fake_fate fate_of(void *ctx, unsigned call, struct span body)
{
    const struct put *p = ctx;

    (void)call;
    (void)body;
    return p->fate;
}

static void saw(void *ctx, const struct fake_attempt *a)
{
    struct put *p = ctx;

    p->ends[a->end]++;
    assert_true(a->end != FAKE_END_WRITTEN || a->is_stored);
    assert_true((a->end != FAKE_END_REFUSED && a->end != FAKE_END_UNSENT) || !a->is_stored);
}

static void on_answer(void *ctx, const struct http_answer *a)
{
    struct put *p = ctx;

    p->answer = *a;
    p->json = json_loadb(a->body.len == 0 ? "" : a->body.ptr, a->body.len, 0, NULL);
}

static void put_init(struct put *p, enum fake_fate fate)
{
    struct http_client_conf conf = {.connections_max = 1};

    *p = (struct put){.loop = loop_new(), .fate = fate};
    p->http = http_client_new(p->loop, &conf);
    p->net = fake_net_of(p->http);
    p->net->fate_of = fate_of;
    p->net->saw = saw;
    p->net->ctx = p->net->saw_ctx = p;
}

static void put_records(struct put *p, const char *data)
{
    char body[RECORDS * 64 + 64];
    int len = snprintf(body, sizeof(body), "{\"StreamName\":\"s\",\"Records\":[");
    struct http_header headers[] = {{"X-Amz-Target: Kinesis_20131202.PutRecords"}};

    for (unsigned i = 0; i != RECORDS; i++)
        len += snprintf(body + len, sizeof(body) - (size_t)len, "%s{\"Data\":\"%s\",\"PartitionKey\":\"key %u\"}",
                        i == 0 ? "" : ",", data, i);
    len += snprintf(body + len, sizeof(body) - (size_t)len, "]}");
    struct http_request r = {
        .headers = headers, .headers_len = 1, .body = span_of(body, (size_t)len), .timeout_ms = 100};
    assert_non_null(http_call_start(p->http, &r, on_answer, p));
    fake_loop_pass(p->loop, 200000);
}

static void put_clear(struct put *p)
{
    json_decref(p->json);
    http_client_free(&p->http);
    loop_free(&p->loop);
}

/* Returns how many records the answer says are written, each of them being what was stored. */
static unsigned written(const struct put *p)
{
    unsigned count = 0;
    size_t i;
    json_t *item;

    json_array_foreach(json_object_get(p->json, "Records"), i, item)
    {
        const char *sequence = json_string_value(json_object_get(item, "SequenceNumber"));
        char key[32], shard[32];
        if (sequence == NULL)
            continue;
        const struct fake_stored *e = fake_ledger_find(&p->net->ledger, span_str(sequence));
        snprintf(key, sizeof(key), "key %zu", i);
        assert_true(e != NULL && span_equal(e->partition_key, span_str(key)));
        snprintf(shard, sizeof(shard), "shardId-%012u", e->shard);
        assert_string_equal(json_string_value(json_object_get(item, "ShardId")), shard);
        count++;
    }
    return count;
}

static void test_every_fate_says_no_more_than_was_stored(void **state)
{
    (void)state;
    for (int fate = 0; fate != FAKE_FATES; fate++) {
        struct put p;
        put_init(&p, (enum fake_fate)fate);
        put_records(&p, "ZXZlbnQ=");
        unsigned sum =
            p.ends[FAKE_END_WRITTEN] + p.ends[FAKE_END_REFUSED] + p.ends[FAKE_END_UNSENT] + p.ends[FAKE_END_UNKNOWN];
        assert_int_equal(sum, RECORDS);
        assert_true(p.net->stored >= p.ends[FAKE_END_WRITTEN] &&
                    p.net->stored <= p.ends[FAKE_END_WRITTEN] + p.ends[FAKE_END_UNKNOWN]);
        if (fate != FAKE_SHORT && fate != FAKE_LONGER)
            assert_int_equal(written(&p), p.ends[FAKE_END_WRITTEN]);
        if (fake_fate_is_stored((enum fake_fate)fate))
            assert_int_equal(p.net->stored, RECORDS);
        assert_int_equal(p.net->records_sent, RECORDS);
        assert_int_equal(p.net->calls_by_operation[FAKE_PUT_RECORDS], 1);
        put_clear(&p);
    }
}

static void test_some_means_some(void **state)
{
    const enum fake_fate fates[] = {FAKE_SOME_THROTTLED, FAKE_SOME_FAILED, FAKE_ODD_CODE};

    (void)state;
    for (size_t i = 0; i != 3; i++) {
        struct put p;
        put_init(&p, fates[i]);
        put_records(&p, "ZXZlbnQ=");
        assert_int_equal(p.answer.status, 200);
        assert_in_range(p.ends[FAKE_END_WRITTEN], 5, RECORDS - 5);
        assert_int_equal(json_integer_value(json_object_get(p.json, "FailedRecordCount")),
                         RECORDS - (int)p.ends[FAKE_END_WRITTEN]);
        if (fates[i] != FAKE_SOME_THROTTLED)
            assert_in_range(p.net->stored, p.ends[FAKE_END_WRITTEN] + 1, RECORDS - 1);
        put_clear(&p);
    }
}

static void test_an_answer_may_be_short_or_longer(void **state)
{
    (void)state;
    for (int more = -1; more <= 1; more += 2) {
        struct put p;
        put_init(&p, more == -1 ? FAKE_SHORT : FAKE_LONGER);
        put_records(&p, "ZXZlbnQ=");
        assert_int_equal(json_array_size(json_object_get(p.json, "Records")), RECORDS + more);
        put_clear(&p);
    }
}

static void test_the_guilty_are_refused_with_all_who_travel_with_them(void **state)
{
    struct put p;

    (void)state;
    put_init(&p, FAKE_ARGUMENT_IF_GUILTY);
    put_records(&p, "Z3VpbHR5"); /* guilty */
    assert_int_equal(p.answer.status, 400);
    assert_int_equal(p.net->stored, 0);
    json_decref(p.json);
    put_records(&p, "ZXZlbnQ=");
    assert_int_equal(p.answer.status, 200);
    assert_int_equal(p.net->stored, RECORDS);
    put_clear(&p);
}

static void test_keys_fall_into_the_shards_of_their_hash(void **state)
{
    /* MD5("a") begins with 0cc1, MD5("b") with 92eb. */
    const struct {
        struct span partition_key, explicit_hash_key;
        unsigned shards, shard;
    } cases[] = {
        {SPAN("a"), SPAN(""), 4, 0},
        {SPAN("b"), SPAN(""), 4, 2},
        {SPAN("b"), SPAN(""), 1, 0},
        {SPAN("a"), SPAN("0"), 4, 0},
        {SPAN("a"), SPAN("85070591730234615865843651857942052863"), 4, 0},
        {SPAN("a"), SPAN("85070591730234615865843651857942052864"), 4, 1},
        {SPAN("a"), SPAN("340282366920938463463374607431768211455"), 4, 3},
        {SPAN("a"), SPAN("340282366920938463463374607431768211455"), 3, 2},
    };

    (void)state;
    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_record r = {.partition_key = cases[i].partition_key,
                                .explicit_hash_key = cases[i].explicit_hash_key};
        assert_int_equal(fake_shard_of(&r, cases[i].shards), cases[i].shard);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_fate_says_no_more_than_was_stored),
        cmocka_unit_test(test_some_means_some),
        cmocka_unit_test(test_an_answer_may_be_short_or_longer),
        cmocka_unit_test(test_the_guilty_are_refused_with_all_who_travel_with_them),
        cmocka_unit_test(test_keys_fall_into_the_shards_of_their_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
