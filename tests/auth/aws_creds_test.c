#include "auth/aws_creds.h"

#include <pthread.h>

#include "tests/auth/check.h"

static void credentials_are_copied(void **state)
{
    char id[] = "AKID", secret[] = "a secret/+=", token[] = "token==";

    (void)state;
    secret[1] = '-';
    struct aws_creds *c = aws_creds_new(span_str(id), span_str(secret), span_str(token), 1234);
    assert_non_null(c);
    memset(id, 'x', 4);
    memset(secret, 'x', 4);
    memset(token, 'x', 4);
    assert_true(span_is(aws_creds_access_key_id(c), "AKID"));
    assert_true(span_is(aws_creds_secret_access_key(c), "a-secret/+="));
    assert_true(span_is(aws_creds_session_token(c), "token=="));
    assert_int_equal(aws_creds_expires_s(c), 1234);
    aws_creds_release(&c);
    assert_null(c);
    aws_creds_release(&c);
}

static void what_cannot_stand_in_a_header_is_refused(void **state)
{
    static const struct {
        const char *what, *id, *secret, *token;
        bool ok;
    } rows[] = {
        {"all three", "AKID", "secret", "token", true},
        {"no token", "AKID", "secret", "", true},
        {"no id", "", "secret", "token", false},
        {"no secret", "AKID", "", "token", false},
        {"a line end after the id", "AKID\n", "secret", "", false},
        {"a space in the id", "AK ID", "secret", "", false},
        {"a line end in the secret", "AKID", "sec\r\nret", "", false},
        {"a header in the token", "AKID", "secret", "t\r\nX-Evil: 1", false},
        {"a tab in the token", "AKID", "secret", "t\tx", false},
        {"DEL in the token", "AKID", "secret", "t\x7F", false},
        {"a byte past ASCII", "AKID", "secret", "t\xC3\xA9", false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct aws_creds *c =
            aws_creds_new(span_str(rows[i].id), span_str(rows[i].secret), span_str(rows[i].token), INT64_MAX);
        check((c != NULL) == rows[i].ok, "%s", rows[i].what);
        aws_creds_release(&c);
    }
}

static void lengths_have_limits(void **state)
{
    static char text[16385];
    static const struct {
        size_t id, secret, token;
        bool ok;
    } rows[] = {{128, 256, 16384, true}, {129, 1, 0, false}, {1, 257, 0, false}, {1, 1, 16385, false}};

    (void)state;
    memset(text, 'a', sizeof(text));
    for (size_t i = 0; i < LEN(rows); i++) {
        struct aws_creds *c = aws_creds_new(span_of(text, rows[i].id), span_of(text, rows[i].secret),
                                            span_of(text, rows[i].token), INT64_MAX);
        check((c != NULL) == rows[i].ok, "row %zu", i);
        aws_creds_release(&c);
    }
}

static void *acquire_and_release(void *shared)
{
    for (int i = 0; i < 10000; i++) {
        struct aws_creds *mine = shared;
        aws_creds_acquire(mine);
        aws_creds_release(&mine);
    }
    struct aws_creds *last = shared;
    aws_creds_release(&last);
    return NULL;
}

static void the_last_of_many_threads_frees(void **state)
{
    pthread_t threads[4];
    struct aws_creds *c = aws_creds_new(SPAN("AKID"), SPAN("secret"), SPAN(""), INT64_MAX);

    (void)state;
    for (size_t i = 0; i < LEN(threads); i++) {
        aws_creds_acquire(c);
        assert_int_equal(pthread_create(&threads[i], NULL, acquire_and_release, c), 0);
    }
    for (size_t i = 0; i < LEN(threads); i++)
        pthread_join(threads[i], NULL);
    assert_true(span_is(aws_creds_access_key_id(c), "AKID"));
    aws_creds_release(&c);
}

static void serials_are_never_the_same(void **state)
{
    struct aws_creds *a = aws_creds_new(SPAN("AKID"), SPAN("secret"), SPAN(""), INT64_MAX);
    uint64_t first = aws_creds_serial(a);

    (void)state;
    assert_int_not_equal(first, 0);
    aws_creds_release(&a);
    a = aws_creds_new(SPAN("AKID"), SPAN("secret"), SPAN(""), INT64_MAX);
    assert_int_not_equal(aws_creds_serial(a), first);
    aws_creds_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credentials_are_copied),     cmocka_unit_test(what_cannot_stand_in_a_header_is_refused),
        cmocka_unit_test(lengths_have_limits),        cmocka_unit_test(the_last_of_many_threads_frees),
        cmocka_unit_test(serials_are_never_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
