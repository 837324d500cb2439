/* Browsers' calls on a worker's road: who is let in, who may read, what a preflight and a pixel cost. */
#include "tests/lib/batch.h"

#include <stdio.h>

#define SHOP "Origin: https://shop.example\r\n"
#define EVIL "Origin: https://evil.test\r\n"

static struct fake_exchange *call(struct world *w, const char *method, const char *path, const char *query,
                                  const char *fields, const char *body)
{
    char line[1024];

    snprintf(line, sizeof(line), "%s %s?%s", method, path, query);
    struct fake_exchange *e = fake_request(line, fields, span_str(body));
    front_request(&w->front, &e->exchange);
    fake_loop_pass(w->loop, 1000000);
    return e;
}

static bool is_readable(const struct fake_exchange *e)
{
    return span_is(fake_exchange_field(e, "access-control-allow-origin"), "https://shop.example") &&
           span_is(fake_exchange_field(e, "access-control-allow-credentials"), "true");
}

static void a_page_is_let_in_by_its_origin(void **state)
{
    static const struct {
        const char *what, *path, *fields;
        bool is_anybody;
        int status;
        bool is_readable;
    } rows[] = {
        {"a listed page", "/v1/e/orders", SHOP, false, 204, true},
        {"with any content type", "/v1/e/orders", SHOP "Content-Type: text/plain;charset=UTF-8\r\n", false, 204, true},
        {"another page", "/v1/e/orders", EVIL, false, 403, false},
        {"no page", "/v1/e/orders", "", false, 403, false},
        {"no page, and none is asked for", "/v1/e/orders", "", true, 204, false},
        {"null, and none is asked for", "/v1/e/orders", "Origin: null\r\n", true, 204, false},
        {"a listed Referer", "/v1/e/orders", "Referer: https://shop.example/x\r\n", false, 204, false},
        {"a stream that is not the key's", "/v1/e/secret", SHOP, false, 403, true},
        {"one that nobody knows", "/v1/e/nothing", SHOP, false, 403, true},
        {"a record without the key that its stream wants", "/v1/e/clicks", SHOP, false, 400, true},
        {"a parameter of other calls", "/v1/e/orders", SHOP "X-Kinesis-Partition-Key: k\r\n", false, 400, true},
    };
    struct world w;

    (void)state;
    world_init(&w);
    for (size_t i = 0; i < LEN(rows); i++) {
        struct fake_exchange *e =
            call(&w, "POST", rows[i].path, rows[i].is_anybody ? w.anybody : w.page, rows[i].fields, "event");
        check(e->status == rows[i].status, "%s: %d %.*s", rows[i].what, e->status, (int)e->body.len, e->body.ptr);
        check(is_readable(e) == rows[i].is_readable, "%s: who may read", rows[i].what);
        check(rows[i].is_readable || fake_exchange_field(e, "access-control-allow-origin").len == 0, "%s",
              rows[i].what);
        check(span_is(fake_exchange_field(e, "vary"), "Origin"), "%s", rows[i].what);
        check(span_is(fake_exchange_field(e, "cache-control"), "no-store"), "%s", rows[i].what);
        check((e->body.len == 0) == (e->status == 204), "%s: a body", rows[i].what);
        check(!fake_exchange_has(e, "kgw_"), "%s: the key is not told", rows[i].what);
        fake_exchange_free(e);
    }
    world_clear(&w);
}

static void a_wrong_key_tells_nobody_anything(void **state)
{
    struct world w;
    char both[300];

    (void)state;
    world_init(&w);
    snprintf(both, sizeof(both), "%s&%s", w.page, w.anybody);
    const char *const queries[] = {"", "key=", "key=x", both};
    for (size_t i = 0; i < LEN(queries); i++) {
        struct fake_exchange *e = call(&w, "POST", "/v1/e/orders", queries[i], SHOP, "event");
        check(e->status == 401 && !is_readable(e), "%s", queries[i]);
        fake_exchange_free(e);
        e = call(&w, "OPTIONS", "/v1/e/orders", queries[i], SHOP, "");
        check(e->status == 401 && !is_readable(e), "%s, a preflight", queries[i]);
        fake_exchange_free(e);
    }
    assert_int_equal(w.net->calls, 0);
    world_clear(&w);
}

