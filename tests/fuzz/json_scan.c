/*
 * The scanner and jansson agree on what is JSON and on what it says, in one go and in slices; what the writer writes,
 * the scanner reads.
 */
#include "gateway/base/json_write.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/json_oracle.h"

static void write_and_read(const struct json_value *string)
{
    struct json_scan s;
    struct json_value again;
    struct buf text, written;

    buf_init(&text, string->raw.len);
    buf_init(&written, 6 * string->raw.len + 2);
    json_unescape(string->raw, &text);
    json_write_string(&written, buf_span(&text));
    BELIEVE(!text.failed && !written.failed);
    json_scan_init(&s, buf_span(&written));
    BELIEVE(json_scan_value(&s, &again) && json_scan_end(&s) && json_string_equals(&again, buf_span(&text)));
    buf_clear(&text);
    buf_clear(&written);
}

/* With budgets that differ from pause to pause, drawn from the text. */
static bool scan_in_slices(struct span text, struct json_value *value)
{
    uint64_t draw = fuzz_seed(text);
    struct json_scan s;
    bool ok;

    json_scan_init(&s, text);
    json_scan_set_budget(&s, fuzz_budget(&draw));
    while (!(ok = json_scan_value(&s, value)) && s.is_paused)
        json_scan_set_budget(&s, fuzz_budget(&draw));
    BELIEVE(ok != s.failed);
    while (!(ok = json_scan_end(&s)) && s.is_paused)
        json_scan_set_budget(&s, fuzz_budget(&draw));
    BELIEVE(ok != s.failed);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = fuzz_span(data, size);
    struct json_scan s;
    struct json_value value, sliced;
    json_t *json;

    json_scan_init(&s, text);
    bool accepts = json_scan_value(&s, &value) && json_scan_end(&s);
    BELIEVE(json_scan_end(&s) == accepts || !s.failed);
    BELIEVE(scan_in_slices(text, &sliced) == accepts);
    enum oracle_verdict oracle = oracle_load(text, &json);
    if (accepts) {
        BELIEVE(value.type == sliced.type && value.has_escapes == sliced.has_escapes);
        BELIEVE(value.raw.ptr == sliced.raw.ptr && value.raw.len == sliced.raw.len);
        BELIEVE(fuzz_is_within(value.raw, text));
        BELIEVE(oracle != ORACLE_REJECTS);
        BELIEVE(oracle != ORACLE_ACCEPTS || oracle_is_same(json, &value));
        if (value.type == JSON_TYPE_STRING)
            write_and_read(&value);
    } else {
        BELIEVE(oracle != ORACLE_ACCEPTS || oracle_depth(json) > JSON_SCAN_DEPTH_MAX);
    }
    json_decref(json);
    return 0;
}
