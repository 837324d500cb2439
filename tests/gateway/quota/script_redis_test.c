/* bucket.lua in a real Redis: the bucket's stories, and the same answers as bucket.c's to whatever is asked. */
#include "gateway/quota/script.h"

#include "gateway/base/random.h"
#include "tests/auth/check.h"
#include "tests/gateway/quota/redis_door.h"
#include "tests/gateway/quota/stories.h"

#include <inttypes.h>
#include <stdio.h>

#define SECOND 1000000u
#define ROUNDS 120
#define ASKS   60

static struct redis_door redis;

static int open_redis(void **state)
{
    (void)state;
    redis_door_open(&redis);
    return 0;
}

static int close_redis(void **state)
{
    (void)state;
    redis_door_close(&redis);
    return 0;
}

static void decode(struct quota_reply *reply)
{
    check(redis.type == '*', "no array of numbers: %c%s", redis.type, redis.text);
    assert_true(script_decode(redis.numbers, redis.len, reply));
}

static void take(void *ctx, const char *tenant, const struct quota_limits *l, const struct quota_ask *ask,
                 uint64_t now_us, struct quota_reply *reply)
{
    struct script_call call;
    char name[SCRIPT_TENANT_BYTES_MAX];

    (void)ctx;
    snprintf(name, sizeof(name), "%s", tenant);
    for (char *at = name; *at != '\0'; at++)
        *at = *at == ' ' ? '_' : *at;
    script_encode_at(&call, span_str(name), l, ask, true, now_us);
    redis_door_send(&redis, call.arguments, call.arguments_len);
    decode(reply);
}

static void it_does_what_the_stories_say(void **state)
{
    struct door door = {take, NULL};

    (void)state;
    redis_door_command(&redis, "FLUSHALL");
    stories_run(&door);
}

static void redis_knows_it_by_our_sha1(void **state)
{
    static const struct quota_limits l = {.records_per_second = 10};
    struct quota_ask ask = {.need = {.records = 1}, .want = {.records = 1}};
    struct quota_reply reply;
    struct script_call call;

    (void)state;
    redis_door_command(&redis, "SCRIPT FLUSH");
    script_encode(&call, SPAN("acme"), &l, &ask, false);
    redis_door_send(&redis, call.arguments, call.arguments_len);
    assert_int_equal(redis.type, '-');
    assert_true(span_starts_with(span_str(redis.text), SPAN("NOSCRIPT")));
    for (int with_source = 1; with_source >= 0; with_source--) {
        script_encode(&call, SPAN("acme"), &l, &ask, with_source);
        redis_door_send(&redis, call.arguments, call.arguments_len);
        decode(&reply);
        assert_int_equal(reply.refused, QUOTA_NO_DIMENSION);
        assert_int_equal(reply.granted.records, 1);
    }
}

static struct quota_limits any_limits(struct random *r)
{
    struct quota_limits l = {0};
    uint64_t *all[] = {&l.requests_per_second, &l.requests_burst, &l.records_per_second, &l.records_burst,
                       &l.bytes_per_second,    &l.bytes_burst,    &l.records_per_day,    &l.bytes_per_month};
    static const uint64_t most[] = {100, 50, 1000, 500, 1000000, 3000000, 3000, 30000000};

    for (size_t i = 0; i < LEN(all); i++)
        *all[i] = random_below(r, 3) == 0 ? 0 : 1 + random_below(r, most[i]);
    if (random_below(r, 10) == 0)
        l.bytes_per_second = l.bytes_per_month = UINT64_MAX;
    return l;
}

static struct quota_ask any_ask(struct random *r, uint64_t lease_us)
{
    struct quota_ask ask = {.lease_us = lease_us};

    ask.need = (struct quota_cost){random_below(r, 3), random_below(r, 40), random_below(r, 50000)};
    ask.want = ask.need;
    if (lease_us != 0 && random_below(r, 2) == 0)
        ask.want =
            quota_add(ask.need, (struct quota_cost){random_below(r, 5), random_below(r, 60), random_below(r, 90000)});
    if (random_below(r, 4) == 0)
        ask.give = (struct quota_cost){random_below(r, 2), random_below(r, 60), random_below(r, 90000)};
    if (random_below(r, 4) == 0)
        ask.late = (struct quota_cost){random_below(r, 2), random_below(r, 60), random_below(r, 90000)};
    return ask;
}

static uint64_t any_time(struct random *r, uint64_t now_us)
{
    switch (random_below(r, 30)) {
    case 0:
        return now_us - random_below(r, 3 * SECOND);
    case 1:
        return now_us + random_below(r, 40 * 86400 * (uint64_t)SECOND);
    case 2:
        return now_us + random_below(r, 10 * SECOND);
    default:
        return now_us + random_below(r, SECOND / 20);
    }
}

