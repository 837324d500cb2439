/* The words of the script, and what its answers mean; those of a real one are in idempotency_script_redis_test.c. */
#include "gateway/front/idempotency_script.h"

#include "tests/auth/check.h"

#define PRINT_X                   "7878787878787878787878787878787878787878787878787878787878787878"
#define PRINT_Y                   "7978787878787878787878787878787878787878787878787878787878787878"
#define HEAD(state, token, print) "1|" state "|" token "|" print "|"
#define OURS                      "00000000000000a7"
#define THEIRS                    "00000000000000a8"

static struct idempotency_record claimed(void)
{
    struct idempotency_record r = {.state = IDEMPOTENCY_PENDING, .token = 0xa7};

    memset(r.fingerprint, 'x', sizeof(r.fingerprint));
    return r;
}

static void words_say_what_is_to_be_done(void **state)
{
    static const struct {
        enum idempotency_verb verb;
        enum idempotency_state to;
        const char *word, *head, *results;
    } rows[] = {
        {IDEMPOTENCY_CLAIM, IDEMPOTENCY_PENDING, "claim", HEAD("P", OURS, PRINT_X), ""},
        {IDEMPOTENCY_FINISH, IDEMPOTENCY_DONE, "finish", HEAD("D", OURS, PRINT_X), "-"},
        {IDEMPOTENCY_FINISH, IDEMPOTENCY_OPEN, "finish", HEAD("O", OURS, PRINT_X), "-"},
        {IDEMPOTENCY_RELEASE, IDEMPOTENCY_OPEN, "release", HEAD("O", OURS, PRINT_X), ""},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct idempotency_order o = {rows[i].verb, claimed(), UINT64_MAX, 60000};
        struct idempotency_words w;
        o.record.state = rows[i].to;
        o.record.results = SPAN("-");
        idempotency_script_encode(&o, &w);
        const char *want[] = {rows[i].word, rows[i].head, "18446744073709551615", "60000", rows[i].results};
        for (size_t word = 0; word != LEN(want); word++)
            check(span_is(w.arguments[word], want[word]), "row %zu: %.*s", i, (int)w.arguments[word].len,
                  w.arguments[word].ptr);
    }
}

static void an_answer_is_a_verdict(void **state)
{
    static const struct {
        const char *text;
        enum recall_verdict verdict;
        const char *results;
    } rows[] = {
        {HEAD("P", OURS, PRINT_X), RECALL_CLAIMED, ""},
        {HEAD("P", OURS, PRINT_X) "w01:a1:b0:-", RECALL_CLAIMED, "w01:a1:b0:-"},
        {HEAD("P", THEIRS, PRINT_X) "-", RECALL_WAIT, ""},
        {HEAD("P", THEIRS, PRINT_Y), RECALL_OTHER, ""},
        {HEAD("O", THEIRS, PRINT_Y) "-", RECALL_OTHER, ""},
        {HEAD("D", THEIRS, PRINT_Y) "-", RECALL_OTHER, ""},
        {HEAD("D", THEIRS, PRINT_X) "w01:a1:b0:", RECALL_DONE, "w01:a1:b0:"},
        {HEAD("D", OURS, PRINT_X) "w01:a1:b0:", RECALL_DONE, "w01:a1:b0:"},
        {HEAD("O", THEIRS, PRINT_X) "-", RECALL_UNAVAILABLE, ""}, /* it would have been claimed */
        {HEAD("D", THEIRS, PRINT_X) "?", RECALL_UNAVAILABLE, ""},
        {"2|D|" OURS "|" PRINT_X "|", RECALL_UNAVAILABLE, ""},
        {"", RECALL_UNAVAILABLE, ""},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct idempotency_record r = claimed();
        struct redis_reply reply = {.type = REDIS_TYPE_STRING, .text = span_str(rows[i].text)};
        struct span results;
        enum recall_verdict got = idempotency_script_verdict(&reply, &r, &results);
        check(got == rows[i].verdict && span_is(results, rows[i].results), "%s: %d, %.*s", rows[i].text, (int)got,
              (int)results.len, results.ptr);
        assert_false(idempotency_script_is_done(&reply));
    }
    struct redis_reply number = {.type = REDIS_TYPE_INTEGER, .integer = 1};
    struct idempotency_record r = claimed();
    struct span results;
    assert_true(idempotency_script_is_done(&number));
    assert_int_equal(idempotency_script_verdict(&number, &r, &results), RECALL_UNAVAILABLE);
    number.integer = 0;
    assert_false(idempotency_script_is_done(&number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_say_what_is_to_be_done),
        cmocka_unit_test(an_answer_is_a_verdict),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
