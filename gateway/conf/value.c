/* One value into one field, by its row: from JSON, or from a text where there is no JSON. */
#include "gateway/base/file_read.h"
#include "gateway/base/secret_source.h"
#include "gateway/conf/reader.h"

#include <stdio.h>

#define TEXT_BYTES_MAX 4096
#define NAMES_MAX      64
#define SOURCES_MAX    8

static bool refuse_number(const struct conf_reader *r, const char *prefix, const struct conf_row *row)
{
    return conf_refuse(r, prefix, row->path, "must be a whole number from %llu to %llu%s%s",
                       (unsigned long long)row->min, (unsigned long long)row->max, row->unit[0] == '\0' ? "" : " ",
                       row->unit);
}

static bool set_number(const struct conf_reader *r, const char *prefix, const struct conf_row *row, void *base,
                       uint64_t value)
{
    if (value < row->min || value > row->max)
        return refuse_number(r, prefix, row);
    conf_set_number(row, base, value);
    return true;
}

/* "a", "b" or "c". */
static bool refuse_choice(const struct conf_reader *r, const char *prefix, const struct conf_row *row)
{
    char words[CONF_PREFIX_BYTES] = "";
    struct span rest = span_str(row->text);
    size_t len = 0;

    while (rest.len != 0 && len < sizeof(words)) {
        const char *between = len == 0 ? "" : memchr(rest.ptr, '|', rest.len) != NULL ? ", " : " or ";
        struct span word = span_cut(rest, '|', &rest);
        len += (size_t)snprintf(words + len, sizeof(words) - len, "%s\"%.*s\"", between, (int)word.len, word.ptr);
    }
    return conf_refuse(r, prefix, row->path, "must be %s", words);
}

static bool set_choice(const struct conf_reader *r, const char *prefix, const struct conf_row *row, void *base,
                       struct span text)
{
    struct span word;

    for (uint32_t i = 0; (word = conf_choice_word(row, i)).len != 0; i++) {
        if (span_equal(word, text)) {
            conf_set_number(row, base, i);
            return true;
        }
    }
    return refuse_choice(r, prefix, row);
}