static void keys_are_for_their_own_kind_of_call(void **state)
{
    struct world w;
    char fields[400];

    (void)state;
    world_init(&w);
    snprintf(fields, sizeof(fields), "X-Api-Key: %s\r\n", w.page + strlen("key="));
    struct fake_exchange *e = call(&w, "POST", "/v1/streams/orders/record", "", fields, "event");
    assert_int_equal(e->status, 403);
    fake_exchange_free(e);
    e = call(&w, "POST", "/v1/streams/orders/record", w.page, "", "event");
    assert_int_equal(e->status, 401);
    fake_exchange_free(e);
    e = call(&w, "POST", "/v1/e/orders", "", w.key, "event"); /* a service's key, in the head and in the URL */
    assert_int_equal(e->status, 401);
    fake_exchange_free(e);
    snprintf(fields, sizeof(fields), "key=%.*s", (int)(strlen(w.key) - strlen("X-Api-Key: \r\n")),
             w.key + strlen("X-Api-Key: "));
    e = call(&w, "POST", "/v1/e/orders", fields, SHOP, "event");
    assert_int_equal(e->status, 401);
    fake_exchange_free(e);
    assert_int_equal(w.net->calls, 0);
    world_clear(&w);
}

static void a_preflight_costs_nothing(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    world_limit(&w, "\"quota\":{\"requests_per_second\":1}", false);
    for (unsigned i = 0; i != 20; i++) {
        struct fake_exchange *e = call(&w, "OPTIONS", "/v1/e/orders", w.page,
                                       SHOP "Access-Control-Request-Method: POST\r\n"
                                            "Access-Control-Request-Headers: content-type\r\n",
                                       "");
        assert_int_equal(e->status, 204);
        assert_true(is_readable(e) && e->body.len == 0);
        assert_true(span_is(fake_exchange_field(e, "access-control-allow-methods"), "GET, POST"));
        assert_true(memmem(fake_exchange_field(e, "access-control-allow-headers").ptr,
                           fake_exchange_field(e, "access-control-allow-headers").len, "Content-Type", 12) != NULL);
        assert_true(fake_exchange_field(e, "ratelimit").len == 0);
        fake_exchange_free(e);
    }
    struct fake_exchange *e = call(&w, "OPTIONS", "/v1/e/orders", w.page, EVIL, "");
    assert_true(e->status == 403 && fake_exchange_field(e, "access-control-allow-origin").len == 0);
    fake_exchange_free(e);
    e = call(&w, "POST", "/v1/e/orders", w.page, SHOP, "event");
    assert_true(e->status == 204 && fake_exchange_field(e, "ratelimit").len != 0);
    fake_exchange_free(e);
    assert_int_equal(w.metrics.counters[COUNT_RECORDS_RECEIVED], 1);
    assert_int_equal(w.net->calls, 1);
    world_clear(&w);
}

static void a_pixel_is_an_image_once_its_event_is_written(void **state)
{
    struct world w;
    char query[256];

    (void)state;
    world_init(&w);
    snprintf(query, sizeof(query), "e=view&%s&page=%%2Fa+b", w.page);
    struct fake_exchange *e = call(&w, "GET", "/v1/e/orders.gif", query, "Referer: https://shop.example/\r\n", "");
    assert_int_equal(e->status, 200);
    assert_true(span_is(fake_exchange_field(e, "content-type"), "image/gif"));
    assert_true(span_is(fake_exchange_field(e, "cache-control"), "no-store"));
    assert_int_equal(e->body.len, 43);
    assert_memory_equal(e->body.ptr, "GIF89a\1\0\1\0", 10);
    assert_int_equal(e->body.ptr[42], ';');
    assert_int_equal(fake_ledger_count(&w.net->ledger, SPAN("{\"e\":\"view\",\"page\":\"/a b\"}")), 1);
    fake_exchange_free(e);
    e = call(&w, "GET", "/v1/e/orders.gif", w.page, EVIL, "");
    assert_int_equal(e->status, 403);
    assert_true(fake_exchange_has(e, "Forbidden"));
    fake_exchange_free(e);
    snprintf(query, sizeof(query), "%s&e=%%FF", w.page);
    e = call(&w, "GET", "/v1/e/orders.gif", query, SHOP, "");
    assert_true(e->status == 400 && is_readable(e));
    fake_exchange_free(e);
    e = call(&w, "GET", "/v1/e/orders.gif", w.page, SHOP, "body");
    assert_int_equal(e->status, 400);
    fake_exchange_free(e);
    world_clear(&w);
}

static enum fake_fate refuse_all(void *ctx, unsigned n, struct span body)
{
    (void)ctx;
    (void)n;
    (void)body;
    return FAKE_ACCESS_DENIED;
}

