/* Compares jansson's tree with the scanner's spans, value by value. */
#include "tests/fuzz/json_oracle.h"

#include "tests/fuzz/fuzz.h"

#define LOAD_FLAGS (JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL)

static const char *bytes_of(struct span text)
{
    return text.ptr == NULL ? "" : text.ptr;
}

enum oracle_verdict oracle_load(struct span text, json_t **out)
{
    json_error_t e;

    *out = json_loadb(bytes_of(text), text.len, LOAD_FLAGS, &e);
    if (*out != NULL && text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL) {
        json_decref(*out);
        *out = NULL;
        return ORACLE_CANNOT_SAY;
    }
    if (*out != NULL)
        return ORACLE_ACCEPTS;
    switch (json_error_code(&e)) {
    case json_error_numeric_overflow:
    case json_error_null_byte_in_key:
    case json_error_stack_overflow:
    case json_error_out_of_memory:
        return ORACLE_CANNOT_SAY;
    default:
        return ORACLE_REJECTS;
    }
}

size_t oracle_depth(const json_t *json)
{
    size_t deepest = 0, index;
    const char *name;
    json_t *part;

    if (!json_is_object(json) && !json_is_array(json))
        return 0;
    json_array_foreach(json, index, part)
    {
        size_t depth = oracle_depth(part);
        deepest = depth > deepest ? depth : deepest;
    }
    json_object_foreach((json_t *)(uintptr_t)json, name, part)
    {
        size_t depth = oracle_depth(part);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

bool oracle_has_duplicates(struct span text)
{
    json_error_t e;
    json_t *json = json_loadb(bytes_of(text), text.len, LOAD_FLAGS | JSON_REJECT_DUPLICATES, &e);
    bool has = json == NULL && json_error_code(&e) == json_error_duplicate_key;

    json_decref(json);
    return has;
}

bool oracle_is_text(const json_t *json, struct span text)
{
    return json_is_string(json) && span_equal(span_of(json_string_value(json), json_string_length(json)), text);
}

static bool is_string(const json_t *json, const struct json_value *value)
{
    struct buf text;

    buf_init(&text, value->raw.len + 1);
    json_unescape(value->raw, &text);
    bool same = !text.failed && text.len <= value->raw.len && oracle_is_text(json, buf_span(&text)) &&
                json_string_equals(value, buf_span(&text)) &&
                value->has_escapes == (value->raw.len != 0 && memchr(value->raw.ptr, '\\', value->raw.len) != NULL);
    buf_append_char(&text, 'x');
    same = same && !json_string_equals(value, buf_span(&text));
    buf_clear(&text);
    return same;
}

static bool is_number(const json_t *json, struct span raw)
{
    char *text = fuzz_string(raw);

    bool same = json_is_real(json) && strtod(text, NULL) == json_real_value(json);
    free(text);
    return same;
}

static bool is_array(const json_t *json, struct span raw)
{
    struct json_scan s;
    struct json_value element;
    size_t len = 0;

    if (!json_is_array(json))
        return false;
    json_scan_init(&s, raw);
    for (json_scan_enter_array(&s); json_scan_next_element(&s, &element); len++)
        if (!oracle_is_same(json_array_get(json, len), &element))
            return false;
    return json_scan_end(&s) && len == json_array_size(json);
}

/* Does a member of this name still follow? `s` is a copy of the walk. */
static bool comes_again(struct json_scan s, struct span text)
{
    struct json_value name, value;

    while (json_scan_next_member(&s, &name, &value))
        if (json_string_equals(&name, text))
            return true;
    return false;
}

static bool is_object(const json_t *json, struct span raw)
{
    struct json_scan s;
    struct json_value name, value;
    size_t distinct = 0;

    if (!json_is_object(json))
        return false;
    json_scan_init(&s, raw);
    for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value);) {
        struct buf text;
        buf_init(&text, name.raw.len + 1);
        buf_reserve(&text, 1);
        json_unescape(name.raw, &text);
        bool is_last = !comes_again(s, buf_span(&text));
        bool same = !is_last || oracle_is_same(json_object_getn(json, text.ptr, text.len), &value);
        distinct += is_last;
        buf_clear(&text);
        if (!same)
            return false;
    }
    return json_scan_end(&s) && distinct == json_object_size(json);
}

bool oracle_is_same(const json_t *json, const struct json_value *value)
{
    switch (value->type) {
    case JSON_TYPE_OBJECT:
        return is_object(json, value->raw);
    case JSON_TYPE_ARRAY:
        return is_array(json, value->raw);
    case JSON_TYPE_STRING:
        return is_string(json, value);
    case JSON_TYPE_NUMBER:
        return is_number(json, value->raw);
    case JSON_TYPE_TRUE:
        return json_is_true(json) && span_equal(value->raw, SPAN("true"));
    case JSON_TYPE_FALSE:
        return json_is_false(json) && span_equal(value->raw, SPAN("false"));
    case JSON_TYPE_NULL:
        return json_is_null(json) && span_equal(value->raw, SPAN("null"));
    }
    return false;
}
