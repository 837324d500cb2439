/*
 * A batch as lines or as an array. Knows nothing of records but where they start and end.
 */
#include "gateway/front/body/batch_scan.h"

void batch_scan_init(struct batch_scan *s, enum batch_form form, struct span text)
{
    if (text.len == 0)
        text = SPAN(""); /* of an empty body there is no pointer to count from */
    *s = (struct batch_scan){.form = form, .line = text.ptr, .at = text.ptr, .end = text.ptr + text.len};
    json_scan_init(&s->json, text);
    cbor_init(&s->cbor, text);
}

static void spend(size_t *budget, size_t bytes)
{
    *budget -= bytes < *budget ? bytes : *budget;
}

/* A body of nothing but LF is no reason to take long: they are passed in one go, as far as the budget allows. */
static void skip_empty_lines(struct batch_scan *s, size_t *budget)
{
    size_t left = (size_t)(s->end - s->at), slice = left < *budget ? left : *budget, read = 0;

    while (read != slice && s->at[read] == '\n')
        read++;
    s->line = s->at += read;
    spend(budget, read);
}

/* Passes one line, LF and all, or what the budget allows of it; true at its end, which may be the text's. */
static bool pass_line(struct batch_scan *s, size_t *budget, struct span *line)
{
    size_t left = (size_t)(s->end - s->at), slice = left < *budget ? left : *budget;
    const char *lf = slice == 0 ? NULL : memchr(s->at, '\n', slice);
    size_t read = lf == NULL ? slice : (size_t)(lf - s->at) + 1;

    s->at += read;
    spend(budget, read);
    if (lf == NULL && s->at != s->end)
        return false;
    *line = span_of(s->line, (size_t)((lf == NULL ? s->end : lf) - s->line));
    s->line = s->at;
    return true;
}

static enum batch_step next_line(struct batch_scan *s, size_t *budget, struct span *record)
{
    struct span line;

    for (;;) {
        if (s->at == s->line)
            skip_empty_lines(s, budget);
        if (s->line == s->end)
            return BATCH_END;
        if (!pass_line(s, budget, &line))
            return BATCH_MORE;
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        if (line.len == 0)
            continue;
        *record = line;
        return BATCH_RECORD;
    }
}

/* From its first byte to its last, which a string's quotes are too. */
static struct span exact_bytes(const struct json_value *value)
{
    return value->type == JSON_TYPE_STRING ? span_of(value->raw.ptr - 1, value->raw.len + 2) : value->raw;
}

static enum batch_step step_array(struct batch_scan *s, struct span *record)
{
    struct json_value value;

    if (!s->has_begun && !(s->has_begun = json_scan_enter_array(&s->json)))
        return s->json.is_paused ? BATCH_MORE : BATCH_MALFORMED;
    if (!s->has_ended && json_scan_next_element(&s->json, &value)) {
        if (s->form != BATCH_ARRAY && value.type != JSON_TYPE_OBJECT)
            s->json.failed = true;
        *record = exact_bytes(&value);
        return s->json.failed ? BATCH_MALFORMED : BATCH_RECORD;
    }
    if (s->json.is_paused)
        return BATCH_MORE;
    s->has_ended = true;
    if (json_scan_end(&s->json))
        return BATCH_END;
    return s->json.is_paused ? BATCH_MORE : BATCH_MALFORMED;
}

static enum batch_step next_element(struct batch_scan *s, size_t *budget, struct span *record)
{
    const char *before = s->json.at;

    json_scan_set_budget(&s->json, *budget);
    enum batch_step step = step_array(s, record);
    spend(budget, (size_t)(s->json.at - before));
    return step;
}

/* In one piece: an element's bytes are passed, not looked at. */
static enum batch_step next_cbor(struct batch_scan *s, size_t *budget, struct span *record)
{
    struct cbor_item item;

    if (!s->has_begun && (!cbor_next(&s->cbor, &s->array) || s->array.type != CBOR_ARRAY))
        return BATCH_MALFORMED;
    s->has_begun = true;
    if (!s->has_ended && cbor_has_more(&s->cbor, &s->array)) {
        const char *start = (const char *)s->cbor.at;
        if (!cbor_next(&s->cbor, &item) || !cbor_skip(&s->cbor, &item))
            return BATCH_MALFORMED;
        *record = span_of(start, (size_t)((const char *)s->cbor.at - start));
        spend(budget, record->len);
        return BATCH_RECORD;
    }
    s->has_ended = true;
    return cbor_end(&s->cbor) ? BATCH_END : BATCH_MALFORMED;
}

enum batch_step batch_scan_next(struct batch_scan *s, size_t *budget, struct span *record)
{
    if (s->form == BATCH_CBOR)
        return next_cbor(s, budget, record);
    return s->form == BATCH_LINES ? next_line(s, budget, record) : next_element(s, budget, record);
}
