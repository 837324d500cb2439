/* The scanner and jansson agree on what is JSON and on what it says; what the writer writes, the scanner reads. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = fuzz_span(data, size);
    struct json_scan s;
    struct json_value value;
    json_t *json;

    json_scan_init(&s, text);
    bool accepts = json_scan_value(&s, &value) && json_scan_end(&s);
    BELIEVE(json_scan_end(&s) == accepts || !s.failed);
    enum oracle_verdict oracle = oracle_load(text, &json);
    if (accepts) {
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
