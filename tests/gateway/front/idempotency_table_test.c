/* The states of a key, its claims and their tokens, and what is forgotten. Time is told by the test. */
#include "gateway/front/idempotency_table.h"

#include "tests/auth/check.h"

#include <stdio.h>

#define TTL_US  1000
#define HOLD_US 100

struct asked {
    struct recall recall;
    struct idempotency_entry *pending;
    char name[16];
};

static struct idempotency_table table;
static uint64_t now_us;

static void begin(size_t entries_max, uint64_t bytes_max)
{
    now_us = 1000;
    assert_true(idempotency_table_init(&table, entries_max, bytes_max, TTL_US));
}

static void end(void)
{
    idempotency_table_clear(&table);
}

static struct asked ask_of(const char *name, char fingerprint)
{
    struct asked a = {.recall = {.hold_us = HOLD_US}};

    snprintf(a.name, sizeof(a.name), "%s", name);
    memset(a.recall.fingerprint, fingerprint, sizeof(a.recall.fingerprint));
    buf_init(&a.recall.results, 4096);
    return a;
}

static enum recall_verdict look(struct asked *a)
{
    a->recall.name = span_str(a->name);
    return idempotency_table_look(&table, span_hash(a->recall.name, 0), now_us, &a->recall, &a->pending);
}

static struct idempotency_entry *claimed(struct asked *a)
{
    a->recall.name = span_str(a->name);
    return idempotency_table_claimed(&table, span_hash(a->recall.name, 0), &a->recall);
}

static void finish(struct asked *a, const char *results, bool is_whole)
{
    struct buf b;

    buf_init(&b, 4096);
    buf_append(&b, span_str(results));
    idempotency_table_finish(&table, claimed(a), now_us, &b, is_whole, &a->recall.forgotten);
    assert_null(b.ptr);
}

static void is_verdict(const char *name, char fingerprint, enum recall_verdict want, const char *results)
{
    struct asked a = ask_of(name, fingerprint);
    enum recall_verdict got = look(&a);

    check(got == want, "%s of %c: %d instead of %d", name, fingerprint, got, want);
    check(span_is(buf_span(&a.recall.results), results), "%s: %.*s", name, (int)a.recall.results.len,
          a.recall.results.ptr);
    check((a.pending != NULL) == (want == RECALL_WAIT), "what is pending can be waited for");
    if (got == RECALL_CLAIMED)
        idempotency_table_release(&table, claimed(&a), now_us);
    buf_clear(&a.recall.results);
}

static void a_key_is_claimed_once_and_then_done(void **state)
{
    struct asked a = ask_of("a", 'x');

    (void)state;
    begin(10, 10000);
    assert_int_equal(look(&a), RECALL_CLAIMED);
    is_verdict("a", 'x', RECALL_WAIT, "");
    is_verdict("a", 'y', RECALL_OTHER, "");
    is_verdict("b", 'y', RECALL_CLAIMED, "");
    finish(&a, "w01:a1:10:", true);
    is_verdict("a", 'x', RECALL_DONE, "w01:a1:10:");
    is_verdict("a", 'x', RECALL_DONE, "w01:a1:10:");
    is_verdict("a", 'y', RECALL_OTHER, "");
    end();
}

static void what_was_released_is_as_if_it_had_never_been(void **state)
{
    struct asked a = ask_of("a", 'x');

    (void)state;
    begin(10, 10000);
    assert_int_equal(look(&a), RECALL_CLAIMED);
    idempotency_table_release(&table, claimed(&a), now_us);
    assert_int_equal(table.len + table.bytes, 0);
    is_verdict("a", 'y', RECALL_CLAIMED, "");
    end();
}

static void what_was_written_in_part_is_nobodys_and_keeps_its_results(void **state)
{
    struct asked a = ask_of("a", 'x'), b = ask_of("a", 'x');

    (void)state;
    begin(10, 10000);
    assert_int_equal(look(&a), RECALL_CLAIMED);
    finish(&a, "w01:a1:10:-", false);
    is_verdict("a", 'y', RECALL_OTHER, "");
    is_verdict("a", 'x', RECALL_CLAIMED, "w01:a1:10:-"); /* and released again */
    assert_int_equal(look(&b), RECALL_CLAIMED);
    finish(&b, "w01:a1:10:w01:b1:20:", true);
    is_verdict("a", 'x', RECALL_DONE, "w01:a1:10:w01:b1:20:");
    buf_clear(&b.recall.results);
    end();
}

