#include "gateway/net/redis_slot.h"

#include "tests/auth/check.h"

static void keys_fall_into_the_slots_of_the_specification(void **state)
{
    static const struct {
        const char *key;
        unsigned want;
    } rows[] = {
        {"123456789", 0x31c3}, /* the specification's check value, below 16384 as it is */
        {"foo", 12182},        {"bar", 5061}, {"hello", 866}, {"", 0},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++)
        check(redis_slot_of(span_str(rows[i].key)) == rows[i].want, "'%s': %u", rows[i].key,
              redis_slot_of(span_str(rows[i].key)));
}

static void what_stands_in_braces_decides(void **state)
{
    static const struct {
        const char *what, *key, *as;
    } rows[] = {
        {"a tag", "kgw:{tenant}:q", "tenant"},
        {"the first one", "foo{bar}{zap}", "bar"},
        {"up to the first end", "foo{{bar}}zap", "{bar"},
        {"an end before it is no end", "a}b{c}d", "c"},
    };
    static const char *whole[] = {"foo{}{bar}", "foo{bar", "foo}bar", "{", "}", "{}"};

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++)
        check(redis_slot_of(span_str(rows[i].key)) == redis_slot_of(span_str(rows[i].as)), "%s", rows[i].what);
    for (size_t i = 0; i != LEN(whole); i++) {
        char longer[32] = "";
        strcat(strcat(longer, "{"), whole[i]); /* differs if a tag were seen in either */
        check(redis_slot_of(span_str(whole[i])) != redis_slot_of(SPAN("bar")), "'%s' is hashed whole", whole[i]);
    }
}

static const struct redis_host asked = {.name = "10.0.0.9", .port = 7000};

static void redirects_name_a_slot_and_a_host(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        unsigned slot;
        const char *name;
        uint16_t port;
    } rows[] = {
        {"MOVED 3999 127.0.0.1:6381", true, 3999, "127.0.0.1", 6381},
        {"ASK 0 redis-1.example:1", true, 0, "redis-1.example", 1},
        {"MOVED 16383 ::1:6381", true, 16383, "::1", 6381},
        {"MOVED 1 :6381", true, 1, "10.0.0.9", 6381},
        {"MOVED 16384 127.0.0.1:6381", false, 0, NULL, 0},
        {"MOVED x 127.0.0.1:6381", false, 0, NULL, 0},
        {"MOVED 1 127.0.0.1:0", false, 0, NULL, 0},
        {"MOVED 1 127.0.0.1:65536", false, 0, NULL, 0},
        {"MOVED 1 127.0.0.1", false, 0, NULL, 0},
        {"MOVED 1 ?:6381", false, 0, NULL, 0},
        {"MOVED 1", false, 0, NULL, 0},
        {"MOVED", false, 0, NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct redis_slots got;
        bool ok = redis_slots_read_redirect(span_str(rows[i].text), &asked, &got);
        check(ok == rows[i].ok, "'%s' is %s", rows[i].text, rows[i].ok ? "a redirect" : "none");
        if (ok)
            check(got.first == rows[i].slot && got.last == rows[i].slot && got.host.port == rows[i].port &&
                      strcmp(got.host.name, rows[i].name) == 0,
                  "'%s': %u %s %u", rows[i].text, got.first, got.host.name, got.host.port);
    }
}

static struct redis_reply integer(int64_t value)
{
    return (struct redis_reply){.type = REDIS_TYPE_INTEGER, .integer = value};
}

static void ranges_name_their_masters(void **state)
{
    struct redis_reply node[2] = {{.type = REDIS_TYPE_STRING, .text = SPAN("127.0.0.1")}, integer(7001)};
    struct redis_reply range[3] = {
        integer(100), integer(200), {.type = REDIS_TYPE_ARRAY, .elements = node, .elements_len = 2}};
    struct redis_reply r = {.type = REDIS_TYPE_ARRAY, .elements = range, .elements_len = 3};
    struct redis_slots got;

    (void)state;
    assert_true(redis_slots_read(&r, &asked, &got));
    assert_int_equal(got.first, 100);
    assert_int_equal(got.last, 200);
    assert_string_equal(got.host.name, "127.0.0.1");
    node[0] = (struct redis_reply){.type = REDIS_TYPE_NIL};
    assert_true(redis_slots_read(&r, &asked, &got));
    assert_string_equal(got.host.name, "10.0.0.9");
    range[1] = integer(99);
    assert_false(redis_slots_read(&r, &asked, &got));
    range[1] = integer(REDIS_SLOTS);
    assert_false(redis_slots_read(&r, &asked, &got));
    range[1] = integer(200);
    node[1] = integer(-1);
    assert_false(redis_slots_read(&r, &asked, &got));
    r.elements_len = 2;
    assert_false(redis_slots_read(&r, &asked, &got));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_fall_into_the_slots_of_the_specification),
        cmocka_unit_test(what_stands_in_braces_decides),
        cmocka_unit_test(redirects_name_a_slot_and_a_host),
        cmocka_unit_test(ranges_name_their_masters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