static void check_same(const struct quota_reply *lua, const struct quota_reply *c, int round, int step)
{
    check(lua->refused == c->refused && lua->wait_us == c->wait_us,
          "round %d, ask %d: %d, %" PRIu64 " for %d, %" PRIu64, round, step, (int)lua->refused, lua->wait_us,
          (int)c->refused, c->wait_us);
    for (unsigned unit = 0; unit < QUOTA_UNITS; unit++)
        check(quota_unit_of(&lua->granted, unit) == quota_unit_of(&c->granted, unit), "round %d, ask %d: granted %u",
              round, step, unit);
    for (unsigned d = 0; d < QUOTA_DIMENSIONS; d++)
        check(lua->room[d].remaining == c->room[d].remaining && lua->room[d].full_us == c->room[d].full_us,
              "round %d, ask %d: room %u: %" PRIu64 ", %" PRIu64 " for %" PRIu64 ", %" PRIu64, round, step, d,
              lua->room[d].remaining, lua->room[d].full_us, c->room[d].remaining, c->room[d].full_us);
}

/* To the last number. Limits change under way, clocks step, days, months and leap years pass. */
static void it_is_bucket_c_whatever_is_asked(void **state)
{
    static const uint64_t leases_us[] = {0, 5000, 100000, 250000, SECOND};
    struct random r;

    (void)state;
    random_seed(&r, 5);
    redis_door_command(&redis, "FLUSHALL");
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t lease_us = leases_us[random_below(&r, LEN(leases_us))];
        uint64_t now_us = STORY_START_US + random_below(&r, 400 * 86400 * (uint64_t)SECOND);
        struct quota_limits l = any_limits(&r);
        struct quota_bucket bucket = {0};
        struct quota_reply lua, c;
        char tenant[32];
        snprintf(tenant, sizeof(tenant), "tenant-%d", round);
        for (int i = 0; i < ASKS; i++) {
            struct quota_ask ask = any_ask(&r, lease_us);
            now_us = any_time(&r, now_us);
            if (random_below(&r, 40) == 0)
                l = any_limits(&r);
            if (quota_hopeless(&l, &ask.need) != QUOTA_NO_DIMENSION)
                continue;
            take(NULL, tenant, &l, &ask, now_us, &lua);
            bucket_take(&bucket, &l, &ask, now_us, &c);
            check_same(&lua, &c, round, i);
        }
    }
}

static void who_is_idle_vanishes(void **state)
{
    static const struct {
        const char *what;
        struct quota_limits limits;
        int64_t least_ms, most_ms;
    } rows[] = {
        {"a rate: when it is full, and a minute", {.records_per_second = 10, .records_burst = 40}, 60900, 61000},
        {"a day: when it is over", {.records_per_second = 10, .records_per_day = 100}, 110900, 121000},
        {"a month: the same", {.bytes_per_month = 1000}, 110900, 121000},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct quota_ask ask = {.need = {1, 10, 10}, .want = {1, 10, 10}};
        struct quota_reply reply;
        redis_door_command(&redis, "FLUSHALL");
        take(NULL, "acme", &rows[i].limits, &ask, STORY_START_US, &reply);
        assert_int_equal(reply.refused, QUOTA_NO_DIMENSION);
        redis_door_command(&redis, "PTTL kgw:{acme}:q");
        assert_int_equal(redis.type, ':');
        check(redis.numbers[0] > rows[i].least_ms && redis.numbers[0] <= rows[i].most_ms, "%s: %" PRId64, rows[i].what,
              redis.numbers[0]);
    }
}

static void a_bucket_that_is_not_understood_is_a_new_one(void **state)
{
    static const struct quota_limits l = {.records_per_second = 10};
    struct quota_ask ask = {.need = {.records = 10}, .want = {.records = 10}};
    struct quota_reply reply;

    (void)state;
    redis_door_command(&redis, "SET kgw:{acme}:q what");
    take(NULL, "acme", &l, &ask, STORY_START_US, &reply);
    assert_int_equal(reply.refused, QUOTA_NO_DIMENSION);
    take(NULL, "acme", &l, &ask, STORY_START_US, &reply);
    assert_int_equal(reply.refused, QUOTA_RECORDS);
}

/* Without a time of ours: what it took a moment ago is not there again. */
static void it_goes_by_the_clock_of_redis(void **state)
{
    static const struct quota_limits l = {.records_per_second = 1, .records_burst = 100};
    struct quota_ask ask = {.need = {.records = 100}, .want = {.records = 100}};
    struct quota_reply reply;
    struct script_call call;

    (void)state;
    redis_door_command(&redis, "FLUSHALL");
    for (int i = 0; i < 2; i++) {
        script_encode(&call, SPAN("acme"), &l, &ask, true);
        redis_door_send(&redis, call.arguments, call.arguments_len);
        decode(&reply);
        assert_int_equal(reply.refused, i == 0 ? QUOTA_NO_DIMENSION : QUOTA_RECORDS);
    }
    assert_in_range(reply.wait_us, 60 * SECOND, 100 * SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_does_what_the_stories_say),
        cmocka_unit_test(redis_knows_it_by_our_sha1),
        cmocka_unit_test(it_is_bucket_c_whatever_is_asked),
        cmocka_unit_test(who_is_idle_vanishes),
        cmocka_unit_test(a_bucket_that_is_not_understood_is_a_new_one),
        cmocka_unit_test(it_goes_by_the_clock_of_redis),
    };
    return cmocka_run_group_tests(tests, open_redis, close_redis);
}
