/* A large signed body is hashed a slice a turn; nothing else is hashed ahead. */
#include "tests/auth/check.h"
#include "tests/lib/world.h"

#include "gateway/front/ticket.h"

#define SIGNED                                                                                                         \
    "Authorization: AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/kinesis/aws4_request, SignedHeaders=host, "       \
    "Signature=00\r\nX-Amz-Target: Kinesis_20131202.PutRecord\r\nContent-Type: application/x-amz-json-1.1\r\n"

static struct span body_of(char *bytes, size_t len)
{
    memset(bytes, 'x', len);
    return span_of(bytes, len);
}

static void a_large_body_is_hashed_in_slices(void **state)
{
    static char bytes[3 * HASH_SLICE_BYTES + 1];
    static const struct {
        size_t len, turns;
    } rows[] = {
        {HASH_SLICE_BYTES, 1}, {HASH_SLICE_BYTES + 1, 2}, {2 * HASH_SLICE_BYTES, 2}, {3 * HASH_SLICE_BYTES + 1, 4}};

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        const struct route aws = {.kind = ROUTE_AWS};
        struct world w;
        uint8_t want[SHA256_BYTES];
        world_init(&w);
        struct fake_exchange *e = fake_request("POST /", SIGNED, body_of(bytes, rows[i].len));
        struct ticket t = {.front = &w.front, .exchange = &e->exchange, .route = &aws};
        size_t turns = 1;
        for (; ticket_hash_body(&t) == STEP_WAIT; turns++)
            check(t.go_on.is_armed && e->exchange.on_gone != NULL, "it waits for its next turn, or for its end");
        check(turns == rows[i].turns, "%zu bytes took %zu turns", rows[i].len, turns);
        digest_sha256(e->exchange.body, want);
        check(t.hash.is_done == (turns > 1), "a small body is left to the verifier");
        check(turns == 1 || memcmp(t.hash.digest, want, sizeof(want)) == 0, "and the hash is the body's");
        check(t.hash.stream == NULL, "nothing is left to free");
        ticket_end_wait(&t);
        e->exchange.on_gone = NULL;
        fake_exchange_gone(e);
        fake_exchange_free(e);
        world_clear(&w);
    }
}

static void what_is_not_signed_is_not_hashed(void **state)
{
    static char bytes[2 * HASH_SLICE_BYTES];
    struct world w;

    (void)state;
    world_init(&w);
    struct fake_exchange *e = world_put(&w, "orders", "", body_of(bytes, sizeof(bytes)));
    struct ticket *t = e->exchange.gone_ctx;
    assert_false(t->hash.is_done || t->go_on.is_armed);
    fake_loop_pass(w.loop, 100000);
    assert_int_equal(e->status, 200);
    fake_exchange_free(e);
    world_clear(&w);
}

static void a_signature_is_looked_at_when_the_body_is_hashed(void **state)
{
    static char bytes[4 * HASH_SLICE_BYTES];

    (void)state;
    for (int leaves = 0; leaves != 2; leaves++) {
        struct world w;
        world_init(&w);
        struct fake_exchange *e = fake_request("POST /", SIGNED, body_of(bytes, sizeof(bytes)));
        front_request(&w.front, &e->exchange);
        check(e->replies == 0 && world_is_balanced(&w), "not in its first turn");
        if (leaves)
            fake_exchange_gone(e);
        fake_loop_pass(w.loop, 1000);
        check(e->replies == !leaves, "it is answered, unless nobody is there");
        check(leaves || (e->status == 400 && fake_exchange_has(e, "UnrecognizedClientException")), "with a refusal");
        check(w.metrics.records[RECORD_REJECTED] == 1, "it counts once");
        fake_exchange_free(e);
        world_clear(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_body_is_hashed_in_slices),
        cmocka_unit_test(what_is_not_signed_is_not_hashed),
        cmocka_unit_test(a_signature_is_looked_at_when_the_body_is_hashed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
