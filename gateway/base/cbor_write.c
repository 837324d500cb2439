/* From JSON, which is written once for both, to CBOR. */
#include "gateway/base/cbor_write.h"

#include "gateway/base/json_scan.h"

#define DEPTH_MAX 8
#define UNSIGNED  0x00
#define TEXT      0x60
#define ARRAY     0x9F /* of indefinite length, as the next one */
#define MAP       0xBF
#define BREAK     0xFF

static bool write_value(const struct json_value *value, unsigned depth, struct buf *out);

/* The shortest form: RFC 8949 section 4.1. */
static void write_head(unsigned major, uint64_t argument, struct buf *out)
{
    unsigned info = argument < 24            ? (unsigned)argument
                    : argument <= 0xFF       ? 24
                    : argument <= 0xFFFF     ? 25
                    : argument <= UINT32_MAX ? 26
                                             : 27;

    buf_append_char(out, (char)(major | info));
    for (unsigned bytes = info < 24 ? 0 : 1u << (info - 24); bytes != 0; bytes--)
        buf_append_char(out, (char)(argument >> (8 * (bytes - 1))));
}

static bool write_text(const struct json_value *value, struct buf *out)
{
    struct buf text;

    if (!value->has_escapes) {
        write_head(TEXT, value->raw.len, out);
        buf_append(out, value->raw);
        return !out->failed;
    }
    buf_init(&text, value->raw.len);
    json_unescape(value->raw, &text);
    write_head(TEXT, text.len, out);
    buf_append(out, buf_span(&text));
    bool ok = !text.failed && !out->failed;
    buf_clear(&text);
    return ok;
}

static bool write_map(struct span json, unsigned depth, struct buf *out)
{
    struct json_scan s;
    struct json_value name, value;

    buf_append_char(out, (char)MAP);
    json_scan_init(&s, json);
    json_scan_enter_object(&s);
    while (json_scan_next_member(&s, &name, &value))
        if (!write_text(&name, out) || !write_value(&value, depth + 1, out))
            return false;
    buf_append_char(out, (char)BREAK);
    return json_scan_end(&s);
}

static bool write_array(struct span json, unsigned depth, struct buf *out)
{
    struct json_scan s;
    struct json_value value;

    buf_append_char(out, (char)ARRAY);
    json_scan_init(&s, json);
    json_scan_enter_array(&s);
    while (json_scan_next_element(&s, &value))
        if (!write_value(&value, depth + 1, out))
            return false;
    buf_append_char(out, (char)BREAK);
    return json_scan_end(&s);
}

static bool write_value(const struct json_value *value, unsigned depth, struct buf *out)
{
    uint64_t number;

    if (depth == DEPTH_MAX)
        return false;
    switch (value->type) {
    case JSON_TYPE_OBJECT:
        return write_map(value->raw, depth, out);
    case JSON_TYPE_ARRAY:
        return write_array(value->raw, depth, out);
    case JSON_TYPE_STRING:
        return write_text(value, out);
    case JSON_TYPE_NUMBER:
        if (!span_parse_u64(value->raw, &number))
            return false;
        write_head(UNSIGNED, number, out);
        return !out->failed;
    case JSON_TYPE_FALSE:
        buf_append_char(out, (char)0xF4);
        return !out->failed;
    case JSON_TYPE_TRUE:
        buf_append_char(out, (char)0xF5);
        return !out->failed;
    case JSON_TYPE_NULL:
        buf_append_char(out, (char)0xF6);
        return !out->failed;
    }
    return false;
}

bool cbor_from_json(struct span json, struct buf *out)
{
    struct json_scan s;
    struct json_value value;

    json_scan_init(&s, json);
    return json_scan_value(&s, &value) && json_scan_end(&s) && write_value(&value, 0, out) && !out->failed;
}
