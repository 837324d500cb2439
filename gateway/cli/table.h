/* A table for the eyes: columns as wide as their widest cell. Nobody outside cli/ includes it. */
#ifndef KGW_CLI_TABLE_H
#define KGW_CLI_TABLE_H

#include "auth/bytes.h"

struct cli_table {
    size_t columns;
    struct buf cells; /* each ends with a NUL */
};

void cli_table_init(struct cli_table *t, size_t columns, size_t bytes_max);
void cli_table_cell(struct cli_table *t, struct span text);
void cli_table_end_cell(struct cli_table *t); /* what was appended to t->cells since the last is a cell */
/* Appends its rows, as many whole ones as there are, and clears it. */
void cli_table_append(struct cli_table *t, struct buf *out);

#endif
