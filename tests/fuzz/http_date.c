/*
 * The head of an answer: a Date counts only if it is what that moment is written as (RFC 9110 section 5.6.7), and a
 * header's value lies in the head, trimmed.
 */
#include "gateway/net/http_call.h"
#include "tests/fuzz/fuzz.h"

#include <time.h>

/* Lower and upper case, and the day's name, are the reader's to overlook; the moment is not. */
static void check_date(struct span text, int64_t unix_s)
{
    char again[64];
    struct tm t;
    time_t when = (time_t)unix_s;

    BELIEVE(gmtime_r(&when, &t) != NULL);
    size_t len = strftime(again, sizeof(again), "%a, %d %b %Y %H:%M:%S GMT", &t);
    BELIEVE(text.len == len && len > 3 &&
            span_equal_nocase(span_of(text.ptr + 3, len - 3), span_of(again + 3, len - 3)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span head = fuzz_span(data, size);
    struct http_answer a = {.result = HTTP_ANSWERED, .headers = head};
    struct span names[] = {SPAN("Date"), SPAN("x-amzn-RequestId"), SPAN("")};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct span value = http_answer_header(&a, names[i]);
        BELIEVE(fuzz_is_within(value, head) && span_equal(span_trim(value), value));
        BELIEVE(value.len == 0 || memchr(value.ptr, '\n', value.len) == NULL);
    }
    int64_t date_s = http_answer_date(&a);
    if (date_s != 0)
        check_date(http_answer_header(&a, SPAN("Date")), date_s);
    return 0;
}
