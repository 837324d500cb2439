/* Which setting differs between two configurations, and needs a restart to take effect. */
#include "gateway/conf/rows.h"

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same_names(const char *const *a, const char *const *b)
{
    static const char *const none[] = {NULL};

    a = a == NULL ? none : a;
    b = b == NULL ? none : b;
    for (; *a != NULL && *b != NULL && strcmp(*a, *b) == 0; a++, b++)
        ;
    return *a == NULL && *b == NULL;
}

static bool is_same(const struct conf_row *row, const void *a, const void *b)
{
    if (conf_is_text(row))
        return is_same_text(conf_get_text(row, a), conf_get_text(row, b));
    if (row->type == CONF_NAMES)
        return is_same_names(*(const char *const *const *)((const char *)a + row->offset),
                             *(const char *const *const *)((const char *)b + row->offset));
    if (row->type == CONF_NETWORKS)
        return networks_equal((const struct networks *)(const void *)((const char *)a + row->offset),
                              (const struct networks *)(const void *)((const char *)b + row->offset));
    return conf_get_number(row, a) == conf_get_number(row, b);
}

static const char *first_difference(const struct conf_table *t, const void *a, const void *b)
{
    for (size_t i = 0; i != t->len; i++)
        if (t->rows[i].change == CONF_RESTART && !is_same(&t->rows[i], a, b))
            return t->rows[i].path;
    return NULL;
}

const char *conf_first_restart_difference(const struct conf *running, const struct conf *loaded)
{
    if (running->listeners_len != loaded->listeners_len)
        return "listen";
    for (size_t i = 0; i != running->listeners_len; i++)
        if (first_difference(&conf_listener_rows, &running->listeners[i], &loaded->listeners[i]) != NULL)
            return "listen";
    return first_difference(&conf_rows, running, loaded);
}