static void what_is_not_written_is_no_success(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    w.net->fate_of = refuse_all;
    struct fake_exchange *e = call(&w, "POST", "/v1/e/orders", w.page, SHOP, "event");
    assert_true(e->status == 502 && is_readable(e) && fake_exchange_has(e, "not_written"));
    fake_exchange_free(e);
    e = call(&w, "GET", "/v1/e/orders.gif", w.page, SHOP, "");
    assert_true(e->status == 502 && fake_exchange_has(e, "AccessDeniedException"));
    fake_exchange_free(e);
    world_clear(&w);
}

static void one_address_spends_no_more_than_its_share(void **state)
{
    struct world w;
    unsigned written = 0, refused = 0;

    (void)state;
    world_init(&w);
    world_limit(&w, "\"quota\":{\"requests_per_second\":1000}", false);
    for (unsigned i = 0; i != 15; i++) {
        char line[256];
        snprintf(line, sizeof(line), "POST /v1/e/orders?%s", w.anybody);
        struct fake_exchange *e = fake_request(line, "", SPAN("event"));
        front_request(&w.front, &e->exchange);
        fake_loop_settle(w.loop);
        if (e->replies != 0 && e->status == 429) {
            refused++;
            assert_true(fake_exchange_has(e, "AddressRateExceeded"));
            assert_true(fake_exchange_field(e, "retry-after").len != 0);
            assert_true(fake_exchange_field(e, "ratelimit").len == 0); /* nothing was asked of the tenant's quota */
        } else {
            fake_loop_pass(w.loop, 20000);
            assert_int_equal(e->status, 204);
            written++;
        }
        fake_exchange_free(e);
    }
    assert_int_equal(written, ADDRESS_LIMIT_BURST_S);
    assert_int_equal(w.metrics.counters[COUNT_ADDRESS_REFUSED], refused);
    assert_int_equal(w.metrics.counters[COUNT_QUOTA_GRANTED], written);
    world_clear(&w);
}

static void a_stream_may_heed_privacy_signals(void **state)
{
    static const struct {
        const char *path, *fields;
        bool is_dropped;
    } rows[] = {
        {"/v1/e/pages-private", SHOP "Sec-GPC: 1\r\n", true}, {"/v1/e/pages-private", SHOP "DNT: 1\r\n", true},
        {"/v1/e/pages-private", SHOP "DNT: 0\r\n", false},    {"/v1/e/pages-private", SHOP, false},
        {"/v1/e/orders", SHOP "Sec-GPC: 1\r\n", false},
    };
    struct world w;

    (void)state;
    world_init(&w);
    for (size_t i = 0; i < LEN(rows); i++) {
        unsigned before = w.net->stored;
        struct fake_exchange *e = call(&w, "POST", rows[i].path, w.page, rows[i].fields, "event");
        check(e->status == 204 && is_readable(e), "%s", rows[i].fields);
        check(span_is(fake_exchange_field(e, "kgw-dropped"), "privacy") == rows[i].is_dropped, "%s", rows[i].fields);
        check((w.net->stored == before) == rows[i].is_dropped, "%s", rows[i].fields);
        fake_exchange_free(e);
    }
    struct fake_exchange *e = call(&w, "GET", "/v1/e/pages-private.gif", w.page, SHOP "DNT: 1\r\n", "");
    assert_true(e->status == 200 && e->body.len == 43 && fake_exchange_field(e, "kgw-dropped").len != 0);
    fake_exchange_free(e);
    assert_int_equal(w.metrics.counters[COUNT_PRIVACY_DROPPED], 3);
    assert_int_equal(w.metrics.records[RECORD_REJECTED], 3);
    world_clear(&w);
}

static void the_client_may_stay_in_part_unknown(void **state)
{
    struct world w;

    (void)state;
    world_init(&w);
    struct fake_exchange *e = call(&w, "POST", "/v1/e/pages-private", w.page, SHOP, "event");
    assert_int_equal(e->status, 204);
    assert_true(span_is(w.net->ledger.entries[0]->partition_key, "192.0.2.0"));
    fake_exchange_free(e);
    world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_let_in_by_its_origin),
        cmocka_unit_test(a_wrong_key_tells_nobody_anything),
        cmocka_unit_test(keys_are_for_their_own_kind_of_call),
        cmocka_unit_test(a_preflight_costs_nothing),
        cmocka_unit_test(a_pixel_is_an_image_once_its_event_is_written),
        cmocka_unit_test(what_is_not_written_is_no_success),
        cmocka_unit_test(one_address_spends_no_more_than_its_share),
        cmocka_unit_test(a_stream_may_heed_privacy_signals),
        cmocka_unit_test(the_client_may_stay_in_part_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
