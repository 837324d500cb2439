#include "gateway/front/idempotency_book.h"

#include "tests/auth/check.h"
#include "tests/lib/failing_memory.h"

static const struct put_result first = {.shard_id = SPAN("a"), .sequence_number = SPAN("1")};
static const struct put_result second = {.shard_id = SPAN("b"), .sequence_number = SPAN("2")};
static const struct put_result failed = {.failure = {.row = FAILURE_THROTTLED}};

static void results_stand_in_the_order_of_their_records(void **state)
{
    struct result_book b;
    struct put_result got;

    (void)state;
    assert_true(result_book_init(&b, 3));
    result_book_know(&b, 2, &second);
    result_book_know(&b, 1, &failed);
    check(span_is(buf_span(result_book_encode(&b)), "--w01:b1:20:"), "one is written");
    result_book_know(&b, 0, &first);
    check(span_is(buf_span(result_book_encode(&b)), "w01:a1:10:-w01:b1:20:"), "two are");
    assert_int_equal(b.written, 2);
    assert_true(result_book_find(&b, 2, &got) && span_is(got.shard_id, "b"));
    assert_false(result_book_find(&b, 1, &got));
    result_book_clear(&b);
}

static void the_first_result_stays(void **state)
{
    struct result_book b;
    struct put_result got;

    (void)state;
    assert_true(result_book_init(&b, 1));
    result_book_know(&b, 0, &first);
    result_book_know(&b, 0, &second);
    assert_true(result_book_find(&b, 0, &got) && span_is(got.shard_id, "a"));
    assert_int_equal(b.written, 1);
    result_book_clear(&b);
}

static void only_results_of_as_many_records_are_taken_over(void **state)
{
    static const struct {
        const char *text;
        bool ok;
    } rows[] = {{"w01:a1:10:-", true}, {"-w01:a1:10:", true}, {"--", true}, {"-", false},
                {"---", false},        {"w01:a1:10:", false}, {"", false},  {"-?", false}};

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct result_book b;
        assert_true(result_book_init(&b, 2));
        check(result_book_load(&b, span_str(rows[i].text)) == rows[i].ok, "%s", rows[i].text);
        check(rows[i].ok || b.written == 0, "%s: nothing was taken", rows[i].text);
        if (rows[i].ok)
            check(span_is(buf_span(result_book_encode(&b)), rows[i].text), "%s is told again", rows[i].text);
        result_book_clear(&b);
    }
}

static void the_longest_results_of_all_records_have_room(void **state)
{
    char shard[SHARD_ID_BYTES_MAX], number[SEQUENCE_NUMBER_BYTES_MAX];
    struct put_result longest = {.shard_id = {shard, sizeof(shard)},
                                 .sequence_number = {number, sizeof(number)},
                                 .has_sub_sequence_number = true,
                                 .sub_sequence_number = UINT32_MAX};
    struct result_book b;

    (void)state;
    memset(shard, 's', sizeof(shard));
    memset(number, '9', sizeof(number));
    assert_true(result_book_init(&b, 500));
    failing_memory_begin(1);
    for (size_t i = 0; i != 500; i++)
        result_book_know(&b, i, &longest);
    check(result_book_encode(&b)->len == 500 * RESULT_TEXT_BYTES_MAX, "it is as long as is said");
    assert_false(failing_memory_end());
    result_book_clear(&b);
}

static void without_memory_there_is_no_book(void **state)
{
    struct result_book b;

    (void)state;
    for (unsigned nth = 1; nth != 4; nth++) {
        failing_memory_begin(nth);
        assert_false(result_book_init(&b, 3));
        assert_true(failing_memory_end());
        assert_null(b.slots);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_stand_in_the_order_of_their_records),
        cmocka_unit_test(the_first_result_stays),
        cmocka_unit_test(only_results_of_as_many_records_are_taken_over),
        cmocka_unit_test(the_longest_results_of_all_records_have_room),
        cmocka_unit_test(without_memory_there_is_no_book),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
