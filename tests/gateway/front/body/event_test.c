#include "gateway/front/body/body.h"

#include "tests/auth/check.h"

#include <stdio.h>

#define EVENT(more) "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"" more "}"

static const struct {
    const char *event;
    enum failure_row want;
    const char *partition_key, *parameter;
} cases[] = {
    {EVENT(""), FAILURE_NONE, "", NULL},
    {EVENT(",\"partitionkey\":\"k\""), FAILURE_NONE, "k", NULL},
    {EVENT(",\"partitionkey\":\"\\u006b\\n\""), FAILURE_NONE, "k\n", NULL},
    {EVENT(",\"partitionkey\":null"), FAILURE_NONE, "", NULL},
    {EVENT(",\"data\":{\"partitionkey\":\"k\"},\"time\":1"), FAILURE_NONE, "", NULL},
    {EVENT(",\"partitionkey\":\"\""), FAILURE_ARGUMENT, NULL, "PartitionKey"},
    {EVENT(",\"partitionkey\":7"), FAILURE_SERIALIZATION, NULL, "partitionkey"},
    {EVENT(",\"partitionkey\":\"a\",\"partitionkey\":\"a\""), FAILURE_SERIALIZATION, NULL, "partitionkey"},
    {EVENT(",\"id\":\"2\""), FAILURE_SERIALIZATION, NULL, "id"},
    {"{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"}", FAILURE_VALIDATION, NULL,
     "specversion"},
    {"{\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"}", FAILURE_VALIDATION, NULL, "specversion"},
    {"{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"/s\",\"type\":\"t\"}", FAILURE_VALIDATION, NULL, "id"},
    {"{\"specversion\":\"1.0\",\"id\":1,\"source\":\"/s\",\"type\":\"t\"}", FAILURE_SERIALIZATION, NULL, "id"},
    {"{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"t\"}", FAILURE_VALIDATION, NULL, "source"},
    {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\"}", FAILURE_VALIDATION, NULL, "type"},
    {"[]", FAILURE_SERIALIZATION, NULL, NULL},
    {"{", FAILURE_SERIALIZATION, NULL, NULL},
};

static void an_event_has_what_it_must_and_may_say_its_partition_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct buf scratch;
        struct span key;
        buf_init(&scratch, 1000);
        assert_true(buf_reserve(&scratch, strlen(cases[i].event)));
        struct failure f = body_parse_event(span_str(cases[i].event), &scratch, &key);
        check(f.row == cases[i].want, "%s: %d", cases[i].event, f.row);
        if (f.row == FAILURE_NONE)
            check(span_is(key, cases[i].partition_key), "the key of %s", cases[i].event);
        else
            check(span_equal(span_str(f.parameter), span_str(cases[i].parameter)), "what is wrong in %s",
                  cases[i].event);
        buf_clear(&scratch);
    }
}

static void a_partition_key_has_at_most_256_characters(void **state)
{
    char event[512], text[258] = "";
    struct buf scratch;
    struct span key;

    (void)state;
    buf_init(&scratch, 1);
    for (size_t len = 256; len <= 257; len++) {
        memset(text, 'k', len);
        snprintf(event, sizeof(event), EVENT(",\"partitionkey\":\"%s\""), text);
        struct failure f = body_parse_event(span_str(event), &scratch, &key);
        assert_int_equal(f.row, len == 256 ? FAILURE_NONE : FAILURE_ARGUMENT);
    }
    buf_clear(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_has_what_it_must_and_may_say_its_partition_key),
        cmocka_unit_test(a_partition_key_has_at_most_256_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
