/* The command's arguments and the answer's numbers; what Redis makes of them is in script_redis_test.c. */
#include "gateway/quota/script.h"

#include "tests/auth/check.h"

static const struct quota_limits limits = {.requests_per_second = 1,
                                           .records_per_second = 2,
                                           .records_burst = 20,
                                           .bytes_burst = 9,
                                           .records_per_day = 4,
                                           .bytes_per_month = UINT64_MAX};
static const struct quota_ask ask = {
    .give = {1, 2, 3}, .late = {10, 11, 12}, .need = {4, 5, 6}, .want = {7, 8, 9}, .lease_us = 1000};

static void check_arguments(const struct script_call *c, const char *const *want, size_t len)
{
    assert_int_equal(c->arguments_len, len);
    for (size_t i = 0; i < len; i++)
        check(span_is(c->arguments[i], want[i]), "argument %zu: %.*s", i, (int)c->arguments[i].len,
              c->arguments[i].ptr);
}

static void its_arguments_stand_in_the_order_of_the_script(void **state)
{
    const char *want[] = {"EVALSHA", script_sha1_hex,
                          "1",       "kgw:{acme}:q",
                          "1",       "2",
                          "0",       "1",
                          "20",      "0",
                          "4",       "9007199254740992",
                          "1000",    "1",
                          "2",       "3",
                          "10",      "11",
                          "12",      "4",
                          "5",       "6",
                          "7",       "8",
                          "9",       "1234"};
    struct script_call c;

    (void)state;
    script_encode(&c, SPAN("acme"), &limits, &ask, false);
    check_arguments(&c, want, LEN(want) - 1);
    assert_true(span_is(c.key, "kgw:{acme}:q"));
    script_encode_at(&c, SPAN("acme"), &limits, &ask, false, 1234);
    check_arguments(&c, want, LEN(want));
    want[0] = "EVAL";
    want[1] = script_source;
    script_encode(&c, SPAN("acme"), &limits, &ask, true);
    check_arguments(&c, want, LEN(want) - 1);
}

static void the_largest_of_everything_fits(void **state)
{
    struct quota_limits most = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
                                UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    struct quota_cost cost = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
    struct quota_ask all = {cost, cost, cost, cost, UINT64_MAX};
    struct script_call c;
    char name[SCRIPT_TENANT_BYTES_MAX];

    (void)state;
    memset(name, 'n', sizeof(name));
    script_encode_at(&c, span_of(name, sizeof(name)), &most, &all, true, UINT64_MAX);
    assert_int_equal(c.arguments_len, SCRIPT_ARGUMENTS);
    assert_int_equal(c.key.len, sizeof("kgw:{}:q") - 1 + sizeof(name));
}

static void its_sha1_is_of_its_text(void **state)
{
    (void)state;
    assert_int_equal(strlen(script_sha1_hex), 40);
    assert_true(span_starts_with(span_str(script_source), SPAN("-- One tenant's quota")));
    assert_non_null(strstr(script_source, "return reply\n"));
}

static void an_answer_is_so_many_numbers(void **state)
{
    int64_t numbers[SCRIPT_NUMBERS] = {5, 0, 1, 2, 3, 10, 20, 30, 40, 50, 11, 21, 31, 41, 51};
    struct quota_reply reply;

    (void)state;
    assert_true(script_decode(numbers, SCRIPT_NUMBERS, &reply));
    assert_int_equal(reply.refused, QUOTA_NO_DIMENSION);
    assert_int_equal(reply.granted.bytes, 3);
    assert_int_equal(reply.room[QUOTA_MONTH].remaining, 50);
    assert_int_equal(reply.room[QUOTA_REQUESTS].full_us, 11);
    numbers[0] = QUOTA_BYTES;
    numbers[1] = 77;
    assert_true(script_decode(numbers, SCRIPT_NUMBERS, &reply));
    assert_int_equal(reply.refused, QUOTA_BYTES);
    assert_int_equal(reply.wait_us, 77);
}

static void anything_else_is_none(void **state)
{
    int64_t numbers[SCRIPT_NUMBERS] = {5};
    struct quota_reply reply;

    (void)state;
    assert_false(script_decode(numbers, 0, &reply));
    assert_false(script_decode(numbers, SCRIPT_NUMBERS - 1, &reply));
    for (size_t i = 0; i < SCRIPT_NUMBERS; i++) {
        int64_t was = numbers[i];
        numbers[i] = -1;
        assert_false(script_decode(numbers, SCRIPT_NUMBERS, &reply));
        numbers[i] = was;
    }
    numbers[0] = 6;
    assert_false(script_decode(numbers, SCRIPT_NUMBERS, &reply));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_arguments_stand_in_the_order_of_the_script),
        cmocka_unit_test(the_largest_of_everything_fits),
        cmocka_unit_test(its_sha1_is_of_its_text),
        cmocka_unit_test(an_answer_is_so_many_numbers),
        cmocka_unit_test(anything_else_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
