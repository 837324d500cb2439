#include "gateway/front/query.h"

#include "tests/auth/check.h"

/* With exactly the room that query_parse() asks for. */
static struct failure parse(struct span raw, struct buf *scratch, struct query *out)
{
    buf_init(scratch, SIZE_MAX / 2);
    if (raw.len != 0)
        assert_true(buf_reserve(scratch, raw.len));
    const char *before = scratch->ptr;
    struct failure f = query_parse(raw, scratch, out);
    assert_ptr_equal(scratch->ptr, before);
    return f;
}

static void parameters_are_decoded(void **state)
{
    static const struct {
        const char *what;
        struct span raw;
        const char *partition_key, *explicit_hash_key, *sequence_number; /* NULL: not given */
        bool dry_run;
    } rows[] = {
        {"nothing", SPAN(""), NULL, NULL, NULL, false},
        {"a partition key", SPAN("partitionKey=user-1"), "user-1", NULL, NULL, false},
        {"all of them", SPAN("partitionKey=a&explicitHashKey=7&sequenceNumberForOrdering=8&dryRun=true"), "a", "7", "8",
         true},
        {"escapes", SPAN("partitionKey=%41%2f%3D%26%c3%A9"), "A/=&\303\251", NULL, NULL, false},
        {"a plus is a space", SPAN("partitionKey=a+b%2Bc"), "a b+c", NULL, NULL, false},
        {"a value with an equals sign", SPAN("partitionKey=a=b"), "a=b", NULL, NULL, false},
        {"an empty value is given", SPAN("partitionKey="), "", NULL, NULL, false},
        {"a name alone is given", SPAN("partitionKey"), "", NULL, NULL, false},
        {"empty pairs", SPAN("&&partitionKey=a&&"), "a", NULL, NULL, false},
        {"twice the same", SPAN("partitionKey=a&partitionKey=a"), "a", NULL, NULL, false},
        {"twice the same, written differently", SPAN("partitionKey=a&partitionKey=%61"), "a", NULL, NULL, false},
        {"names that are not ours", SPAN("PartitionKey=a&partitionkey=b&x=%zz&dryrun=maybe"), NULL, NULL, NULL, false},
        {"dryRun=false", SPAN("dryRun=false"), NULL, NULL, NULL, false},
        {"dryRun=true twice", SPAN("dryRun=true&dryRun=true"), NULL, NULL, NULL, true},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct buf scratch;
        struct query q;
        check(parse(rows[i].raw, &scratch, &q).row == FAILURE_NONE, "%s", rows[i].what);
        check(span_equal(q.raw, rows[i].raw) && q.dry_run == rows[i].dry_run, "%s", rows[i].what);
        check(q.has_partition_key == (rows[i].partition_key != NULL) &&
                  span_equal(q.partition_key, span_str(rows[i].partition_key)),
              "%s: partition key", rows[i].what);
        check(q.has_explicit_hash_key == (rows[i].explicit_hash_key != NULL) &&
                  span_equal(q.explicit_hash_key, span_str(rows[i].explicit_hash_key)),
              "%s: explicit hash key", rows[i].what);
        check(q.has_sequence_number == (rows[i].sequence_number != NULL) &&
                  span_equal(q.sequence_number_for_ordering, span_str(rows[i].sequence_number)),
              "%s: sequence number", rows[i].what);
        buf_clear(&scratch);
    }
}

