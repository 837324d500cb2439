/* Commands' way to Redis, with real servers. */
#include "gateway/net/redis_once.h"

#include "tests/auth/check.h"
#include "tests/lib/redis_server.h"

#include <stdio.h>

static struct redis_url url;

static struct redis_once *open_url(const char *text, char *error)
{
    const char *sentence;

    redis_url_clear(&url);
    check(redis_url_parse(span_str(text), &url, &sentence), "%s: %s", text, sentence);
    return redis_once_open(&url, NULL, 2000, error);
}

static const struct redis_reply *call(struct redis_once *r, const char *words, char *error)
{
    struct span all[8], rest = span_str(words);
    size_t len = 0;

    while (rest.len > 0)
        all[len++] = span_cut(rest, ' ', &rest);
    return redis_once_call(r, all, len, error);
}

static void check_text(const struct redis_reply *reply, const char *want, const char *error)
{
    check(reply != NULL, "%s", error);
    check(span_is(reply->text, want), "%.*s", (int)reply->text.len, reply->text.ptr);
}

static void replies_come_back_with_all_they_hold(void **state)
{
    char error[REDIS_ONCE_ERROR_BYTES];
    struct redis_server server;

    (void)state;
    redis_server_start(&server, NULL);
    struct redis_once *r = open_url(server.url, error);
    check(r != NULL, "%s", error);
    check_text(call(r, "SET name value", error), "OK", error);
    check_text(call(r, "GET name", error), "value", error);
    const struct redis_reply *reply = call(r, "GET nothing", error);
    assert_int_equal(reply->type, REDIS_TYPE_NIL);
    reply = call(r, "INCRBY number 42", error);
    assert_true(reply->type == REDIS_TYPE_INTEGER && reply->integer == 42);
    struct span script[] = {SPAN("EVAL"), SPAN("return {'a', {1, ''}, {}}"), SPAN("0")};
    reply = redis_once_call(r, script, 3, error);
    assert_true(reply->type == REDIS_TYPE_ARRAY && reply->elements_len == 3);
    check_text(&reply->elements[0], "a", error);
    assert_int_equal(reply->elements[1].elements[0].integer, 1);
    assert_true(reply->elements[1].elements[1].type == REDIS_TYPE_STRING);
    assert_int_equal(reply->elements[2].elements_len, 0);
    assert_null(call(r, "NOSUCH command", error));
    check(strstr(error, "redis refuses: ERR unknown command") == error, "%s", error);
    check_text(call(r, "GET name", error), "value", error);
    redis_once_close(&r);
    assert_null(r);
    redis_once_close(&r);
    redis_server_clear(&server);
}

static void socket_user_password_and_database_are_those_of_the_url(void **state)
{
    static const char *const options[] = {"--requirepass", "one", "--user", "clerk", "on", ">two", "~*", "+@all", NULL};
    char error[REDIS_ONCE_ERROR_BYTES], text[256];
    struct redis_server server;

    (void)state;
    redis_server_start(&server, options);
    snprintf(text, sizeof(text), "unix://clerk:two@%s?db=3", server.path);
    struct redis_once *r = open_url(text, error);
    check(r != NULL, "%s", error);
    check_text(call(r, "SET name three", error), "OK", error);
    check_text(call(r, "ACL WHOAMI", error), "clerk", error);
    redis_once_close(&r);
    snprintf(text, sizeof(text), "redis://:one@127.0.0.1:%u/3", server.port);
    r = open_url(text, error);
    check(r != NULL, "%s", error);
    check_text(call(r, "GET name", error), "three", error);
    redis_once_close(&r);
    snprintf(text, sizeof(text), "redis://:wrong@127.0.0.1:%u", server.port);
    assert_null(open_url(text, error));
    check(strstr(error, "redis refuses: WRONGPASS") == error && strstr(error, "wrong@") == NULL, "%s", error);
    snprintf(text, sizeof(text), "redis://:one@127.0.0.1:%u/99", server.port);
    assert_null(open_url(text, error));
    check(strstr(error, "out of range") != NULL, "%s", error);
    redis_server_clear(&server);
}

