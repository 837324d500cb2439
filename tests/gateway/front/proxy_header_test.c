/* The PROXY protocol's two versions, whole, in pieces and wrong. */
#include "gateway/front/proxy_header.h"

#include "tests/auth/check.h"

#define V2  "\r\n\r\n\0\r\nQUIT\n"
#define TO4 "\xc0\x00\x02\x07\x0a\x00\x00\x01\x01\x02\x03\x04"
#define TO6 "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x01\x02\x03\x04"

static const struct {
    struct span header;
    const char *client; /* "": it names none; NULL: malformed */
} rows[] = {
    {SPAN("PROXY TCP4 192.0.2.7 10.0.0.1 5312 443\r\n"), "192.0.2.7"},
    {SPAN("PROXY TCP6 2001:db8::7 2001:db8::1 0 65535\r\n"), "2001:db8::7"},
    {SPAN("PROXY UNKNOWN\r\n"), ""},
    {SPAN("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n"), ""},
    {SPAN(V2 "\x21\x11\0\x0c" TO4), "192.0.2.7"},
    {SPAN(V2 "\x21\x12\0\x0c" TO4), "192.0.2.7"},
    {SPAN(V2 "\x21\x11\0\x10" TO4 "\x04\0\x01x"), "192.0.2.7"},
    {SPAN(V2 "\x21\x21\0\x24" TO6), "2001:db8::7"},
    {SPAN(V2 "\x20\x00\0\0"), ""},
    {SPAN(V2 "\x20\x11\0\x0c" TO4), ""},
    {SPAN(V2 "\x21\x00\0\0"), ""},
    {SPAN(V2 "\x21\x31\0\x01x"), ""},

    {SPAN("PROXY TCP4 192.0.2.7 10.0.0.1 5312 443\n"), NULL},
    {SPAN("PROXY TCP4 192.0.2.7 10.0.0.1 5312\r\n"), NULL},
    {SPAN("PROXY TCP4 192.0.2.7 10.0.0.1 5312 443 \r\n"), NULL},
    {SPAN("PROXY TCP4 192.0.2.7 10.0.0.1 05312 443\r\n"), NULL},
    {SPAN("PROXY TCP4 192.0.2.7 10.0.0.1 5312 65536\r\n"), NULL},
    {SPAN("PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n"), NULL},
    {SPAN("PROXY TCP6 192.0.2.7 10.0.0.1 1 2\r\n"), NULL},
    {SPAN("PROXY TCP4  10.0.0.1 1 2\r\n"), NULL},
    {SPAN("PROXY TCP4 localhost 10.0.0.1 1 2\r\n"), NULL},
    {SPAN("PROXY UDP4 192.0.2.7 10.0.0.1 1 2\r\n"), NULL},
    {SPAN("PROXY \r\n"), NULL},
    {SPAN("proxy TCP4 192.0.2.7 10.0.0.1 1 2\r\n"), NULL},
    {SPAN("GET / HTTP/1.1\r\n"), NULL},
    {SPAN("\r\n\r\n\0\r\nQUIX"), NULL},
    {SPAN(V2 "\x11\x11\0\x0c" TO4), NULL},
    {SPAN(V2 "\x22\x11\0\x0c" TO4), NULL},
    {SPAN(V2 "\x21\x11\0\x0b" TO4), NULL},
    {SPAN(V2 "\x21\x21\0\x0c" TO4), NULL},
    {SPAN(V2 "\x21\x11\xff\xff"), NULL},
};

static void a_header_names_the_client(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct proxy_header h;
        char text[ADDRESS_TEXT_BYTES_MAX], bytes[256];
        struct span whole = rows[i].header;
        memcpy(bytes, whole.ptr, whole.len);
        memcpy(bytes + whole.len, "GET /", 5);
        enum proxy_verdict v = proxy_header_read(span_of(bytes, whole.len + 5), &h);
        check((v == PROXY_HEADER) == (rows[i].client != NULL), "row %zu: %d", i, v);
        if (v != PROXY_HEADER)
            continue;
        check(h.bytes == whole.len, "row %zu ends where it ends", i);
        check(h.has_client == (rows[i].client[0] != '\0'), "row %zu", i);
        check(!h.has_client || span_is(span_of(text, address_format(h.client, text)), rows[i].client), "row %zu", i);
    }
}

static void a_part_of_one_waits_for_the_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(rows); i++)
        for (size_t len = 0; rows[i].client != NULL && len != rows[i].header.len; len++) {
            struct proxy_header h;
            check(proxy_header_read(span_of(rows[i].header.ptr, len), &h) == PROXY_MORE, "row %zu to %zu", i, len);
        }
}

static void a_header_without_an_end_is_none(void **state)
{
    char bytes[PROXY_HEADER_V1_BYTES_MAX] = "PROXY UNKNOWN ";
    struct proxy_header h;

    (void)state;
    memset(bytes + 14, 'x', sizeof(bytes) - 14);
    assert_int_equal(proxy_header_read(span_of(bytes, sizeof(bytes) - 1), &h), PROXY_MORE);
    assert_int_equal(proxy_header_read(span_of(bytes, sizeof(bytes)), &h), PROXY_MALFORMED);
    bytes[sizeof(bytes) - 2] = '\r';
    bytes[sizeof(bytes) - 1] = '\n';
    assert_int_equal(proxy_header_read(span_of(bytes, sizeof(bytes)), &h), PROXY_HEADER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_names_the_client),
        cmocka_unit_test(a_part_of_one_waits_for_the_rest),
        cmocka_unit_test(a_header_without_an_end_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
