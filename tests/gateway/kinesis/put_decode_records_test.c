#include "tests/gateway/kinesis/records_answer.h"

#include <stdio.h>

static void each_item_tells_of_its_record(void **state)
{
    (void)state;
    assert_int_equal(decode(SPAN(MIXED), 4), PUT_WRITTEN);
    assert_null(call.aws_code);
    assert_true(is_written(&items[0], SHARD, SEQUENCE, ENCRYPTION_KMS));
    assert_true(is_error(&items[1], PUT_THROTTLED, "ProvisionedThroughputExceededException", SHARD));
    assert_true(is_error(&items[2], PUT_FAILED_UNKNOWN, "InternalFailure", ""));
    assert_true(is_written(&items[3], SHARD, SEQUENCE, ENCRYPTION_KMS));
}

static void an_acknowledgement_may_look_like_this(void **state)
{
    static const struct {
        const char *what, *body;
        enum encryption encryption;
    } rows[] = {
        {"nothing but the item", "{\"Records\":[{" S N "}]}", ENCRYPTION_NOT_SAID},
        {"encryption before it", "{\"EncryptionType\":\"KMS\",\"Records\":[{" S N "}]}", ENCRYPTION_KMS},
        {"no encryption behind it", "{\"Records\":[{" S N "}],\"EncryptionType\":\"NONE\"}", ENCRYPTION_NONE},
        {"an encryption of another kind", "{\"Records\":[{" S N "}],\"EncryptionType\":\"X\"}", ENCRYPTION_NOT_SAID},
        {"a null encryption", "{\"Records\":[{" S N "}],\"EncryptionType\":null}", ENCRYPTION_NOT_SAID},
        {"a count that is not true", "{\"FailedRecordCount\":1,\"Records\":[{" S N "}]}", ENCRYPTION_NOT_SAID},
        {"a count of another kind", "{\"FailedRecordCount\":\"x\",\"Records\":[{" S N "}]}", ENCRYPTION_NOT_SAID},
        {"a null for each error", "{\"Records\":[{" S N ",\"ErrorCode\":null,\"ErrorMessage\":null}]}",
         ENCRYPTION_NOT_SAID},
        {"nulls first", "{\"Records\":[{\"ErrorMessage\":null,\"ErrorCode\":null," S N "}]}", ENCRYPTION_NOT_SAID},
        {"white space", " {\r\n\t\"Records\" : [ { \"ShardId\" : \"s\" ,\n" N " } ] }\n ", ENCRYPTION_NOT_SAID},
        {"new members", "{\"A\":[{}],\"Records\":[{\"B\":{\"ShardId\":1}," S N ",\"C\":[]}],\"D\":{\"Records\":[]}}",
         ENCRYPTION_NOT_SAID},
        {"escaped names", "{\"Rec\\u006frds\":[{\"Sh\\u0061rdId\":\"s\"," N "}]}", ENCRYPTION_NOT_SAID},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        check(decode(span_str(rows[i].body), 1) == PUT_WRITTEN, "%s", rows[i].what);
        check(is_written(&items[0], "s", "1", rows[i].encryption), "%s", rows[i].what);
    }
}

static void codes_have_every_form_and_four_meanings(void **state)
{
    static const struct {
        const char *code;
        enum put_class class;
    } codes[] = {
        {"ProvisionedThroughputExceededException", PUT_THROTTLED},
        {"ThrottlingException", PUT_THROTTLED},
        {"LimitExceededException", PUT_THROTTLED},
        {"KMSThrottlingException", PUT_KMS_THROTTLED},
        {"InternalFailure", PUT_FAILED_UNKNOWN},
        {"ServiceUnavailable", PUT_FAILED_UNKNOWN},
        {"KMSAccessDeniedException", PUT_FAILED_UNKNOWN},
        {"ExpiredTokenException", PUT_FAILED_UNKNOWN},
        {"RequestExpired", PUT_FAILED_UNKNOWN},
        {"InvalidArgumentException", PUT_FAILED_UNKNOWN},
        {"ValidationException", PUT_FAILED_UNKNOWN},
    };
    static const char *const forms[] = {
        "{\"Records\":[{\"ErrorCode\":\"%s\"}]}",
        "{\"Records\":[{\"ErrorCode\":\"%s\",\"ErrorMessage\":\"m\"}]}",
        "{\"Records\":[{\"ErrorMessage\":null,\"ErrorCode\":\"%s\",\"ShardId\":null,\"SequenceNumber\":null}]}",
        "{\"Records\":[{\"ErrorCode\":\"com.amazonaws.kinesis.v20131202#%s\"}]}",
        "{\"Records\":[{\"ErrorCode\":\"%s:http://internal.amazon.com/coral/\",\"ErrorMessage\":\"\"}]}",
        "{\"Records\":[{\"ErrorCode\":\"ns#%s:http:\\/\\/x\\/\",\"ErrorMessage\":\"\\\"\\u0001\"}]}",
    };
    char body[256];

    (void)state;
    for (size_t i = 0; i < LEN(codes); i++)
        for (size_t k = 0; k < LEN(forms); k++) {
            int len = snprintf(body, sizeof(body), forms[k], codes[i].code);
            check(decode(span_of(body, (size_t)len), 1) == PUT_WRITTEN, "%s", body);
            check(is_error(&items[0], codes[i].class, codes[i].code, ""), "%s", body);
        }
}

