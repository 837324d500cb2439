#include "gateway/net/redis_place.h"

#include "tests/auth/check.h"
#include "tests/gateway/net/certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void a_url_is_taken_as_it_is_or_from_where_it_stands(void **state)
{
    static const char *const rows[] = {"redis://:pass@localhost:7000/3", "env:KGWTEST_REDIS", "file:redis-place-test"};
    char error[REDIS_PLACE_ERROR_BYTES];
    struct redis_place p;

    (void)state;
    setenv("KGWTEST_REDIS", rows[0], 1);
    FILE *f = fopen("redis-place-test", "w");
    assert_non_null(f);
    fprintf(f, "%s\n", rows[0]);
    fclose(f);
    for (size_t i = 0; i < LEN(rows); i++) {
        check(redis_place_open(&p, rows[i], NULL, error), "%s: %s", rows[i], error);
        assert_string_equal(p.url.hosts[0].name, "localhost");
        assert_int_equal(p.url.hosts[0].port, 7000);
        assert_int_equal(p.url.database, 3);
        assert_true(span_is(secret_reveal(&p.url.password), "pass"));
        assert_null(p.tls);
        redis_place_clear(&p);
        redis_place_clear(&p);
    }
    unlink("redis-place-test");
}

static void tls_is_made_where_the_url_wants_it(void **state)
{
    char error[REDIS_PLACE_ERROR_BYTES];
    struct certificate authority;
    struct redis_place p;

    (void)state;
    certificate_make(&authority, "DNS:localhost");
    check(redis_place_open(&p, "rediss://localhost", authority.file, error), "%s", error);
    assert_non_null(p.tls);
    redis_place_clear(&p);
    check(redis_place_open(&p, "redis://localhost", "nowhere.pem", error), "the file is not needed: %s", error);
    redis_place_clear(&p);
    certificate_clear(&authority);
}

static void what_is_wrong_is_said_without_quoting_a_url(void **state)
{
    static const struct {
        const char *where, *want;
    } rows[] = {
        {"redis://:hidden@localhost:70000", ""},
        {"http://hidden@localhost", ""},
        {"env:KGWTEST_BAD", ""},
        {"env:KGWTEST_NOTHING", "env:KGWTEST_NOTHING is not set"},
        {"file:nowhere", "file:nowhere"},
        {"rediss://:hidden@localhost", "the file of authorities cannot be read"},
    };
    char error[REDIS_PLACE_ERROR_BYTES];
    struct redis_place p;

    (void)state;
    setenv("KGWTEST_BAD", "redis://:hidden@", 1);
    for (size_t i = 0; i < LEN(rows); i++) {
        error[0] = '\0';
        check(!redis_place_open(&p, rows[i].where, "nowhere.pem", error), "%s: is refused", rows[i].where);
        check(error[0] != '\0' && strstr(error, rows[i].want) != NULL, "%s: %s", rows[i].where, error);
        check(strstr(error, "hidden") == NULL, "%s: no secret is told: %s", rows[i].where, error);
        check(p.tls == NULL && p.url.password.len == 0, "%s: is empty", rows[i].where);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_is_taken_as_it_is_or_from_where_it_stands),
        cmocka_unit_test(tls_is_made_where_the_url_wants_it),
        cmocka_unit_test(what_is_wrong_is_said_without_quoting_a_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
