/* Events of binary mode, as the JSON that a record holds. */
#include "gateway/front/body/event.h"

#include "tests/auth/check.h"
#include "tests/lib/fake_exchange.h"

#define EVENT "ce-specversion: 1.0\r\nce-id: 1\r\nce-source: /s\r\nce-type: t\r\n"
#define JSON  "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\""

static const struct {
    const char *fields;
    struct span body;
    const char *want; /* NULL: refused */
} events[] = {
    {EVENT, SPAN(""), JSON "}"},
    {EVENT "CE-Subject: a%20b\r\nce-x1: %E2%82%AC\r\n", SPAN(""), JSON ",\"subject\":\"a b\",\"x1\":\"\xe2\x82\xac\"}"},
    {EVENT "Content-Type: application/json; charset=utf-8\r\n", SPAN(" [1] "),
     JSON ",\"datacontenttype\":\"application/json; charset=utf-8\",\"data\": [1] }"},
    {EVENT "Content-Type: text/JSON\r\n", SPAN("1"), JSON ",\"datacontenttype\":\"text/JSON\",\"data\":1}"},
    {EVENT "Content-Type: a/b+json\r\n", SPAN(""), JSON ",\"datacontenttype\":\"a/b+json\"}"},
    {EVENT "Content-Type: text/plain\r\n", SPAN("\"\n"),
     JSON ",\"datacontenttype\":\"text/plain\",\"data\":\"\\\"\\n\"}"},
    {EVENT "Content-Type: text/plain\r\n", SPAN("\xff"),
     JSON ",\"datacontenttype\":\"text/plain\",\"data_base64\":\"/w==\"}"},
    {EVENT "Content-Type: image/svg+xml\r\n", SPAN("<a/>"),
     JSON ",\"datacontenttype\":\"image/svg+xml\",\"data\":\"<a/>\"}"},
    {EVENT "Content-Type: image/png\r\n", SPAN("x"),
     JSON ",\"datacontenttype\":\"image/png\",\"data_base64\":\"eA==\"}"},
    {EVENT, SPAN("x"), JSON ",\"data_base64\":\"eA==\"}"},

    {EVENT "Content-Type: application/json\r\n", SPAN("{"), NULL},
    {EVENT "Content-Type: application/json\r\n", SPAN("1 2"), NULL},
    {EVENT "Content-Type: text/\xff\r\n", SPAN("x"), NULL},
    {EVENT "ce-x: 1\r\nCE-X: 1\r\n", SPAN(""), NULL},
    {EVENT "ce-data: 1\r\n", SPAN(""), NULL},
    {EVENT "ce-datacontenttype: a/b\r\n", SPAN(""), NULL},
    {EVENT "ce-a-b: 1\r\n", SPAN(""), NULL},
};

static void an_event_becomes_json(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(events); i++) {
        struct fake_exchange *e = fake_request("POST /", events[i].fields, SPAN(""));
        struct buf out;
        size_t attributes;
        buf_init(&out, 4096);
        struct failure f = event_write(&e->exchange.head, events[i].body, &out, &attributes);
        check((f.row == FAILURE_NONE) == (events[i].want != NULL), "%s: %d", events[i].fields, f.row);
        if (f.row == FAILURE_NONE) {
            check(span_is(buf_span(&out), events[i].want), "%.*s", (int)out.len, out.ptr);
            check(attributes <= out.len && event_is_binary(&e->exchange.head), "its attributes come first");
        }
        buf_clear(&out);
        fake_exchange_gone(e);
        fake_exchange_free(e);
    }
}

static void a_value_is_unquoted_and_then_decoded_once(void **state)
{
    static const struct {
        struct span value;
        const char *want;
    } rows[] = {
        {SPAN(""), ""},
        {SPAN("a+b"), "a+b"},
        {SPAN("%41%2f%2F"), "A//"},
        {SPAN("%2525"), "%25"},
        {SPAN("%22x%5c"), "\"x\\"},
        {SPAN("\"a b\""), "a b"},
        {SPAN("\"\\\"\\\\\\a\""), "\"\\a"},
        {SPAN("a\"b\"c"), "abc"},
        {SPAN("\"%41\""), "A"},
        {SPAN("\xc3\xa9"), "\xc3\xa9"},
        {SPAN("%F4%8F%BF%BD"), "\xf4\x8f\xbf\xbd"},
        {SPAN("\""), NULL},
        {SPAN("\"a\\"), NULL},
        {SPAN("%"), NULL},
        {SPAN("%4"), NULL},
        {SPAN("%4g"), NULL},
        {SPAN("%C0%A0"), NULL},
        {SPAN("%ED%A0%80"), NULL},
        {SPAN("%F4%90%80%80"), NULL},
        {SPAN("\xff"), NULL},
        {SPAN("%00"), NULL},
        {SPAN("%7F"), NULL},
        {SPAN("%C2%80"), NULL},       /* a control character past ASCII */
        {SPAN("%EF%B7%90"), NULL},    /* U+FDD0, a noncharacter */
        {SPAN("%EF%BF%BF"), NULL},    /* U+FFFF */
        {SPAN("%F0%9F%BF%BE"), NULL}, /* U+1FFFE */
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct buf out;
        buf_init(&out, rows[i].value.len);
        bool ok = event_decode_value(rows[i].value, &out).row == FAILURE_NONE;
        check(ok == (rows[i].want != NULL), "%s", rows[i].value.ptr);
        check(!ok || span_is(buf_span(&out), rows[i].want), "%s", rows[i].value.ptr);
        buf_clear(&out);
    }
}

static void one_of_its_attributes_makes_a_request_an_event(void **state)
{
    static const struct {
        const char *fields;
        bool want;
    } rows[] = {
        {"ce-id: 1\r\n", true},       {"Ce-SpecVersion: 1.0\r\n", true},
        {"ce-source: s\r\n", true},   {"ce-type: t\r\n", true},
        {"ce-subject: t\r\n", false}, {"ce-: t\r\n", false},
        {"x-ce-id: 1\r\n", false},    {"", false},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct fake_exchange *e = fake_request("POST /", rows[i].fields, SPAN(""));
        check(event_is_binary(&e->exchange.head) == rows[i].want, "%s", rows[i].fields);
        fake_exchange_gone(e);
        fake_exchange_free(e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_becomes_json),
        cmocka_unit_test(a_value_is_unquoted_and_then_decoded_once),
        cmocka_unit_test(one_of_its_attributes_makes_a_request_an_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
