/* Where secrets are read from. */
#include "gateway/base/secret_source.h"

#include "tests/gateway/conf/scratch.h"

static void a_source_is_a_variable_or_a_file(void **state)
{
    static const struct {
        const char *source;
        enum secret_source_kind kind;
        const char *rest;
    } rows[] = {
        {"env:A", SECRET_SOURCE_ENVIRONMENT, "A"}, {"env:_a1", SECRET_SOURCE_ENVIRONMENT, "_a1"},
        {"env:", SECRET_SOURCE_INVALID, NULL},     {"env:1A", SECRET_SOURCE_INVALID, NULL},
        {"env:A B", SECRET_SOURCE_INVALID, NULL},  {"env:A=B", SECRET_SOURCE_INVALID, NULL},
        {"file:x", SECRET_SOURCE_FILE, "x"},       {"file:/a b", SECRET_SOURCE_FILE, "/a b"},
        {"file:", SECRET_SOURCE_INVALID, NULL},    {"", SECRET_SOURCE_INVALID, NULL},
        {"hush", SECRET_SOURCE_INVALID, NULL},     {"ENV:A", SECRET_SOURCE_INVALID, NULL},
        {" env:A", SECRET_SOURCE_INVALID, NULL},
    };
    struct span rest;

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        check(secret_source_parse(span_str(rows[i].source), &rest) == rows[i].kind, "%s", rows[i].source);
        check(rows[i].rest == NULL || span_is(rest, rows[i].rest), "%s", rows[i].source);
    }
}

static void one_line_end_is_dropped(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {{"secret", "secret"},
                {"secret\n", "secret"},
                {"secret\r\n", "secret"},
                {"secret\n\n", "secret\n"},
                {" secret ", " secret "}};
    char error[SECRET_SOURCE_ERROR_BYTES], source[SCRATCH_PATH_BYTES + 8];
    struct secret s = {0};
    struct scratch scratch;

    (void)state;
    scratch_begin(&scratch);
    snprintf(source, sizeof(source), "file:%s", scratch_path(&scratch, "s"));
    for (size_t i = 0; i < LEN(rows); i++) {
        scratch_write(&scratch, "s", rows[i].text);
        check(secret_source_read(source, &s, error), "%s", error);
        check(span_is(secret_reveal(&s), rows[i].want), "row %zu", i);
    }
    scratch_write(&scratch, "s", "");
    assert_int_equal(truncate(scratch.path, SECRET_SOURCE_BYTES_MAX), 0);
    assert_true(secret_source_read(source, &s, error));
    assert_int_equal(s.len, SECRET_SOURCE_BYTES_MAX);
    scratch_end(&scratch);
    secret_clear(&s);
}

static void what_cannot_be_read_leaves_the_secret_as_it_was(void **state)
{
    char error[SECRET_SOURCE_ERROR_BYTES], source[SCRATCH_PATH_BYTES + 8];
    struct secret s = {0};
    struct scratch scratch;

    (void)state;
    scratch_begin(&scratch);
    snprintf(source, sizeof(source), "file:%s", scratch_path(&scratch, "s"));
    assert_true(secret_set(&s, SPAN("before")));
    setenv("KGWTEST_EMPTY", "", 1);
    unsetenv("KGWTEST_NOTHING");
    struct {
        const char *source, *rest;
    } rows[] = {{source, " cannot be opened: "},
                {"env:KGWTEST_NOTHING", "env:KGWTEST_NOTHING is not set"},
                {"env:KGWTEST_EMPTY", "env:KGWTEST_EMPTY is empty"},
                {"hush-hush", "must be \"env:NAME\" or \"file:PATH\""}};
    for (size_t i = 0; i < LEN(rows); i++) {
        assert_false(secret_source_read(rows[i].source, &s, error));
        check(strstr(error, rows[i].rest) != NULL && strstr(error, "hush") == NULL, "%s", error);
    }
    scratch_write(&scratch, "s", "\n");
    assert_false(secret_source_read(source, &s, error));
    check(strstr(error, " is empty") != NULL, "%s", error);
    assert_int_equal(truncate(scratch.path, SECRET_SOURCE_BYTES_MAX + 1), 0);
    assert_false(secret_source_read(source, &s, error));
    check(strstr(error, " is larger than 65536 bytes") != NULL, "%s", error);
    assert_true(span_is(secret_reveal(&s), "before"));
    secret_clear(&s);
    scratch_end(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_is_a_variable_or_a_file),
        cmocka_unit_test(one_line_end_is_dropped),
        cmocka_unit_test(what_cannot_be_read_leaves_the_secret_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
