/* Looks a header up in the head that an answer carries; shared by the real client and the fake one. */
#include "gateway/net/http_call.h"

#include <time.h>

struct span http_answer_header(const struct http_answer *a, struct span name)
{
    struct span rest = a->headers;

    while (rest.len != 0) {
        struct span line = span_cut(rest, '\n', &rest), value;
        struct span found = span_cut(line, ':', &value);
        if (!span_equal_nocase(found, name))
            continue;
        if (value.len != 0 && value.ptr[value.len - 1] == '\r')
            value.len--;
        return span_trim(value);
    }
    return SPAN("");
}

int64_t http_answer_date(const struct http_answer *a)
{
    struct span date = http_answer_header(a, SPAN("Date"));
    char text[40];
    struct tm t = {0};

    if (date.len == 0 || date.len >= sizeof(text))
        return 0;
    memcpy(text, date.ptr, date.len);
    text[date.len] = '\0';
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &t);
    return end != NULL && *end == '\0' ? (int64_t)timegm(&t) : 0;
}
