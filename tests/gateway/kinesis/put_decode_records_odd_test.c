#include "tests/gateway/kinesis/records_answer.h"

#include <stdio.h>

static void what_is_not_one_item_a_record_is_odd(void **state)
{
    static const struct {
        const char *what;
        struct span body;
    } rows[] = {
        {"nothing", SPAN("")},
        {"an empty object", SPAN("{}")},
        {"null", SPAN("null")},
        {"a string", SPAN("\"Records\"")},
        {"HTML", SPAN("<html><body>It works!</body></html>")},
        {"an error with status 200", SPAN("{\"__type\":\"InternalFailure\"}")},
        {"the answer of PutRecord", SPAN(WRITTEN)},
        {"an array outside", SPAN("[" WRITTEN "]")},
        {"null items", SPAN("{\"Records\":null}")},
        {"an object of items", SPAN("{\"Records\":" WRITTEN "}")},
        {"no item", SPAN("{\"Records\":[]}")},
        {"two items", SPAN("{\"Records\":[" WRITTEN "," WRITTEN "]}")},
        {"items twice", SPAN("{\"Records\":[" WRITTEN "],\"Records\":[" WRITTEN "]}")},
        {"items twice, empty first", SPAN("{\"Records\":[],\"Records\":[" WRITTEN "]}")},
        {"items twice, null last", SPAN("{\"Records\":[" WRITTEN "],\"Records\":null}")},
        {"items twice, once with an escape", SPAN("{\"Records\":[" WRITTEN "],\"\\u0052ecords\":[" WRITTEN "]}")},
        {"items one level down", SPAN("{\"Result\":{\"Records\":[" WRITTEN "]}}")},
        {"names in another case", SPAN("{\"records\":[" WRITTEN "]}")},
        {"something behind it", SPAN(ANSWER(WRITTEN) "x")},
        {"a second answer behind it", SPAN(ANSWER(WRITTEN) ANSWER(WRITTEN))},
        {"NUL behind it", SPAN(ANSWER(WRITTEN) "\0")},
        {"a byte order mark", SPAN("\357\273\277" ANSWER(WRITTEN))},
        {"a trailing comma", SPAN("{\"Records\":[" WRITTEN "],}")},
        {"a trailing comma among items", SPAN("{\"Records\":[" WRITTEN ",]}")},
        {"a leading comma among items", SPAN("{\"Records\":[," WRITTEN "]}")},
        {"the wrong bracket", SPAN("{\"Records\":[" WRITTEN "}}")},
        {"a member that is no JSON", SPAN("{\"Records\":[" WRITTEN "],\"A\":tru}")},
        {"bytes that are no UTF-8", SPAN("{\"Records\":[" WRITTEN "],\"A\":\"\377\"}")},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        check(decode(rows[i].body, 1) == PUT_ODD_ANSWER, "%s", rows[i].what);
        check(call.aws_code == NULL, "%s names no error", rows[i].what);
    }
}

