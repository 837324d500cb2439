/* Finding a row, and getting at its field. */
#include "gateway/conf/rows.h"

#include <assert.h>

const struct conf_row *conf_row_find(const struct conf_table *t, const char *path)
{
    for (size_t i = 0; i != t->len; i++)
        if (strcmp(t->rows[i].path, path) == 0)
            return &t->rows[i];
    return NULL;
}

bool conf_table_has_section(const struct conf_table *t, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i != t->len; i++)
        if (strncmp(t->rows[i].path, name, len) == 0 && t->rows[i].path[len] == '.')
            return true;
    return false;
}

bool conf_is_text(const struct conf_row *row)
{
    return row->type == CONF_TEXT || row->type == CONF_PATH || row->type == CONF_FILE || row->type == CONF_SOURCE;
}

static void *field_of(const struct conf_row *row, void *base)
{
    return (char *)base + row->offset;
}

uint64_t conf_get_number(const struct conf_row *row, const void *base)
{
    const void *field = (const char *)base + row->offset;

    if (row->type == CONF_BOOL)
        return *(const bool *)field;
    assert(row->type == CONF_NUMBER || row->type == CONF_CHOICE);
    return row->size == sizeof(uint32_t) ? *(const uint32_t *)field : *(const uint64_t *)field;
}

void conf_set_number(const struct conf_row *row, void *base, uint64_t value)
{
    if (row->type == CONF_BOOL)
        *(bool *)field_of(row, base) = value != 0;
    else if (row->size == sizeof(uint32_t))
        *(uint32_t *)field_of(row, base) = (uint32_t)value;
    else
        *(uint64_t *)field_of(row, base) = value;
}

const char *conf_get_text(const struct conf_row *row, const void *base)
{
    assert(conf_is_text(row));
    return *(const char *const *)((const char *)base + row->offset);
}

static void set_default(const struct conf_row *row, void *base)
{
    switch (row->type) {
    case CONF_NUMBER:
    case CONF_BOOL:
    case CONF_CHOICE:
        conf_set_number(row, base, row->value);
        break;
    case CONF_RULE:
        *(struct partition_rule *)field_of(row, base) =
            (struct partition_rule){.source = row->text != NULL ? PARTITION_RANDOM : PARTITION_OF_STREAM};
        break;
    case CONF_HEADERS:
        *(struct span *)field_of(row, base) = span_str(row->text);
        break;
    case CONF_NETWORKS:
        *(struct networks *)field_of(row, base) = (struct networks){.len = 0};
        break;
    case CONF_NAMES:
    case CONF_SOURCES:
        *(const char *const **)field_of(row, base) = NULL;
        break;
    default:
        *(const char **)field_of(row, base) = row->text;
    }
}

void conf_set_defaults(const struct conf_table *t, void *base)
{
    for (size_t i = 0; i != t->len; i++)
        set_default(&t->rows[i], base);
}

struct span conf_choice_word(const struct conf_row *row, size_t n)
{
    struct span rest = span_str(row->text), word = span_cut(rest, '|', &rest);

    while (n-- > 0)
        word = span_cut(rest, '|', &rest);
    return word;
}
