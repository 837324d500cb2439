/* The table of hooks: found by name, and its own texts and secrets. */
#include "gateway/front/hooks.h"
#include "tests/auth/check.h"
#include "tests/lib/failing_memory.h"

static struct hook_row row_of(const char *name)
{
    struct hook_row row = {.name = span_str(name),
                           .tenant = SPAN("acme"),
                           .stream = SPAN("orders"),
                           .dedup_id = SPAN("/id"),
                           .partition = {.source = PARTITION_HEADER, .argument = SPAN("X-Shop")},
                           .origins = {SPAN("a.example"), SPAN("b.example")},
                           .origins_len = 2};

    row.webhook.scheme = webhook_scheme_find(SPAN("hmac"));
    row.webhook.texts[WEBHOOK_HEADER] = SPAN("X-Sign");
    return row;
}

static bool add_secrets(struct hook_row *row)
{
    return webhook_conf_add_secret(&row->webhook, SPAN("a secret")) == NULL &&
           secret_set(&row->webhook.verify_token, SPAN("a token"));
}

static void hooks_are_found_by_name(void **state)
{
    struct hook_row rows[] = {row_of("b"), row_of("a"), row_of("github-main"), row_of("b2")};
    struct hook_table *t = hook_table_new(rows, LEN(rows));

    (void)state;
    assert_non_null(t);
    assert_int_equal(hook_table_len(t), 4);
    for (size_t i = 0; i != LEN(rows); i++)
        assert_true(span_equal(hook_table_find(t, rows[i].name)->name, rows[i].name));
    assert_null(hook_table_find(t, SPAN("")));
    assert_null(hook_table_find(t, SPAN("c")));
    assert_null(hook_table_find(t, SPAN("b22")));
    assert_true(span_is(hook_table_at(t, 0)->name, "a"));
    hook_table_free(&t);
    hook_table_free(&t);
    assert_null(hook_table_find(NULL, SPAN("a")));
    assert_int_equal(hook_table_len(NULL), 0);
}

static void everything_is_the_tables_own(void **state)
{
    char name[] = "name";
    struct hook_row row = row_of(name);

    (void)state;
    assert_true(add_secrets(&row));
    struct hook_table *t = hook_table_new(&row, 1);
    memset(name, 'x', sizeof(name));
    const struct hook_row *kept = hook_table_find(t, SPAN("name"));
    assert_non_null(kept);
    assert_true(row.webhook.secrets_len == 0 && row.webhook.verify_token.len == 0);
    assert_true(span_is(secret_reveal(&kept->webhook.secrets[0].bytes), "a secret"));
    assert_true(webhook_is_verify_token(&kept->webhook, SPAN("a token")));
    assert_true(span_is(kept->webhook.texts[WEBHOOK_HEADER], "X-Sign") && span_is(kept->origins[1], "b.example"));
    assert_true(span_is(kept->partition.argument, "X-Shop") && span_is(kept->dedup_id, "/id"));
    hook_table_free(&t);
}

/* The n-th allocation fails, for every n. */
static void without_memory_there_is_no_table(void **state)
{
    bool has_failed = true;

    (void)state;
    for (unsigned n = 1; has_failed; n++) {
        struct hook_row rows[] = {row_of("b"), row_of("a")};
        assert_true(add_secrets(&rows[0]) && add_secrets(&rows[1]));
        failing_memory_begin(n);
        struct hook_table *t = hook_table_new(rows, LEN(rows));
        has_failed = failing_memory_end();
        assert_true((t == NULL) == has_failed && rows[1].webhook.secrets_len == 0);
        hook_table_free(&t);
        assert_true(n > 2 || has_failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hooks_are_found_by_name),
        cmocka_unit_test(everything_is_the_tables_own),
        cmocka_unit_test(without_memory_there_is_no_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
