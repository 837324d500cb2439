/*
 * A batch, its form the first line (array, entries, else lines): two scans with different budgets agree, jansson finds
 * the same elements, and lines are those that a plain reading finds.
 */
#include "gateway/front/body/batch_scan.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/json_oracle.h"

/* The next record, however many slices it takes. */
static enum batch_step next(struct batch_scan *s, uint64_t *draw, struct span *record)
{
    size_t budget = fuzz_budget(draw);
    enum batch_step step;

    while ((step = batch_scan_next(s, &budget, record)) == BATCH_MORE) {
        BELIEVE(budget == 0);
        budget = fuzz_budget(draw);
    }
    return step;
}

static void agree_in_slices(enum batch_form form, struct span text)
{
    uint64_t draw = fuzz_seed(text);
    struct batch_scan whole, sliced;
    struct span a, b;
    enum batch_step step;

    batch_scan_init(&whole, form, text);
    batch_scan_init(&sliced, form, text);
    do {
        size_t budget = SIZE_MAX;
        step = batch_scan_next(&whole, &budget, &a);
        BELIEVE(step != BATCH_MORE && next(&sliced, &draw, &b) == step);
        BELIEVE(step != BATCH_RECORD || (a.ptr == b.ptr && a.len == b.len && a.len != 0 && fuzz_is_within(a, text)));
    } while (step == BATCH_RECORD);
    BELIEVE(form != BATCH_LINES || step == BATCH_END);
}

static void check_lines(struct span text)
{
    struct batch_scan s;
    struct span record, rest = text;
    size_t budget = SIZE_MAX;

    batch_scan_init(&s, BATCH_LINES, text);
    while (rest.len > 0) {
        struct span line = span_cut(rest, '\n', &rest);
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        if (line.len > 0)
            BELIEVE(batch_scan_next(&s, &budget, &record) == BATCH_RECORD && span_equal(record, line));
    }
    BELIEVE(batch_scan_next(&s, &budget, &record) == BATCH_END);
}

static bool holds_objects(json_t *array)
{
    size_t index;
    json_t *element;

    json_array_foreach(array, index, element) if (!json_is_object(element)) return false;
    return true;
}

static void check_elements(enum batch_form form, struct span text)
{
    struct batch_scan s;
    struct span record;
    size_t budget = SIZE_MAX, len = 0;
    enum batch_step step;
    json_t *json, *element;

    enum oracle_verdict oracle = oracle_load(text, &json);
    batch_scan_init(&s, form, text);
    for (; (step = batch_scan_next(&s, &budget, &record)) == BATCH_RECORD; len++) {
        if (oracle != ORACLE_ACCEPTS)
            continue;
        struct json_scan of_record;
        struct json_value value;
        json_scan_init(&of_record, record);
        BELIEVE(json_scan_value(&of_record, &value) && of_record.at == of_record.end);
        element = json_array_get(json, len);
        BELIEVE(oracle_is_same(element, &value) && (form != BATCH_ENTRIES || json_is_object(element)));
    }
    BELIEVE(step == BATCH_END ? oracle != ORACLE_REJECTS : step == BATCH_MALFORMED);
    if (oracle == ORACLE_ACCEPTS && json_is_array(json) && oracle_depth(json) <= JSON_SCAN_DEPTH_MAX &&
        (form != BATCH_ENTRIES || holds_objects(json)))
        BELIEVE(step == BATCH_END && len == json_array_size(json));
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = fuzz_span(data, size), name = fuzz_take_line(&rest), text = fuzz_copy(rest);
    enum batch_form form = span_equal(name, SPAN("array"))     ? BATCH_ARRAY
                           : span_equal(name, SPAN("entries")) ? BATCH_ENTRIES
                                                               : BATCH_LINES;

    agree_in_slices(form, text);
    if (form == BATCH_LINES)
        check_lines(text);
    else
        check_elements(form, text);
    fuzz_free(name);
    fuzz_free(text);
    return 0;
}
