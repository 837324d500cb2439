/*
 * Events in binary mode: what is written is JSON for another parser too, and its attributes are those of the headers.
 * An input's first lines are Content-Type and three headers, "name: value"; the rest is the body.
 */
#include "gateway/front/body/event.h"
#include "tests/fuzz/fuzz.h"

#include <jansson.h>

static void check_value(struct span raw)
{
    struct buf out;

    buf_init(&out, raw.len);
    if (event_decode_value(raw, &out).row == FAILURE_NONE)
        BELIEVE(span_is_utf8(buf_span(&out)) && out.len <= raw.len);
    buf_clear(&out);
}

/* What our own scanner takes and jansson does not: numbers past its range. */
static bool is_beyond_jansson(const json_error_t *error)
{
    return json_error_code(error) == json_error_numeric_overflow;
}

static void check_event(struct span event)
{
    json_error_t error;
    struct span key;
    struct buf scratch;
    json_t *json = json_loadb(event.ptr, event.len, JSON_ALLOW_NUL, &error);

    BELIEVE(json != NULL || is_beyond_jansson(&error));
    buf_init(&scratch, event.len + 1);
    struct failure f = body_parse_event(event, &scratch, &key);
    if (json != NULL && f.row == FAILURE_NONE)
        BELIEVE(json_is_string(json_object_get(json, "id")) && json_string_length(json_object_get(json, "id")) != 0);
    buf_clear(&scratch);
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = fuzz_span(data, size), lines[4];
    struct head h = {.fields_len = 0};
    struct buf out;
    size_t attributes_bytes;

    for (size_t i = 0; i != 4; i++) {
        struct span value, name = SPAN("content-type");
        lines[i] = fuzz_take_line(&rest);
        value = lines[i];
        if (i != 0)
            name = span_cut(lines[i], ':', &value);
        check_value(span_trim(value));
        h.fields[h.fields_len++] = (struct head_field){name, span_trim(value)};
    }
    buf_init(&out, 1u << 20);
    if (event_write(&h, rest, &out, &attributes_bytes).row == FAILURE_NONE && out.ptr[0] == '{')
        check_event(buf_span(&out));
    buf_clear(&out);
    for (size_t i = 0; i != 4; i++)
        fuzz_free(lines[i]);
    return 0;
}
