#include "gateway/kinesis/shards.h"

#include "gateway/base/random.h"
#include "tests/auth/check.h"
#include "tests/lib/failing_memory.h"

#include <stdio.h>

#define MS    1000u
#define START 100000000u
#define MOST  UINT64_MAX /* the dice that give the longest backoff */

static const struct retry_conf usual = {.backoff_base_ms = 50, .backoff_max_ms = 1000};

static uint64_t throttle(struct shards *s, const char *id, unsigned __int128 number, uint64_t now_us)
{
    struct hash_key key = hash_key_of_number(number);

    return shards_on_throttle(s, &usual, span_str(id), &key, now_us, MOST);
}

static void written(struct shards *s, const char *id, unsigned __int128 number, uint64_t now_us)
{
    struct hash_key key = hash_key_of_number(number);

    shards_on_written(s, span_str(id), &key, now_us);
}

static uint64_t hold_us(const struct shards *s, unsigned __int128 number, uint64_t now_us)
{
    struct hash_key key = hash_key_of_number(number);

    return shards_hold_us(s, &key, now_us);
}

static void where_nothing_throttles_nothing_is_kept(void **state)
{
    struct shards s = {.len = 0};

    (void)state;
    assert_true(hold_us(&s, 7, START) == 0);
    written(&s, "shardId-0", 7, START);
    assert_int_equal(s.len, 0);
    assert_null(s.rows);
    shards_clear(&s);
}

static void a_throttled_shard_is_left_alone_for_its_backoff(void **state)
{
    struct shards s = {.len = 0};

    (void)state;
    uint64_t until_us = throttle(&s, "shardId-0", 500, START);
    assert_true(until_us == START + 50 * MS + 1);
    assert_true(hold_us(&s, 500, START) == 50 * MS + 1);
    assert_true(hold_us(&s, 500, until_us - 1) == 1);
    assert_true(hold_us(&s, 500, until_us) == 0);
    assert_true(hold_us(&s, 499, START) == 0 && hold_us(&s, 501, START) == 0);
    shards_clear(&s);
    assert_int_equal(s.len, 0);
}

static void even_the_shortest_backoff_makes_one_throttling_of_an_answer(void **state)
{
    struct shards s = {.len = 0};
    struct hash_key key = hash_key_of_number(1);

    (void)state;
    for (int i = 0; i < 500; i++)
        assert_true(shards_on_throttle(&s, &usual, SPAN("shardId-0"), &key, START, 0) == START + 1);
    assert_int_equal(s.rows[0].throttles, 1);
    shards_clear(&s);
}

/* A shard is one range of hash keys. */
static void what_lies_between_throttled_keys_waits_with_them(void **state)
{
    struct shards s = {.len = 0};
    const unsigned __int128 far = (unsigned __int128)1 << 100;

    (void)state;
    uint64_t until_us = throttle(&s, "shardId-0", far, START);
    assert_true(throttle(&s, "shardId-0", far + 1000, START) == until_us);
    assert_true(throttle(&s, "shardId-0", far - 1000, START + 5) == until_us);
    static const struct {
        int offset;
        bool is_held;
    } rows[] = {{-1001, false}, {-1000, true}, {-1, true}, {0, true}, {999, true}, {1000, true}, {1001, false}};
    for (size_t i = 0; i < LEN(rows); i++)
        check((hold_us(&s, far + (unsigned __int128)rows[i].offset, START + 5) != 0) == rows[i].is_held, "at %d",
              rows[i].offset);
    shards_clear(&s);
}

static void the_ends_of_the_space_are_keys_too(void **state)
{
    struct shards s = {.len = 0};
    const unsigned __int128 last = ~(unsigned __int128)0;

    (void)state;
    throttle(&s, "shardId-0", 0, START);
    throttle(&s, "shardId-1", last, START);
    assert_true(hold_us(&s, 0, START) != 0 && hold_us(&s, last, START) != 0);
    assert_true(hold_us(&s, 1, START) == 0 && hold_us(&s, last - 1, START) == 0);
    shards_clear(&s);
}

