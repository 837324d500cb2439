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

/* strptime() takes what is nearly a date, and days that do not exist: what it read must read back as the same text. */
int64_t http_answer_date(const struct http_answer *a)
{
    static const char format[] = "%a, %d %b %Y %H:%M:%S GMT";
    struct span date = http_answer_header(a, SPAN("Date"));
    char text[40], again[40];
    struct tm t = {0};

    if (date.len == 0 || date.len >= sizeof(text))
        return 0;
    memcpy(text, date.ptr, date.len);
    text[date.len] = '\0';
    if (strptime(text, format, &t) == NULL)
        return 0;
    time_t unix_s = timegm(&t);
    size_t len = gmtime_r(&unix_s, &t) == NULL ? 0 : strftime(again, sizeof(again), format, &t);
    return span_equal(date, span_of(again, len)) ? (int64_t)unix_s : 0;
}
