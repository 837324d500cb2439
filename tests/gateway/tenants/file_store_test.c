/* The tenants file as a store: what a change keeps, and what it leaves when it fails. */
#include "gateway/tenants/store.h"

#include <sys/wait.h>

#include "gateway/base/file_read.h"
#include "gateway/base/file_replace.h"
#include "tests/gateway/conf/scratch.h"

static struct scratch scratch;
static char path[SCRATCH_PATH_BYTES];

static int begin(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    snprintf(path, sizeof(path), "%s", scratch_path(&scratch, "tenants.json"));
    return 0;
}

static int end(void **state)
{
    (void)state;
    scratch_end(&scratch);
    return 0;
}

static void check_text(const char *want)
{
    char error[FILE_READ_ERROR_BYTES];
    struct buf text;

    buf_init(&text, 65536);
    check(file_read(path, &text, error), "%s", error);
    check(span_is(buf_span(&text), want), "%.*s", (int)text.len, text.ptr);
    buf_clear(&text);
}

static bool add_tenant(json_t *document, void *ctx, char error[DOCUMENT_ERROR_BYTES])
{
    (void)error;
    return document_add_tenant(document, ctx) != NULL;
}

static bool change_mind(json_t *document, void *ctx, char error[DOCUMENT_ERROR_BYTES])
{
    document_add_tenant(document, ctx);
    snprintf(error, DOCUMENT_ERROR_BYTES, "on second thought");
    return false;
}

static bool change(tenants_edit *edit, const char *name, char *error)
{
    struct tenants_store *s = tenants_store_open(path, NULL, error);

    assert_non_null(s);
    assert_string_equal(s->kind->name, "file");
    assert_string_equal(s->place, path);
    bool ok = tenants_store_change(s, edit, (void *)(uintptr_t)name, error);
    tenants_store_close(&s);
    assert_null(s);
    tenants_store_close(&s);
    return ok;
}

static void a_change_is_in_the_file_and_in_what_is_loaded(void **state)
{
    char error[TENANTS_STORE_ERROR_BYTES];

    (void)state;
    scratch_write(&scratch, "tenants.json", "{\"tenants\": {\"z\": {\"keys\": []}}}\n");
    check(change(add_tenant, "a", error), "%s", error);
    check_text("{\"tenants\": {\"z\": {\"keys\": []}, \"a\": {\"keys\": []}}}\n");
    struct tenants_store *s = tenants_store_open(path, NULL, error);
    struct keyring *k = tenants_store_load(s, error);
    check(k != NULL, "%s", error);
    assert_int_equal(keyring_tenants(k), 2);
    keyring_release(&k);
    tenants_store_close(&s);
}

static void a_file_without_a_line_end_gets_none(void **state)
{
    char error[TENANTS_STORE_ERROR_BYTES];

    (void)state;
    scratch_write(&scratch, "tenants.json", "{\"tenants\":{}}");
    check(change(add_tenant, "a", error), "%s", error);
    check_text("{\"tenants\":{\"a\":{\"keys\":[]}}}");
}

static void the_first_change_makes_the_file(void **state)
{
    char error[TENANTS_STORE_ERROR_BYTES];

    (void)state;
    check(change(add_tenant, "a", error), "%s", error);
    check_text("{\n  \"tenants\": {\n    \"a\": {\n      \"keys\": []\n    }\n  }\n}\n");
}

static void what_is_refused_changes_nothing(void **state)
{
    static const char before[] = "{\"tenants\":{\"z\":{\"keys\":[]}}}";
    char error[TENANTS_STORE_ERROR_BYTES];

    (void)state;
    scratch_write(&scratch, "tenants.json", before);
    assert_false(change(change_mind, "a", error));
    check(strstr(error, path) == error && strstr(error, ": on second thought") != NULL, "%s", error);
    check_text(before);
    assert_false(change(add_tenant, "a/b", error));
    check(strstr(error, "a tenant's name must be") != NULL, "%s", error);
    check_text(before);
}

static void a_broken_file_stays_as_it_is(void **state)
{
    char error[TENANTS_STORE_ERROR_BYTES];

    (void)state;
    scratch_write(&scratch, "tenants.json", "{\"tenants\":{");
    assert_false(change(add_tenant, "a", error));
    check(strstr(error, path) == error && strstr(error, "line 1, ") != NULL, "%s", error);
    check_text("{\"tenants\":{");
}

static void commands_at_the_same_time_lose_no_change(void **state)
{
    enum { COMMANDS = 6 };
    static const char *const names[COMMANDS] = {"a", "b", "c", "d", "e", "f"};
    char error[TENANTS_STORE_ERROR_BYTES];
    pid_t children[COMMANDS];
    int status;

    (void)state;
    for (int i = 0; i < COMMANDS; i++)
        if ((children[i] = fork()) == 0)
            _exit(change(add_tenant, names[i], error) ? 0 : 1);
    for (int i = 0; i < COMMANDS; i++)
        assert_true(waitpid(children[i], &status, 0) == children[i] && status == 0);
    struct tenants_store *s = tenants_store_open(path, NULL, error);
    struct keyring *k = tenants_store_load(s, error);
    check(k != NULL, "%s", error);
    assert_int_equal(keyring_tenants(k), COMMANDS);
    keyring_release(&k);
    tenants_store_close(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_change_is_in_the_file_and_in_what_is_loaded),
        TEST(a_file_without_a_line_end_gets_none),
        TEST(the_first_change_makes_the_file),
        TEST(what_is_refused_changes_nothing),
        TEST(a_broken_file_stays_as_it_is),
        TEST(commands_at_the_same_time_lose_no_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
