/* The states of a key in memory: the same stories as of one in Redis. */
#include "gateway/front/idempotency_memory.h"
#include "tests/auth/check.h"
#include "tests/gateway/front/recall_stories.h"
#include "tests/lib/fake_loop.h"

static void pass(void *ctx, uint64_t us)
{
    fake_loop_pass(ctx, us);
}

static void until(void *ctx, bool (*is_so)(void *arg), void *arg)
{
    fake_loop_pass(ctx, 1000);
    assert_true(is_so(arg));
}

static void memory_does_what_the_stories_say(void **state)
{
    struct loop *l = loop_new();
    struct idempotency_memory *m = idempotency_memory_new(
        &(struct idempotency_memory_conf){.ttl_s = 3600, .entries_max = 1000, .bytes_max = 1u << 20}, 1);
    struct idempotency_store *s = idempotency_memory_store(m);
    struct recall_door door = {{s, s}, l, pass, until, l};

    (void)state;
    recall_stories_run(&door);
    idempotency_memory_free(&m);
    loop_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory_does_what_the_stories_say)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