static void a_code_that_nobody_knows_fails_its_record_alone(void **state)
{
    static const char *const names[] = {"SomethingNew", "internalfailure",      "InternalFailur", " ", ":", "#", "null",
                                        "a\\n",         "Internal\\u0046ailure"};
    char body[256];

    (void)state;
    for (size_t i = 0; i < LEN(names); i++) {
        int len = snprintf(body, sizeof(body), "{\"Records\":[{\"ErrorCode\":\"%s\"},{" S N "}]}", names[i]);
        check(decode(span_of(body, (size_t)len), 2) == PUT_WRITTEN, "%s", names[i]);
        check(is_error(&items[0], PUT_FAILED_UNKNOWN, NULL, ""), "%s", names[i]);
        check(is_written(&items[1], "s", "1", ENCRYPTION_NOT_SAID), "%s", names[i]);
    }
}

static void a_throttled_item_names_its_shard_if_the_message_does(void **state)
{
    static const struct {
        const char *message, *want;
    } rows[] = {
        {"Rate exceeded for shard shardId-000000000012 in stream x under account 1.", "shardId-000000000012"},
        {"shardId-000000000012", "shardId-000000000012"},
        {"Rate exceeded for shard shardId-000000000012.", "shardId-000000000012"},
        {"shard 'shardId-7' and shardId-8", "shardId-7"},
        {"", ""},
        {"Rate exceeded", ""},
        {"for shard in stream", ""},
        {"for shard shardId-", ""},
        {"for shard shardId- 1", ""},
        {"shardId", ""},
        {"for shard shardId-1\\u0032", ""},
        {"\\\"shardId-12\\\"", ""},
    };
    char body[512], digits[128];

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        int len = snprintf(body, sizeof(body), "{\"Records\":[{\"ErrorMessage\":\"%s\",\"ErrorCode\":\"%s\"}]}",
                           rows[i].message, "ThrottlingException");
        check(decode(span_of(body, (size_t)len), 1) == PUT_WRITTEN, "%s", rows[i].message);
        check(is_error(&items[0], PUT_THROTTLED, "ThrottlingException", rows[i].want), "%s", rows[i].message);
    }
    memset(digits, '1', sizeof(digits));
    for (int longer = 0; longer < 2; longer++) {
        int len =
            snprintf(body, sizeof(body), "{\"Records\":[{\"ErrorMessage\":\"shardId-%.*s\",\"ErrorCode\":\"%s\"}]}",
                     120 + longer, digits, "Throttling");
        assert_int_equal(decode(span_of(body, (size_t)len), 1), PUT_WRITTEN);
        assert_int_equal(items[0].result.shard_id.len, longer ? 0 : SHARD_ID_BYTES_MAX);
    }
}

static void an_answer_to_more_or_fewer_records_is_odd(void **state)
{
    struct buf body;

    (void)state;
    buf_init(&body, 1 << 20);
    for (size_t said = 0; said <= 6; said++)
        for (size_t asked = 1; asked <= 6; asked++) {
            buf_reset(&body);
            buf_append(&body, SPAN("{\"Records\":["));
            for (size_t i = 0; i < said; i++)
                buf_append(&body, i == 0 ? SPAN(WRITTEN) : SPAN("," FAILED));
            buf_append(&body, SPAN("]}"));
            check(decode(buf_span(&body), asked) == (said == asked ? PUT_WRITTEN : PUT_ODD_ANSWER),
                  "%zu items for %zu records", said, asked);
        }
    buf_clear(&body);
}

static void five_hundred_items_keep_their_places(void **state)
{
    char item[160];
    struct buf body;

    (void)state;
    buf_init(&body, 1 << 20);
    buf_append(&body, SPAN("{\"Records\":["));
    for (int i = 0; i < RECORDS_MAX; i++) {
        int len = snprintf(item, sizeof(item),
                           i % 7 == 3 ? "%s{\"ErrorCode\":\"Code%d\"}" : "%s{" S "\"SequenceNumber\":\"%d\"}",
                           i == 0 ? "" : ",", i);
        buf_append(&body, span_of(item, (size_t)len));
    }
    buf_append(&body, SPAN("]}"));
    assert_int_equal(decode(buf_span(&body), RECORDS_MAX), PUT_WRITTEN);
    for (int i = 0; i < RECORDS_MAX; i++) {
        snprintf(item, sizeof(item), "%d", i);
        check(i % 7 == 3 ? is_error(&items[i], PUT_FAILED_UNKNOWN, NULL, "")
                         : is_written(&items[i], "s", item, ENCRYPTION_NOT_SAID),
              "item %d", i);
    }
    assert_int_equal(decode(buf_span(&body), RECORDS_MAX - 1), PUT_ODD_ANSWER);
    buf_clear(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_item_tells_of_its_record),
        cmocka_unit_test(an_acknowledgement_may_look_like_this),
        cmocka_unit_test(codes_have_every_form_and_four_meanings),
        cmocka_unit_test(a_code_that_nobody_knows_fails_its_record_alone),
        cmocka_unit_test(a_throttled_item_names_its_shard_if_the_message_does),
        cmocka_unit_test(an_answer_to_more_or_fewer_records_is_odd),
        cmocka_unit_test(five_hundred_items_keep_their_places),
    };
    return cmocka_run_group_tests(tests, NULL, free_exact);
}
