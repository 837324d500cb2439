/* Single events on the road: whose key they get, and what is too much. */
#include "tests/auth/check.h"
#include "tests/lib/world.h"

#include "gateway/front/body/event.h"

#include <stdio.h>

#define EVENT      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"partitionkey\":\"a\\u0062\"}"
#define BINARY     "ce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\nce-type: t\r\nContent-Type: application/json\r\n"
#define STRUCTURED "Content-Type: Application/CloudEvents+JSON; charset=utf-8\r\n"

static void the_events_key_and_the_calls_are_one(void **state)
{
    static const struct {
        const char *line, *fields;
        struct span body;
        int status;
    } rows[] = {
        {"orders/record", STRUCTURED, SPAN(EVENT), 200},
        {"orders/record?partitionKey=ab", STRUCTURED, SPAN(EVENT), 200},
        {"orders/record?partitionKey=b", STRUCTURED, SPAN(EVENT), 400},
        {"orders/record", STRUCTURED, SPAN("{}"), 400},
        {"orders/record", BINARY, SPAN("{\"a\":1}"), 200},
        {"orders/record", BINARY "ce-partitionkey: %41\r\n", SPAN("{}"), 200},
        {"orders/record?partitionKey=A", BINARY "ce-partitionkey: %41\r\n", SPAN("{}"), 200},
        {"orders/record?partitionKey=B", BINARY "ce-partitionkey: %41\r\n", SPAN("{}"), 400},
        {"orders/record", BINARY "ce-partitionkey: \r\n", SPAN("{}"), 400},
        {"clicks/record", BINARY, SPAN("{\"user\":{\"id\":\"u\"}}"), 400}, /* the rule looks at the whole event */
        {"orders/record", "ce-id: 1\r\n", SPAN(""), 400},
        {"orders/record", "Content-Type: application/cloudevents-batch+json\r\n", SPAN("[]"), 415},
        {"orders/record", "Content-Type: application/cloudevents\r\n", SPAN(EVENT), 415},
        {"orders/record", "Content-Type: application/cloudevent\r\n", SPAN(""), 200},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct world w;
        char line[128], fields[512];
        world_init(&w);
        snprintf(line, sizeof(line), "POST /v1/streams/%s", rows[i].line);
        snprintf(fields, sizeof(fields), "%s%s", w.key, rows[i].fields);
        struct fake_exchange *e = fake_request(line, fields, rows[i].body);
        front_request(&w.front, &e->exchange);
        fake_loop_pass(w.loop, 100000);
        check(e->status == rows[i].status, "row %zu: %d %.*s", i, e->status, (int)e->body.len, e->body.ptr);
        fake_exchange_free(e);
        world_clear(&w);
    }
}

static void an_event_is_read_up_to_a_mebibyte(void **state)
{
    static char body[EVENT_BYTES_MAX + 1];
    static const char *const modes[] = {STRUCTURED, BINARY};

    (void)state;
    memset(body, ' ', sizeof(body));
    for (size_t i = 0; i != LEN(modes); i++) {
        struct world w;
        char fields[512];
        world_init(&w);
        snprintf(fields, sizeof(fields), "%s%s", w.key, modes[i]);
        struct fake_exchange *e = fake_request("POST /v1/streams/orders/record", fields, span_of(body, sizeof(body)));
        front_request(&w.front, &e->exchange);
        assert_true(e->status == 413 && fake_exchange_has(e, "\"bytes_max\":1048576"));
        fake_exchange_free(e);
        world_clear(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_events_key_and_the_calls_are_one),
        cmocka_unit_test(an_event_is_read_up_to_a_mebibyte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