static void who_is_not_there_or_silent_is_told(void **state)
{
    char error[REDIS_ONCE_ERROR_BYTES], text[128];
    struct redis_server server;
    const char *sentence;

    (void)state;
    snprintf(text, sizeof(text), "redis://127.0.0.1:%u", redis_server_free_port());
    assert_null(open_url(text, error));
    check(strstr(error, "cannot connect to redis: ") == error, "%s", error);
    assert_null(open_url("rediss://127.0.0.1:1", error));
    check(strstr(error, "TLS") != NULL, "%s", error);
    redis_server_start(&server, NULL);
    assert_true(redis_url_parse(span_str(server.url), &url, &sentence));
    struct redis_once *r = redis_once_open(&url, NULL, 100, error);
    check(r != NULL, "%s", error);
    redis_server_freeze(&server);
    assert_null(call(r, "PING", error));
    check(strstr(error, "redis does not answer: ") == error, "%s", error);
    redis_server_thaw(&server);
    redis_once_close(&r);
    redis_server_clear(&server);
}

static void sentinels_are_asked_for_the_master(void **state)
{
    char error[REDIS_ONCE_ERROR_BYTES], text[128];
    struct redis_server master, sentinel;

    (void)state;
    redis_server_start(&master, NULL);
    redis_server_start_sentinel(&sentinel, master.port);
    snprintf(text, sizeof(text), "redis+sentinel://127.0.0.1:%u,127.0.0.1:%u/main", redis_server_free_port(),
             sentinel.port);
    struct redis_once *r = open_url(text, error);
    check(r != NULL, "%s", error);
    check_text(call(r, "SET name value", error), "OK", error);
    redis_once_close(&r);
    snprintf(text, sizeof(text), "redis+sentinel://127.0.0.1:%u/other", sentinel.port);
    assert_null(open_url(text, error));
    check(strstr(error, "knows no such master: other") != NULL, "%s", error);
    redis_server_clear(&sentinel);
    redis_server_clear(&master);
}

static void in_a_cluster_the_node_that_has_the_key_is_asked(void **state)
{
    static const char *const options[] = {"--cluster-enabled", "yes", NULL};
    char error[REDIS_ONCE_ERROR_BYTES], text[128];
    struct redis_server nodes[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        redis_server_start(&nodes[i], options);
        free(redis_server_ask(&nodes[i], i == 0 ? "CLUSTER ADDSLOTSRANGE 0 8191" : "CLUSTER ADDSLOTSRANGE 8192 16383"));
    }
    snprintf(text, sizeof(text), "CLUSTER MEET 127.0.0.1 %u", nodes[1].port);
    free(redis_server_ask(&nodes[0], text));
    for (int i = 0; i < 2; i++)
        redis_server_wait_for(&nodes[i], "CLUSTER INFO", "cluster_state:ok");
    snprintf(text, sizeof(text), "redis+cluster://127.0.0.1:%u", nodes[0].port);
    struct redis_once *r = open_url(text, error);
    check(r != NULL, "%s", error);
    check_text(call(r, "SET a 1", error), "OK", error); /* slot 15495 */
    check_text(call(r, "SET b 2", error), "OK", error); /* slot 3300 */
    check_text(call(r, "GET a", error), "1", error);
    redis_once_close(&r);
    redis_server_clear(&nodes[0]);
    redis_server_clear(&nodes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_come_back_with_all_they_hold),
        cmocka_unit_test(socket_user_password_and_database_are_those_of_the_url),
        cmocka_unit_test(who_is_not_there_or_silent_is_told),
        cmocka_unit_test(sentinels_are_asked_for_the_master),
        cmocka_unit_test(in_a_cluster_the_node_that_has_the_key_is_asked),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    redis_url_clear(&url);
    return failed;
}
