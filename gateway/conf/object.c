/* Walks an object's members: a row's value is read, a section is entered, anything else is refused. */
#include "gateway/conf/reader.h"

#include <stdio.h>

#define PATH_BYTES 128

static bool is_among(const char *const *names, const char *name)
{
    for (; names != NULL && *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static bool read_section(const struct conf_reader *r, const struct conf_place *place, const char *section,
                         json_t *object);

/* `section` is "" or "aws.". A dot in a member's own name would let one setting be given twice. */
static bool read_member(const struct conf_reader *r, const struct conf_place *place, const char *section,
                        const char *name, json_t *value)
{
    char path[PATH_BYTES];
    int len = snprintf(path, sizeof(path), "%s%s", section, name);
    bool is_known = len < PATH_BYTES && strchr(name, '.') == NULL;

    if (is_known && section[0] == '\0' && is_among(place->others, name))
        return true;
    const struct conf_row *row = is_known ? conf_row_find(place->table, path) : NULL;
    if (row != NULL)
        return conf_read_value(r, place, row, value);
    if (is_known && conf_table_has_section(place->table, path)) {
        if (!json_is_object(value))
            return conf_refuse(r, place->prefix, path, "must be an object of settings");
        return read_section(r, place, path, value);
    }
    return conf_refuse_unknown(r, place, path);
}

static bool read_section(const struct conf_reader *r, const struct conf_place *place, const char *section,
                         json_t *object)
{
    char inside[PATH_BYTES];
    const char *name;
    json_t *value;

    snprintf(inside, sizeof(inside), "%s%s", section, section[0] == '\0' ? "" : ".");
    json_object_foreach(object, name, value)
    {
        if (!read_member(r, place, inside, name, value))
            return false;
    }
    return true;
}

bool conf_read_object(const struct conf_reader *r, const struct conf_place *place, json_t *object)
{
    return read_section(r, place, "", object);
}
