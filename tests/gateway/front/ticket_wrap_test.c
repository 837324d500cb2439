/* Which records are wrapped on the road, what names them, and that the audit and the answers are right. */
#include "tests/lib/batch.h"

#include <stdio.h>

#define WRAPPED "POST /v1/streams/rewrap/record"

static struct fake_exchange *put(struct world *w, const char *fields, struct span body)
{
    char all[512];

    snprintf(all, sizeof(all), "%s%s", w->key, fields);
    struct fake_exchange *e = fake_request(WRAPPED "?a=1&key=x", all, body);
    front_request(&w->front, &e->exchange);
    return e;
}

/* The Data that went upstream last, as JSON. */
static json_t *sent(const struct world *w, size_t index)
{
    json_t *call = json_loadb(w->net->last_body.ptr, w->net->last_body.len, 0, NULL), *records, *found;
    char data[4096];
    size_t bytes;

    assert_non_null(call);
    records = json_object_get(call, "Records");
    found = json_object_get(records == NULL ? call : json_array_get(records, index), "Data");
    assert_true(base64_decode(span_str(json_string_value(found)), data, &bytes));
    json_decref(call);
    json_t *envelope = json_loadb(data, bytes, 0, NULL);
    assert_non_null(envelope);
    return envelope;
}

static void a_record_is_named_by_its_key_or_its_call(void **state)
{
    static const struct {
        const char *fields, *id;
    } rows[] = {
        {"X-Request-Id: r-1\r\n", "r-1"},
        {"X-Request-Id: r-1\r\nIdempotency-Key: \"i 1\"\r\n", "i 1"},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct world w;
        world_init(&w);
        struct fake_exchange *e = put(&w, rows[i].fields, SPAN("hello"));
        fake_loop_pass(w.loop, 100000);
        assert_int_equal(e->status, 200);
        json_t *envelope = sent(&w, 0);
        check(batch_is_text(envelope, "id", rows[i].id), "%s", rows[i].fields);
        assert_true(batch_is_text(envelope, "request_id", "r-1") && batch_is_text(envelope, "query", "a=1"));
        assert_true(batch_is_text(envelope, "remote_ip", "192.0.2.7") && batch_is_text(envelope, "body", "hello"));
        json_decref(envelope);
        fake_exchange_free(e);
        world_clear(&w);
    }
}

static void a_batchs_records_are_wrapped_one_by_one(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    struct fake_exchange *e = batch_ask(&w, "rewrap", LINES, "X-Request-Id: b\r\n", SPAN("one\n\ntwo\n"));
    batch_pass(&w, 100);
    batch_check_all_written(e, 2);
    json_t *envelope = sent(&w, 1);
    assert_true(batch_is_text(envelope, "id", "b.1") && batch_is_text(envelope, "body", "two"));
    json_decref(envelope);
    fake_exchange_free(e);
    world_clear(&w);
}

#define LARGE 600000

/* Leaves after some turns, unless it was answered. */
struct leaver {
    struct timer timer;
    struct world *world;
    struct fake_exchange *exchange;
    unsigned turns;
};

static void on_turn(void *ctx)
{
    struct leaver *l = ctx;

    if (l->turns-- != 0)
        loop_timer_start(l->world->loop, &l->timer, 0);
    else if (l->exchange->status == 0)
        fake_exchange_gone(l->exchange);
}

static void ask_for_large(struct span body, bool is_batch, unsigned turns)
{
    struct world w;

    world_init(&w);
    struct fake_exchange *e = is_batch ? batch_ask(&w, "rewrap", LINES, "", body) : put(&w, "", body);
    struct leaver leaver = {.world = &w, .exchange = e, .turns = turns};
    assert_true(e->status == 0 && w.net->calls == 0); /* not in the turn in which it came */
    timer_init(&leaver.timer, on_turn, &leaver);
    if (turns != 0)
        loop_timer_start(w.loop, &leaver.timer, 0);
    fake_loop_pass(w.loop, 100000);
    assert_true(turns != 0 || (e->status == 200 && w.net->calls == (is_batch ? 2u : 1u)));
    fake_exchange_free(e);
    world_clear(&w);
}

/* Whoever leaves in between takes nothing along. */
static void a_large_record_is_wrapped_in_slices(void **state)
{
    char *text = malloc(LARGE + 3);

    (void)state;
    assert_non_null(text);
    memset(text, 'a', LARGE / 2);
    memset(text + LARGE / 2, '"', LARGE / 2);
    memcpy(text + LARGE, "\nx\n", 3);
    for (unsigned turns = 0; turns != 40; turns++) {
        ask_for_large(span_of(text, LARGE), false, turns);
        ask_for_large(span_of(text, LARGE + 3), true, turns);
    }
    free(text);
}

static void a_malformed_key_is_refused_before_anything_is_written(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    struct fake_exchange *e = put(&w, "Idempotency-Key: \"\r\n", SPAN("hello"));
    assert_int_equal(e->status, 400);
    fake_exchange_free(e);
    world_clear(&w);
}

static void a_client_that_leaves_takes_nothing_along(void **state)
{
    (void)state;
    for (unsigned ms = 0; ms != 3; ms++) {
        struct world w;
        world_init(&w);
        struct fake_exchange *e = put(&w, "", SPAN("hello"));
        struct fake_exchange *batch = batch_ask(&w, "rewrap", LINES, "", SPAN("one\ntwo\n"));
        fake_loop_pass(w.loop, 1000 * ms);
        fake_exchange_gone(e);
        fake_exchange_gone(batch);
        fake_loop_pass(w.loop, 100000);
        fake_exchange_free(e);
        fake_exchange_free(batch);
        world_clear(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_named_by_its_key_or_its_call),
        cmocka_unit_test(a_batchs_records_are_wrapped_one_by_one),
        cmocka_unit_test(a_large_record_is_wrapped_in_slices),
        cmocka_unit_test(a_malformed_key_is_refused_before_anything_is_written),
        cmocka_unit_test(a_client_that_leaves_takes_nothing_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