static void an_item_that_is_no_result_and_no_error_is_odd(void **state)
{
    static const struct {
        const char *what, *item;
    } rows[] = {
        {"nothing in it", "{}"},
        {"null", "null"},
        {"a string", "\"ok\""},
        {"an array", "[" WRITTEN "]"},
        {"nothing that is known", "{\"A\":1}"},
        {"nulls alone", "{\"ShardId\":null,\"SequenceNumber\":null,\"ErrorCode\":null,\"ErrorMessage\":null}"},
        {"both", "{" S N "," E "}"},
        {"an error and its shard", "{" S E "}"},
        {"an error and its number", "{" N "," E "}"},
        {"ids and a message", "{" S N ",\"ErrorMessage\":\"m\"}"},
        {"ids and an empty code", "{" S N ",\"ErrorCode\":\"\"}"},
        {"a message alone", "{\"ErrorMessage\":\"Internal service failure.\"}"},
        {"an empty code", "{\"ErrorCode\":\"\",\"ErrorMessage\":\"m\"}"},
        {"a number for a code", "{\"ErrorCode\":500}"},
        {"an object for a code", "{\"ErrorCode\":{\"A\":\"InternalFailure\"}}"},
        {"a number for a message", "{" E ",\"ErrorMessage\":1}"},
        {"a number for a shard beside an error", "{" E ",\"ShardId\":1}"},
        {"no shard", "{" N "}"},
        {"no number", "{\"ShardId\":\"s\"}"},
        {"names in another case", "{\"shardId\":\"s\",\"sequenceNumber\":\"1\"}"},
        {"a null shard", "{\"ShardId\":null," N "}"},
        {"an empty shard", "{\"ShardId\":\"\"," N "}"},
        {"a number for a shard", "{\"ShardId\":1," N "}"},
        {"a shard with a space", "{\"ShardId\":\"s 1\"," N "}"},
        {"a shard with an escape", "{\"ShardId\":\"\\u0073\"," N "}"},
        {"a shard beyond ASCII", "{\"ShardId\":\"\303\251\"," N "}"},
        {"a null number", "{" S "\"SequenceNumber\":null}"},
        {"an empty number", "{" S "\"SequenceNumber\":\"\"}"},
        {"a JSON number", "{" S "\"SequenceNumber\":1}"},
        {"a number that is none", "{" S "\"SequenceNumber\":\"1a\"}"},
        {"a leading zero", "{" S "\"SequenceNumber\":\"01\"}"},
        {"a negative number", "{" S "\"SequenceNumber\":\"-1\"}"},
        {"an object for the number", "{" S "\"SequenceNumber\":{\"A\":\"1\"}}"},
        {"ids one level down", "{\"Result\":{" S N "}}"},
        {"two shards", "{" S S N "}"},
        {"two numbers", "{" S N "," N "}"},
        {"two codes", "{" E "," E "}"},
        {"a null and a code", "{\"ErrorCode\":null," E "}"},
        {"two names that are one", "{" S "\"Shard\\u0049d\":\"t\"," N "}"},
        {"a comma too many", "{" S N ",}"},
        {"a comma too few", "{\"ShardId\":\"s\" " N "}"},
        {"no end", "{" S N},
    };
    struct buf body;

    (void)state;
    buf_init(&body, 4096);
    for (size_t i = 0; i < LEN(rows); i++)
        for (size_t at = 0; at < 3; at++) {
            buf_reset(&body);
            buf_append(&body, SPAN("{\"Records\":["));
            for (size_t k = 0; k < 3; k++) {
                buf_append(&body, k == 0 ? SPAN("") : SPAN(","));
                buf_append(&body, k == at ? span_str(rows[i].item) : SPAN(WRITTEN));
            }
            buf_append(&body, SPAN("]}"));
            check(decode(buf_span(&body), 3) == PUT_ODD_ANSWER, "%s, in place %zu", rows[i].what, at);
        }
    buf_clear(&body);
}

static void ids_that_are_too_long_are_odd(void **state)
{
    char body[512], shard[160], number[160];

    (void)state;
    memset(shard, 's', sizeof(shard));
    memset(number, '9', sizeof(number));
    for (int i = 0; i < 4; i++) {
        int len = snprintf(body, sizeof(body), "{\"Records\":[{\"ShardId\":\"%.*s\",\"SequenceNumber\":\"%.*s\"}]}",
                           SHARD_ID_BYTES_MAX + i % 2, shard, SEQUENCE_NUMBER_BYTES_MAX + i / 2, number);
        check(decode(span_of(body, (size_t)len), 1) == (i == 0 ? PUT_WRITTEN : PUT_ODD_ANSWER), "%s", body);
    }
}

static void no_cut_answer_is_an_acknowledgement(void **state)
{
    struct span body = SPAN(MIXED);

    (void)state;
    for (size_t asked = 1; asked <= 4; asked++) {
        for (size_t len = 0; len < body.len; len++)
            check(decode(span_of(body.ptr, len), asked) == PUT_ODD_ANSWER, "the first %zu bytes", len);
        for (size_t from = 1; from < body.len; from++)
            check(decode(span_of(body.ptr + from, body.len - from), asked) == PUT_ODD_ANSWER, "from byte %zu", from);
    }
}

