/* The parts of a lease; how much is asked for is in lease_ask_test.c. */
#include "gateway/quota/lease.h"

#include "tests/auth/check.h"

#define MS         1000u
#define SECOND     1000000u
#define START      (100ull * SECOND)
#define LEASE_US   (250u * MS)
#define RECORDS(n) (&(struct quota_cost){.records = (n)})

static const struct quota_limits limits = {.records_per_second = 100, .records_per_day = 1000};

static void put(struct lease *l, uint64_t need, uint64_t granted)
{
    struct lease_ask ask = {.asked_us = l->now_us, .is_lease = true};
    struct quota_reply reply = {.refused = QUOTA_NO_DIMENSION, .granted = {1, granted, 1}};

    ask.quota = (struct quota_ask){.need = {1, need, 1}, .want = {1, granted, 1}, .lease_us = LEASE_US};
    lease_put(l, &limits, &ask, &reply);
}

static void refuse(struct lease *l, uint64_t need, uint64_t wait_us)
{
    struct lease_ask ask = {.asked_us = l->now_us};
    struct quota_reply reply = {.refused = QUOTA_RECORDS, .wait_us = wait_us};

    ask.quota = (struct quota_ask){.need = {1, need, 1}, .want = {1, need, 1}, .lease_us = LEASE_US};
    lease_put(l, &limits, &ask, &reply);
}

static struct lease lease_of(uint64_t records)
{
    struct lease l = {0};

    lease_settle(&l, START);
    if (records != 0)
        put(&l, 1, 1 + records);
    return l;
}

static void it_is_spent_to_the_last_and_no_further(void **state)
{
    struct lease l = lease_of(5);
    uint64_t number;

    (void)state;
    assert_true(lease_spend(&l, &limits, RECORDS(3), &number));
    assert_true(number != 0);
    assert_false(lease_spend(&l, &limits, RECORDS(3), &number));
    assert_true(lease_spend(&l, &limits, RECORDS(2), &number));
    assert_false(lease_spend(&l, &limits, RECORDS(1), &number));
}

static void what_has_no_limit_is_not_counted(void **state)
{
    struct lease l = lease_of(5);
    uint64_t number;

    (void)state;
    assert_true(lease_spend(&l, &limits, &(struct quota_cost){1000, 5, 1000}, &number));
}

static void two_parts_are_spent_together_the_older_first(void **state)
{
    struct lease l = lease_of(5);
    uint64_t older, newer, both;

    (void)state;
    lease_settle(&l, START + 100 * MS);
    put(&l, 1, 6);
    assert_true(lease_spend(&l, &limits, RECORDS(4), &older));
    assert_true(lease_spend(&l, &limits, RECORDS(3), &newer));
    assert_true(older != 0 && newer != 0 && older != newer);
    assert_true(lease_spend(&l, &limits, RECORDS(3), &both));
    assert_int_equal(both, 0);
    assert_false(lease_spend(&l, &limits, RECORDS(1), &both));
}

static void a_third_part_sends_the_first_home(void **state)
{
    struct lease l = lease_of(5);

    (void)state;
    put(&l, 1, 8);
    put(&l, 1, 10);
    assert_int_equal(lease_take_owed(&l, &limits, false).late.records, 5);
    assert_int_equal(lease_take_owed(&l, &limits, false).late.records, 0);
}

static void it_ends_after_its_time_and_is_owed(void **state)
{
    struct lease l = lease_of(5);
    uint64_t number;

    (void)state;
    lease_settle(&l, START + LEASE_US - 1);
    assert_true(lease_spend(&l, &limits, RECORDS(1), &number));
    lease_settle(&l, START + LEASE_US);
    assert_false(lease_spend(&l, &limits, RECORDS(1), &number));
    assert_int_equal(lease_take_owed(&l, &limits, false).late.records, 4);
}

static void its_time_runs_from_the_asking(void **state)
{
    struct lease l = lease_of(0);
    struct lease_ask ask = {.asked_us = START, .quota = {.want = {.records = 5}, .lease_us = LEASE_US}};
    struct quota_reply reply = {.refused = QUOTA_NO_DIMENSION, .granted = {.records = 5}};
    uint64_t number;

    (void)state;
    lease_settle(&l, START + LEASE_US);
    lease_put(&l, &limits, &ask, &reply);
    lease_settle(&l, START + LEASE_US);
    assert_false(lease_spend(&l, &limits, RECORDS(1), &number));
}

