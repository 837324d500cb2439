/* Redis's rows, and the tenants file that says the same. */
#include "gateway/tenants/redis_rows.h"

#include "gateway/tenants/redis_layout.h"
#include "tests/auth/check.h"

#include <stdio.h>
#include <time.h>

#define A "aaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbb"
#define C "cccccccccccccccc"

#define TEXTS_MAX 8

struct loaded {
    struct redis_reply all[3], tenants[TEXTS_MAX], keys[TEXTS_MAX];
};

static size_t set_texts(struct redis_reply *to, const char *const *texts)
{
    size_t len = 0;

    for (; texts[len] != NULL; len++)
        to[len] = (struct redis_reply){.type = REDIS_TYPE_STRING, .text = span_str(texts[len])};
    return len;
}

static struct redis_rows load(struct loaded *l, const char *version, const char *const *tenants,
                              const char *const *keys)
{
    struct redis_reply reply = {.type = REDIS_TYPE_ARRAY, .elements = l->all, .elements_len = 3};
    struct redis_rows rows;

    l->all[0] = (struct redis_reply){.type = REDIS_TYPE_STRING, .text = span_str(version)};
    l->all[1] = (struct redis_reply){
        .type = REDIS_TYPE_ARRAY, .elements = l->tenants, .elements_len = set_texts(l->tenants, tenants)};
    l->all[2] =
        (struct redis_reply){.type = REDIS_TYPE_ARRAY, .elements = l->keys, .elements_len = set_texts(l->keys, keys)};
    assert_true(redis_rows_open(&reply, &rows));
    assert_true(span_is(rows.version, version));
    return rows;
}

