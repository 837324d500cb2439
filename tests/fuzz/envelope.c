/*
 * Envelopes are JSON, whatever the request: the body comes out as it went in, and no credential of the query does. An
 * input's first lines are the id, the query and a header; the rest is the body.
 */
#include "gateway/front/envelope.h"
#include "tests/fuzz/fuzz.h"

#include <jansson.h>

static void check_body(json_t *json, struct span body)
{
    json_t *text = json_object_get(json, "body"), *base64 = json_object_get(json, "body_base64");
    struct buf encoded;

    BELIEVE((text == NULL) != (base64 == NULL) && (text != NULL) == span_is_utf8(body));
    if (text != NULL) {
        BELIEVE(span_equal(span_of(json_string_value(text), json_string_length(text)), body));
        return;
    }
    buf_init(&encoded, base64_encoded_size(body.len));
    buf_append_base64(&encoded, body);
    BELIEVE(span_equal(span_str(json_string_value(base64)), buf_span(&encoded)));
    buf_clear(&encoded);
}

static void check_query(json_t *json)
{
    json_t *query = json_object_get(json, "query");
    struct span rest = span_of(json_string_value(query), json_string_length(query));

    while (rest.len != 0) {
        struct span value, pair = span_cut(rest, '&', &rest);
        BELIEVE(!span_equal(span_cut(pair, '=', &value), SPAN("key")));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = fuzz_span(data, size);
    struct span id = fuzz_take_line(&rest), query = fuzz_take_line(&rest), value = fuzz_take_line(&rest);
    struct head h = {.method = SPAN("POST"), .fields_len = 1, .fields = {{SPAN("X-Event"), value}}};
    struct envelope_inputs in = {
        .id = id, .request_id = SPAN("r"), .path = SPAN("/"), .query = query, .headers = SPAN("x-event"), .head = &h};
    struct envelope *e = envelope_new(&in);
    struct record r = {.data = rest, .data_bytes = rest.len};
    size_t slice = 1 + size % 64, budget = slice;
    json_error_t error;
    struct failure f;

    BELIEVE(e != NULL);
    while (!envelope_wrap(e, 0, UINT64_MAX / 2, &budget, &r, &f))
        budget = slice;
    BELIEVE(f.row == FAILURE_NONE);
    json_t *json = json_loadb(r.data.ptr, r.data.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    BELIEVE(json != NULL && json_object_size(json) == 10);
    check_body(json, rest);
    check_query(json);
    json_decref(json);
    envelope_free(&e);
    fuzz_free(id);
    fuzz_free(query);
    fuzz_free(value);
    return 0;
}
