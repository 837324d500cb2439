/* What a stream's settings come to: names, regions, hosts, partition keys. */
#include "tests/gateway/conf/fixture.h"

#define ARN "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks-prod"

static const struct stream_row *only_stream(const struct fixture *f)
{
    assert_int_equal(f->conf->streams_len, 1);
    return &f->conf->streams[0];
}

static void set_or_leave(struct fixture *f, const char *path, const char *text)
{
    if (text != NULL)
        fixture_set(f, path, json_string(text));
}

static void calls_go_where_the_settings_say(void **state)
{
    static const struct {
        const char *what, *arn, *region, *aws_region, *endpoint, *aws_endpoint;
        const char *want_region, *want_host, *want_url;
    } rows[] = {
        {"a name goes to the region of aws", NULL, NULL, "us-east-1", NULL, NULL, "us-east-1",
         "kinesis.us-east-1.amazonaws.com", "https://kinesis.us-east-1.amazonaws.com/"},
        {"a stream's own region wins", NULL, "eu-west-3", "us-east-1", NULL, NULL, "eu-west-3",
         "kinesis.eu-west-3.amazonaws.com", "https://kinesis.eu-west-3.amazonaws.com/"},
        {"an ARN's region wins over that of aws", ARN, NULL, "us-east-1", NULL, NULL, "eu-west-1",
         "kinesis.eu-west-1.amazonaws.com", "https://kinesis.eu-west-1.amazonaws.com/"},
        {"an ARN needs no region", ARN, NULL, "", NULL, NULL, "eu-west-1", "kinesis.eu-west-1.amazonaws.com",
         "https://kinesis.eu-west-1.amazonaws.com/"},
        {"a region that agrees with the ARN", ARN, "eu-west-1", "us-east-1", NULL, NULL, "eu-west-1",
         "kinesis.eu-west-1.amazonaws.com", "https://kinesis.eu-west-1.amazonaws.com/"},
        {"China has a domain of its own", NULL, NULL, "cn-north-1", NULL, NULL, "cn-north-1",
         "kinesis.cn-north-1.amazonaws.com.cn", "https://kinesis.cn-north-1.amazonaws.com.cn/"},
        {"the US government has not", NULL, NULL, "us-gov-west-1", NULL, NULL, "us-gov-west-1",
         "kinesis.us-gov-west-1.amazonaws.com", "https://kinesis.us-gov-west-1.amazonaws.com/"},
        {"an endpoint with a port", NULL, NULL, "us-east-1", NULL, "https://localhost:4567", "us-east-1",
         "localhost:4567", "https://localhost:4567/"},
        {"the scheme's own port is not in Host", NULL, NULL, "us-east-1", NULL, "https://h.example:443", "us-east-1",
         "h.example", "https://h.example/"},
        {"neither is that of plain HTTP", NULL, NULL, "us-east-1", NULL, "http://127.0.0.1:80/", "us-east-1",
         "127.0.0.1", "http://127.0.0.1/"},
        {"port 80 of https is", NULL, NULL, "us-east-1", NULL, "https://h:80", "us-east-1", "h:80", "https://h:80/"},
        {"an IPv6 endpoint", NULL, NULL, "us-east-1", NULL, "http://[::1]:4567", "us-east-1", "[::1]:4567",
         "http://[::1]:4567/"},
        {"an IPv6 endpoint without a port", NULL, NULL, "us-east-1", NULL, "https://[2001:db8::1]", "us-east-1",
         "[2001:db8::1]", "https://[2001:db8::1]/"},
        {"a stream's own endpoint wins", ARN, NULL, "us-east-1", "https://own", "https://all", "eu-west-1", "own",
         "https://own/"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        fixture_reset(f);
        if (rows[i].arn != NULL)
            fixture_set(f, "streams.s.name", json_null());
        set_or_leave(f, "streams.s.arn", rows[i].arn);
        set_or_leave(f, "streams.s.region", rows[i].region);
        set_or_leave(f, "streams.s.endpoint", rows[i].endpoint);
        set_or_leave(f, "aws.region", rows[i].aws_region);
        set_or_leave(f, "aws.endpoint", rows[i].aws_endpoint);
        fixture_accepted(f, rows[i].what);
        const struct stream_conf *put = &only_stream(f)->put;
        check(span_is(put->region, rows[i].want_region), "%s", rows[i].what);
        check(span_is(put->host, rows[i].want_host), "%s: %.*s", rows[i].what, (int)put->host.len, put->host.ptr);
        check(strcmp(put->url, rows[i].want_url) == 0, "%s: %s", rows[i].what, put->url);
        check(span_is(put->name, "s"), "%s", rows[i].what);
        check(span_is(put->stream_arn, rows[i].arn == NULL ? "" : rows[i].arn), "%s", rows[i].what);
        check(span_is(put->stream_name, rows[i].arn == NULL ? "upstream" : ""), "%s", rows[i].what);
    }
}

static void what_a_stream_may_not_be(void **state)
{
    static const struct {
        const char *what, *path, *json, *begin, *rest;
    } rows[] = {
        {"a name beside an arn", "streams.s.arn", "\"" ARN "\"", "streams.s.name: ", "beside arn"},
        {"a region against the arn", "streams.s", "{\"arn\": \"" ARN "\", \"region\": \"eu-west-2\"}",
         "streams.s.region: ", "contradicts"},
        {"no region anywhere", "aws.region", "null", "streams.s.region: ", "is missing"},
        {"a region that is none", "streams.s.region", "\"EU\"", "streams.s.region: ", "must be a region"},
        {"a region with a dot", "streams.s.region", "\"eu.evil.example\"", "streams.s.region: ", "must be a region"},
        {"an empty object is a stream of that name's, a list is none", "streams.s", "[]", "streams.s: ", "an object"},
        {"a name with a slash", "streams.s.name", "\"a/b\"", "streams.s.name: ", "must be 1 to 128"},
        {"a caller's name with a slash", "streams.a/b", "{}", "streams.a/b: ", "must be 1 to 128"},
        {"an ARN of something else", "streams.s", "{\"arn\": \"arn:aws:sqs:eu-west-1:111122223333:q\"}",
         "streams.s.arn: ", "must be as arn:aws:kinesis:"},
        {"an ARN with a short account", "streams.s", "{\"arn\": \"arn:aws:kinesis:eu-west-1:11112222333:stream/x\"}",
         "streams.s.arn: ", "must be as"},
        {"an ARN with letters in its account", "streams.s",
         "{\"arn\": \"arn:aws:kinesis:eu-west-1:11112222333a:stream/x\"}", "streams.s.arn: ", "must be as"},
        {"an ARN without a name", "streams.s", "{\"arn\": \"arn:aws:kinesis:eu-west-1:111122223333:stream/\"}",
         "streams.s.arn: ", "must be as"},
        {"an ARN of a consumer", "streams.s",
         "{\"arn\": \"arn:aws:kinesis:eu-west-1:111122223333:stream/x/consumer/y:1\"}",
         "streams.s.arn: ", "must be as"},
        {"an ARN of another cloud", "streams.s", "{\"arn\": \"arn:gcp:kinesis:eu-west-1:111122223333:stream/x\"}",
         "streams.s.arn: ", "must be as"},
        {"an ARN cut short", "streams.s", "{\"arn\": \"arn:aws:kinesis\"}", "streams.s.arn: ", "must be as"},
        {"the same arn twice", "streams", "{\"s\": {\"arn\": \"" ARN "\"}, \"t\": {\"arn\": \"" ARN "\"}}",
         "streams.t: ", "same arn as streams.s"},
        {"records larger than every body", "streams.s.max_record_bytes", "10485760",
         "streams.s.max_record_bytes: ", "more than every listener's max_body_bytes, 5242880"},
        {"an endpoint in words", "streams.s.endpoint", "\"kinesis\"", "streams.s.endpoint: ", "must be https://HOST"},
        {"plain HTTP to elsewhere", "aws.endpoint", "\"http://h.example\"", "aws.endpoint: ", "loopback"},
        {"plain HTTP to what looks like loopback", "aws.endpoint", "\"http://127.0.0.1.example\"",
         "aws.endpoint: ", "loopback"},
        {"a user in an endpoint", "aws.endpoint", "\"https://u:p@h\"", "aws.endpoint: ", "without a path or user"},
        {"a path in an endpoint", "aws.endpoint", "\"https://h/p\"", "aws.endpoint: ", "without a path or user"},
        {"a port that is too high", "aws.endpoint", "\"https://h:65536\"", "aws.endpoint: ", "must be https://"},
        {"port 0", "aws.endpoint", "\"https://h:0\"", "aws.endpoint: ", "must be https://"},
        {"an empty port", "aws.endpoint", "\"https://h:\"", "aws.endpoint: ", "must be https://"},
        {"an empty host", "aws.endpoint", "\"https://\"", "aws.endpoint: ", "must be https://"},
        {"a broken IPv6 host", "aws.endpoint", "\"https://[::1\"", "aws.endpoint: ", "must be https://"},
        {"another scheme", "aws.endpoint", "\"ftp://h\"", "aws.endpoint: ", "must be https://"},
        {"packed and in order", "streams.s", "{\"aggregate\": true, \"ordering\": \"key\"}",
         "streams.s.aggregate: ", "streams.s.ordering is \"key\""},
        {"an order of another kind", "streams.s.ordering", "\"shard\"",
         "streams.s.ordering: ", "must be \"none\" or \"key\""},
        {"a gap of another kind", "streams.s.on_gap", "\"wait\"",
         "streams.s.on_gap: ", "must be \"fail\" or \"continue\""},
        {"aggregates of another kind", "streams.s.kpl_input", "\"accept\"",
         "streams.s.kpl_input: ", "must be \"refuse\" or \"allow\""},
        {"events of another kind", "streams.s.beacon_batch", "\"lines\"",
         "streams.s.beacon_batch: ", "must be \"none\", \"ndjson\" or \"json\""},
        {"keys by an address that nobody may have", "streams.s",
         "{\"address\": \"none\", \"partition_key\": \"client_ip\"}",
         "streams.s.address: ", "streams.s.partition_key is \"client_ip\""},
        {"aggregation in words", "streams.s.aggregate", "\"true\"", "streams.s.aggregate: ", "must be true or false"},
        {"no bucket", "streams.s.aggregate_buckets", "0", "streams.s.aggregate_buckets: ", "from 1 to 65536"},
        {"a bucket too many", "streams.s.aggregate_buckets", "65537", "streams.s.aggregate_buckets: ", "to 65536"},
        {"small aggregates", "streams.s.aggregate_bytes", "1023", "streams.s.aggregate_bytes: ", "from 1024"},
        {"large aggregates", "streams.s.aggregate_bytes", "1048577", "streams.s.aggregate_bytes: ", "to 1048576 bytes"},
        {"streams that are a list", "streams", "[]", "streams: ", "must be an object"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        fixture_reset(f);
        fixture_set_text(f, rows[i].path, rows[i].json);
        fixture_refused(f, rows[i].what, rows[i].begin, rows[i].rest);
    }
}

static void a_stream_is_named_as_callers_name_it_unless_it_says(void **state)
{
    struct fixture *f = *state;

    fixture_set_text(f, "streams.s", "{}");
    fixture_accepted(f, "a stream with nothing said");
    assert_true(span_is(only_stream(f)->put.stream_name, "s"));
    assert_int_equal(only_stream(f)->put.record_bytes_max, RECORD_BYTES_DEFAULT);
    assert_true(only_stream(f)->put.retry_unknown);
    assert_false(only_stream(f)->partition.reject_if_missing);
    fixture_set_text(f, "streams.s",
                     "{\"on_unknown\": \"report\", \"partition_key_missing\": \"reject\", \"max_record_bytes\": 100}");
    fixture_accepted(f, "a stream with much said");
    assert_int_equal(only_stream(f)->put.record_bytes_max, 100);
    assert_false(only_stream(f)->put.retry_unknown);
    assert_true(only_stream(f)->partition.reject_if_missing);
}

static void how_records_travel_is_the_streams_own(void **state)
{
    static const struct {
        const char *what, *json;
        struct stream_conf want;
    } rows[] = {
        {"each on its own, in no order", "{}", {.aggregate_bytes_max = 51200}},
        {"in the order of their keys", "{\"ordering\": \"key\"}", {.is_ordered = true, .aggregate_bytes_max = 51200}},
        {"in order in spite of gaps",
         "{\"ordering\": \"key\", \"on_gap\": \"continue\"}",
         {.is_ordered = true, .continues_after_gap = true, .aggregate_bytes_max = 51200}},
        {"packed", "{\"aggregate\": true}", {.aggregate_buckets = 64, .aggregate_bytes_max = 51200}},
        {"packed into one",
         "{\"aggregate\": true, \"aggregate_buckets\": 1, \"aggregate_bytes\": 1024}",
         {.aggregate_buckets = 1, .aggregate_bytes_max = 1024}},
        {"packed into many",
         "{\"aggregate\": true, \"aggregate_buckets\": 65536, \"aggregate_bytes\": 1048576}",
         {.aggregate_buckets = 65536, .aggregate_bytes_max = 1048576}},
        {"buckets of nothing", "{\"aggregate\": false, \"aggregate_buckets\": 9}", {.aggregate_bytes_max = 51200}},
        {"packed, and no order asked for",
         "{\"aggregate\": true, \"ordering\": \"none\", \"on_gap\": \"continue\"}",
         {.continues_after_gap = true, .aggregate_buckets = 64, .aggregate_bytes_max = 51200}},
        {"packed by their callers",
         "{\"kpl_input\": \"allow\"}",
         {.allows_kpl_input = true, .aggregate_bytes_max = 51200}},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        const struct stream_conf *want = &rows[i].want;
        fixture_set_text(f, "streams.s", rows[i].json);
        fixture_accepted(f, rows[i].what);
        const struct stream_conf *got = &only_stream(f)->put;
        check(got->is_ordered == want->is_ordered, "%s: ordering", rows[i].what);
        check(got->continues_after_gap == want->continues_after_gap, "%s: on_gap", rows[i].what);
        check(got->allows_kpl_input == want->allows_kpl_input, "%s: kpl_input", rows[i].what);
        check(got->aggregate_buckets == want->aggregate_buckets, "%s: aggregate_buckets", rows[i].what);
        check(got->aggregate_bytes_max == want->aggregate_bytes_max, "%s: aggregate_bytes", rows[i].what);
    }
}

static void partition_keys_come_from_one_place(void **state)
{
    static const struct {
        const char *json;
        enum partition_source source;
        const char *argument;
    } rows[] = {
        {"\"random\"", PARTITION_RANDOM, ""},
        {"\"client_ip\"", PARTITION_CLIENT_IP, ""},
        {"{\"json\": \"/user/id\"}", PARTITION_JSON, "/user/id"},
        {"{\"json\": \"/a~1b/0\"}", PARTITION_JSON, "/a~1b/0"},
        {"{\"header\": \"X-User\"}", PARTITION_HEADER, "X-User"},
        {"{\"query\": \"user\"}", PARTITION_QUERY, "user"},
    };
    static const char *const bad[] = {
        "\"ip\"",
        "\"json\"",
        "{}",
        "{\"json\": \"/a\", \"query\": \"b\"}",
        "{\"body\": \"x\"}",
        "{\"json\": 1}",
        "{\"json\": \"user\"}",
        "{\"json\": \"\"}",
        "{\"json\": \"/a~2\"}",
        "{\"header\": \"\"}",
        "{\"header\": \"a b\"}",
        "{\"header\": \"a:\"}",
        "{\"header\": \"Authorization\"}",
        "{\"header\": \"x-api-key\"}",
        "{\"header\": \"COOKIE\"}",
        "{\"query\": \"\"}",
        "{\"query\": \"key\"}",
        "{\"query\": null}",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < LEN(rows); i++) {
        fixture_set_text(f, "streams.s.partition_key", rows[i].json);
        fixture_accepted(f, rows[i].json);
        assert_int_equal(only_stream(f)->partition.source, rows[i].source);
        check(span_is(only_stream(f)->partition.argument, rows[i].argument), "%s", rows[i].json);
    }
    for (size_t i = 0; i < LEN(bad); i++) {
        fixture_set_text(f, "streams.s.partition_key", bad[i]);
        fixture_refused(f, bad[i], "streams.s.partition_key: ", "must be ");
    }
}

static void what_browsers_send_is_the_streams_choice(void **state)
{
    struct fixture *f = *state;

    fixture_accepted(f, "defaults");
    const struct stream_row *row = only_stream(f);
    assert_true(row->beacon_batch == BEACON_BATCH_NONE && !row->drops_on_privacy_signal &&
                row->address == STREAM_ADDRESS_FULL);
    fixture_set(f, "streams.s.beacon_batch", json_string("json"));
    fixture_set(f, "streams.s.privacy_signals", json_string("drop"));
    fixture_set(f, "streams.s.address", json_string("none"));
    fixture_accepted(f, "all of them");
    row = only_stream(f);
    assert_true(row->beacon_batch == BEACON_BATCH_JSON && row->drops_on_privacy_signal &&
                row->address == STREAM_ADDRESS_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_browsers_send_is_the_streams_choice, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(calls_go_where_the_settings_say, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(what_a_stream_may_not_be, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(a_stream_is_named_as_callers_name_it_unless_it_says, fixture_begin,
                                        fixture_end),
        cmocka_unit_test_setup_teardown(how_records_travel_is_the_streams_own, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(partition_keys_come_from_one_place, fixture_begin, fixture_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