static void a_byte_more_is_no_acknowledgement_unless_it_is_white(void **state)
{
    char body[] = MIXED "?";

    (void)state;
    for (int c = 0; c < 256; c++) {
        bool is_white = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        body[sizeof(body) - 2] = (char)c;
        check(decode(span_of(body, sizeof(body) - 1), 4) == (is_white ? PUT_WRITTEN : PUT_ODD_ANSWER), "byte %d", c);
    }
}

static bool has_the_form_of_the_mixed_answer(void)
{
    for (size_t i = 0; i < 4; i++) {
        const struct put_answer *a = &items[i];
        struct span number = a->result.sequence_number;
        size_t shard = a->result.shard_id.len;
        if (i == 0 || i == 3) {
            if (a->class != PUT_WRITTEN || shard != 20 || number.len != 56 ||
                record_check_sequence_number(number).row != FAILURE_NONE)
                return false;
        } else if (number.len != 0 || (a->class != PUT_FAILED_UNKNOWN && (i != 1 || a->class != PUT_THROTTLED))) {
            return false;
        }
    }
    return true;
}

static void no_changed_byte_makes_an_answer_of_other_form(void **state)
{
    char body[] = MIXED;

    (void)state;
    for (size_t i = 0; i < sizeof(body) - 1; i++)
        for (int c = 0; c < 256; c++) {
            char was = body[i];
            body[i] = (char)c;
            enum put_class class = decode(span_of(body, sizeof(body) - 1), 4);
            check(class == PUT_ODD_ANSWER || (class == PUT_WRITTEN && has_the_form_of_the_mixed_answer()),
                  "byte %zu as %d", i, c);
            body[i] = was;
        }
}

static void only_status_200_acknowledges(void **state)
{
    (void)state;
    for (int status = 100; status < 600; status++) {
        enum put_class want = status == 200                   ? PUT_WRITTEN
                              : status > 200 && status <= 299 ? PUT_ODD_ANSWER
                              : status >= 500                 ? PUT_FAILED_UNKNOWN
                              : status == 429                 ? PUT_THROTTLED
                                                              : PUT_REFUSED;
        check(decode_with(status, SPAN(MIXED), 4) == want, "status %d", status);
    }
}

static void an_error_of_the_call_is_what_it_is_for_one_record(void **state)
{
    static const char *const bodies[] = {
        "{\"__type\":\"ProvisionedThroughputExceededException\",\"message\":\"for shard " SHARD " in stream x\"}",
        "{\"__type\":\"ns#InvalidArgumentException:http://x/\",\"message\":\"Records size exceeds 5 MB limit\"}",
        "{\"__type\":\"KMSThrottlingException\"}",
        "{\"__type\":\"ExpiredTokenException\"}",
        "<ServiceUnavailableException/>",
        "{\"__type\":\"SomethingNew\"}",
        "",
    };

    (void)state;
    for (size_t i = 0; i < LEN(bodies); i++)
        for (int status = 400; status <= 500; status += 100) {
            struct upstream_answer a = {.status = status, .body = span_str(bodies[i]), .signed_s = NOW_S};
            struct put_answer one;
            put_decode_record(&a, &one);
            decode_with(status, a.body, 2);
            check(call.class == one.class && call.aws_code == one.aws_code &&
                      span_equal(call.result.shard_id, one.result.shard_id),
                  "%s with status %d", bodies[i], status);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_one_item_a_record_is_odd),
        cmocka_unit_test(an_item_that_is_no_result_and_no_error_is_odd),
        cmocka_unit_test(ids_that_are_too_long_are_odd),
        cmocka_unit_test(no_cut_answer_is_an_acknowledgement),
        cmocka_unit_test(a_byte_more_is_no_acknowledgement_unless_it_is_white),
        cmocka_unit_test(no_changed_byte_makes_an_answer_of_other_form),
        cmocka_unit_test(only_status_200_acknowledges),
        cmocka_unit_test(an_error_of_the_call_is_what_it_is_for_one_record),
    };
    return cmocka_run_group_tests(tests, NULL, free_exact);
}
