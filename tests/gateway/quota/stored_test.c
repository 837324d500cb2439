#include "gateway/quota/stored.h"

#include "gateway/quota/script.h"
#include "tests/auth/check.h"
#include "tests/gateway/quota/redis_door.h"

#include <stdio.h>

#define NOW 1768478400123456ull /* 2026-01-15T12:00:00Z and a little */

static const struct quota_limits limits = {.requests_per_second = 10,
                                           .requests_burst = 20,
                                           .records_per_second = 100,
                                           .bytes_per_second = 3,
                                           .bytes_burst = 1000,
                                           .records_per_day = 500,
                                           .bytes_per_month = 100000};

static void take(struct redis_door *redis, const struct quota_ask *ask, uint64_t now_us, struct quota_reply *reply)
{
    struct script_call call;

    script_encode_at(&call, SPAN("acme"), &limits, ask, true, now_us);
    redis_door_send(redis, call.arguments, call.arguments_len);
    assert_true(redis->type == '*' && script_decode(redis->numbers, redis->len, reply));
}

static void get(struct redis_door *redis, struct quota_bucket *b)
{
    char key[STORED_KEY_BYTES];
    struct span words[] = {SPAN("GET"), stored_key(SPAN("acme"), key)};

    redis_door_send(redis, words, 2);
    check(stored_read(span_str(redis->text), b), "%s", redis->text);
}

/* What the script says itself, asked for nothing: the same, at every moment. */
static void what_the_script_wrote_is_read_and_shows_the_same_room(void **state)
{
    static const uint64_t later_us[] = {0, 1, 150000, 250000, 700000, 1500000, 3000000, 60000000};
    struct quota_ask ask = {.need = {1, 20, 300}, .want = {4, 45, 400}, .lease_us = quota_lease_us(&limits, 1000000)};
    struct quota_ask nothing = {.lease_us = ask.lease_us};
    struct redis_door redis;
    struct quota_reply reply;

    (void)state;
    redis_door_open(&redis);
    for (size_t i = 0; i != LEN(later_us); i++) {
        struct quota_room room[QUOTA_DIMENSIONS];
        struct quota_bucket b;
        redis_door_command(&redis, "FLUSHALL");
        take(&redis, &ask, NOW, &reply);
        assert_int_equal(reply.refused, QUOTA_NO_DIMENSION);
        get(&redis, &b);
        stored_room(&b, &limits, NOW + later_us[i], room);
        take(&redis, &nothing, NOW + later_us[i], &reply);
        for (enum quota_dimension d = 0; d != QUOTA_DIMENSIONS; d++)
            check(room[d].remaining == reply.room[d].remaining && room[d].full_us == reply.room[d].full_us,
                  "%s after %zu us: %zu, not %zu", quota_name(d), (size_t)later_us[i], (size_t)room[d].remaining,
                  (size_t)reply.room[d].remaining);
    }
    redis_door_close(&redis);
}

static void what_the_script_never_writes_is_a_full_bucket(void **state)
{
    static const char *const rows[] = {
        "",
        "0",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 -1",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 x",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 0x1",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 nan",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 1e300",
        "1e17 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
        "1  2 3 4 5 6 7 8 9 10 11 12 13 14",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 1.00000000000000000000000000000001",
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct quota_room room[QUOTA_DIMENSIONS];
        struct quota_bucket b;
        check(!stored_read(span_str(rows[i]), &b), "%s", rows[i]);
        stored_room(&b, &limits, NOW, room);
        for (enum quota_dimension d = 0; d != QUOTA_DIMENSIONS; d++)
            check(room[d].remaining == quota_capacity(&limits, d), "%s: %s", rows[i], quota_name(d));
    }
}

static void limits_that_are_gone_have_no_room(void **state)
{
    struct quota_room room[QUOTA_DIMENSIONS];
    struct quota_limits none = {0};
    struct quota_bucket b;

    (void)state;
    assert_true(stored_read(SPAN("1e15 1e15 5 6 7 8 9 10 11 12 13 14 15 16 17"), &b));
    stored_room(&b, &none, NOW, room);
    for (enum quota_dimension d = 0; d != QUOTA_DIMENSIONS; d++)
        assert_true(room[d].remaining == 0 && room[d].full_us == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_script_wrote_is_read_and_shows_the_same_room),
        cmocka_unit_test(what_the_script_never_writes_is_a_full_bucket),
        cmocka_unit_test(limits_that_are_gone_have_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
