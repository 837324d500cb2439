/*
 * Batches and single records under random weather: fates, deadlines, clients that leave, reloads, lanes of little room.
 * Whatever happens: one answer each, a result for every record, none said to be written that is not, and an audit that
 * adds up at every moment.
 */
#include "tests/lib/batch.h"

#include <stdio.h>

#define REQUESTS 12
#define SEEDS    400

struct weather {
    struct random random;
    unsigned calm_percent;
};

static enum fake_fate random_fate(void *ctx, unsigned call, struct span body)
{
    struct weather *x = ctx;

    (void)call;
    (void)body;
    return random_below(&x->random, 100) < x->calm_percent ? FAKE_STORED
                                                           : (enum fake_fate)random_below(&x->random, FAKE_FATES);
}

struct asked {
    struct fake_exchange *exchange;
    size_t records; /* 0: a single one */
};

static struct asked random_request(struct world *w, struct random *r)
{
    static const char *const streams[] = {"orders", "report", "nowhere"};
    struct asked a = {.records = random_below(r, 4) == 0 ? 0 : random_below(r, 100) + 1};
    const char *stream = streams[random_below(r, 3)];
    bool is_lines = random_below(r, 2) == 0;
    struct buf body = is_lines ? batch_lines(a.records) : batch_members(stream, a.records, "an event");
    char fields[64];

    snprintf(fields, sizeof(fields), "X-Request-Timeout-Ms: %u\r\n", (unsigned)random_below(r, 3000) + 1);
    if (a.records == 0)
        a.exchange = world_put(w, stream, "", SPAN("an event"));
    else if (!is_lines && random_below(r, 2) == 0)
        a.exchange = batch_ask_aws(w, buf_span(&body));
    else
        a.exchange = batch_ask(w, stream, is_lines ? LINES : MEMBERS, fields, buf_span(&body));
    buf_clear(&body);
    return a;
}

/* How many of its records the caller believes to be written. */
static size_t acknowledged(const struct asked *a)
{
    size_t count = 0;

    if (a->exchange->status != 200 || a->records == 0)
        return a->exchange->status == 200;
    json_t *answer = batch_answer(a->exchange);
    check(json_array_size(json_object_get(answer, "Records")) == a->records, "a result for every record");
    for (size_t i = 0; i != a->records; i++) {
        json_t *item = batch_item(answer, i);
        bool is_written = json_object_get(item, "SequenceNumber") != NULL;
        check(is_written != (json_object_get(item, "ErrorCode") != NULL), "it was written, or it failed");
        count += is_written;
    }
    check(json_integer_value(json_object_get(answer, "FailedRecordCount")) == (json_int_t)(a->records - count),
          "and the failed ones are counted");
    json_decref(answer);
    return count;
}

static void one_storm(uint64_t seed)
{
    struct world w;
    struct weather weather;
    struct asked asked[REQUESTS];
    size_t written = 0;

    world_init(&w);
    fake_loop_seed(w.loop, seed);
    random_seed(&weather.random, seed);
    weather.calm_percent = (unsigned)random_below(&weather.random, 101);
    w.net->fate_of = random_fate;
    w.net->ctx = &weather;
    w.sender.conf.calls_in_flight_max = (uint32_t)random_below(&weather.random, 5) + 1;
    w.sender.conf.queue_records_max = (uint32_t)random_below(&weather.random, 60) + 1;
    for (unsigned i = 0; i != REQUESTS; i++) {
        w.net->delay_us = random_below(&weather.random, 2) == 0 ? 5000 : random_below(&weather.random, 2500000);
        asked[i] = random_request(&w, &weather.random);
        if (random_below(&weather.random, 10) == 0)
            world_reload(&w);
        if (random_below(&weather.random, 8) == 0)
            fake_exchange_gone(asked[random_below(&weather.random, i + 1)].exchange);
        fake_loop_pass(w.loop, random_below(&weather.random, 2) == 0 ? random_below(&weather.random, 300000) : 0);
        assert_true(world_is_balanced(&w));
    }
    fake_loop_pass(w.loop, 40000000);
    for (unsigned i = 0; i != REQUESTS; i++) {
        assert_int_equal(asked[i].exchange->replies + asked[i].exchange->is_gone, 1);
        written += acknowledged(&asked[i]);
        fake_exchange_free(asked[i].exchange);
    }
    assert_true(written <= w.net->stored);
    assert_true(written <= (size_t)w.metrics.records[RECORD_WRITTEN]);
    world_clear(&w);
}

static void test_storms(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        one_storm(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_storms)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
