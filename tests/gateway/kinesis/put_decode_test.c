#include "gateway/kinesis/put_decode.h"

#include "tests/auth/check.h"

#include <stdio.h>

#define SEQUENCE "49590338271490256608559692538361571095921575989136588898"
#define WRITTEN  "{\"ShardId\":\"shardId-000000000001\",\"SequenceNumber\":\"" SEQUENCE "\",\"EncryptionType\":\"KMS\"}"
#define NOW_S    1700000000

/* Of exactly the body's size, so that reading past its end is seen; spans of an answer last until the next one. */
static char *exact;

static struct put_answer decode(int status, struct span body)
{
    struct upstream_answer a = {.status = status, .error_type = SPAN(""), .signed_s = NOW_S};
    struct put_answer out;

    free(exact);
    exact = malloc(body.len == 0 ? 1 : body.len);
    assert_non_null(exact);
    memcpy(exact, body.ptr, body.len);
    a.body = span_of(exact, body.len);
    put_decode_record(&a, &out);
    return out;
}

static int free_exact(void **state)
{
    (void)state;
    free(exact);
    return 0;
}

static bool is_result(const struct put_answer *a, const char *shard, const char *sequence, enum encryption encryption)
{
    const struct put_result *r = &a->result;

    return a->class == PUT_WRITTEN && span_is(r->shard_id, shard) && span_is(r->sequence_number, sequence) &&
           r->encryption == encryption && r->failure.row == FAILURE_NONE && !r->is_possible_duplicate;
}

static void an_acknowledgement_gives_its_ids(void **state)
{
    static const struct {
        const char *what, *body, *shard, *sequence;
        enum encryption encryption;
    } rows[] = {
        {"as Kinesis writes it", WRITTEN, "shardId-000000000001", SEQUENCE, ENCRYPTION_KMS},
        {"without encryption", "{\"ShardId\":\"s\",\"SequenceNumber\":\"1\"}", "s", "1", ENCRYPTION_NOT_SAID},
        {"unencrypted", "{\"EncryptionType\":\"NONE\",\"SequenceNumber\":\"1\",\"ShardId\":\"s\"}", "s", "1",
         ENCRYPTION_NONE},
        {"an encryption of another kind", "{\"EncryptionType\":\"X\",\"SequenceNumber\":\"1\",\"ShardId\":\"s\"}", "s",
         "1", ENCRYPTION_NOT_SAID},
        {"white space", " {\r\n\t\"ShardId\" : \"s\" ,\n\"SequenceNumber\" : \"0\" }\n ", "s", "0",
         ENCRYPTION_NOT_SAID},
        {"members that are new", "{\"New\":{\"a\":[1]},\"ShardId\":\"a_B.9-\",\"SequenceNumber\":\"12\"}", "a_B.9-",
         "12", ENCRYPTION_NOT_SAID},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct put_answer a = decode(200, span_str(rows[i].body));
        check(is_result(&a, rows[i].shard, rows[i].sequence, rows[i].encryption), "%s", rows[i].what);
    }
}

static void the_longest_ids_are_kept_and_longer_ones_acknowledge_nothing(void **state)
{
    char body[512], shard[160], sequence[160];

    (void)state;
    memset(shard, 's', sizeof(shard));
    memset(sequence, '9', sizeof(sequence));
    for (int i = 0; i < 4; i++) {
        int shard_len = 128 + i % 2, sequence_len = 129 + i / 2;
        int len = snprintf(body, sizeof(body), "{\"ShardId\":\"%.*s\",\"SequenceNumber\":\"%.*s\"}", shard_len, shard,
                           sequence_len, sequence);
        struct put_answer a = decode(200, span_of(body, (size_t)len));
        check(a.class == (i == 0 ? PUT_WRITTEN : PUT_ODD_ANSWER), "%d and %d bytes", shard_len, sequence_len);
        check(i != 0 || (a.result.shard_id.len == 128 && a.result.sequence_number.len == 129), "both are whole");
    }
}

static void no_cut_answer_is_an_acknowledgement(void **state)
{
    struct span body = SPAN(WRITTEN);

    (void)state;
    for (size_t len = 0; len < body.len; len++)
        check(decode(200, span_of(body.ptr, len)).class == PUT_ODD_ANSWER, "the first %zu bytes", len);
    for (size_t from = 1; from < body.len; from++)
        check(decode(200, span_of(body.ptr + from, body.len - from)).class == PUT_ODD_ANSWER, "from byte %zu", from);
}

