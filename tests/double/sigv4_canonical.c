/* The canonical request, written from AWS's documentation ("Create a signed AWS API request", step 1). */
#include "tests/double/digest.h"
#include "tests/double/sigv4_check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { QUERY_MAX = 256, SEGMENTS_MAX = 256 };

static void put_encoded(struct text *out, struct slice raw)
{
    for (size_t i = 0; i < raw.length; i++) {
        unsigned char byte = (unsigned char)raw.base[i];
        if (isalnum(byte) || (byte != 0 && strchr("-_.~", byte) != NULL))
            text_put(out, &byte, 1);
        else
            text_printf(out, "%%%02X", byte);
    }
}

/* "Normalize URI paths according to RFC 3986. Remove redundant and relative path components." */
static void put_path(struct text *out, struct slice path)
{
    struct slice kept[SEGMENTS_MAX];
    size_t count = 0;
    bool slash_at_end = false;
    for (size_t at = 0; at < path.length;) {
        const char *from = path.base + at;
        const char *slash = memchr(from, '/', path.length - at);
        struct slice segment = {from, slash ? (size_t)(slash - from) : path.length - at};
        at += segment.length + 1;
        bool relative = segment.length == 0 || slice_is(segment, ".") || slice_is(segment, "..");
        if (slice_is(segment, "..") && count > 0)
            count--;
        if (!relative && count < SEGMENTS_MAX)
            kept[count++] = segment;
        slash_at_end = slash != NULL || relative;
    }
    for (size_t i = 0; i < count; i++) {
        text_puts(out, "/");
        put_encoded(out, kept[i]);
    }
    if (count == 0 || slash_at_end)
        text_puts(out, "/");
}

static struct slice percent_decoded(struct text *scratch, struct slice raw)
{
    text_reset(scratch);
    for (size_t i = 0; i < raw.length; i++) {
        char byte = raw.base[i];
        if (byte == '%' && i + 2 < raw.length && isxdigit((unsigned char)raw.base[i + 1]) &&
            isxdigit((unsigned char)raw.base[i + 2])) {
            byte = (char)strtol((char[]){raw.base[i + 1], raw.base[i + 2], 0}, NULL, 16);
            i += 2;
        }
        text_put(scratch, &byte, 1);
    }
    return (struct slice){scratch->base, scratch->length};
}

struct parameter {
    struct text name, value;
};

static int by_name_then_value(const void *left, const void *right)
{
    const struct parameter *a = left, *b = right;
    int order = strcmp(a->name.base, b->name.base);
    return order != 0 ? order : strcmp(a->value.base, b->value.base);
}

static struct parameter read_parameter(struct slice pair)
{
    struct parameter parameter = {0};
    struct text scratch = {0};
    const char *equals = memchr(pair.base, '=', pair.length);
    struct slice name = {pair.base, equals ? (size_t)(equals - pair.base) : pair.length};
    put_encoded(&parameter.name, percent_decoded(&scratch, name));
    if (equals)
        put_encoded(&parameter.value,
                    percent_decoded(&scratch, (struct slice){equals + 1, pair.length - name.length - 1}));
    text_put(&parameter.name, "", 1);
    text_put(&parameter.value, "", 1);
    text_clear(&scratch);
    return parameter;
}

static void put_query(struct text *out, struct slice query)
{
    struct parameter list[QUERY_MAX];
    size_t count = 0;
    for (size_t at = 0; at < query.length && count < QUERY_MAX;) {
        const char *from = query.base + at;
        const char *next = memchr(from, '&', query.length - at);
        struct slice pair = {from, next ? (size_t)(next - from) : query.length - at};
        if (pair.length > 0)
            list[count++] = read_parameter(pair);
        at += pair.length + 1;
    }
    qsort(list, count, sizeof list[0], by_name_then_value);
    for (size_t i = 0; i < count; i++) {
        text_printf(out, "%s%s=%s", i ? "&" : "", list[i].name.base, list[i].value.base);
        text_clear(&list[i].name);
        text_clear(&list[i].value);
    }
}

/* "Convert sequential spaces to a single space", none at either end; a folded line counts as a space. */
static void put_trimmed(struct text *out, struct slice value)
{
    bool begun = false, gap = false;
    for (size_t i = 0; i < value.length; i++) {
        if (strchr(" \t\r\n", value.base[i]) != NULL) {
            gap = begun;
            continue;
        }
        if (gap)
            text_puts(out, " ");
        text_put(out, value.base + i, 1);
        begun = true;
        gap = false;
    }
}

static bool put_header(struct text *out, const struct head *head, struct slice name)
{
    bool found = false;
    text_put(out, name.base, name.length);
    for (size_t i = 0; i < head->count; i++) {
        struct slice other = head->headers[i].name;
        if (other.length != name.length || strncasecmp(other.base, name.base, name.length) != 0)
            continue;
        text_puts(out, found ? "," : ":");
        put_trimmed(out, head->headers[i].value);
        found = true;
    }
    text_puts(out, "\n");
    return found;
}

bool sigv4_canonical_request(struct text *out, const struct head *head, struct slice signed_headers, struct slice body)
{
    uint8_t payload_hash[32];
    const char *mark = memchr(head->target.base, '?', head->target.length);
    size_t path_length = mark ? (size_t)(mark - head->target.base) : head->target.length;

    text_printf(out, "%.*s\n", (int)head->method.length, head->method.base);
    put_path(out, (struct slice){head->target.base, path_length});
    text_puts(out, "\n");
    if (mark)
        put_query(out, (struct slice){mark + 1, head->target.length - path_length - 1});
    text_puts(out, "\n");
    for (size_t at = 0; at < signed_headers.length;) {
        const char *from = signed_headers.base + at;
        const char *next = memchr(from, ';', signed_headers.length - at);
        struct slice name = {from, next ? (size_t)(next - from) : signed_headers.length - at};
        if (!put_header(out, head, name))
            return false;
        at += name.length + 1;
    }
    text_printf(out, "\n%.*s\n", (int)signed_headers.length, signed_headers.base);
    digest_sha256(payload_hash, body.base, body.length);
    text_put_hex(out, payload_hash, sizeof payload_hash);
    return true;
}
