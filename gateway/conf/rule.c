/* Where a record's partition key comes from: "random", "client_ip", or one place in the request. */
#include "gateway/base/json_scan.h"
#include "gateway/conf/reader.h"

#define ARGUMENT_BYTES_MAX 256

static bool is_pointer(struct span text)
{
    return text.len > 0 && json_pointer_is_valid(text);
}

/* None that holds credentials: a partition key is no place for them. */
static bool is_header(struct span text)
{
    static const char *const secret[] = {"authorization", "proxy-authorization", "x-api-key", "cookie"};

    for (size_t i = 0; i != sizeof(secret) / sizeof(secret[0]); i++)
        if (span_equal_nocase(text, span_str(secret[i])))
            return false;
    return conf_is_header_name(text);
}

static bool is_query(struct span text)
{
    return text.len > 0 && span_is_utf8(text) && !span_equal(text, SPAN("key"));
}

static const struct {
    const char *name;
    enum partition_source source;
    bool (*is_valid)(struct span argument);
    const char *allowed;
} places[] = {
    {"json", PARTITION_JSON, is_pointer, "must be a JSON pointer (RFC 6901), as \"/user/id\""},
    {"header", PARTITION_HEADER, is_header, "must be the name of a header, and of none that holds credentials"},
    {"query", PARTITION_QUERY, is_query, "must be the name of a query parameter, and not \"key\""},
};

static bool refuse_rule(const struct conf_reader *r, const struct conf_place *place, const struct conf_row *row)
{
    return conf_refuse(r, place->prefix, row->path,
                       "must be \"random\", \"client_ip\", {\"json\": POINTER}, {\"header\": NAME} or "
                       "{\"query\": NAME}");
}

static bool read_place(const struct conf_reader *r, const struct conf_place *place, const struct conf_row *row,
                       size_t which, json_t *value)
{
    struct partition_rule *rule = (struct partition_rule *)((char *)place->base + row->offset);
    struct span text = span_of(json_string_value(value), json_string_length(value));

    if (!json_is_string(value) || text.len > ARGUMENT_BYTES_MAX || !places[which].is_valid(text))
        return conf_refuse(r, place->prefix, row->path, "\"%s\" %s", places[which].name, places[which].allowed);
    const char *kept = conf_keep_text(r->conf, text);
    if (kept == NULL)
        return conf_refuse_memory(r);
    *rule = (struct partition_rule){.source = places[which].source, .argument = span_of(kept, text.len)};
    return true;
}

bool conf_read_rule(const struct conf_reader *r, const struct conf_place *place, const struct conf_row *row,
                    json_t *value)
{
    struct partition_rule *rule = (struct partition_rule *)((char *)place->base + row->offset);
    const char *word = json_string_value(value);

    if (json_is_null(value) && row->text == NULL)
        *rule = (struct partition_rule){.source = PARTITION_OF_STREAM};
    else if (word != NULL && strcmp(word, "random") == 0)
        *rule = (struct partition_rule){.source = PARTITION_RANDOM};
    else if (word != NULL && strcmp(word, "client_ip") == 0)
        *rule = (struct partition_rule){.source = PARTITION_CLIENT_IP};
    else if (json_object_size(value) != 1)
        return refuse_rule(r, place, row);
    else {
        const char *name = json_object_iter_key(json_object_iter(value));
        for (size_t i = 0; i != sizeof(places) / sizeof(places[0]); i++)
            if (strcmp(places[i].name, name) == 0)
                return read_place(r, place, row, i, json_object_get(value, name));
        return refuse_rule(r, place, row);
    }
    return true;
}
