/*
 * Callers that try again under random weather: fates, deadlines, clients that leave, reloads, full lanes. A record is
 * stored once for its key, unless an attempt at it had an unknown outcome; whoever is told ids is told the same ones;
 * every caller is answered exactly once.
 */
#include "tests/lib/batch.h"

#include <stdio.h>

#define REQUESTS 40
#define KEYS     4
#define RECORDS  3 /* of a batch; keys of even number are batches */
#define SEEDS    500

struct storm {
    struct world w;
    struct random random;
    unsigned calm_percent;
    unsigned stored[KEYS][RECORDS], unknown[KEYS][RECORDS];
    char ids[KEYS][RECORDS][80];
};

static enum fake_fate random_fate(void *ctx, unsigned call, struct span body)
{
    struct storm *s = ctx;

    (void)call;
    (void)body;
    return random_below(&s->random, 100) < s->calm_percent ? FAKE_STORED
                                                           : (enum fake_fate)random_below(&s->random, FAKE_FATES);
}

/* Data says which record of which key it is: "2.1". */
static void saw(void *ctx, const struct fake_attempt *a)
{
    struct storm *s = ctx;
    unsigned key = (unsigned)(a->record->data.ptr[0] - '0'), record = (unsigned)(a->record->data.ptr[2] - '0');

    s->stored[key][record] += a->is_stored;
    s->unknown[key][record] += a->end == FAKE_END_UNKNOWN;
}

static struct fake_exchange *ask(struct storm *s, unsigned key)
{
    char fields[256], body[64];
    bool is_batch = key % 2 == 0;

    snprintf(fields, sizeof(fields), "Idempotency-Key: key-%u\r\nX-Request-Timeout-Ms: %u\r\n%s", key,
             (unsigned)random_below(&s->random, 3000) + 1, is_batch ? "" : s->w.key);
    snprintf(body, sizeof(body), is_batch ? "%u.0\n%u.1\n%u.2\n" : "%u.0", key, key, key);
    if (is_batch)
        return batch_ask(&s->w, "orders", LINES, fields, span_str(body));
    struct fake_exchange *e = fake_request("POST /v1/streams/orders/record", fields, span_str(body));
    front_request(&s->w.front, &e->exchange);
    return e;
}

static void note_id(struct storm *s, unsigned key, size_t record, const json_t *item)
{
    const char *id = json_string_value(json_object_get(item, "SequenceNumber"));
    char *known = s->ids[key][record];

    if (id == NULL)
        return;
    check(s->stored[key][record] != 0, "what is said to be written is stored");
    check(known[0] == '\0' || strcmp(known, id) == 0, "record %zu of key %u has one id: %s, %s", record, key, known,
          id);
    snprintf(known, sizeof(s->ids[key][record]), "%s", id);
}

static void look_at_answer(struct storm *s, unsigned key, const struct fake_exchange *e)
{
    check(e->replies + e->is_gone == 1, "one answer, or nobody there");
    check(e->is_gone || e->status != 422, "the same request is never another");
    if (e->status != 200)
        return;
    json_t *answer = batch_answer(e);
    for (size_t i = 0; i != RECORDS && key % 2 == 0; i++)
        note_id(s, key, i, batch_item(answer, i));
    if (key % 2 != 0)
        note_id(s, key, 0, answer);
    json_decref(answer);
}

static void begin(struct storm *s, uint64_t seed)
{
    *s = (struct storm){.calm_percent = 0};
    world_init(&s->w);
    fake_loop_seed(s->w.loop, seed);
    random_seed(&s->random, seed);
    random_seed(&s->w.net->random, seed);
    s->calm_percent = (unsigned)random_below(&s->random, 101);
    s->w.net->fate_of = random_fate;
    s->w.net->ctx = s;
    s->w.net->saw = saw;
    s->w.net->saw_ctx = s;
    s->w.sender.conf.calls_in_flight_max = (uint32_t)random_below(&s->random, 5) + 1;
    s->w.sender.conf.queue_records_max = (uint32_t)random_below(&s->random, 20) + 1;
}

static void one_storm(uint64_t seed)
{
    static struct storm s;
    struct fake_exchange *e[REQUESTS];
    unsigned keys[REQUESTS];

    begin(&s, seed);
    for (unsigned i = 0; i != REQUESTS; i++) {
        s.w.net->delay_us = random_below(&s.random, 2) == 0 ? 5000 : random_below(&s.random, 2500000);
        keys[i] = (unsigned)random_below(&s.random, KEYS);
        e[i] = ask(&s, keys[i]);
        if (random_below(&s.random, 10) == 0)
            world_reload(&s.w);
        if (random_below(&s.random, 6) == 0)
            fake_exchange_gone(e[random_below(&s.random, i + 1)]);
        fake_loop_pass(s.w.loop, random_below(&s.random, 2) == 0 ? random_below(&s.random, 700000) : 0);
        assert_true(world_is_balanced(&s.w));
    }
    fake_loop_pass(s.w.loop, 40000000);
    for (unsigned i = 0; i != REQUESTS; i++) {
        look_at_answer(&s, keys[i], e[i]);
        fake_exchange_free(e[i]);
    }
    for (unsigned key = 0; key != KEYS; key++)
        for (unsigned i = 0; i != RECORDS; i++)
            check(s.stored[key][i] <= 1 + s.unknown[key][i], "seed %llu: record %u of key %u is stored %u times",
                  (unsigned long long)seed, i, key, s.stored[key][i]);
    world_clear(&s.w);
}

static void five_hundred_storms(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        one_storm(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(five_hundred_storms)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