static void a_claim_that_expired_is_anothers_and_its_token_is_old(void **state)
{
    struct asked a = ask_of("a", 'x'), b = ask_of("a", 'x');

    (void)state;
    begin(10, 10000);
    assert_int_equal(look(&a), RECALL_CLAIMED);
    now_us += HOLD_US - 1;
    assert_int_equal(look(&b), RECALL_WAIT);
    now_us++;
    assert_int_equal(look(&b), RECALL_CLAIMED);
    assert_true(b.recall.token != a.recall.token);
    assert_null(claimed(&a)); /* it settles nothing */
    finish(&b, "w01:b1:20:", true);
    assert_null(claimed(&a));
    is_verdict("a", 'x', RECALL_DONE, "w01:b1:20:");
    end();
}

static void a_late_settler_whose_claim_nobody_took_settles_it(void **state)
{
    struct asked a = ask_of("a", 'x');

    (void)state;
    begin(10, 10000);
    assert_int_equal(look(&a), RECALL_CLAIMED);
    now_us += 10 * HOLD_US;
    is_verdict("b", 'x', RECALL_CLAIMED, "");
    finish(&a, "w01:a1:10:", true);
    is_verdict("a", 'x', RECALL_DONE, "w01:a1:10:");
    end();
}

static void a_claim_that_expired_leaves_what_was_written_before_it(void **state)
{
    struct asked a = ask_of("a", 'x');

    (void)state;
    begin(10, 10000);
    assert_int_equal(look(&a), RECALL_CLAIMED);
    finish(&a, "w01:a1:10:-", false);
    assert_int_equal(look(&a), RECALL_CLAIMED);
    now_us += HOLD_US;
    is_verdict("a", 'y', RECALL_OTHER, "");
    is_verdict("a", 'x', RECALL_CLAIMED, "w01:a1:10:-");
    buf_clear(&a.recall.results);
    end();
}

static void a_claim_that_expired_with_nothing_written_is_forgotten(void **state)
{
    struct asked a = ask_of("a", 'x');

    (void)state;
    begin(10, 10000);
    assert_int_equal(look(&a), RECALL_CLAIMED);
    now_us += HOLD_US;
    is_verdict("a", 'y', RECALL_CLAIMED, "");
    end();
}

static void what_is_done_is_remembered_for_its_time(void **state)
{
    struct asked a = ask_of("a", 'x');

    (void)state;
    begin(10, 10000);
    assert_int_equal(look(&a), RECALL_CLAIMED);
    finish(&a, "w01:a1:10:", true);
    now_us += TTL_US - 1;
    is_verdict("a", 'x', RECALL_DONE, "w01:a1:10:");
    now_us++;
    is_verdict("a", 'y', RECALL_CLAIMED, "");
    assert_int_equal(table.len + table.bytes, 0);
    end();
}

static void what_says_how_long_it_is_kept_is_kept_so_long(void **state)
{
    struct asked a = ask_of("short", 'f');

    (void)state;
    begin(100, 1 << 20);
    a.recall.keep_us = TTL_US / 2;
    assert_int_equal(look(&a), RECALL_CLAIMED);
    finish(&a, "written", true);
    now_us += TTL_US / 2 - 1;
    is_verdict("short", 'f', RECALL_DONE, "written");
    now_us += 1;
    assert_int_equal(look(&a), RECALL_CLAIMED);
    buf_clear(&a.recall.results);
    end();
}

static void what_expired_goes_when_others_are_looked_at(void **state)
{
    (void)state;
    begin(100, 100000);
    for (int i = 0; i != 50; i++) {
        char name[16];
        snprintf(name, sizeof(name), "k%d", i);
        struct asked a = ask_of(name, 'x');
        assert_int_equal(look(&a), RECALL_CLAIMED);
        finish(&a, "-", false);
    }
    now_us += TTL_US;
    for (int i = 0; i != 30; i++)
        is_verdict("other", 'x', RECALL_CLAIMED, "");
    assert_int_equal(table.len, 0);
    end();
}

