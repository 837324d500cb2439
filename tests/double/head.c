/* Reads a raw HTTP/1.1 head again, after the server did: every header with its duplicates, in order. */
#include "tests/double/head.h"

#include <string.h>

static bool next_line(struct slice *rest, struct slice *line)
{
    const char *end = rest->length == 0 ? NULL : memchr(rest->base, '\n', rest->length);
    if (end == NULL)
        return false;
    *line = (struct slice){rest->base, (size_t)(end - rest->base)};
    rest->length -= line->length + 1;
    rest->base = end + 1;
    if (line->length > 0 && line->base[line->length - 1] == '\r')
        line->length--;
    return true;
}

size_t head_length(const char *bytes, size_t length)
{
    struct slice rest = {bytes, length}, line;
    bool begun = false;
    while (next_line(&rest, &line)) {
        if (line.length == 0 && begun)
            return (size_t)(rest.base - bytes);
        begun |= line.length > 0;
    }
    return 0;
}

static bool parse_request_line(struct head *head, struct slice line)
{
    const char *first = memchr(line.base, ' ', line.length);
    const char *last = memrchr(line.base, ' ', line.length);
    if (first == NULL || first == last)
        return false;
    head->method = (struct slice){line.base, (size_t)(first - line.base)};
    head->target = (struct slice){first + 1, (size_t)(last - first - 1)};
    return true;
}

static bool parse_header(struct head *head, struct slice line)
{
    if (line.base[0] == ' ' || line.base[0] == '\t') { /* RFC 9112 5.2: a line fold goes on with the value above */
        if (head->count == 0)
            return false;
        struct slice *value = &head->headers[head->count - 1].value;
        value->length = (size_t)(line.base + line.length - value->base);
        return true;
    }
    const char *colon = memchr(line.base, ':', line.length);
    if (colon == NULL || head->count == HEAD_HEADERS_MAX)
        return false;
    head->headers[head->count++] = (struct header){{line.base, (size_t)(colon - line.base)},
                                                   {colon + 1, (size_t)(line.base + line.length - colon - 1)}};
    return true;
}

bool head_parse(struct head *head, const char *bytes, size_t length)
{
    struct slice rest = {bytes, head_length(bytes, length)}, line;
    head->text = rest;
    head->count = 0;
    do {
        if (!next_line(&rest, &line))
            return false;
    } while (line.length == 0);
    if (!parse_request_line(head, line))
        return false;
    while (next_line(&rest, &line) && line.length > 0) {
        if (!parse_header(head, line))
            return false;
    }
    return true;
}

static struct slice trim(struct slice value)
{
    while (value.length > 0 && (value.base[0] == ' ' || value.base[0] == '\t'))
        value.base++, value.length--;
    while (value.length > 0 && (value.base[value.length - 1] == ' ' || value.base[value.length - 1] == '\t'))
        value.length--;
    return value;
}

struct slice head_find(const struct head *head, const char *name)
{
    for (size_t i = 0; i < head->count; i++) {
        if (slice_is_caseless(head->headers[i].name, name))
            return trim(head->headers[i].value);
    }
    return (struct slice){NULL, 0};
}
