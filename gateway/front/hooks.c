/* Rows in the order of their names, and their texts in an arena. */
#include "gateway/front/hooks.h"

#include "auth/arena.h"

#include <stdlib.h>

struct hook_table {
    struct hook_row *rows;
    size_t len;
    struct arena texts;
};

static bool copy_row(struct arena *a, struct hook_row *row)
{
    bool ok = arena_copy(a, row->name, &row->name) && arena_copy(a, row->tenant, &row->tenant) &&
              arena_copy(a, row->stream, &row->stream) && arena_copy(a, row->dedup_id, &row->dedup_id) &&
              arena_copy(a, row->partition.argument, &row->partition.argument);

    for (size_t i = 0; ok && i != WEBHOOK_TEXTS; i++)
        ok = arena_copy(a, row->webhook.texts[i], &row->webhook.texts[i]);
    for (size_t i = 0; ok && i != row->origins_len; i++)
        ok = arena_copy(a, row->origins[i], &row->origins[i]);
    return ok;
}

static int compare_names(struct span a, struct span b)
{
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_rows(const void *a, const void *b)
{
    return compare_names(((const struct hook_row *)a)->name, ((const struct hook_row *)b)->name);
}

static void take_rows(struct hook_table *t, struct hook_row *rows, size_t len)
{
    for (; t->len != len; t->len++) {
        t->rows[t->len] = rows[t->len];
        memset(rows[t->len].webhook.secrets, 0, sizeof(rows[t->len].webhook.secrets));
        rows[t->len].webhook.secrets_len = 0;
        rows[t->len].webhook.verify_token = (struct secret){0};
    }
}

struct hook_table *hook_table_new(struct hook_row *rows, size_t len)
{
    struct hook_table *t = calloc(1, sizeof(*t));
    bool ok = t != NULL && (t->rows = calloc(len + 1, sizeof(*t->rows))) != NULL;

    if (ok)
        take_rows(t, rows, len);
    for (size_t i = 0; ok && i != len; i++)
        ok = copy_row(&t->texts, &t->rows[i]);
    if (ok) {
        qsort(t->rows, len, sizeof(*t->rows), compare_rows);
        return t;
    }
    for (size_t i = 0; i != len; i++)
        webhook_conf_clear_secrets(&rows[i].webhook);
    hook_table_free(&t);
    return NULL;
}

void hook_table_free(struct hook_table **t)
{
    struct hook_table *gone = *t;

    if (gone == NULL)
        return;
    *t = NULL;
    for (size_t i = 0; i != gone->len; i++)
        webhook_conf_clear_secrets(&gone->rows[i].webhook);
    free(gone->rows);
    arena_clear(&gone->texts);
    free(gone);
}

size_t hook_table_len(const struct hook_table *t)
{
    return t == NULL ? 0 : t->len;
}

const struct hook_row *hook_table_at(const struct hook_table *t, size_t index)
{
    return &t->rows[index];
}

const struct hook_row *hook_table_find(const struct hook_table *t, struct span name)
{
    const struct hook_row wanted = {.name = name};

    if (name.len == 0 || hook_table_len(t) == 0)
        return NULL;
    return bsearch(&wanted, t->rows, t->len, sizeof(*t->rows), compare_rows);
}
