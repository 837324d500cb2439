/*
 * A CloudEvent in binary mode (CloudEvents 1.0.2, HTTP Protocol Binding section 3.1) as a text in the JSON format: a
 * record has no headers, so its attributes go where the body is. Knows nothing of what an event must have.
 */
#include "gateway/base/json_write.h"
#include "gateway/front/body/event.h"

#define NAME_BYTES_MAX 128

/* Values */

static struct failure malformed(const char *detail)
{
    return (struct failure){.row = FAILURE_MALFORMED, .detail = detail};
}

/* RFC 9110 section 5.6.4, wherever in the value it stands; false: a quote is open. */
static bool unquote(struct span value, struct buf *out)
{
    bool is_quoted = false;

    for (size_t i = 0; i != value.len; i++) {
        if (value.ptr[i] == '"') {
            is_quoted = !is_quoted;
            continue;
        }
        if (is_quoted && value.ptr[i] == '\\' && ++i == value.len)
            return false;
        buf_append_char(out, value.ptr[i]);
    }
    return !is_quoted;
}

static bool percent_decode(struct buf *text)
{
    size_t to = 0;

    for (size_t i = 0; i != text->len; i++) {
        char c = text->ptr[i];
        if (c == '%') {
            if (text->len - i < 3 || !hex_decode(span_of(text->ptr + i + 1, 2), &c, 1))
                return false;
            i += 2;
        }
        text->ptr[to++] = c;
    }
    text->len = to;
    return true;
}

/* Of a character's well-formed bytes: CloudEvents section "Type System" keeps these out of strings. */
static bool is_control_or_noncharacter(const unsigned char *c, size_t left)
{
    if (c[0] < 0x20 || c[0] == 0x7F)
        return true;
    if (c[0] == 0xC2)
        return c[1] < 0xA0;
    if (c[0] == 0xEF && c[1] == 0xB7)
        return c[2] >= 0x90 && c[2] <= 0xAF;
    if (c[0] == 0xEF && c[1] == 0xBF)
        return c[2] >= 0xBE;
    return c[0] >= 0xF0 && left >= 4 && (c[1] & 0xF) == 0xF && c[2] == 0xBF && c[3] >= 0xBE;
}

static bool is_string(struct span text)
{
    if (!span_is_utf8(text))
        return false;
    for (size_t i = 0; i != text.len; i++)
        if (is_control_or_noncharacter((const unsigned char *)text.ptr + i, text.len - i))
            return false;
    return true;
}

struct failure event_decode_value(struct span value, struct buf *out)
{
    if (!unquote(value, out))
        return malformed("an event's attribute has an open quote");
    if (out->failed)
        return (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
    if (!percent_decode(out))
        return malformed("an event's attribute has a malformed percent-encoding");
    return is_string(buf_span(out)) ? FAILURE_OK
                                    : malformed("an event's attribute is not UTF-8, or has control characters");
}

/* Attributes */

static bool is_attribute(struct span field)
{
    return field.len > 3 && span_equal_nocase(span_of(field.ptr, 3), SPAN("ce-"));
}

bool event_is_binary(const struct head *h)
{
    return head_find(h, SPAN("ce-specversion"), NULL).len != 0 || head_find(h, SPAN("ce-id"), NULL).len != 0 ||
           head_find(h, SPAN("ce-source"), NULL).len != 0 || head_find(h, SPAN("ce-type"), NULL).len != 0;
}

/* Lower case; what is not of [a-z0-9] is no attribute, and `data` and the content type come another way. */
static struct failure take_name(struct span field, char name[NAME_BYTES_MAX], struct span *out)
{
    struct span given = span_of(field.ptr + 3, field.len - 3);

    if (given.len > NAME_BYTES_MAX)
        return malformed("an event's attribute has too long a name");
    for (size_t i = 0; i != given.len; i++) {
        char c = given.ptr[i];
        name[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
        if (!(name[i] >= 'a' && name[i] <= 'z') && !(c >= '0' && c <= '9'))
            return malformed("an event's attribute has a name that is not of letters and digits");
    }
    *out = span_of(name, given.len);
    if (span_equal(*out, SPAN("data")) || span_equal(*out, SPAN("datacontenttype")))
        return malformed("an event in binary mode has its data in the body, and their type in Content-Type");
    return FAILURE_OK;
}

static struct failure write_attribute(const struct head *h, size_t at, struct buf *out)
{
    const struct head_field *field = &h->fields[at];
    char text[NAME_BYTES_MAX];
    struct span name;
    struct buf value;
    size_t count;

    (void)head_find(h, field->name, &count);
    if (count != 1)
        return malformed("an event's attribute is given twice");
    TRY(take_name(field->name, text, &name));
    buf_init(&value, field->value.len);
    struct failure f = event_decode_value(field->value, &value);
    if (f.row == FAILURE_NONE) {
        json_write_name_span(out, name);
        json_write_string(out, buf_span(&value));
    }
    buf_clear(&value);
    return f;
}

/* Data */

static bool ends_with_nocase(struct span text, struct span end)
{
    return text.len >= end.len && span_equal_nocase(span_of(text.ptr + text.len - end.len, end.len), end);
}

static bool is_json(struct span type)
{
    return ends_with_nocase(type, SPAN("/json")) || ends_with_nocase(type, SPAN("+json"));
}

static bool is_text(struct span type)
{
    return (type.len > 5 && span_equal_nocase(span_of(type.ptr, 5), SPAN("text/"))) ||
           ends_with_nocase(type, SPAN("/xml")) || ends_with_nocase(type, SPAN("+xml"));
}

static bool is_json_value(struct span text)
{
    struct json_scan s;
    struct json_value value;

    json_scan_init(&s, text);
    return json_scan_value(&s, &value) && json_scan_end(&s);
}

/* JSON Event Format section 3.1: a JSON value as itself, text as a string, other bytes as base64. */
static struct failure write_data(struct span content_type, struct span body, struct buf *out)
{
    struct span parameters, type = span_trim(span_cut(content_type, ';', &parameters));

    if (body.len == 0)
        return FAILURE_OK;
    if (is_json(type)) {
        if (!is_json_value(body))
            return (struct failure){.row = FAILURE_SERIALIZATION,
                                    .detail = "the event's data are not the JSON that Content-Type says"};
        json_write_name(out, "data");
        buf_append(out, body);
    } else if (is_text(type) && span_is_utf8(body)) {
        json_write_member(out, "data", body);
    } else {
        json_write_name(out, "data_base64");
        buf_append_char(out, '"');
        buf_append_base64(out, body);
        buf_append_char(out, '"');
    }
    return FAILURE_OK;
}

struct failure event_write(const struct head *h, struct span body, struct buf *out, size_t *attributes_bytes)
{
    struct span type = head_find(h, SPAN("content-type"), NULL);

    for (size_t i = 0; i != h->fields_len; i++)
        if (is_attribute(h->fields[i].name))
            TRY(write_attribute(h, i, out));
    if (!is_string(type))
        return malformed("Content-Type is not UTF-8");
    if (type.len != 0)
        json_write_member(out, "datacontenttype", type);
    *attributes_bytes = out->len;
    TRY(write_data(type, body, out));
    buf_append_char(out, '}');
    return out->failed ? (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"} : FAILURE_OK;
}