static void a_refusal_holds_for_as_much_and_more_until_its_time(void **state)
{
    struct lease l = lease_of(0);
    uint64_t wait_us = 0;

    (void)state;
    assert_false(lease_refuses(&l, &limits, RECORDS(5), &wait_us));
    refuse(&l, 5, 50 * MS);
    assert_true(lease_refuses(&l, &limits, RECORDS(5), &wait_us));
    assert_int_equal(wait_us, 50 * MS);
    assert_false(lease_refuses(&l, &limits, RECORDS(4), &wait_us));
    lease_settle(&l, START + 20 * MS);
    assert_true(lease_refuses(&l, &limits, RECORDS(7), &wait_us));
    assert_int_equal(wait_us, 30 * MS + 20 * MS);
    lease_settle(&l, START + 50 * MS);
    assert_false(lease_refuses(&l, &limits, RECORDS(5), &wait_us));
}

static void a_long_refusal_is_looked_at_again_after_a_second(void **state)
{
    struct lease l = lease_of(0);
    uint64_t wait_us = 0;

    (void)state;
    refuse(&l, 5, 3600ull * SECOND);
    lease_settle(&l, START + SECOND - 1);
    assert_true(lease_refuses(&l, &limits, RECORDS(5), &wait_us));
    assert_int_equal(wait_us, 3599ull * SECOND + 1);
    lease_settle(&l, START + SECOND);
    assert_false(lease_refuses(&l, &limits, RECORDS(5), &wait_us));
}

static void a_short_one_is_held_for_some_milliseconds(void **state)
{
    struct lease l = lease_of(0);
    uint64_t wait_us = 0;

    (void)state;
    refuse(&l, 5, 10);
    assert_true(lease_refuses(&l, &limits, RECORDS(5), &wait_us));
    assert_int_equal(wait_us, 5 * MS);
    lease_settle(&l, START + 5 * MS);
    assert_false(lease_refuses(&l, &limits, RECORDS(5), &wait_us));
}

static void what_changes_the_lease_ends_the_refusal(void **state)
{
    uint64_t wait_us;

    (void)state;
    for (int how = 0; how < 3; how++) {
        struct lease l = lease_of(0);
        refuse(&l, 5, 50 * MS);
        if (how == 0)
            put(&l, 1, 2);
        if (how == 1)
            lease_give_back(&l, 0, RECORDS(1));
        if (how == 2)
            lease_limits_changed(&l);
        check(!lease_refuses(&l, &limits, RECORDS(5), &wait_us), "way %d", how);
    }
}

static void what_comes_back_is_spent_again_only_while_its_part_lives(void **state)
{
    struct lease l = lease_of(5);
    uint64_t number, again;

    (void)state;
    assert_true(lease_spend(&l, &limits, RECORDS(5), &number));
    lease_give_back(&l, number, RECORDS(5));
    assert_true(lease_spend(&l, &limits, RECORDS(5), &again));
    assert_int_equal(again, number);
    lease_settle(&l, START + LEASE_US);
    put(&l, 1, 2);
    lease_give_back(&l, number, RECORDS(5));
    assert_false(lease_spend(&l, &limits, RECORDS(2), &again));
    assert_int_equal(lease_take_owed(&l, &limits, false).give.records, 5);
    lease_give_back(&l, 0, RECORDS(3));
    assert_int_equal(lease_take_owed(&l, &limits, true).give.records, 3 + 1);
    assert_int_equal(lease_take_owed(&l, &limits, true).give.records, 0);
}

static void handed_back_in_time_it_is_good_for_all(void **state)
{
    static const struct quota_limits no_calendar = {.records_per_second = 100};
    static const struct {
        const char *what;
        uint64_t us, give, late;
    } rows[] = {{"with time for the way", LEASE_US - 20 * MS, 5, 0}, {"without", LEASE_US - 20 * MS + 1, 0, 5}};

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct lease l = lease_of(5), other = l;
        lease_settle(&l, START + rows[i].us);
        struct lease_owed owed = lease_take_owed(&l, &limits, true);
        check(owed.give.records == rows[i].give && owed.late.records == rows[i].late, "%s", rows[i].what);
        lease_settle(&other, START + rows[i].us);
        owed = lease_take_owed(&other, &no_calendar, true);
        check(owed.late.records == 0, "%s: there is nobody to take it", rows[i].what);
    }
}

