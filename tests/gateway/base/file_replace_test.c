/* Files that are replaced whole, and by one writer at a time. */
#include "gateway/base/file_replace.h"

#include <sys/wait.h>

#include "gateway/base/file_read.h"
#include "tests/gateway/conf/scratch.h"

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

static void check_text(const char *path, const char *want)
{
    char error[FILE_READ_ERROR_BYTES];
    struct buf text;

    buf_init(&text, 1024);
    check(file_read(path, &text, error), "%s", error);
    check(span_is(buf_span(&text), want), "%s holds %.*s", path, (int)text.len, text.ptr);
    buf_clear(&text);
}

static size_t count_files(void)
{
    DIR *d = opendir(scratch.folder);
    size_t len = 0;

    for (struct dirent *e; (e = readdir(d)) != NULL;)
        len += e->d_name[0] != '.';
    closedir(d);
    return len;
}

static void the_new_text_stands_alone_in_the_old_place(void **state)
{
    char error[FILE_REPLACE_ERROR_BYTES];
    const char *path = scratch_write(&scratch, "f", "a longer text of before");

    (void)state;
    check(file_replace(path, SPAN("new"), error), "%s", error);
    check_text(path, "new");
    check(file_replace(path, SPAN(""), error), "%s", error);
    check_text(path, "");
    assert_int_equal(count_files(), 1);
}

static void mode_and_owner_are_those_of_before(void **state)
{
    char error[FILE_REPLACE_ERROR_BYTES];
    const char *path = scratch_write(&scratch, "f", "old");
    struct stat st;

    (void)state;
    assert_int_equal(chmod(path, 0604), 0);
    bool is_anothers = geteuid() == 0 && chown(path, 12345, 54321) == 0;
    check(file_replace(path, SPAN("new"), error), "%s", error);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0604);
    if (is_anothers) {
        assert_int_equal(st.st_uid, 12345);
        assert_int_equal(st.st_gid, 54321);
    }
}

static void a_file_that_is_not_there_is_made(void **state)
{
    char error[FILE_REPLACE_ERROR_BYTES];
    struct stat st;

    (void)state;
    check(file_replace(scratch_path(&scratch, "f"), SPAN("new"), error), "%s", error);
    check_text(scratch.path, "new");
    assert_int_equal(stat(scratch.path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
}

static void behind_a_link_the_file_is_replaced_and_the_link_stays(void **state)
{
    char error[FILE_REPLACE_ERROR_BYTES], link[SCRATCH_PATH_BYTES];
    struct stat st;

    (void)state;
    scratch_write(&scratch, "f", "old");
    snprintf(link, sizeof(link), "%s", scratch_path(&scratch, "link"));
    assert_int_equal(symlink("f", link), 0);
    check(file_replace(link, SPAN("new"), error), "%s", error);
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    check_text(scratch_path(&scratch, "f"), "new");
}

static void what_fails_leaves_the_old_file_and_no_other(void **state)
{
    char error[FILE_REPLACE_ERROR_BYTES];

    (void)state;
    assert_int_equal(mkdir(scratch_path(&scratch, "d"), 0700), 0);
    check(!file_replace(scratch.path, SPAN("new"), error), "a folder is no file");
    check(strstr(error, "cannot be replaced: ") == error, "%s", error);
    assert_int_equal(count_files(), 1);
    assert_int_equal(rmdir(scratch.path), 0);
    check(!file_replace(scratch_path(&scratch, "no/f"), SPAN("new"), error), "there is no folder");
    check(strstr(error, "its folder does not take a new file: ") != NULL, "%s", error);
}

static void the_lock_is_held_until_it_is_closed(void **state)
{
    char error[FILE_REPLACE_ERROR_BYTES];
    const char *path = scratch_write(&scratch, "f", "");

    (void)state;
    int lock = file_lock(path, 0, error);
    check(lock >= 0, "%s", error);
    check(file_lock(path, 20, error) < 0, "it is taken");
    check(strstr(error, "is locked by another command") == error, "%s", error);
    close(lock);
    lock = file_lock(path, 0, error);
    check(lock >= 0, "%s", error);
    close(lock);
    check(file_lock(scratch_path(&scratch, "no/f"), 0, error) < 0, "there is no folder");
    check(strstr(error, "cannot be locked: ") == error, "%s", error);
}

/* Each child adds one character, many times: with none lost, all are there. */
static void add_characters(const char *path, int times)
{
    char error[FILE_REPLACE_ERROR_BYTES];
    struct buf text;

    for (int i = 0; i < times; i++) {
        int lock = file_lock(path, 60000, error);
        buf_init(&text, 1024);
        if (lock < 0 || !file_read(path, &text, error))
            _exit(1);
        buf_append_char(&text, 'x');
        if (!file_replace(path, buf_span(&text), error))
            _exit(1);
        close(lock);
        buf_clear(&text);
    }
    _exit(0);
}

static void writers_lose_none_of_each_others_changes(void **state)
{
    enum { WRITERS = 4, TIMES = 10 };
    char error[FILE_READ_ERROR_BYTES];
    const char *path = scratch_write(&scratch, "f", "");
    pid_t children[WRITERS];
    struct buf text;
    int status;

    (void)state;
    for (int i = 0; i < WRITERS; i++)
        if ((children[i] = fork()) == 0)
            add_characters(path, TIMES);
    for (int i = 0; i < WRITERS; i++)
        assert_true(waitpid(children[i], &status, 0) == children[i] && status == 0);
    buf_init(&text, 1024);
    assert_true(file_read(path, &text, error));
    assert_int_equal(text.len, WRITERS * TIMES);
    buf_clear(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_new_text_stands_alone_in_the_old_place),
        TEST(mode_and_owner_are_those_of_before),
        TEST(a_file_that_is_not_there_is_made),
        TEST(behind_a_link_the_file_is_replaced_and_the_link_stays),
        TEST(what_fails_leaves_the_old_file_and_no_other),
        TEST(the_lock_is_held_until_it_is_closed),
        TEST(writers_lose_none_of_each_others_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