static bool is_printable(struct span text)
{
    for (size_t i = 0; i != text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return false;
    return text.len <= TEXT_BYTES_MAX;
}

/* A source that is a file has its path made whole, and must be there. */
static bool keep_source(const struct conf_reader *r, const char *prefix, const char *path, struct span text,
                        const char **kept)
{
    char why[FILE_READ_ERROR_BYTES];
    struct span rest;

    *kept = NULL;
    switch (secret_source_parse(text, &rest)) {
    case SECRET_SOURCE_ENVIRONMENT:
        *kept = conf_keep_text(r->conf, text);
        return *kept != NULL || conf_refuse_memory(r);
    case SECRET_SOURCE_FILE:
        break;
    default:
        return conf_refuse(r, prefix, path,
                           "must say where the secret is, \"env:NAME\" or \"file:PATH\", never the secret itself");
    }
    const char *whole = conf_keep_path(r, rest);
    size_t whole_size = whole == NULL ? 0 : strlen(whole) + 1;
    char *source = whole == NULL ? NULL : conf_keep(r->conf, sizeof("file:") - 1 + whole_size);
    if (source == NULL)
        return conf_refuse_memory(r);
    memcpy(source, "file:", 5);
    memcpy(source + 5, whole, whole_size);
    *kept = source;
    return file_is_readable(whole, why) || conf_refuse(r, prefix, path, "%.200s %s", source, why);
}

bool conf_keep_source(const struct conf_reader *r, const char *prefix, const char *path, struct span text,
                      const char **kept)
{
    return is_printable(text) ? keep_source(r, prefix, path, text, kept)
                              : conf_refuse(r, prefix, path, "must be \"env:NAME\" or \"file:PATH\"");
}

static bool set_file(const struct conf_reader *r, const char *prefix, const struct conf_row *row, struct span text,
                     const char **field)
{
    char why[FILE_READ_ERROR_BYTES];

    *field = row->type == CONF_PATH && span_equal(text, SPAN("-")) ? "-" : conf_keep_path(r, text);
    if (*field == NULL)
        return conf_refuse_memory(r);
    return row->type == CONF_PATH || file_is_readable(*field, why) ||
           conf_refuse(r, prefix, row->path, "%.200s %s", *field, why);
}

static bool set_text(const struct conf_reader *r, const char *prefix, const struct conf_row *row, void *base,
                     struct span text)
{
    const char **field = (const char **)((char *)base + row->offset);

    *field = row->text;
    if (text.len == 0)
        return true;
    if (!is_printable(text))
        return conf_refuse(r, prefix, row->path, "must be at most %d bytes without control characters", TEXT_BYTES_MAX);
    if (row->type == CONF_SOURCE)
        return keep_source(r, prefix, row->path, text, field);
    if (row->type != CONF_TEXT)
        return set_file(r, prefix, row, text, field);
    *field = conf_keep_text(r->conf, text);
    return *field != NULL || conf_refuse_memory(r);
}

static bool set_names(const struct conf_reader *r, const struct conf_place *place, const struct conf_row *row,
                      json_t *value)
{
    size_t len = json_array_size(value);
    const char **names = conf_keep(r->conf, (len + 1) * sizeof(*names));

    if (names == NULL)
        return conf_refuse_memory(r);
    *(const char *const **)((char *)place->base + row->offset) = names;
    if (!json_is_null(value) && (!json_is_array(value) || len > NAMES_MAX))
        return conf_refuse(r, place->prefix, row->path, "must be a list of at most %d names", NAMES_MAX);
    for (size_t i = 0; i != len; i++) {
        json_t *name = json_array_get(value, i);
        struct span text = span_of(json_string_value(name), json_string_length(name));
        if (!json_is_string(name) || !conf_is_name(text, 255))
            return conf_refuse(r, place->prefix, row->path,
                               "element %zu must be a host's name, without a port: 1 to 255 of [A-Za-z0-9_.-]", i);
        if ((names[i] = conf_keep_text(r->conf, text)) == NULL)
            return conf_refuse_memory(r);
    }
    return true;
}

static bool set_sources(const struct conf_reader *r, const struct conf_place *place, const struct conf_row *row,
                        json_t *value)
{
    size_t len = json_array_size(value);
    const char **sources = conf_keep(r->conf, (len + 1) * sizeof(*sources));
    char path[CONF_PREFIX_BYTES];

    if (sources == NULL)
        return conf_refuse_memory(r);
    *(const char *const **)((char *)place->base + row->offset) = sources;
    if (!json_is_array(value) || len == 0 || len > SOURCES_MAX)
        return conf_refuse(r, place->prefix, row->path, "must be a list of 1 to %d of \"env:NAME\" or \"file:PATH\"",
                           SOURCES_MAX);
    for (size_t i = 0; i != len; i++) {
        json_t *source = json_array_get(value, i);
        struct span text = span_of(json_string_value(source), json_string_length(source));
        snprintf(path, sizeof(path), "%s[%zu]", row->path, i);
        if (!conf_keep_source(r, place->prefix, path, text, &sources[i]))
            return false;
    }
    return true;
}

bool conf_read_value(const struct conf_reader *r, const struct conf_place *place, const struct conf_row *row,
                     json_t *value)
{
    struct span text = span_of(json_string_value(value), json_string_length(value));

    switch (row->type) {
    case CONF_NUMBER:
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return refuse_number(r, place->prefix, row);
        return set_number(r, place->prefix, row, place->base, (uint64_t)json_integer_value(value));
    case CONF_BOOL:
        if (!json_is_boolean(value))
            return conf_refuse(r, place->prefix, row->path, "must be true or false");
        conf_set_number(row, place->base, json_is_true(value));
        return true;
    case CONF_CHOICE:
        return set_choice(r, place->prefix, row, place->base, text);
    case CONF_NAMES:
        return set_names(r, place, row, value);
    case CONF_HEADERS:
        return conf_read_headers(r, place, row, value);
    case CONF_NETWORKS:
        return conf_read_networks(r, place, row, value);
    case CONF_SOURCES:
        return set_sources(r, place, row, value);
    case CONF_RULE:
        return conf_read_rule(r, place, row, value);
    default:
        if (!json_is_string(value) && !json_is_null(value))
            return conf_refuse(r, place->prefix, row->path, "must be a string, or null for its default");
        return set_text(r, place->prefix, row, place->base, text);
    }
}

bool conf_read_text(const struct conf_reader *r, const char *prefix, const struct conf_row *row, void *base,
                    struct span text)
{
    uint64_t number;

    switch (row->type) {
    case CONF_NUMBER:
        return span_parse_u64(text, &number) ? set_number(r, prefix, row, base, number) : refuse_number(r, prefix, row);
    case CONF_BOOL:
        if (!span_equal(text, SPAN("true")) && !span_equal(text, SPAN("false")))
            return conf_refuse(r, prefix, row->path, "must be true or false");
        conf_set_number(row, base, text.len == 4);
        return true;
    default:
        return set_text(r, prefix, row, base, text);
    }
}
