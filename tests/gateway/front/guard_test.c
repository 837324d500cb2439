#include "gateway/front/guard.h"

#include "tests/auth/check.h"

#include <stdio.h>

#define HEAD_MAX 16384

/* Every head lies in memory of its own size, so that reading past its end is seen. */
static enum guard_verdict read_head(struct span bytes, size_t head_max)
{
    char *exact = malloc(bytes.len == 0 ? 1 : bytes.len);
    struct head h;

    assert_non_null(exact);
    memcpy(exact, bytes.ptr, bytes.len);
    enum guard_verdict v = guard_read(span_of(exact, bytes.len), head_max, &h);
    free(exact);
    return v;
}

static const struct span clear_heads[] = {
    SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    SPAN("GET /healthz HTTP/1.0\r\n\r\n"),
    SPAN("GET / HTTP/1.0\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
    SPAN("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    SPAN("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    SPAN("POST /v1/streams/a/record?x=%20&y HTTP/1.1\r\nHost: a.example:8080\r\nContent-Length: 5\r\n\r\nhello"),
    SPAN("POST / HTTP/1.1\r\nhost:a\r\ncontent-length:5\r\n\r\nhello"),
    SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n"),
    SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    SPAN("POST / HTTP/1.1\r\nHost: a\r\nTRANSFER-ENCODING:\tChunked \t\r\n\r\n0\r\n\r\n"),
    SPAN("POST / HTTP/1.1\r\nHost:\r\nX-Empty:\r\nX-Tab:\ta\tb\t\r\n\r\n"),
    SPAN("POST / HTTP/1.1\r\nX-Utf8: \303\251\r\nHost: a\r\n\r\n"),
    SPAN("POST / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nX-A: 2\r\n\r\n"),
    SPAN("!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\nHost: a\r\n!#$%&'*+-.^_`|~09azAZ: v\r\n\r\n"),
    SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\r\n\r\n"),
    SPAN("POST /a?b#c HTTP/1.1\r\nHost: [::1]:80\r\nX: Content-Length: 7\r\n\r\n"),
};

static const struct {
    const char *what;
    struct span bytes;
} ambiguous_heads[] = {
    {"two equal lengths", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello")},
    {"two lengths", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello")},
    {"two lengths of different case",
     SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\ncOnTeNt-LeNgTh: 5\r\n\r\n")},
    {"a list of lengths", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello")},
    {"an empty length", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n")},
    {"a length with a plus", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello")},
    {"a negative length", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")},
    {"a hexadecimal length", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello")},
    {"a fraction", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5.0\r\n\r\nhello")},
    {"a length with a space in it", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\nhello")},
    {"a length past 64 bits", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n")},
    {"a quoted length", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \"5\"\r\n\r\nhello")},
    {"a length and chunks",
     SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n")},
    {"a CR before a name", SPAN("POST / HTTP/1.1\r\nHost: a\r\n\rContent-Length: 4\r\n\r\n")},
    {"a CR before the request line", SPAN("\rGET / HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"empty lines alone", SPAN("\r\n\r\n")},
    {"chunks and a length",
     SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n")},
    {"chunks twice",
     SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n")},
    {"identity, then chunks",
     SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n")},
    {"identity", SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n")},
    {"gzip and chunks", SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")},
    {"chunks and chunks", SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n")},
    {"chunks, then identity", SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n")},
    {"an unknown coding", SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n")},
    {"no coding", SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n")},
    {"a coding with a parameter", SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n")},
    {"a quoted coding", SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n")},
    {"a coding behind a vertical tab", SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \vchunked\r\n\r\n")},
    {"a space before the colon", SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n")},
    {"a tab before the colon", SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length\t: 5\r\n\r\nhello")},
    {"a space before a name", SPAN("POST / HTTP/1.1\r\nHost: a\r\n Content-Length: 5\r\n\r\nhello")},
    {"obs-fold", SPAN("POST / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n")},
    {"obs-fold with a tab", SPAN("POST / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\tTransfer-Encoding: chunked\r\n\r\n")},
    {"a line of white space", SPAN("POST / HTTP/1.1\r\nHost: a\r\n \r\n\r\n")},
    {"a fold before the first field", SPAN("POST / HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n")},
    {"chunks in HTTP/1.0", SPAN("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
    {"two hosts", SPAN("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")},
    {"two equal hosts", SPAN("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n")},
    {"two hosts in HTTP/1.0", SPAN("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n")},
    {"no host", SPAN("GET / HTTP/1.1\r\nX-Host: a\r\n\r\n")},
    {"no field", SPAN("GET / HTTP/1.1\r\n\r\n")},
    {"a host of two words", SPAN("GET / HTTP/1.1\r\nHost: a b\r\n\r\n")},
    {"bare LF", SPAN("GET / HTTP/1.1\nHost: a\n\n")},
    {"a bare LF after the request line", SPAN("GET / HTTP/1.1\nHost: a\r\n\r\n")},
    {"a bare LF after a field", SPAN("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n")},
    {"a bare LF at the end", SPAN("GET / HTTP/1.1\r\nHost: a\r\n\n")},
    {"an empty line with a bare LF before", SPAN("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"a bare CR in a value", SPAN("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n")},
    {"a bare CR as an end of line", SPAN("GET / HTTP/1.1\rHost: a\r\r")},
    {"two CR", SPAN("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n")},
    {"two CR after a field", SPAN("GET / HTTP/1.1\r\nHost: a\r\r\n\r\n")},
    {"NUL in a value", SPAN("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n")},
    {"NUL in a name", SPAN("GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n")},
    {"NUL in the target", SPAN("GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"DEL in a value", SPAN("GET / HTTP/1.1\r\nHost: a\r\nX: \177\r\n\r\n")},
    {"an escape character in a value", SPAN("GET / HTTP/1.1\r\nHost: a\r\nX: \033[31m\r\n\r\n")},
    {"a field without a colon", SPAN("GET / HTTP/1.1\r\nHost: a\r\nX-A\r\n\r\n")},
    {"a field without a name", SPAN("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n")},
    {"a name with a space", SPAN("GET / HTTP/1.1\r\nHost: a\r\nX A: b\r\n\r\n")},
    {"a name with a parenthesis", SPAN("GET / HTTP/1.1\r\nHost: a\r\nX(A): b\r\n\r\n")},
    {"a name beyond ASCII", SPAN("GET / HTTP/1.1\r\nHost: a\r\n\303\251: b\r\n\r\n")},
    {"absolute form", SPAN("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"authority form", SPAN("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"asterisk form", SPAN("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"a space in the target", SPAN("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"a tab in the target", SPAN("GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"two spaces after the method", SPAN("GET  / HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"two spaces after the target", SPAN("GET /  HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"a tab after the method", SPAN("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"a space before the method", SPAN(" GET / HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"a space after the version", SPAN("GET / HTTP/1.1 \r\nHost: a\r\n\r\n")},
    {"no target", SPAN("GET HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"no version", SPAN("GET /\r\nHost: a\r\n\r\n")},
    {"HTTP/0.9", SPAN("GET / HTTP/0.9\r\nHost: a\r\n\r\n")},
    {"HTTP/2.0", SPAN("GET / HTTP/2.0\r\nHost: a\r\n\r\n")},
    {"HTTP/1.2", SPAN("GET / HTTP/1.2\r\nHost: a\r\n\r\n")},
    {"HTTP/1.10", SPAN("GET / HTTP/1.10\r\nHost: a\r\n\r\n")},
    {"a version in lower case", SPAN("GET / http/1.1\r\nHost: a\r\n\r\n")},
    {"the preface of HTTP/2", SPAN("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")},
    {"a method that is no token", SPAN("G(T / HTTP/1.1\r\nHost: a\r\n\r\n")},
    {"TLS", SPAN("\026\003\001\002\000\001\000\001\374\003\003\r\n\r\n")},
    {"nothing", SPAN("")},
    {"only empty lines", SPAN("\r\n\r\n")},
};

static void what_is_read_in_one_way_only_passes(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(clear_heads); i++)
        check(read_head(clear_heads[i], HEAD_MAX) == GUARD_OK, "%.*s", (int)clear_heads[i].len, clear_heads[i].ptr);
}

static void what_two_parsers_could_read_differently_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(ambiguous_heads); i++)
        check(read_head(ambiguous_heads[i].bytes, HEAD_MAX) == GUARD_AMBIGUOUS, "%s", ambiguous_heads[i].what);
    struct head h;
    assert_int_equal(guard_read(span_of(NULL, 0), HEAD_MAX, &h), GUARD_AMBIGUOUS);
}

static void no_part_of_a_head_passes(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(clear_heads); i++) {
        struct span skipped = clear_heads[i];
        while (skipped.len >= 2 && skipped.ptr[0] == '\r')
            skipped = span_of(skipped.ptr + 2, skipped.len - 2);
        size_t whole = (size_t)(skipped.ptr - clear_heads[i].ptr) + guard_head_bytes(skipped);
        for (size_t len = 0; len <= clear_heads[i].len; len++)
            check((read_head(span_of(clear_heads[i].ptr, len), HEAD_MAX) == GUARD_OK) == (len >= whole),
                  "%zu of the %zu bytes of head %zu", len, whole, i);
    }
    for (size_t i = 0; i < LEN(ambiguous_heads); i++)
        for (size_t len = 0; len <= ambiguous_heads[i].bytes.len; len++)
            check(read_head(span_of(ambiguous_heads[i].bytes.ptr, len), HEAD_MAX) != GUARD_OK, "%zu bytes of %s", len,
                  ambiguous_heads[i].what);
}

static void a_head_may_be_as_large_as_allowed_and_no_larger(void **state)
{
    struct span head = SPAN("GET / HTTP/1.1\r\nHost: a\r\nX-A: bbbbbbbb\r\nX-C: d\r\n\r\n");

    (void)state;
    for (int with_body = 0; with_body < 2; with_body++)
        for (size_t max = 1; max < head.len + 20; max++) {
            char bytes[256];
            int len = snprintf(bytes, sizeof(bytes), "%.*s%s", (int)head.len, head.ptr, with_body ? "a body\n" : "");
            check(read_head(span_of(bytes, (size_t)len), max) == (max < head.len ? GUARD_TOO_LARGE : GUARD_OK),
                  "%zu bytes where %zu are allowed", head.len, max);
        }
    struct buf endless;
    buf_init(&endless, 1 << 16);
    while (endless.len < 2 * HEAD_MAX)
        buf_append(&endless, SPAN("GET /aaaaaaaaaaaaaaaaaaaa"));
    check(read_head(buf_span(&endless), HEAD_MAX) == GUARD_TOO_LARGE, "a line without end");
    buf_clear(&endless);
}

static void a_head_has_at_most_a_hundred_fields(void **state)
{
    (void)state;
    for (size_t fields = 98; fields < 104; fields++) {
        struct buf head;
        buf_init(&head, 1 << 16);
        buf_append(&head, SPAN("GET / HTTP/1.1\r\nHost: a\r\n"));
        for (size_t i = 1; i < fields; i++)
            buf_append(&head, SPAN("X: y\r\n"));
        buf_append(&head, SPAN("\r\n"));
        check(read_head(buf_span(&head), HEAD_MAX) == (fields <= HEAD_FIELDS_MAX ? GUARD_OK : GUARD_TOO_LARGE),
              "%zu fields", fields);
        buf_clear(&head);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_in_one_way_only_passes),
        cmocka_unit_test(what_two_parsers_could_read_differently_is_refused),
        cmocka_unit_test(no_part_of_a_head_passes),
        cmocka_unit_test(a_head_may_be_as_large_as_allowed_and_no_larger),
        cmocka_unit_test(a_head_has_at_most_a_hundred_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