static void an_odd_answer_is_no_acknowledgement(void **state)
{
    static const struct {
        const char *what;
        struct span body;
    } rows[] = {
        {"nothing", SPAN("")},
        {"an empty object", SPAN("{}")},
        {"null", SPAN("null")},
        {"an array", SPAN("[" WRITTEN "]")},
        {"a string", SPAN("\"ok\"")},
        {"HTML", SPAN("<html><body>It works!</body></html>")},
        {"an error with status 200", SPAN("{\"__type\":\"InternalFailure\"}")},
        {"no ShardId", SPAN("{\"SequenceNumber\":\"1\"}")},
        {"no SequenceNumber", SPAN("{\"ShardId\":\"s\"}")},
        {"names in another case", SPAN("{\"shardId\":\"s\",\"sequenceNumber\":\"1\"}")},
        {"a null ShardId", SPAN("{\"ShardId\":null,\"SequenceNumber\":\"1\"}")},
        {"an empty ShardId", SPAN("{\"ShardId\":\"\",\"SequenceNumber\":\"1\"}")},
        {"a number for ShardId", SPAN("{\"ShardId\":1,\"SequenceNumber\":\"1\"}")},
        {"a ShardId with a space", SPAN("{\"ShardId\":\"s 1\",\"SequenceNumber\":\"1\"}")},
        {"a ShardId with a quote", SPAN("{\"ShardId\":\"s\\\"\",\"SequenceNumber\":\"1\"}")},
        {"a ShardId beyond ASCII", SPAN("{\"ShardId\":\"\303\251\",\"SequenceNumber\":\"1\"}")},
        {"a null SequenceNumber", SPAN("{\"ShardId\":\"s\",\"SequenceNumber\":null}")},
        {"an empty SequenceNumber", SPAN("{\"ShardId\":\"s\",\"SequenceNumber\":\"\"}")},
        {"a number for SequenceNumber", SPAN("{\"ShardId\":\"s\",\"SequenceNumber\":1}")},
        {"a SequenceNumber that is none", SPAN("{\"ShardId\":\"s\",\"SequenceNumber\":\"1a\"}")},
        {"a leading zero", SPAN("{\"ShardId\":\"s\",\"SequenceNumber\":\"01\"}")},
        {"a negative one", SPAN("{\"ShardId\":\"s\",\"SequenceNumber\":\"-1\"}")},
        {"an object for it", SPAN("{\"ShardId\":\"s\",\"SequenceNumber\":{\"a\":\"1\"}}")},
        {"ids one level down", SPAN("{\"Result\":" WRITTEN "}")},
        {"something behind it", SPAN(WRITTEN "x")},
        {"a second answer behind it", SPAN(WRITTEN WRITTEN)},
        {"NUL behind it", SPAN(WRITTEN "\0")},
        {"a byte order mark", SPAN("\357\273\277" WRITTEN)},
        {"a trailing comma", SPAN("{\"ShardId\":\"s\",\"SequenceNumber\":\"1\",}")},
        {"bytes that are no UTF-8", SPAN("{\"ShardId\":\"s\",\"SequenceNumber\":\"1\",\"a\":\"\377\"}")},
        {"a second ShardId that is wrong", SPAN("{\"ShardId\":\"s\",\"SequenceNumber\":\"1\",\"ShardId\":null}")},
        {"the answer of PutRecords", SPAN("{\"FailedRecordCount\":0,\"Records\":[" WRITTEN "]}")},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        check(decode(200, rows[i].body).class == PUT_ODD_ANSWER, "%s", rows[i].what);
        check(decode(200, rows[i].body).aws_code == NULL, "%s names no error", rows[i].what);
    }
    for (int status = 201; status < 300; status++)
        check(decode(status, SPAN(WRITTEN)).class == PUT_ODD_ANSWER, "status %d acknowledges nothing", status);
}

static void no_changed_byte_makes_an_acknowledgement_of_other_form(void **state)
{
    char body[] = WRITTEN;

    (void)state;
    for (size_t i = 0; i < sizeof(body) - 1; i++)
        for (int c = 0; c < 256; c++) {
            char was = body[i];
            body[i] = (char)c;
            struct put_answer a = decode(200, span_of(body, sizeof(body) - 1));
            struct span shard = a.result.shard_id;
            struct span sequence = a.result.sequence_number;
            if (a.class == PUT_WRITTEN)
                check(shard.len == 20 && sequence.len == 56 &&
                          record_check_sequence_number(sequence).row == FAILURE_NONE,
                      "byte %zu as %d", i, c);
            else
                assert_int_equal(a.class, PUT_ODD_ANSWER);
            body[i] = was;
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_acknowledgement_gives_its_ids),
        cmocka_unit_test(the_longest_ids_are_kept_and_longer_ones_acknowledge_nothing),
        cmocka_unit_test(no_cut_answer_is_an_acknowledgement),
        cmocka_unit_test(an_odd_answer_is_no_acknowledgement),
        cmocka_unit_test(no_changed_byte_makes_an_acknowledgement_of_other_form),
    };
    return cmocka_run_group_tests(tests, NULL, free_exact);
}
