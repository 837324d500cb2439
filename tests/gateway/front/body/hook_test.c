/* A webhook's body when memory runs out at every moment: its caller is told once, and never a lie. */
#include "tests/gateway/front/hooked.h"
#include "tests/lib/failing_memory.h"

static struct fake_exchange *request_of(unsigned kind)
{
    switch (kind) {
    case 0:
        return fake_request("POST /v1/hooks/token", "Authorization: Bearer hush\r\nX-Id: 1\r\n", SPAN("{\"a\":1}"));
    case 1:
        return fake_request("POST /v1/hooks/github",
                            "X-Hub-Signature-256: "
                            "sha256=ec9ce1ff2d55fbfa3ea8d28cd4d3f0e0c8bc0b4f8b3c26d45c8a1a1d9f7f0f6b\r\n",
                            SPAN("wrong"));
    default:
        return fake_request("GET /v1/hooks/meta?hub.mode=subscribe&hub.challenge=1&hub.verify_token=t%6Fk", "",
                            SPAN(""));
    }
}

static bool run_with_failure(unsigned kind, unsigned nth)
{
    static const int right[] = {200, 401, 200};
    struct world w;

    hooked_init(&w);
    struct fake_exchange *e = request_of(kind);
    failing_memory_begin(nth);
    front_request(&w.front, &e->exchange);
    fake_loop_pass(w.loop, 4000000);
    bool has_failed = failing_memory_end();
    check(e->replies == 1, "kind %u, allocation %u", kind, nth);
    check(e->status == right[kind] || (has_failed && e->status == 503 && w.net->stored == 0),
          "kind %u, allocation %u: %d", kind, nth, e->status);
    fake_exchange_free(e);
    world_clear(&w);
    return has_failed;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind != 3; kind++) {
        unsigned nth = 1;
        while (run_with_failure(kind, nth))
            nth++;
        assert_in_range(nth, 2, 200);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
