#include "gateway/net/redis_command.h"

#include "tests/auth/check.h"

static void words_become_bulk_strings(void **state)
{
    static const struct {
        const char *what;
        size_t len;
        struct span words[3];
        struct span want;
    } rows[] = {
        {"one word", 1, {{"PING", 4}}, {"*1\r\n$4\r\nPING\r\n", 14}},
        {"several", 3, {{"SET", 3}, {"k", 1}, {"v", 1}}, {"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n", 27}},
        {"an empty one", 2, {{"GET", 3}, {"", 0}}, {"*2\r\n$3\r\nGET\r\n$0\r\n\r\n", 19}},
        {"no pointer at all", 2, {{"GET", 3}, {NULL, 0}}, {"*2\r\n$3\r\nGET\r\n$0\r\n\r\n", 19}},
        {"any bytes", 2, {{"GET", 3}, {"\r\n\0$", 4}}, {"*2\r\n$3\r\nGET\r\n$4\r\n\r\n\0$\r\n", 23}},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct buf out;
        buf_init(&out, 1024);
        redis_command_encode(&out, rows[i].words, rows[i].len);
        check(span_equal(buf_span(&out), rows[i].want), "%s", rows[i].what);
        buf_clear(&out);
    }
}

static void numbers_are_words_of_digits(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 1024);
    redis_command_begin(&out, 3);
    redis_command_u64(&out, 0);
    redis_command_u64(&out, 1024);
    redis_command_u64(&out, UINT64_MAX);
    assert_true(span_is(buf_span(&out), "*3\r\n$1\r\n0\r\n$4\r\n1024\r\n$20\r\n18446744073709551615\r\n"));
    buf_clear(&out);
}

static void a_command_beyond_the_limit_is_no_command(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 20);
    redis_command_encode(&out, &SPAN("a word longer than what is left"), 1);
    assert_true(out.failed);
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_become_bulk_strings),
        cmocka_unit_test(numbers_are_words_of_digits),
        cmocka_unit_test(a_command_beyond_the_limit_is_no_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