static void the_longest_unused_is_forgotten_for_a_new_one(void **state)
{
    struct asked d = ask_of("d", 'x');

    (void)state;
    begin(3, 10000);
    for (char c = 'a'; c <= 'c'; c++) {
        struct asked a = ask_of((char[]){c, '\0'}, 'x');
        assert_int_equal(look(&a), RECALL_CLAIMED);
        finish(&a, "w01:a1:10:", true);
    }
    is_verdict("a", 'x', RECALL_DONE, "w01:a1:10:"); /* used again: the oldest is b now */
    assert_int_equal(look(&d), RECALL_CLAIMED);
    assert_int_equal(d.recall.forgotten, 1);
    is_verdict("a", 'x', RECALL_DONE, "w01:a1:10:");
    is_verdict("c", 'x', RECALL_DONE, "w01:a1:10:");
    finish(&d, "-", false);
    is_verdict("b", 'x', RECALL_CLAIMED, "");
    end();
}

static void claims_are_never_forgotten_before_they_expire(void **state)
{
    struct asked a = ask_of("a", 'x'), b = ask_of("b", 'x'), c = ask_of("c", 'x');

    (void)state;
    begin(2, 10000);
    assert_int_equal(look(&a), RECALL_CLAIMED);
    assert_int_equal(look(&b), RECALL_CLAIMED);
    assert_int_equal(look(&c), RECALL_UNAVAILABLE);
    now_us += HOLD_US;
    assert_int_equal(look(&c), RECALL_CLAIMED); /* in the place of the oldest */
    assert_null(claimed(&a));
    assert_non_null(claimed(&b));
    end();
}

static void bytes_are_bounded_as_well(void **state)
{
    const uint64_t bytes_max = 10 * (sizeof(struct idempotency_entry) + 100);
    char results[101];

    (void)state;
    memset(results, '-', 100);
    results[100] = '\0';
    begin(1000, bytes_max);
    for (int i = 0; i != 100; i++) {
        char name[16];
        snprintf(name, sizeof(name), "k%d", i);
        struct asked a = ask_of(name, 'x');
        assert_int_equal(look(&a), RECALL_CLAIMED);
        finish(&a, results, true);
        check(table.bytes <= bytes_max, "%llu bytes", (unsigned long long)table.bytes);
    }
    check(table.len == 9, "%zu are left", table.len); /* their names are bytes, too */
    end();
}

static void a_thousand_keys_are_all_found(void **state)
{
    (void)state;
    begin(1000, 1000000);
    for (int round = 0; round != 2; round++)
        for (int i = 0; i != 1000; i++) {
            char name[16];
            snprintf(name, sizeof(name), "k%d", i);
            struct asked a = ask_of(name, 'x');
            assert_int_equal(look(&a), round == 0 ? RECALL_CLAIMED : RECALL_DONE);
            if (round == 0)
                finish(&a, name, true);
            else
                check(span_is(buf_span(&a.recall.results), name), "%s has its own", name);
            buf_clear(&a.recall.results);
        }
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_claimed_once_and_then_done),
        cmocka_unit_test(what_was_released_is_as_if_it_had_never_been),
        cmocka_unit_test(what_was_written_in_part_is_nobodys_and_keeps_its_results),
        cmocka_unit_test(a_claim_that_expired_is_anothers_and_its_token_is_old),
        cmocka_unit_test(a_late_settler_whose_claim_nobody_took_settles_it),
        cmocka_unit_test(a_claim_that_expired_leaves_what_was_written_before_it),
        cmocka_unit_test(a_claim_that_expired_with_nothing_written_is_forgotten),
        cmocka_unit_test(what_is_done_is_remembered_for_its_time),
        cmocka_unit_test(what_says_how_long_it_is_kept_is_kept_so_long),
        cmocka_unit_test(what_expired_goes_when_others_are_looked_at),
        cmocka_unit_test(the_longest_unused_is_forgotten_for_a_new_one),
        cmocka_unit_test(claims_are_never_forgotten_before_they_expire),
        cmocka_unit_test(bytes_are_bounded_as_well),
        cmocka_unit_test(a_thousand_keys_are_all_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
