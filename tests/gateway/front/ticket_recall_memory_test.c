/* Memory runs out at every moment of a call with an idempotency key, first or second: the record is written once. */
#include "tests/lib/batch.h"
#include "tests/lib/failing_memory.h"

#include <stdio.h>

#define KEY     "Idempotency-Key: \"8e03978e\"\r\n"
#define RECORDS 5

enum kind { SINGLE, BATCH, WAITER, KINDS };

static struct fake_exchange *ask(struct world *w, enum kind kind)
{
    struct buf body = batch_lines(RECORDS);
    char fields[256];

    snprintf(fields, sizeof(fields), "%s" KEY, w->key);
    struct fake_exchange *e = kind == BATCH ? batch_request(w, "orders", LINES, KEY, buf_span(&body))
                                            : fake_request("POST /v1/streams/orders/record", fields, SPAN("event"));
    buf_clear(&body);
    return e;
}

static void send(struct world *w, struct fake_exchange *e)
{
    front_request(&w->front, &e->exchange);
    fake_loop_pass(w->loop, 4000000);
}

/* Memory fails in the first call, and a second one has all it needs; or the other way round. */
static bool run_with_failure(enum kind kind, bool is_second, unsigned nth)
{
    struct world w;
    bool has_failed;

    world_init(&w);
    struct fake_exchange *first = ask(&w, kind), *second = ask(&w, kind);
    failing_memory_begin(is_second ? 1000000 : nth);
    if (kind == WAITER)
        front_request(&w.front, &first->exchange);
    else
        send(&w, first);
    has_failed = failing_memory_end();
    failing_memory_begin(is_second ? nth : 1000000);
    send(&w, second);
    has_failed |= failing_memory_end();
    check(first->replies == 1 && second->replies == 1, "each is answered once");
    check(first->status == 200 || first->status >= 503, "the first: %d", first->status);
    check(second->status == 200 || second->status >= 503, "the second: %d", second->status);
    check(w.net->stored <= (kind == BATCH ? RECORDS : 1), "%u are stored", w.net->stored);
    struct fake_exchange *last = ask(&w, kind);
    send(&w, last);
    check(last->status == 200, "the last: %d", last->status);
    check(w.net->stored == (kind == BATCH ? RECORDS : 1), "each is written once: %u", w.net->stored);
    fake_exchange_free(first);
    fake_exchange_free(second);
    fake_exchange_free(last);
    world_clear(&w);
    return has_failed;
}

static void the_nth_allocation_fails(void **state)
{
    (void)state;
    for (enum kind kind = SINGLE; kind != KINDS; kind++)
        for (int is_second = 0; is_second != 2; is_second++) {
            unsigned nth = 1;
            while (run_with_failure(kind, is_second != 0, nth))
                nth++;
            check(nth > 3 && nth < 300, "%u allocations", nth);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_nth_allocation_fails)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
