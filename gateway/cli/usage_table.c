/* The page of usage as rows of a table: what is used, of how much. */
#include "gateway/cli/table.h"
#include "gateway/cli/usage.h"

#include <jansson.h>

static const struct {
    const char *column, *member;
    bool resets;
} columns[] = {
    {"requests", "requests_per_second", false},    {"records", "records_per_second", false},
    {"bytes", "bytes_per_second", false},          {"records today", "records_per_day", true},
    {"bytes this month", "bytes_per_month", true},
};
#define COLUMNS_LEN (sizeof(columns) / sizeof(columns[0]))
#define CELLS       (1 + COLUMNS_LEN + 2) /* with the tenant, and when the two begin anew */

static void add_head(struct cli_table *t)
{
    cli_table_cell(t, SPAN("tenant"));
    for (size_t i = 0; i != COLUMNS_LEN; i++) {
        cli_table_cell(t, span_str(columns[i].column));
        if (columns[i].resets)
            cli_table_cell(t, SPAN("until"));
    }
}

static bool add_number(struct cli_table *t, const json_t *usage, const char *name)
{
    const json_t *value = json_object_get(usage, name);

    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    buf_append_u64(&t->cells, (uint64_t)json_integer_value(value));
    return true;
}

/* "used/of": of the burst, the day or the month. */
static bool add_used(struct cli_table *t, const json_t *usage, bool resets)
{
    bool ok = add_number(t, usage, "used");

    buf_append_char(&t->cells, '/');
    ok = ok && add_number(t, usage, resets ? "limit" : "burst");
    cli_table_end_cell(t);
    return ok;
}

static bool add_reset(struct cli_table *t, const json_t *usage)
{
    const char *when = json_string_value(json_object_get(usage, "resets_at"));

    cli_table_cell(t, span_str(when == NULL ? "" : when));
    return when != NULL;
}

static bool add_row(struct cli_table *t, const json_t *tenant)
{
    const json_t *name = json_object_get(tenant, "tenant"), *usage = json_object_get(tenant, "usage");
    bool ok = json_is_string(name) && json_is_object(usage);

    if (!ok)
        return false;
    cli_table_cell(t, span_str(json_string_value(name)));
    for (size_t i = 0; ok && i != COLUMNS_LEN; i++) {
        const json_t *of = json_object_get(usage, columns[i].member);
        if (of == NULL) {
            cli_table_cell(t, SPAN("-"));
            if (columns[i].resets)
                cli_table_cell(t, SPAN("-"));
            continue;
        }
        ok = add_used(t, of, columns[i].resets) && (!columns[i].resets || add_reset(t, of));
    }
    return ok;
}

bool usage_append_table(struct span page, struct buf *out)
{
    json_t *all = json_loadb(page.ptr, page.len, JSON_REJECT_DUPLICATES, NULL);
    struct cli_table table;
    bool ok = json_is_array(all) || json_is_object(all);

    cli_table_init(&table, CELLS, out->bytes_max);
    add_head(&table);
    if (json_is_object(all))
        ok = add_row(&table, all);
    for (size_t i = 0; ok && i != json_array_size(all); i++)
        ok = add_row(&table, json_array_get(all, i));
    json_decref(all);
    if (ok)
        cli_table_append(&table, out);
    else
        buf_clear(&table.cells);
    return ok;
}