static void the_backoff_doubles_with_each_throttling_in_a_row(void **state)
{
    static const uint64_t want_ms[] = {50, 100, 200, 400, 800, 1000, 1000};
    struct shards s = {.len = 0};
    uint64_t now_us = START;

    (void)state;
    for (size_t i = 0; i < LEN(want_ms); i++) {
        uint64_t until_us = throttle(&s, "shardId-0", 5, now_us);
        check(until_us == now_us + want_ms[i] * MS + 1, "the %zuth", i + 1);
        check(throttle(&s, "shardId-0", 5, until_us - 1) == until_us, "calls under way meanwhile do not count");
        now_us = until_us;
    }
    written(&s, "shardId-0", 5, now_us);
    assert_true(throttle(&s, "shardId-0", 5, now_us) == now_us + 50 * MS + 1);
    shards_clear(&s);
}

static void a_shard_that_takes_a_record_is_well_unless_it_was_under_way(void **state)
{
    struct shards s = {.len = 0};

    (void)state;
    uint64_t until_us = throttle(&s, "shardId-0", 5, START);
    written(&s, "shardId-0", 5, until_us - 1);
    assert_true(hold_us(&s, 5, until_us - 1) == 1);
    written(&s, "shardId-0", 5, until_us);
    assert_int_equal(s.len, 0);
    shards_clear(&s);
}

static void each_shard_waits_for_itself(void **state)
{
    struct shards s = {.len = 0};

    (void)state;
    throttle(&s, "shardId-1", 100, START);
    uint64_t until_us = throttle(&s, "shardId-1", 100, START + 60 * MS);
    throttle(&s, "shardId-10", 200, START + 60 * MS);
    assert_true(hold_us(&s, 100, START + 60 * MS) == 100 * MS + 1);
    assert_true(hold_us(&s, 200, START + 60 * MS) == 50 * MS + 1);
    written(&s, "shardId-10", 200, until_us);
    assert_int_equal(s.len, 1);
    assert_true(throttle(&s, "shardId-1", 100, until_us) == until_us + 200 * MS + 1);
    shards_clear(&s);
}

static void resharding_shows_when_a_known_key_is_written_elsewhere(void **state)
{
    static const struct {
        const char *what, *id;
        unsigned key;
        bool is_held;
    } rows[] = {
        {"a key between, in another shard", "shardId-9", 150, false},
        {"the lowest, in another", "shardId-9", 100, false},
        {"the highest, in another", "shardId-9", 200, false},
        {"a key below, in another", "shardId-9", 99, true},
        {"a key above, in another", "shardId-9", 201, true},
        {"a key between, in the same", "shardId-0", 150, true},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct shards s = {.len = 0};
        throttle(&s, "shardId-0", 100, START);
        throttle(&s, "shardId-0", 200, START);
        throttle(&s, "shardId-5", 5000, START);
        written(&s, rows[i].id, rows[i].key, START + 1);
        check((hold_us(&s, 120, START + 1) != 0) == rows[i].is_held, "%s", rows[i].what);
        check(hold_us(&s, 5000, START + 1) != 0, "%s: the other shard is as it was", rows[i].what);
        shards_clear(&s);
    }
}

static void where_ranges_overlap_the_longer_wait_counts(void **state)
{
    struct shards s = {.len = 0};

    (void)state;
    throttle(&s, "shardId-0", 100, START);
    uint64_t until_us = throttle(&s, "shardId-0", 100, START + 60 * MS);
    throttle(&s, "shardId-1", 100, START + 60 * MS);
    assert_true(hold_us(&s, 100, START + 60 * MS) == until_us - START - 60 * MS);
    shards_clear(&s);
}

static void what_is_not_heard_of_for_long_is_forgotten(void **state)
{
    struct shards s = {.len = 0};
    uint64_t now_us = START;

    (void)state;
    for (int i = 0; i < 5; i++)
        now_us = throttle(&s, "shardId-0", 100, now_us);
    now_us += 60000 * (uint64_t)MS;
    assert_true(throttle(&s, "shardId-0", 300, now_us) == now_us + 50 * MS + 1); /* not the sixth in a row */
    assert_true(hold_us(&s, 200, now_us) == 0);
    written(&s, "shardId-7", 9000, now_us + 29000 * MS);
    assert_int_equal(s.len, 1);
    written(&s, "shardId-7", 9000, now_us + 31000 * MS);
    assert_int_equal(s.len, 0);
    shards_clear(&s);
}

