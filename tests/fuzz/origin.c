/*
 * A line: a pattern; the rest: an origin, or a URL. A pattern matches itself alone, or what ends as its wildcard does
 * and is an origin; of a URL comes the origin that it begins with.
 */
#include "auth/origin.h"
#include "tests/fuzz/fuzz.h"

static bool is_expected(const struct origin_pattern *p, struct span pattern, struct span origin)
{
    if (!p->is_wildcard)
        return span_equal(pattern, origin);
    /* https://LABELS.HOST[:PORT], by what stands at both ends */
    struct span end = span_of(p->host.ptr - 1, (size_t)(pattern.ptr + pattern.len - p->host.ptr) + 1);
    return origin.len > end.len + 8 && span_starts_with(origin, SPAN("https://")) &&
           memcmp(origin.ptr + origin.len - end.len, end.ptr, end.len) == 0;
}

static void check_pattern(struct span pattern, struct span origin)
{
    struct origin_pattern p, again;

    if (!origin_pattern_parse(pattern, &p))
        return;
    BELIEVE(pattern.len <= ORIGIN_BYTES_MAX + 2);
    BELIEVE(fuzz_is_within(p.scheme, pattern) && fuzz_is_within(p.host, pattern) && fuzz_is_within(p.port, pattern));
    BELIEVE(origin_matches(&p, 1, pattern) == !p.is_wildcard);
    if (!origin_matches(&p, 1, origin))
        return;
    BELIEVE(is_expected(&p, pattern, origin));
    BELIEVE(origin_pattern_parse(origin, &again) && !again.is_wildcard);
}

static void check_url(struct span url)
{
    struct origin_pattern p;
    struct span origin;

    if (!origin_of_url(url, &origin))
        return;
    BELIEVE(origin.ptr == url.ptr && fuzz_is_within(origin, url));
    BELIEVE(origin_pattern_parse(origin, &p) && !p.is_wildcard && origin_matches(&p, 1, origin));
    BELIEVE(origin.len == url.len || memchr("/?#", url.ptr[origin.len], 3) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = fuzz_span(data, size), pattern = fuzz_take_line(&rest), asked = fuzz_copy(rest);

    check_pattern(pattern, asked);
    check_url(asked);
    fuzz_free(pattern);
    fuzz_free(asked);
    return 0;
}
