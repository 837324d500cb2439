#include "gateway/front/guard.h"

#include "tests/auth/check.h"

#include <stdio.h>

static struct head read_head(struct span bytes)
{
    struct head h;

    assert_int_equal(guard_read(bytes, 16384, &h), GUARD_OK);
    return h;
}

static void the_table_holds_every_field_in_order(void **state)
{
    static const struct {
        const char *name, *value;
    } want[] = {{"Host", "a:1"},       {"X-A", "b c"}, {"x-a", ""},     {"Content-Length", "3"},
                {"Accept", "\"a\",b"}, {"X-A", "d"},   {"X-Colon", ":"}};
    struct head h = read_head(SPAN("PUT /p?q=1 HTTP/1.1\r\nHost: a:1\r\nX-A:\t b c \t\r\nx-a:\r\nContent-Length: 3\r\n"
                                   "Accept:\"a\",b\r\nX-A: d\r\nX-Colon: :\r\n\r\nabc"));

    (void)state;
    assert_true(span_is(h.method, "PUT") && span_is(h.target, "/p?q=1"));
    assert_true(!h.is_http_1_0 && h.has_length && !h.is_chunked);
    assert_int_equal(h.fields_len, LEN(want));
    for (size_t i = 0; i < LEN(want); i++)
        check(span_is(h.fields[i].name, want[i].name) && span_is(h.fields[i].value, want[i].value), "field %zu", i);
}

static void how_the_body_is_framed_is_told(void **state)
{
    struct head h = read_head(SPAN("GET / HTTP/1.0\r\n\r\n"));

    (void)state;
    assert_true(h.is_http_1_0 && !h.has_length && !h.is_chunked && h.fields_len == 0);
    h = read_head(SPAN("POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: CHUNKED\r\n\r\n"));
    assert_true(!h.is_http_1_0 && !h.has_length && h.is_chunked);
    h = read_head(SPAN("POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 0\r\n\r\n"));
    assert_true(h.has_length && !h.is_chunked);
}

static void a_field_is_found_by_name_in_any_case_and_counted(void **state)
{
    struct head h = read_head(SPAN("GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-a: 2\r\nX-AB: 3\r\nX-Empty:\r\n\r\n"));
    size_t count = 9;

    (void)state;
    assert_true(span_is(head_find(&h, SPAN("X-a"), &count), "1") && count == 2);
    assert_true(span_is(head_find(&h, SPAN("x-ab"), NULL), "3"));
    assert_true(span_is(head_find(&h, SPAN("x-empty"), &count), "") && count == 1);
    assert_true(span_is(head_find(&h, SPAN("x"), &count), "") && count == 0);
    assert_true(span_is(head_find(&h, SPAN(""), &count), "") && count == 0);
}

static void the_end_of_a_head_is_after_its_empty_line(void **state)
{
    static const struct {
        const char *what;
        struct span bytes;
        size_t head_bytes;
    } rows[] = {
        {"a head", SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 27},
        {"a head with a body", SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r\nbody\r\n\r\n"), 27},
        {"nothing", SPAN(""), 0},
        {"a line", SPAN("GET / HTTP/1.1\r\n"), 0},
        {"a head but for its last byte", SPAN("GET / HTTP/1.1\r\nHost: a\r\n\r"), 0},
        {"a head with bare LF", SPAN("GET / HTTP/1.1\nHost: a\n\n"), 0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        check(guard_head_bytes(rows[i].bytes) == rows[i].head_bytes, "%s", rows[i].what);
}

static void empty_lines_before_a_head_are_not_its_end(void **state)
{
    (void)state;
    assert_int_equal(guard_head_bytes(SPAN("\r\n\r\nGET / HTTP/1.1\r\n")), 0);
    assert_int_equal(guard_head_bytes(SPAN("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")), 31);
}

static enum guard_verdict read_with(const char *before, size_t at, unsigned char c, const char *after)
{
    char text[128], filler[24];
    struct head h;

    memset(filler, 'x', sizeof(filler));
    filler[at] = (char)c;
    int len = snprintf(text, sizeof(text), "%s", before);
    memcpy(text + len, filler, sizeof(filler));
    len += (int)sizeof(filler);
    len += snprintf(text + len, sizeof(text) - (size_t)len, "%s", after);
    return guard_read(span_of(text, (size_t)len), 16384, &h);
}

/* RFC 9110 section 5.5, RFC 9112 section 3.2: wherever it stands among others. A CR or an LF makes another line. */
static void every_byte_may_stand_in_a_value_or_a_target_or_may_not(void **state)
{
    (void)state;
    for (size_t at = 0; at != 24; at++)
        for (unsigned c = 0; c != 256; c++) {
            bool in_target = c > 0x20 && c != 0x7f, in_value = in_target || c == ' ' || c == '\t';
            if (c == '\n' || c == '\r')
                continue;
            check((read_with("GET / HTTP/1.1\r\nHost: a\r\nX-A:", at, (unsigned char)c, "\r\n\r\n") == GUARD_OK) ==
                      in_value,
                  "%02x at %zu of a value", c, at);
            check((read_with("GET /", at, (unsigned char)c, " HTTP/1.1\r\nHost: a\r\n\r\n") == GUARD_OK) == in_target,
                  "%02x at %zu of a target", c, at);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_holds_every_field_in_order),
        cmocka_unit_test(how_the_body_is_framed_is_told),
        cmocka_unit_test(a_field_is_found_by_name_in_any_case_and_counted),
        cmocka_unit_test(every_byte_may_stand_in_a_value_or_a_target_or_may_not),
        cmocka_unit_test(the_end_of_a_head_is_after_its_empty_line),
        cmocka_unit_test(empty_lines_before_a_head_are_not_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
