#include "gateway/front/body/pixel.h"

#include <stdio.h>

#include "tests/auth/check.h"

static struct failure event_of(const char *query, struct buf *scratch, struct span *event)
{
    buf_init(scratch, 1u << 20);
    return pixel_event(span_str(query), scratch, event);
}

static void a_query_is_an_event(void **state)
{
    static const struct {
        const char *query, *event; /* NULL: refused */
    } rows[] = {
        {"", "{}"},
        {"key=kgw_x", "{}"},
        {"a=1", "{\"a\":\"1\"}"},
        {"a=1&key=kgw_x&b=2", "{\"a\":\"1\",\"b\":\"2\"}"},
        {"%6bey=kgw_x&a=1", "{\"a\":\"1\"}"},
        {"partitionKey=x&explicitHashKey=1&sequenceNumberForOrdering=2&dryRun=true&a=1", "{\"a\":\"1\"}"},
        {"partitionkey=x", "{\"partitionkey\":\"x\"}"},
        {"a=1&b=2&a=3&a=", "{\"a\":[\"1\",\"3\",\"\"],\"b\":\"2\"}"},
        {"a=1&%61=2", "{\"a\":[\"1\",\"2\"]}"},
        {"a=x+y%20z%2B", "{\"a\":\"x y z+\"}"},
        {"a+b=1", "{\"a b\":\"1\"}"},
        {"a", "{\"a\":\"\"}"},
        {"a&b=", "{\"a\":\"\",\"b\":\"\"}"},
        {"=1", "{\"\":\"1\"}"},
        {"a=b=c", "{\"a\":\"b=c\"}"},
        {"&&a=1&", "{\"a\":\"1\"}"},
        {"a=\"\\%22%5c", "{\"a\":\"\\\"\\\\\\\"\\\\\"}"},
        {"a=%00%0a%1f", "{\"a\":\"\\u0000\\n\\u001f\"}"},
        {"%22%3A=1", "{\"\\\":\":\"1\"}"},
        {"a=%C3%BC\xC3\xBC", "{\"a\":\"\xC3\xBC\xC3\xBC\"}"},
        {"a=%F0%9F%98%80", "{\"a\":\"\xF0\x9F\x98\x80\"}"},
        {"a=%", NULL},
        {"a=%4", NULL},
        {"a=%GG", NULL},
        {"%=1", NULL},
        {"a=%FF", NULL},
        {"a=%C3", NULL},
        {"%C0%A0=1", NULL},
        {"a=%ED%A0%80", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct buf scratch;
        struct span event;
        struct failure f = event_of(rows[i].query, &scratch, &event);
        check(f.row == (rows[i].event == NULL ? FAILURE_MALFORMED : FAILURE_NONE), "%s", rows[i].query);
        if (rows[i].event != NULL)
            check(span_is(event, rows[i].event), "%s: %.*s", rows[i].query, (int)event.len, event.ptr);
        buf_clear(&scratch);
    }
}

static void parameters_have_a_bound(void **state)
{
    char query[4 * PIXEL_PARAMETERS_MAX + 16] = "";
    size_t len = 0;
    struct buf scratch;
    struct span event;

    (void)state;
    for (size_t i = 0; i != PIXEL_PARAMETERS_MAX; i++)
        len += (size_t)sprintf(query + len, "%zx&", i & 0xFF);
    assert_int_equal(event_of(query, &scratch, &event).row, FAILURE_NONE);
    buf_clear(&scratch);
    sprintf(query + len, "key=x");
    assert_int_equal(event_of(query, &scratch, &event).row, FAILURE_NONE);
    buf_clear(&scratch);
    sprintf(query + len, "more");
    assert_int_equal(event_of(query, &scratch, &event).row, FAILURE_MALFORMED);
    buf_clear(&scratch);
}

/* What takes the most room beside what it was: nothing is written past the room that was taken. */
static void what_is_decoded_later_moves_nothing(void **state)
{
    static const char *const parts[] = {"%01", "\"", "a&", "&", "%22=", "+", "%C3%BC"};

    (void)state;
    for (size_t i = 0; i < LEN(parts); i++) {
        char query[1024] = "";
        struct buf scratch;
        struct span event;
        for (size_t n = 0; n != 200 && strlen(query) < sizeof(query) - 16; n++)
            strcat(query, parts[i]);
        assert_int_equal(event_of(query, &scratch, &event).row, FAILURE_NONE);
        check(event.ptr + event.len == scratch.ptr + scratch.len, "%s", parts[i]);
        const char *before = scratch.ptr;
        check(scratch.capacity - scratch.len >= strlen(query) && buf_reserve(&scratch, strlen(query)) &&
                  scratch.ptr == before,
              "%s", parts[i]);
        buf_clear(&scratch);
    }
}

static void without_memory_the_gateway_is_overloaded(void **state)
{
    struct buf scratch;
    struct span event;

    (void)state;
    buf_init(&scratch, 100);
    assert_int_equal(pixel_event(SPAN("a=1"), &scratch, &event).row, FAILURE_OVERLOADED);
    buf_clear(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_is_an_event),
        cmocka_unit_test(parameters_have_a_bound),
        cmocka_unit_test(what_is_decoded_later_moves_nothing),
        cmocka_unit_test(without_memory_the_gateway_is_overloaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
