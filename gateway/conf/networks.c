/* A list of networks. */
#include "gateway/conf/reader.h"

bool conf_read_networks(const struct conf_reader *r, const struct conf_place *place, const struct conf_row *row,
                        json_t *value)
{
    struct networks *networks = (struct networks *)(void *)((char *)place->base + row->offset);

    networks->len = 0;
    if (json_is_null(value))
        return true;
    if (!json_is_array(value) || json_array_size(value) > NETWORKS_MAX)
        return conf_refuse(r, place->prefix, row->path, "must be a list of at most %d networks, as [\"10.0.0.0/8\"]",
                           NETWORKS_MAX);
    for (size_t i = 0; i != json_array_size(value); i++) {
        json_t *text = json_array_get(value, i);
        if (!json_is_string(text) || !network_parse(span_of(json_string_value(text), json_string_length(text)),
                                                    &networks->list[networks->len++]))
            return conf_refuse(r, place->prefix, row->path,
                               "element %zu must be a network, as 10.0.0.0/8 or 2001:db8::/32, without bits past its "
                               "prefix, or one address",
                               i);
    }
    return true;
}
