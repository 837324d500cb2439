/* `put`, against a server that answers once with what the test says. */
#include "tests/gateway/cli/answering.h"
#include "tests/gateway/cli/run.h"

static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"ShardId\":1}";

static int put(struct run *r, struct answering *s, const char *answer, const char *options)
{
    char line[SCRATCH_PATH_BYTES + 128];

    answering_begin(s, answer);
    snprintf(line, sizeof(line), "put a%%b --url http://127.0.0.1:%u/ %s", s->port, options);
    int status = run_command(r, cli_put, line);
    answering_end(s);
    return status;
}

static void a_record_is_sent_and_its_answer_shown(void **state)
{
    struct run *r = *state;
    struct answering s;

    setenv("KGW_KEY", "kgw_one", 1);
    check(put(r, &s, ok, "--data hello --partition-key a&b/\xC3\xA9") == 0, "%s", r->err);
    assert_string_equal(r->out, "{\"ShardId\":1}\n");
    check(strstr(s.request, "POST /v1/streams/a%25b/record?partitionKey=a%26b%2F%C3%A9 HTTP/1.1\r\n") == s.request,
          "%s", s.request);
    assert_non_null(strstr(s.request, "\r\nX-Api-Key: kgw_one\r\n"));
    assert_non_null(strstr(s.request, "\r\n\r\nhello"));
    assert_null(strcasestr(s.request, "\r\nexpect:"));
}

static void a_file_is_sent_byte_for_byte(void **state)
{
    struct run *r = *state;
    char options[SCRATCH_PATH_BYTES + 64];
    struct answering s;

    setenv("OTHER_KEY", "kgw_two", 1);
    snprintf(options, sizeof(options), "--file %s --key-env OTHER_KEY",
             scratch_write(&r->scratch, "data", "line\r\nline\n"));
    check(put(r, &s, ok, options) == 0, "%s", r->err);
    assert_non_null(strstr(s.request, "\r\nContent-Length: 11\r\n"));
    assert_non_null(strstr(s.request, "\r\n\r\nline\r\nline\n"));
    assert_non_null(strstr(s.request, "\r\nX-Api-Key: kgw_two\r\n"));
}

static void a_refusal_is_shown_and_exits_with_1(void **state)
{
    struct run *r = *state;
    struct answering s;

    setenv("KGW_KEY", "kgw_one", 1);
    assert_int_equal(put(r, &s, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n{}", "--data x"), 1);
    assert_string_equal(r->out, "{}\n");
    assert_non_null(strstr(r->err, "status 403"));
    assert_int_equal(put(r, &s, "", "--data x"), 1);
    assert_string_equal(r->out, "");
    assert_int_equal(put(r, &s, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut", "--data x"), 1);
    assert_string_equal(r->out, "");
}

static void what_is_wrong_is_named_and_exits_with_2(void **state)
{
    static const struct {
        const char *line, *want;
    } rows[] = {
        {"put", "usage: "},
        {"put a b", "usage: "},
        {"put a --data x --file y", "usage: "},
        {"put a --data x --key-env hush", "must hold the API key"},
        {"put a --data x --key hush", "must hold the API key"},
        {"put a --timeout-ms soon", "usage: "},
        {"put a --data x --key-env KGWTEST_NO", "must hold the API key"},
        {"put a --data x --key-env KGWTEST_LINES", "must hold the API key"},
    };
    struct run *r = *state;

    setenv("KGWTEST_LINES", "hush\r\nX: y", 1);
    for (size_t i = 0; i < LEN(rows); i++) {
        check(run_command(r, cli_put, rows[i].line) == 2, "%s exits with 2", rows[i].line);
        check(strstr(r->err, rows[i].want) != NULL && strstr(r->err, "hush") == NULL, "%s: %s", rows[i].line, r->err);
    }
    assert_int_equal(run_command(r, cli_put, "put --help"), 0);
    assert_int_equal(strncmp(r->out, "usage: kinesis-gateway put", 26), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, run_begin, run_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_record_is_sent_and_its_answer_shown),
        TEST(a_file_is_sent_byte_for_byte),
        TEST(a_refusal_is_shown_and_exits_with_1),
        TEST(what_is_wrong_is_named_and_exits_with_2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
