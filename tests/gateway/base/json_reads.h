/*
 * The two ways to read a text: as one value, and as a parser of a body does, by members or elements.
 */
#ifndef KGW_TESTS_GATEWAY_BASE_JSON_READS_H
#define KGW_TESTS_GATEWAY_BASE_JSON_READS_H

#include "gateway/base/json_scan.h"
#include "tests/auth/check.h"

/* Every text lies in memory of its own size, so that reading past its end is seen. */
static inline bool accepts(struct span text)
{
    struct json_scan s;
    struct json_value value;
    char *copy = malloc(text.len + 1);

    assert_non_null(copy);
    char *exact = realloc(copy, text.len == 0 ? 1 : text.len);
    assert_non_null(exact);
    memcpy(exact, text.ptr, text.len);
    json_scan_init(&s, span_of(exact, text.len));
    bool ok = json_scan_value(&s, &value) && json_scan_end(&s);
    assert_true(ok || !json_scan_end(&s)); /* sticky */
    free(exact);
    return ok;
}

/* The same by members and elements, as a parser of a body reads. */
static inline bool walks(struct span text)
{
    struct json_scan s;
    struct json_value name, value;
    char first = text.len == 0 ? '\0' : text.ptr[strspn(text.ptr, " \t\r\n")];

    json_scan_init(&s, text);
    if (first == '{')
        for (json_scan_enter_object(&s); json_scan_next_member(&s, &name, &value);)
            ;
    else
        for (json_scan_enter_array(&s); json_scan_next_element(&s, &value);)
            ;
    return json_scan_end(&s);
}

#endif
