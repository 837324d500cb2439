/*
 * A query as an event: well-formed JSON, an object of strings and lists of strings, none of the gateway's own names in
 * it, within the room that was taken; and each of its values is one that a look into the query finds.
 */
#include "gateway/front/body/pixel.h"
#include "gateway/base/json_scan.h"
#include "gateway/front/query.h"
#include "tests/fuzz/fuzz.h"

static struct span text_of(const struct json_value *value, struct buf *out)
{
    size_t start = out->len;

    if (!value->has_escapes)
        return value->raw;
    json_unescape(value->raw, out);
    return span_of(out->ptr + start, out->len - start);
}

/* The first value of a name is what query_find() finds. */
static void check_member(struct span query, const struct json_value *name, const struct json_value *first)
{
    struct buf texts, scratch;
    struct span found;

    buf_init(&texts, 64 + 2 * query.len);
    buf_init(&scratch, 64 + 2 * query.len);
    BELIEVE(buf_reserve(&texts, 64 + 2 * query.len) && buf_reserve(&scratch, 64 + 2 * query.len));
    struct span decoded = text_of(name, &texts), value = text_of(first, &texts);
    BELIEVE(!query_is_own(decoded));
    if (decoded.len != 0) /* a pair without a name is none to query_find() */
        BELIEVE(query_find(query, decoded, &scratch, &found) && span_equal(found, value));
    buf_clear(&texts);
    buf_clear(&scratch);
}

static void check_event(struct span query, struct span event)
{
    struct json_scan s, list;
    struct json_value name, value, element;

    json_scan_init(&s, event);
    for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value);) {
        BELIEVE(value.type == JSON_TYPE_STRING || value.type == JSON_TYPE_ARRAY);
        if (value.type == JSON_TYPE_STRING) {
            check_member(query, &name, &value);
            continue;
        }
        size_t count = 0;
        json_scan_init(&list, value.raw);
        for (json_scan_enter_array(&list); json_scan_next_element(&list, &element); count++) {
            BELIEVE(element.type == JSON_TYPE_STRING);
            if (count == 0)
                check_member(query, &name, &element);
        }
        BELIEVE(json_scan_end(&list) && count > 1);
    }
    BELIEVE(json_scan_end(&s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span query = fuzz_span(data, size), event;
    struct buf scratch;

    buf_init(&scratch, SIZE_MAX / 2);
    struct failure f = pixel_event(query, &scratch, &event);
    BELIEVE(!scratch.failed);
    BELIEVE(f.row == FAILURE_NONE || (f.row == FAILURE_MALFORMED && f.detail != NULL));
    if (f.row == FAILURE_NONE) {
        BELIEVE(scratch.capacity - scratch.len >= query.len && event.ptr + event.len == scratch.ptr + scratch.len);
        check_event(query, event);
    }
    buf_clear(&scratch);
    return 0;
}
