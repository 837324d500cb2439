#include "gateway/front/idempotency_key.h"

#include "tests/auth/check.h"

#include <stdio.h>

#define X64  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define X255 X64 X64 X64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"

static const struct {
    const char *what, *value, *key; /* NULL: malformed */
} values[] = {
    {"a string", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "8e03978e-40d5-43dd-bc93-6894a57f9324"},
    {"a bare token", "8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"},
    {"a token of every kind of sign", "a:b/c_d.e~f!=", "a:b/c_d.e~f!="},
    {"a string with a space", "\"a b\"", "a b"},
    {"escapes", "\"a\\\"b\\\\c\"", "a\"b\\c"},
    {"255 characters", "\"" X255 "\"", X255},
    {"255 without quotes", X255, X255},
    {"256 characters", "\"" X255 "f\"", NULL},
    {"256 without quotes", X255 "f", NULL},
    {"an empty value", "", NULL},
    {"an empty string", "\"\"", NULL},
    {"a string that does not end", "\"abc", NULL},
    {"a string that ends in an escape", "\"abc\\", NULL},
    {"an escape of something else", "\"a\\nb\"", NULL},
    {"UTF-8", "\"\xc3\xa9\"", NULL},
    {"a control character", "\"a\tb\"", NULL},
    {"a token with a quote", "ab\"c", NULL},
    {"a token with a space", "ab c", NULL},
    {"a list", "\"a\", \"b\"", NULL},
    {"a list of tokens", "a,b", NULL},
    {"something behind the string", "\"a\"b", NULL},
    {"a parameter", "\"a\";v=1", "a"},
    {"parameters of all kinds", "\"a\";v; w=\"x;\\\"\";z=?1", "a"},
    {"a token's parameter", "a;v=1", "a"},
    {"a parameter without a name", "\"a\";", NULL},
    {"a parameter whose string does not end", "\"a\";v=\"", NULL},
    {"a space ahead of a parameter", "\"a\" ;v=1", NULL},
};

static struct head head_of(const char *first, const char *second)
{
    struct head h = {.fields_len = 2};

    h.fields[0] = (struct head_field){SPAN("idempotency-key"), span_str(first)};
    h.fields[1] = (struct head_field){second == NULL ? SPAN("x-other") : SPAN("Idempotency-Key"), span_str(second)};
    return h;
}

static void values_are_strings_or_tokens(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(values); i++) {
        struct head h = head_of(values[i].value, NULL);
        struct idempotency_key key;
        struct failure f = idempotency_key_find(&h, &key);
        check((f.row == FAILURE_NONE) == (values[i].key != NULL), "%s: %s", values[i].what, f.detail);
        if (values[i].key != NULL)
            check(span_is(span_of(key.text, key.len), values[i].key), "%s: %.*s", values[i].what, (int)key.len,
                  key.text);
        else
            check(f.row == FAILURE_MALFORMED && strcmp(f.parameter, "Idempotency-Key") == 0, "%s", values[i].what);
    }
}

static void a_key_given_twice_must_be_the_same(void **state)
{
    static const struct {
        const char *first, *second;
        bool ok;
    } rows[] = {
        {"a", "a", true}, {"a", "\"a\"", true}, {"a", "b", false}, {"a", "", false}, {"a", "a,b", false},
    };

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        struct head h = head_of(rows[i].first, rows[i].second);
        struct idempotency_key key;
        check((idempotency_key_find(&h, &key).row == FAILURE_NONE) == rows[i].ok, "%s and %s", rows[i].first,
              rows[i].second);
    }
}

static void without_the_header_there_is_no_key(void **state)
{
    struct head h = {.fields_len = 0};
    struct idempotency_key key = {.len = 7};

    (void)state;
    assert_int_equal(idempotency_key_find(&h, &key).row, FAILURE_NONE);
    assert_int_equal(key.len, 0);
}

static void a_name_says_whose_key_it_is_and_nothing_of_it(void **state)
{
    struct idempotency_key key = {.len = 3, .text = "abc"}, other = {.len = 3, .text = "abd"};
    char a[IDEMPOTENCY_NAME_BYTES_MAX], b[IDEMPOTENCY_NAME_BYTES_MAX];

    (void)state;
    size_t len = idempotency_name(SPAN("acme"), SPAN("orders"), &key, a);
    check(span_is(span_of(a, len),
                  "kgw:idem:acme:orders:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
          "%.*s", (int)len, a);
    check(!span_equal(span_of(a, len), span_of(b, idempotency_name(SPAN("acme"), SPAN("orders"), &other, b))), "key");
    check(!span_equal(span_of(a, len), span_of(b, idempotency_name(SPAN("acm"), SPAN("orders"), &key, b))), "tenant");
    check(!span_equal(span_of(a, len), span_of(b, idempotency_name(SPAN("acme"), SPAN("order"), &key, b))), "stream");
}

static void print_of(const struct idempotency_inputs *inputs, uint8_t out[SHA256_BYTES])
{
    struct sha256_stream *s = sha256_stream_new();

    idempotency_fingerprint_begin(s, inputs);
    sha256_stream_update(s, SPAN("body"));
    sha256_stream_final(s, out);
    sha256_stream_free(&s);
}

static void every_input_makes_another_fingerprint(void **state)
{
    struct idempotency_inputs rows[9];
    uint8_t prints[9][SHA256_BYTES];

    (void)state;
    for (size_t i = 0; i != 9; i++)
        rows[i] = (struct idempotency_inputs){.method = SPAN("POST"), .route = SPAN("/r"), .stream = SPAN("orders")};
    rows[1].method = SPAN("PUT");
    rows[2].route = SPAN("/");
    rows[3].stream = SPAN("order");
    rows[4].content_type = SPAN("x");
    rows[5].partition_key = SPAN("x");
    rows[6].explicit_hash_key = SPAN("x");
    rows[7].sequence_number_for_ordering = SPAN("x");
    rows[8].rule = SPAN("x");
    for (size_t i = 0; i != 9; i++) {
        print_of(&rows[i], prints[i]);
        for (size_t j = 0; j != i; j++)
            check(memcmp(prints[i], prints[j], SHA256_BYTES) != 0, "%zu is not %zu", i, j);
    }
    print_of(&rows[0], prints[1]);
    assert_memory_equal(prints[0], prints[1], SHA256_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_strings_or_tokens),
        cmocka_unit_test(a_key_given_twice_must_be_the_same),
        cmocka_unit_test(without_the_header_there_is_no_key),
        cmocka_unit_test(a_name_says_whose_key_it_is_and_nothing_of_it),
        cmocka_unit_test(every_input_makes_another_fingerprint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
