/* KGW_… variables over the file: KGW_AWS_REGION is aws.region. A variable that is no setting is a mistake, not a guest.
 */
#include "gateway/conf/reader.h"

#include <stdio.h>

#define PREFIX "KGW_"
#define KEY    "KGW_KEY" /* where `put` looks for its API key: not a setting, and no mistake */

static char as_in_variable(char c)
{
    return c == '.' ? '_' : (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static bool is_variable_of(const struct conf_row *row, struct span name)
{
    if (row->type == CONF_NAMES || row->type == CONF_RULE || row->type == CONF_SOURCES || strlen(row->path) != name.len)
        return false;
    for (size_t i = 0; i != name.len; i++)
        if (as_in_variable(row->path[i]) != name.ptr[i])
            return false;
    return true;
}

static bool refuse_variable(const struct conf_reader *r, struct span name)
{
    char text[CONF_PRINTABLE_BYTES], printable[CONF_PRINTABLE_BYTES];

    snprintf(text, sizeof(text), "%.*s", (int)name.len, name.ptr);
    return conf_refuse(r, PREFIX, conf_printable(text, printable),
                       "is set in the environment and names no setting: must be KGW_ and a setting's path in capitals "
                       "with _ for dots, as KGW_AWS_REGION");
}

static bool read_variable(const struct conf_reader *r, struct span name, struct span value)
{
    char prefix[CONF_PREFIX_BYTES];

    for (size_t i = 0; i != conf_rows.len; i++) {
        if (!is_variable_of(&conf_rows.rows[i], name))
            continue;
        snprintf(prefix, sizeof(prefix), PREFIX "%.*s in the environment: ", (int)name.len, name.ptr);
        return conf_read_text(r, prefix, &conf_rows.rows[i], r->conf, value);
    }
    return refuse_variable(r, name);
}

bool conf_read_environment(const struct conf_reader *r, char *const *environ_)
{
    for (; environ_ != NULL && *environ_ != NULL; environ_++) {
        struct span value, name = span_cut(span_str(*environ_), '=', &value);
        if (!span_starts_with(name, SPAN(PREFIX)) || span_equal(name, SPAN(KEY)))
            continue;
        if (!read_variable(r, span_of(name.ptr + 4, name.len - 4), value))
            return false;
    }
    return true;
}