static void the_text_is_that_of_a_tenants_file(void **state)
{
    static const struct {
        const char *tenants[TEXTS_MAX], *keys[TEXTS_MAX], *want;
    } rows[] = {
        {{NULL}, {NULL}, "{\"tenants\":{}}"},
        {{"a", "{}", NULL}, {NULL}, "{\"tenants\":{\"a\":{\"keys\":[]}}}"},
        {{"b", " { \"comment\" : \"x\" } ", "a", "{}", NULL},
         {NULL},
         "{\"tenants\":{\"a\":{\"keys\":[]},\"b\":{\"comment\":\"x\",\"keys\":[]}}}"},
        {{"a", "{\"comment\":\"\\u00e9,\\\"\",\"quota\":{\"records_per_day\":1}}", NULL},
         {NULL},
         "{\"tenants\":{\"a\":{\"comment\":\"\\u00e9,\\\"\",\"quota\":{\"records_per_day\":1},\"keys\":[]}}}"},
        {{"a", "{\"keys\":[1]}", NULL}, {NULL}, "{\"tenants\":{\"a\":{\"keys\":[]}}}"},
        {{"b", "{}", "a", "{}", NULL},
         {C, "{\"tenant\":\"a\",\"id\":\"" C "\"}", B, "{\"id\":\"" B "\",\"x\":1,\"tenant\":\"b\"}", A,
          "{\"tenant\":\"a\",\"id\":\"" A "\"}", NULL},
         "{\"tenants\":{\"a\":{\"keys\":[{\"id\":\"" A "\"},{\"id\":\"" C "\"}]},\"b\":{\"keys\":[{\"id\":\"" B
         "\",\"x\":1}]}}}"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        char error[REDIS_ROWS_ERROR_BYTES];
        struct loaded l;
        struct redis_rows loaded = load(&l, "7", rows[i].tenants, rows[i].keys);
        struct buf text;
        buf_init(&text, 4096);
        check(redis_rows_text(&loaded, &text, error), "%zu: %s", i, error);
        check(span_is(buf_span(&text), rows[i].want), "%.*s", (int)text.len, text.ptr);
        buf_clear(&text);
    }
}

static void a_row_that_is_none_is_named(void **state)
{
    static const struct {
        const char *tenants[TEXTS_MAX], *keys[TEXTS_MAX], *want;
    } rows[] = {
        {{"a", "", NULL}, {NULL}, "{kgw}:tenants a: is not a JSON object"},
        {{"a", "[]", NULL}, {NULL}, "{kgw}:tenants a: "},
        {{"a", "{}}", NULL}, {NULL}, "{kgw}:tenants a: "},
        {{"a", "{},\"b\":{}", NULL}, {NULL}, "{kgw}:tenants a: "},
        {{"a", "{\"keys\":1,\"keys\":2}", NULL}, {NULL}, "{kgw}:tenants a: "},
        {{"a", "{\"quota\":{},\"quota\":{}}", NULL}, {NULL}, "line 1, column "},
        {{"a", "{}", NULL}, {A, "{\"id\":\"" A "\",\"id\":\"" B "\",\"tenant\":\"a\"}", NULL}, "{kgw}:keys " A ": "},
        {{"a", "{}", NULL}, {A, "{\"tenant\":\"a\",\"id\":\"" A "\"},{}", NULL}, "{kgw}:keys " A ": "},
        {{"a", "{}", NULL}, {A, "", NULL}, "{kgw}:keys " A ": is not a JSON object"},
        {{"a", "{}", NULL}, {A, "{\"id\":\"" A "\"}", NULL}, "{kgw}:keys " A ": "},
        {{"a", "{}", NULL}, {A, "{\"id\":\"" A "\",\"tenant\":1}", NULL}, "{kgw}:keys " A ": "},
        {{"a", "{}", NULL}, {A, "{\"id\":\"" A "\",\"tenant\":\"b\"}", NULL}, "{kgw}:keys " A ": "},
        {{"a", "{}", NULL}, {A, "{\"id\":\"" B "\",\"tenant\":\"a\"}", NULL}, "{kgw}:keys " A ": "},
        {{"a", "{}", NULL}, {A, "{\"tenant\":\"a\"}", NULL}, "{kgw}:keys " A ": "},
        {{"a", "{}", NULL}, {A, "{\"tenant\":\"a\",\"id\":\"" A "\"}", NULL}, "tenants.a.keys[0]: "},
        {{"a b", "{}", NULL}, {NULL}, "tenants.a?b: "},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        char error[REDIS_ROWS_ERROR_BYTES];
        struct loaded l;
        struct redis_rows loaded = load(&l, "7", rows[i].tenants, rows[i].keys);
        check(redis_rows_keyring(&loaded, error) == NULL, "%s", rows[i].want);
        check(strstr(error, rows[i].want) == error, "%s: %s", rows[i].want, error);
    }
}

static void where_nothing_ever_was_there_is_no_keyring(void **state)
{
    static const char *const none[] = {NULL};
    char error[REDIS_ROWS_ERROR_BYTES];
    struct loaded l;

    (void)state;
    struct redis_rows rows = load(&l, TENANTS_REDIS_VERSION_NONE, none, none);
    assert_null(redis_rows_keyring(&rows, error));
    check(strstr(error, "has no tenants") == error, "%s", error);
    rows = load(&l, "1", none, none);
    struct keyring *k = redis_rows_keyring(&rows, error);
    check(k != NULL, "none any more: %s", error);
    keyring_release(&k);
}

static void a_reply_of_another_shape_is_refused(void **state)
{
    const struct redis_reply text = {.type = REDIS_TYPE_STRING, .text = SPAN("1")}, nil = {.type = REDIS_TYPE_NIL},
                             number = {.type = REDIS_TYPE_INTEGER, .integer = 1}, empty = {.type = REDIS_TYPE_ARRAY},
                             odd = {.type = REDIS_TYPE_ARRAY, .elements = &text, .elements_len = 1};
    const struct redis_reply pair[] = {text, number}, mixed = {REDIS_TYPE_ARRAY, .elements = pair, .elements_len = 2};
    const struct redis_reply good[] = {text, empty, empty}, rows[][3] = {{nil, empty, empty},
                                                                         {text, text, empty},
                                                                         {text, empty, nil},
                                                                         {text, odd, empty},
                                                                         {text, empty, mixed}};
    struct redis_reply reply = {.type = REDIS_TYPE_ARRAY, .elements = good, .elements_len = 3};
    struct redis_rows out;

    (void)state;
    assert_true(redis_rows_open(&reply, &out) && out.tenants != NULL);
    reply.elements_len = 1;
    assert_true(redis_rows_open(&reply, &out) && out.tenants == NULL);
    reply.elements_len = 2;
    assert_false(redis_rows_open(&reply, &out));
    assert_false(redis_rows_open(&empty, &out) || redis_rows_open(&text, &out) || redis_rows_open(&nil, &out));
    reply.elements_len = 3;
    for (size_t i = 0; i < LEN(rows); i++) {
        reply.elements = rows[i];
        check(!redis_rows_open(&reply, &out), "row %zu", i);
    }
}

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The bound is that of a slow machine with sanitizers. */
static void a_hundred_thousand_keys_are_read_soon(void **state)
{
    enum { TENANTS = 1000, KEYS = 100000, ROW_BYTES = 384 };
    struct redis_reply *tenants = calloc(2 * TENANTS, sizeof(*tenants)), *keys = calloc(2 * KEYS, sizeof(*keys));
    char *texts = malloc((size_t)(TENANTS + KEYS) * ROW_BYTES), error[REDIS_ROWS_ERROR_BYTES], *text = texts;

    (void)state;
    for (size_t i = 0; i < TENANTS; i++, text += ROW_BYTES) {
        int len = snprintf(text, 32, "tenant-%zu", i * 7919 % TENANTS);
        tenants[2 * i] = (struct redis_reply){.type = REDIS_TYPE_STRING, .text = span_of(text, (size_t)len)};
        tenants[2 * i + 1] = (struct redis_reply){.type = REDIS_TYPE_STRING, .text = SPAN("{\"quota\":{}}")};
    }
    for (size_t i = 0; i < KEYS; i++, text += ROW_BYTES) {
        int len = snprintf(text, 32, "%016zX", i * 7919);
        keys[2 * i] = (struct redis_reply){.type = REDIS_TYPE_STRING, .text = span_of(text, (size_t)len)};
        len = snprintf(text + 32, ROW_BYTES - 32,
                       "{\"tenant\":\"tenant-%zu\",\"id\":\"%016zX\",\"digest\":\"sha256:%064zX\",\"streams\":"
                       "[\"orders-prod\",\"clicks-%zu*\"],\"networks\":[\"10.0.0.0/8\"],\"comment\":\"service %zu\"}",
                       i % TENANTS, i * 7919, i, i, i);
        keys[2 * i + 1] = (struct redis_reply){.type = REDIS_TYPE_STRING, .text = span_of(text + 32, (size_t)len)};
    }
    const struct redis_reply all[] = {{.elements = tenants, .elements_len = 2 * TENANTS},
                                      {.elements = keys, .elements_len = 2 * KEYS}};
    struct redis_rows rows = {.version = SPAN("1"), .tenants = &all[0], .keys = &all[1]};
    double began_ms = now_ms();
    struct keyring *k = redis_rows_keyring(&rows, error);
    double took_ms = now_ms() - began_ms;
    check(k != NULL, "%s", error);
    print_message("%zu keys of Redis's rows: %.0f ms\n", keyring_keys(k), took_ms);
    assert_true(keyring_keys(k) == KEYS && keyring_tenants(k) == TENANTS);
    check(took_ms < 20000, "%.0f ms", took_ms);
    keyring_release(&k);
    free(texts);
    free(tenants);
    free(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_that_of_a_tenants_file),
        cmocka_unit_test(a_row_that_is_none_is_named),
        cmocka_unit_test(where_nothing_ever_was_there_is_no_keyring),
        cmocka_unit_test(a_reply_of_another_shape_is_refused),
        cmocka_unit_test(a_hundred_thousand_keys_are_read_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