static void an_ask_that_was_never_sent_takes_nothing_home(void **state)
{
    struct lease_ask ask = {.quota = {.give = {.records = 5}}};
    struct lease l = lease_of(0);

    (void)state;
    lease_fail(&l, &ask, true);
    assert_int_equal(lease_take_owed(&l, &limits, false).late.records, 0);
    lease_fail(&l, &ask, false);
    assert_int_equal(lease_take_owed(&l, &limits, false).late.records, 5);
}

static void a_clock_that_steps_back_ends_all_that_it_timed(void **state)
{
    struct lease l = lease_of(5);
    struct lease_ask ask = {.asked_us = START, .quota = {.want = {.records = 3}, .lease_us = LEASE_US}};
    struct quota_reply reply = {.refused = QUOTA_NO_DIMENSION, .granted = {.records = 3}};
    uint64_t number;

    (void)state;
    assert_int_equal(lease_settle(&l, START - 10 * MS), START);
    assert_true(lease_spend(&l, &limits, RECORDS(1), &number));
    lease_settle(&l, START - 2 * SECOND);
    assert_false(lease_spend(&l, &limits, RECORDS(1), &number));
    lease_put(&l, &limits, &ask, &reply);
    assert_false(lease_spend(&l, &limits, RECORDS(1), &number));
    assert_int_equal(lease_take_owed(&l, &limits, false).late.records, 4 + 3);
}

static void it_tells_what_remains_as_far_as_it_knows(void **state)
{
    struct lease l = lease_of(0);
    struct lease_ask ask = {.asked_us = START, .quota = {.want = {.records = 5}, .lease_us = LEASE_US}};
    struct quota_reply reply = {.refused = QUOTA_NO_DIMENSION, .granted = {.records = 5}};
    struct quota_room room[QUOTA_DIMENSIONS];

    (void)state;
    lease_remaining(&l, &limits, room);
    assert_int_equal(room[QUOTA_RECORDS].remaining, 100);
    reply.room[QUOTA_RECORDS] = (struct quota_room){20, 800 * MS};
    lease_put(&l, &limits, &ask, &reply);
    lease_settle(&l, START + 100 * MS);
    lease_remaining(&l, &limits, room);
    assert_int_equal(room[QUOTA_RECORDS].remaining, 20 + 5 + 10);
    assert_int_equal(room[QUOTA_RECORDS].full_us, 700 * MS);
    assert_int_equal(room[QUOTA_BYTES].remaining, 0);
    lease_settle(&l, START + 10 * SECOND);
    lease_remaining(&l, &limits, room);
    assert_int_equal(room[QUOTA_RECORDS].remaining, 100);
    assert_int_equal(room[QUOTA_RECORDS].full_us, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_spent_to_the_last_and_no_further),
        cmocka_unit_test(what_has_no_limit_is_not_counted),
        cmocka_unit_test(two_parts_are_spent_together_the_older_first),
        cmocka_unit_test(a_third_part_sends_the_first_home),
        cmocka_unit_test(it_ends_after_its_time_and_is_owed),
        cmocka_unit_test(its_time_runs_from_the_asking),
        cmocka_unit_test(a_refusal_holds_for_as_much_and_more_until_its_time),
        cmocka_unit_test(a_long_refusal_is_looked_at_again_after_a_second),
        cmocka_unit_test(a_short_one_is_held_for_some_milliseconds),
        cmocka_unit_test(what_changes_the_lease_ends_the_refusal),
        cmocka_unit_test(what_comes_back_is_spent_again_only_while_its_part_lives),
        cmocka_unit_test(handed_back_in_time_it_is_good_for_all),
        cmocka_unit_test(an_ask_that_was_never_sent_takes_nothing_home),
        cmocka_unit_test(a_clock_that_steps_back_ends_all_that_it_timed),
        cmocka_unit_test(it_tells_what_remains_as_far_as_it_knows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
