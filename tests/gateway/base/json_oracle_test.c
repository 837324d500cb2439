#include "gateway/base/json_scan.h"

#include "tests/auth/check.h"
#include "tests/gateway/base/json_text.h"

#include <jansson.h>

#define DOCUMENTS   20000
#define FLAGS       (JSON_DECODE_ANY | JSON_ALLOW_NUL)
#define DEPTH_LIMIT 8

static bool matches(const struct json_value *value, json_t *want);

static bool is_text(const struct json_value *string, const char *want, size_t want_len)
{
    struct buf text;

    buf_init(&text, 1 << 16);
    json_unescape(string->raw, &text);
    bool same = span_equal(buf_span(&text), span_of(want, want_len)) &&
                json_string_equals(string, span_of(want, want_len)) &&
                !json_string_equals(string, span_of("no such text", 12));
    buf_clear(&text);
    return same;
}

static bool object_matches(struct span raw, json_t *want)
{
    struct json_scan s;
    struct json_value name, value;
    size_t len = 0;

    json_scan_init(&s, raw);
    for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value); len++) {
        bool found = false;
        const char *key;
        json_t *member;
        json_object_foreach(want, key, member)
        {
            found |= is_text(&name, key, strlen(key)) && matches(&value, member);
        }
        if (!found)
            return false;
    }
    return json_scan_end(&s) && len == json_object_size(want);
}

static bool array_matches(struct span raw, json_t *want)
{
    struct json_scan s;
    struct json_value value;
    size_t len = 0;

    json_scan_init(&s, raw);
    for (json_scan_enter_array(&s); json_scan_next_element(&s, &value); len++)
        if (len == json_array_size(want) || !matches(&value, json_array_get(want, len)))
            return false;
    return json_scan_end(&s) && len == json_array_size(want);
}

static bool number_matches(struct span raw, json_t *want)
{
    char text[64];

    assert_true(raw.len < sizeof(text));
    memcpy(text, raw.ptr, raw.len);
    text[raw.len] = '\0';
    return json_is_integer(want) ? strtoll(text, NULL, 10) == json_integer_value(want)
                                 : strtod(text, NULL) == json_real_value(want);
}

static bool matches(const struct json_value *value, json_t *want)
{
    switch (value->type) {
    case JSON_TYPE_OBJECT:
        return json_is_object(want) && object_matches(value->raw, want);
    case JSON_TYPE_ARRAY:
        return json_is_array(want) && array_matches(value->raw, want);
    case JSON_TYPE_STRING:
        return json_is_string(want) && is_text(value, json_string_value(want), json_string_length(want));
    case JSON_TYPE_NUMBER:
        return json_is_number(want) && number_matches(value->raw, want);
    case JSON_TYPE_TRUE:
        return json_is_true(want);
    case JSON_TYPE_FALSE:
        return json_is_false(want);
    case JSON_TYPE_NULL:
        return json_is_null(want);
    }
    return false;
}

static void what_is_generated_is_read_as_jansson_reads_it(void **state)
{
    struct random r;
    struct buf text;

    (void)state;
    random_seed(&r, 1);
    buf_init(&text, 1 << 20);
    for (int i = 0; i < DOCUMENTS; i++) {
        struct json_scan s;
        struct json_value value;
        buf_reset(&text);
        json_text_append(&text, &r, (unsigned)random_below(&r, DEPTH_LIMIT));
        json_t *want = json_loadb(text.ptr, text.len, FLAGS, NULL);
        check(want != NULL, "jansson reads %.*s", (int)text.len, text.ptr);
        json_scan_init(&s, buf_span(&text));
        check(json_scan_value(&s, &value) && json_scan_end(&s), "%.*s is read", (int)text.len, text.ptr);
        check(matches(&value, want), "%.*s is read alike", (int)text.len, text.ptr);
        json_decref(want);
    }
    buf_clear(&text);
}

/* What jansson refuses although RFC 8259 allows it: numbers that it cannot hold, and NUL in names. */
static bool is_a_limit_of_jansson(const json_error_t *error)
{
    return json_error_code(error) == json_error_numeric_overflow ||
           json_error_code(error) == json_error_null_byte_in_key;
}

static void what_is_damaged_is_accepted_only_if_jansson_accepts_it(void **state)
{
    struct random r;
    struct buf text;
    int refused = 0;

    (void)state;
    random_seed(&r, 2);
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 2 * DOCUMENTS; i++) {
        struct json_scan s;
        struct json_value value;
        json_error_t error;
        buf_reset(&text);
        json_text_append(&text, &r, (unsigned)random_below(&r, DEPTH_LIMIT));
        for (uint64_t damages = 1 + random_below(&r, 3); damages != 0 && text.len != 0; damages--)
            json_text_damage(&text, &r);
        json_t *want = json_loadb(text.len == 0 ? "" : text.ptr, text.len, FLAGS, &error);
        json_scan_init(&s, buf_span(&text));
        bool ok = json_scan_value(&s, &value) && json_scan_end(&s);
        if (want != NULL || !is_a_limit_of_jansson(&error))
            check(ok == (want != NULL), "%.*s is %s", (int)text.len, text.ptr, want != NULL ? "JSON" : error.text);
        refused += !ok;
        json_decref(want);
    }
    assert_in_range(refused, DOCUMENTS / 2, 2 * DOCUMENTS - DOCUMENTS / 10); /* the damage is neither idle nor total */
    buf_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_generated_is_read_as_jansson_reads_it),
        cmocka_unit_test(what_is_damaged_is_accepted_only_if_jansson_accepts_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
