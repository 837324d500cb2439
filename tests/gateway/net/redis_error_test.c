#include "gateway/net/redis_error.h"

#include "tests/auth/check.h"

static void errors_are_known_by_their_first_word(void **state)
{
    static const struct {
        const char *text;
        enum redis_error want;
        enum redis_remedy remedy;
    } rows[] = {
        {"NOSCRIPT No matching script. Please use EVAL.", REDIS_ERROR_NOSCRIPT, REDIS_REMEDY_NONE},
        {"READONLY You can't write against a read only replica.", REDIS_ERROR_READONLY, REDIS_REMEDY_RECONNECT},
        {"MASTERDOWN Link with MASTER is down", REDIS_ERROR_MASTERDOWN, REDIS_REMEDY_RECONNECT},
        {"NOAUTH Authentication required.", REDIS_ERROR_NOAUTH, REDIS_REMEDY_RECONNECT},
        {"LOADING Redis is loading the dataset in memory", REDIS_ERROR_LOADING, REDIS_REMEDY_PROBE},
        {"BUSY Redis is busy running a script.", REDIS_ERROR_BUSY, REDIS_REMEDY_PROBE},
        {"OOM command not allowed when used memory > 'maxmemory'.", REDIS_ERROR_OOM, REDIS_REMEDY_REST},
        {"MISCONF Redis is configured to save RDB snapshots", REDIS_ERROR_MISCONF, REDIS_REMEDY_REST},
        {"NOREPLICAS Not enough good replicas to write.", REDIS_ERROR_NOREPLICAS, REDIS_REMEDY_REST},
        {"WRONGPASS invalid username-password pair", REDIS_ERROR_WRONGPASS, REDIS_REMEDY_NONE},
        {"NOPERM this user has no permissions", REDIS_ERROR_NOPERM, REDIS_REMEDY_NONE},
        {"MOVED 3999 127.0.0.1:6381", REDIS_ERROR_MOVED, REDIS_REMEDY_REDIRECT},
        {"ASK 3999 127.0.0.1:6381", REDIS_ERROR_ASK, REDIS_REMEDY_REDIRECT},
        {"CLUSTERDOWN The cluster is down", REDIS_ERROR_CLUSTERDOWN, REDIS_REMEDY_REDIRECT},
        {"TRYAGAIN Multiple keys request during rehashing of slot", REDIS_ERROR_TRYAGAIN, REDIS_REMEDY_NONE},
        {"CROSSSLOT Keys in request don't hash to the same slot", REDIS_ERROR_CROSSSLOT, REDIS_REMEDY_NONE},
        {"ERR unknown command", REDIS_ERROR_OTHER, REDIS_REMEDY_NONE},
        {"READONLYISH", REDIS_ERROR_OTHER, REDIS_REMEDY_NONE},
        {"READ", REDIS_ERROR_OTHER, REDIS_REMEDY_NONE},
        {"READONLY", REDIS_ERROR_READONLY, REDIS_REMEDY_RECONNECT},
        {" READONLY", REDIS_ERROR_OTHER, REDIS_REMEDY_NONE},
        {"", REDIS_ERROR_OTHER, REDIS_REMEDY_NONE},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        enum redis_error e = redis_error_of(span_str(rows[i].text));
        check(e == rows[i].want, "'%s' is %d", rows[i].text, e);
        check(redis_error_remedy(e) == rows[i].remedy, "'%s' has its remedy", rows[i].text);
        check(redis_error_sentence(e)[0] != '\0', "'%s' has a sentence", rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(errors_are_known_by_their_first_word)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
