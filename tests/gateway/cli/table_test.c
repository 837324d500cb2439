/* Tables: columns as wide as their widest cell. */
#include "gateway/cli/table.h"

#include "tests/auth/check.h"

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
    struct cli_table table;
    struct buf out;

    (void)state;
    cli_table_init(&table, 3, 4096);
    buf_init(&out, 4096);
    static const char *const cells[] = {"id", "name", "end", "longer", "\xC3\xBC", "never", "", "four", ""};
    for (size_t i = 0; i < LEN(cells); i++)
        cli_table_cell(&table, span_str(cells[i]));
    cli_table_append(&table, &out);
    check(span_is(buf_span(&out), "id      name  end\nlonger  \xC3\xBC     never\n        four  \n"), "%.*s",
          (int)out.len, out.ptr);
    buf_clear(&out);
}

static void a_table_too_large_fails(void **state)
{
    struct cli_table table;
    struct buf out;

    (void)state;
    cli_table_init(&table, 1, 4);
    buf_init(&out, 4096);
    cli_table_cell(&table, SPAN("too long"));
    cli_table_append(&table, &out);
    assert_true(out.failed);
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
        cmocka_unit_test(a_table_too_large_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