static void of_sixty_five_the_one_idle_for_longest_is_forgotten(void **state)
{
    struct shards s = {.len = 0};
    char id[32];

    (void)state;
    for (unsigned i = 0; i < SHARDS_MAX; i++) {
        snprintf(id, sizeof(id), "shardId-%012u", i);
        throttle(&s, id, i, START + i);
    }
    for (unsigned i = 0; i < SHARDS_MAX; i++) { /* all but one are heard of again */
        snprintf(id, sizeof(id), "shardId-%012u", i);
        if (i != 40)
            throttle(&s, id, i, START + 1000 + i);
    }
    throttle(&s, "shardId-000000000064", 64, START + 2000);
    assert_int_equal(s.len, SHARDS_MAX);
    for (unsigned i = 0; i <= SHARDS_MAX; i++)
        check((hold_us(&s, i, START + 2000) != 0) == (i != 40), "shard %u", i);
    shards_clear(&s);
}

static void ids_may_be_as_long_as_kinesis_lets_them(void **state)
{
    struct shards s = {.len = 0};
    char long_id[SHARD_ID_BYTES_MAX + 1], other_id[SHARD_ID_BYTES_MAX + 1];

    (void)state;
    memset(long_id, 'x', SHARD_ID_BYTES_MAX);
    long_id[SHARD_ID_BYTES_MAX] = '\0';
    memcpy(other_id, long_id, sizeof(long_id));
    other_id[SHARD_ID_BYTES_MAX - 1] = 'y';
    throttle(&s, long_id, 1, START);
    throttle(&s, other_id, 2, START);
    assert_int_equal(s.len, 2);
    shards_clear(&s);
}

static void without_memory_nothing_is_learned(void **state)
{
    struct shards s = {.len = 0};

    (void)state;
    failing_memory_begin(1);
    assert_true(throttle(&s, "shardId-0", 5, START) == START);
    assert_true(failing_memory_end());
    assert_true(hold_us(&s, 5, START) == 0);
    written(&s, "shardId-0", 5, START);
    assert_true(throttle(&s, "shardId-0", 5, START) > START);
    shards_clear(&s);
}

/* Shards of a thousand keys each, more of them than the table holds; the odd ones throttle now and then. */
static void a_shard_that_never_throttled_is_never_held_back(void **state)
{
    struct shards s = {.len = 0};
    struct random r;
    uint64_t now_us = START;
    char id[32];

    (void)state;
    random_seed(&r, 17);
    for (int i = 0; i < 100000; i++) {
        unsigned key = (unsigned)random_below(&r, 200000), shard = key / 1000;
        now_us += random_below(&r, 20 * MS);
        snprintf(id, sizeof(id), "shardId-%012u", shard);
        uint64_t held_us = hold_us(&s, key, now_us);
        check(held_us <= 1000 * MS + 1, "%u for %zu", key, (size_t)held_us);
        check(held_us == 0 || shard % 2 == 1, "%u is held back", key);
        if (shard % 2 == 1 && random_below(&r, 3) != 0) {
            uint64_t until_us = throttle(&s, id, key, now_us);
            check(until_us > now_us && hold_us(&s, key, now_us) == until_us - now_us, "%u is held", key);
        } else {
            written(&s, id, key, now_us);
        }
        assert_in_range(s.len, 0, SHARDS_MAX);
    }
    shards_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_nothing_throttles_nothing_is_kept),
        cmocka_unit_test(a_throttled_shard_is_left_alone_for_its_backoff),
        cmocka_unit_test(even_the_shortest_backoff_makes_one_throttling_of_an_answer),
        cmocka_unit_test(what_lies_between_throttled_keys_waits_with_them),
        cmocka_unit_test(the_ends_of_the_space_are_keys_too),
        cmocka_unit_test(the_backoff_doubles_with_each_throttling_in_a_row),
        cmocka_unit_test(a_shard_that_takes_a_record_is_well_unless_it_was_under_way),
        cmocka_unit_test(each_shard_waits_for_itself),
        cmocka_unit_test(resharding_shows_when_a_known_key_is_written_elsewhere),
        cmocka_unit_test(where_ranges_overlap_the_longer_wait_counts),
        cmocka_unit_test(what_is_not_heard_of_for_long_is_forgotten),
        cmocka_unit_test(of_sixty_five_the_one_idle_for_longest_is_forgotten),
        cmocka_unit_test(ids_may_be_as_long_as_kinesis_lets_them),
        cmocka_unit_test(without_memory_nothing_is_learned),
        cmocka_unit_test(a_shard_that_never_throttled_is_never_held_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