static void malformed_queries_are_refused(void **state)
{
    static const char *const raws[] = {
        "partitionKey=%",
        "partitionKey=%4",
        "partitionKey=%4g",
        "partitionKey=%g4",
        "partitionKey=a%",
        "partitionKey=%%41",
        "partitionKey=% 41",
        "partitionKey=a&partitionKey=b",
        "partitionKey=a&partitionKey=",
        "partitionKey=&partitionKey=a",
        "partitionKey&partitionKey=a",
        "partitionKey=A&partitionKey=a",
        "explicitHashKey=1&explicitHashKey=2",
        "explicitHashKey=%",
        "sequenceNumberForOrdering=1&sequenceNumberForOrdering=01",
        "dryRun",
        "dryRun=",
        "dryRun=1",
        "dryRun=TRUE",
        "dryRun=tru",
        "dryRun=true ",
        "x=1&dryRun=yes&y=2",
    };

    (void)state;
    for (size_t i = 0; i < LEN(raws); i++) {
        struct buf scratch;
        struct query q;
        struct failure f = parse(span_str(raws[i]), &scratch, &q);
        check(f.row == FAILURE_MALFORMED && f.detail != NULL && f.outcome == OUTCOME_NOT_WRITTEN, "%s", raws[i]);
        buf_clear(&scratch);
    }
}

static void two_different_values_of_dry_run_are_refused(void **state)
{
    static const char *const raws[] = {"dryRun=true&dryRun=false", "dryRun=false&dryRun=true"};

    (void)state;
    for (size_t i = 0; i < LEN(raws); i++) {
        struct buf scratch;
        struct query q;
        check(parse(span_str(raws[i]), &scratch, &q).row == FAILURE_MALFORMED, "%s", raws[i]);
        buf_clear(&scratch);
    }
}

static void a_decoded_nul_is_kept(void **state)
{
    struct buf scratch;
    struct query q;

    (void)state;
    assert_int_equal(parse(SPAN("partitionKey=a%00b"), &scratch, &q).row, FAILURE_NONE);
    assert_true(span_equal(q.partition_key, SPAN("a\0b")));
    buf_clear(&scratch);
}

static void the_first_parameter_of_a_name_is_found(void **state)
{
    static const struct {
        const char *raw, *name, *want; /* NULL: none */
    } rows[] = {
        {"user=1", "user", "1"},
        {"a=0&user=1&user=2", "user", "1"},
        {"us%65r=%41+b", "user", "A b"},
        {"user", "user", ""},
        {"user=", "user", ""},
        {"%zz=1&user=2", "user", "2"},
        {"a+b=1", "a b", "1"},
        {"user=%zz", "user", NULL},
        {"User=1", "user", NULL},
        {"xuser=1&userx=2", "user", NULL},
        {"", "user", NULL},
        {"=1", "user", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct buf scratch;
        struct span out;
        buf_init(&scratch, SIZE_MAX / 2);
        buf_reserve(&scratch, 2 * strlen(rows[i].raw) + 1);
        bool found = query_find(span_str(rows[i].raw), span_str(rows[i].name), &scratch, &out);
        check(found == (rows[i].want != NULL) && (!found || span_is(out, rows[i].want)), "%s in %s", rows[i].name,
              rows[i].raw);
        buf_clear(&scratch);
    }
}

static void decoding_past_the_room_is_told(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 3);
    assert_true(query_decode(SPAN("%61+c"), &out) && span_is(buf_span(&out), "a c"));
    buf_reset(&out);
    assert_false(query_decode(SPAN("abcd"), &out));
    buf_clear(&out);
}

static void the_gateways_own_parameters_are_known(void **state)
{
    static const char *const own[] = {"key", "partitionKey", "explicitHashKey", "sequenceNumberForOrdering", "dryRun"};
    static const char *const others[] = {"", "Key", "keys", "ke", "partitionkey", "user"};

    (void)state;
    for (size_t i = 0; i < LEN(own); i++)
        check(query_is_own(span_str(own[i])), "%s", own[i]);
    for (size_t i = 0; i < LEN(others); i++)
        check(!query_is_own(span_str(others[i])), "%s", others[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gateways_own_parameters_are_known),
        cmocka_unit_test(parameters_are_decoded),
        cmocka_unit_test(malformed_queries_are_refused),
        cmocka_unit_test(two_different_values_of_dry_run_are_refused),
        cmocka_unit_test(a_decoded_nul_is_kept),
        cmocka_unit_test(the_first_parameter_of_a_name_is_found),
        cmocka_unit_test(decoding_past_the_room_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
