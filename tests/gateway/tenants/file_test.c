/* The tenants file: what is read of it, and when it is another one. */
#include "gateway/tenants/file.h"

#include "tests/gateway/conf/scratch.h"

#define ONE_KEY                                                                                                        \
    "{\"tenants\": {\"acme\": {\"keys\": [{\"id\": \"k3Jd0aQzT5wYb2Rn\", \"digest\": "                                 \
    "\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"}]}}}"

static struct scratch scratch;

static int begin(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    return 0;
}

static int end(void **state)
{
    (void)state;
    scratch_end(&scratch);
    return 0;
}

static void its_keys_are_read(void **state)
{
    char error[TENANTS_FILE_ERROR_BYTES];
    struct keyring *k = tenants_file_load(scratch_write(&scratch, "t", ONE_KEY), error);

    (void)state;
    check(k != NULL, "%s", error);
    assert_non_null(keyring_find(k, SPAN("k3Jd0aQzT5wYb2Rn")));
    keyring_release(&k);
}

static void errors_begin_with_its_path(void **state)
{
    static const struct {
        const char *text, *rest; /* text NULL: there is no file */
    } rows[] = {{NULL, ": cannot be opened: "}, {"", ": line 1, "}, {"{}", ": tenants: must be an object"}};
    char error[TENANTS_FILE_ERROR_BYTES];

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        if (rows[i].text != NULL)
            scratch_write(&scratch, "t", rows[i].text);
        const char *path = scratch_path(&scratch, "t");
        assert_null(tenants_file_load(path, error));
        check(strncmp(error, path, strlen(path)) == 0, "%s", error);
        check(strncmp(error + strlen(path), rows[i].rest, strlen(rows[i].rest)) == 0, "%s", error);
    }
}

static void a_file_too_large_is_refused(void **state)
{
    char error[TENANTS_FILE_ERROR_BYTES];

    (void)state;
    scratch_write(&scratch, "t", ONE_KEY);
    assert_int_equal(truncate(scratch.path, (off_t)TENANTS_FILE_BYTES_MAX + 1), 0);
    assert_null(tenants_file_load(scratch.path, error));
    check(strstr(error, "is larger than 67108864 bytes") != NULL, "%s", error);
}

static void it_changes_once_for_each_change(void **state)
{
    struct tenants_file f;
    char path[SCRATCH_PATH_BYTES], other[SCRATCH_PATH_BYTES];

    (void)state;
    snprintf(path, sizeof(path), "%s", scratch_path(&scratch, "t"));
    snprintf(other, sizeof(other), "%s", scratch_path(&scratch, "u"));
    tenants_file_init(&f, path);
    assert_false(tenants_file_changed(&f));
    scratch_write(&scratch, "t", "one");
    check(tenants_file_changed(&f), "it has come");
    check(!tenants_file_changed(&f), "and is the same since");
    scratch_write(&scratch, "t", "longer");
    check(tenants_file_changed(&f), "it is longer");
    scratch_write(&scratch, "u", "other!");
    assert_int_equal(rename(other, path), 0);
    check(tenants_file_changed(&f), "another of the same length stands in its place");
    check(!tenants_file_changed(&f), "and is the same since");
    assert_int_equal(unlink(path), 0);
    check(tenants_file_changed(&f), "it has gone");
    check(!tenants_file_changed(&f), "and stays away");
}

static void a_time_alone_is_a_change(void **state)
{
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    struct tenants_file f;

    (void)state;
    scratch_write(&scratch, "t", "one");
    tenants_file_init(&f, scratch.path);
    assert_int_equal(utimensat(AT_FDCWD, scratch.path, times, 0), 0);
    assert_true(tenants_file_changed(&f));
}

static void a_link_moved_elsewhere_is_a_change(void **state)
{
    struct tenants_file f;
    char link[SCRATCH_PATH_BYTES];

    (void)state;
    scratch_write(&scratch, "a", "one");
    scratch_write(&scratch, "b", "one");
    snprintf(link, sizeof(link), "%s", scratch_path(&scratch, "t"));
    assert_int_equal(symlink("a", link), 0);
    tenants_file_init(&f, link);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(symlink("b", link), 0);
    assert_true(tenants_file_changed(&f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(its_keys_are_read, begin, end),
        cmocka_unit_test_setup_teardown(errors_begin_with_its_path, begin, end),
        cmocka_unit_test_setup_teardown(a_file_too_large_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(it_changes_once_for_each_change, begin, end),
        cmocka_unit_test_setup_teardown(a_time_alone_is_a_change, begin, end),
        cmocka_unit_test_setup_teardown(a_link_moved_elsewhere_is_a_change, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
