/* The master keys that derived keys come from: names, and where the secrets are. */
#include "gateway/conf/reader.h"

#define MASTER_NAME_BYTES_MAX 64
#define MASTERS_MAX           64

static bool read_master(const struct conf_reader *r, const char *name, json_t *value)
{
    struct conf_master_key *m = &r->conf->masters[r->conf->masters_len];
    char printable[CONF_PRINTABLE_BYTES];

    if (!conf_is_name(span_str(name), MASTER_NAME_BYTES_MAX))
        return conf_refuse(r, "master_keys.", conf_printable(name, printable),
                           "a master key's name must be 1 to %d of [A-Za-z0-9_.-]", MASTER_NAME_BYTES_MAX);
    m->name = conf_keep_text(r->conf, span_str(name));
    if (m->name == NULL)
        return conf_refuse_memory(r);
    r->conf->masters_len++;
    return conf_keep_source(r, "master_keys.", m->name, span_of(json_string_value(value), json_string_length(value)),
                            &m->source);
}

bool conf_read_masters(const struct conf_reader *r, json_t *root)
{
    json_t *masters = json_object_get(root, "master_keys"), *value;
    const char *name;

    if (masters == NULL)
        return true;
    if (!json_is_object(masters) || json_object_size(masters) > MASTERS_MAX)
        return conf_refuse(r, "", "master_keys", "must be an object of at most %d, as {\"m1\": \"file:PATH\"}",
                           MASTERS_MAX);
    r->conf->masters = conf_keep(r->conf, (json_object_size(masters) + 1) * sizeof(*r->conf->masters));
    if (r->conf->masters == NULL)
        return conf_refuse_memory(r);
    json_object_foreach(masters, name, value)
    {
        if (!read_master(r, name, value))
            return false;
    }
    return true;
}
