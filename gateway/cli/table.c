/* Cells are kept until all are known, and measured then. */
#include "gateway/cli/table.h"

#include <stdlib.h>

#define GAP 2

void cli_table_init(struct cli_table *t, size_t columns, size_t bytes_max)
{
    t->columns = columns;
    buf_init(&t->cells, bytes_max);
}

void cli_table_end_cell(struct cli_table *t)
{
    buf_append_char(&t->cells, '\0');
}

void cli_table_cell(struct cli_table *t, struct span text)
{
    buf_append(&t->cells, text);
    cli_table_end_cell(t);
}

static void measure(const struct cli_table *t, size_t *widths)
{
    struct span cell, rest = buf_span(&t->cells);

    for (size_t i = 0; rest.len > 0; i++) {
        cell = span_cut(rest, '\0', &rest);
        size_t *width = &widths[i % t->columns], characters = span_utf8_length(cell);
        *width = characters > *width ? characters : *width;
    }
}

static void append_cells(const struct cli_table *t, const size_t *widths, struct buf *out)
{
    struct span cell, rest = buf_span(&t->cells);

    for (size_t i = 0; rest.len > 0; i++) {
        bool is_last = i % t->columns + 1 == t->columns;
        cell = span_cut(rest, '\0', &rest);
        buf_append(out, cell);
        for (size_t n = span_utf8_length(cell); !is_last && n < widths[i % t->columns] + GAP; n++)
            buf_append_char(out, ' ');
        if (is_last)
            buf_append_char(out, '\n');
    }
}

void cli_table_append(struct cli_table *t, struct buf *out)
{
    size_t *widths = calloc(t->columns, sizeof(*widths));

    if (widths == NULL || t->cells.failed) {
        out->failed = true;
    } else {
        measure(t, widths);
        append_cells(t, widths, out);
    }
    free(widths);
    buf_clear(&t->cells);
}
