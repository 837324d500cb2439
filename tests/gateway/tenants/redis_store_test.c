/* Redis as a store, with a real one: what a change sends, who is overtaken, and what gateways hear of it. */
#include "gateway/tenants/redis_store.h"

#include "gateway/tenants/store.h"
#include "tests/auth/check.h"
#include "tests/lib/redis_server.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define A "aaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbb"

static struct redis_server server;
static char url[128];

static int begin(void **state)
{
    (void)state;
    redis_server_start(&server, NULL);
    snprintf(url, sizeof(url), "unix://%s?db=0", server.path);
    return 0;
}

static int end(void **state)
{
    (void)state;
    redis_server_clear(&server);
    return 0;
}

static struct tenants_store *open_store(void)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct tenants_store *s = tenants_store_open(url, NULL, error);

    check(s != NULL, "%s", error);
    assert_string_equal(s->kind->name, "redis");
    return s;
}

static void check_reply(const char *words, const char *part)
{
    char *reply = redis_server_ask(&server, words);

    check(reply != NULL && strstr(reply, part) != NULL, "%s: %s", words, reply);
    free(reply);
}

static void must_change(struct tenants_store *s, tenants_edit *edit, const char *what)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    check(tenants_store_change(s, edit, (void *)(uintptr_t)what, error), "%s", error);
}

static bool add_tenant(json_t *document, void *ctx, char error[DOCUMENT_ERROR_BYTES])
{
    (void)error;
    return document_add_tenant(document, ctx) != NULL;
}

static bool add_key(json_t *document, void *ctx, char error[DOCUMENT_ERROR_BYTES])
{
    (void)error;
    return json_array_append_new(document_keys(document_tenant(document, "acme")),
                                 json_pack("{s:s, s:s}", "id", ctx, "derived", "m1")) == 0;
}

static bool note_key(json_t *document, void *ctx, char error[DOCUMENT_ERROR_BYTES])
{
    const char *tenant;

    (void)error;
    return json_object_set_new(document_key(document, A, &tenant), "comment", json_string(ctx)) == 0;
}

static void what_was_changed_is_loaded(void **state)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct tenants_store *s = open_store();

    (void)state;
    assert_null(tenants_store_load(s, error));
    check(strstr(error, ": has no tenants") != NULL && strstr(error, server.path) == error, "%s", error);
    must_change(s, add_tenant, "acme");
    must_change(s, add_key, A);
    struct keyring *k = tenants_store_load(s, error);
    check(k != NULL, "%s", error);
    assert_true(span_is(keyring_find(k, SPAN(A))->tenant->name, "acme"));
    keyring_release(&k);
    check_reply("HGET {kgw}:keys " A, "\r\n{\"tenant\":\"acme\",\"id\":\"" A "\",\"derived\":\"m1\"}\r\n");
    check_reply("HGET {kgw}:tenants acme", "\r\n{}\r\n");
    tenants_store_close(&s);
}

static void only_rows_that_became_different_are_sent(void **state)
{
    struct tenants_store *s = open_store();

    (void)state;
    must_change(s, add_tenant, "acme");
    must_change(s, add_key, A);
    must_change(s, add_key, B);
    free(redis_server_ask(&server, "CONFIG RESETSTAT"));
    must_change(s, note_key, "x");
    check_reply("INFO commandstats", "cmdstat_hset:calls=1,");
    free(redis_server_ask(&server, "CONFIG RESETSTAT"));
    must_change(s, note_key, "x");
    check_reply("INFO commandstats", "cmdstat_eval:calls=1,"); /* only the one that reads */
    tenants_store_close(&s);
}

/* What another writer does while the first change is under way. */
static bool be_overtaken_once(json_t *document, void *ctx, char error[DOCUMENT_ERROR_BYTES])
{
    int *times = ctx;

    if ((*times)++ == 0) {
        struct tenants_store *other = open_store();
        must_change(other, add_key, B);
        tenants_store_close(&other);
    }
    return note_key(document, (void *)(uintptr_t) "late", error);
}

static void who_is_overtaken_begins_anew_and_loses_nothing(void **state)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct tenants_store *s = open_store();
    int times = 0;

    (void)state;
    must_change(s, add_tenant, "acme");
    must_change(s, add_key, A);
    check(tenants_store_change(s, be_overtaken_once, &times, error), "%s", error);
    assert_int_equal(times, 2);
    check_reply("HGET {kgw}:keys " A, "\"comment\":\"late\"");
    check_reply("HGET {kgw}:keys " B, B);
    tenants_store_close(&s);
}

static void who_is_always_overtaken_gives_up(void **state)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct tenants_store *s = open_store();
    const struct tenants_store_kind *kind = s->kind;

    (void)state;
    must_change(s, add_tenant, "acme");
    json_t *document = kind->begin_change(s, error);
    document_add_tenant(document, "b");
    struct tenants_store *other = open_store();
    must_change(other, add_tenant, "c");
    tenants_store_close(&other);
    assert_int_equal(kind->save(s, document, error), TENANTS_OVERTAKEN);
    kind->end_change(s);
    json_decref(document);
    check_reply("HEXISTS {kgw}:tenants b", ":0");
    tenants_store_close(&s);
}

static void an_id_is_never_given_twice(void **state)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct tenants_store *s = open_store();

    (void)state;
    must_change(s, add_tenant, "acme");
    must_change(s, add_key, A);
    assert_false(tenants_store_change(s, add_key, (void *)(uintptr_t)A, error));
    check(strstr(error, "ids must be unique") != NULL, "%s", error);
    tenants_store_close(&s);
}

static void gateways_hear_of_each_change_once(void **state)
{
    struct tenants_store *s = open_store();
    char error[REDIS_ONCE_ERROR_BYTES], version[32];
    const char *sentence;
    struct redis_url at;

    (void)state;
    assert_true(redis_url_parse(span_str(url), &at, &sentence));
    struct redis_once *listener = redis_once_open(&at, NULL, 5000, error);
    struct span subscribe[] = {SPAN("SUBSCRIBE"), SPAN("kgw:changed")};
    assert_non_null(redis_once_call(listener, subscribe, 2, error));
    must_change(s, add_tenant, "acme");
    /* A subscriber's next reply is the message, whatever it asks. */
    const struct redis_reply *heard = redis_once_call(listener, (struct span[]){SPAN("PING")}, 1, error);
    check(heard != NULL && heard->elements_len == 3, "%s", error);
    assert_true(span_is(heard->elements[0].text, "message") && span_is(heard->elements[1].text, "kgw:changed"));
    snprintf(version, sizeof(version), "%.*s", (int)heard->elements[2].text.len, heard->elements[2].text.ptr);
    check_reply("GET {kgw}:version", version);
    redis_once_close(&listener);
    redis_url_clear(&at);
    tenants_store_close(&s);
}

static void what_was_lost_is_told_from_what_is_empty(void **state)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct tenants_store *s = open_store();

    (void)state;
    must_change(s, add_tenant, "acme");
    free(redis_server_ask(&server, "FLUSHALL"));
    assert_null(tenants_store_load(s, error));
    check(strstr(error, "it never had, or it lost them") != NULL, "%s", error);
    tenants_store_close(&s);
}

static void a_redis_that_ends_is_an_error_of_the_change(void **state)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct tenants_store *s = open_store();

    (void)state;
    must_change(s, add_tenant, "acme");
    redis_server_kill(&server);
    assert_false(tenants_store_change(s, add_tenant, (void *)(uintptr_t) "b", error));
    check(strstr(error, "redis does not answer") != NULL, "%s", error);
    tenants_store_close(&s);
    assert_null(tenants_store_open(url, NULL, error));
    check(strstr(error, "cannot connect to redis") != NULL, "%s", error);
    assert_null(tenants_store_open("redis://:secret@a b", NULL, error));
    check(strstr(error, "secret") == NULL, "%s", error);
}

static void commands_at_the_same_time_lose_no_change(void **state)
{
    enum { COMMANDS = 5 };
    static const char *const names[COMMANDS] = {"a", "b", "c", "d", "e"};
    char error[TENANTS_STORE_ERROR_BYTES];
    pid_t children[COMMANDS];
    int status;

    (void)state;
    for (int i = 0; i < COMMANDS; i++) {
        if ((children[i] = fork()) == 0) {
            struct tenants_store *s = tenants_store_open(url, NULL, error);
            _exit(s != NULL && tenants_store_change(s, add_tenant, (void *)(uintptr_t)names[i], error) ? 0 : 1);
        }
    }
    for (int i = 0; i < COMMANDS; i++)
        assert_true(waitpid(children[i], &status, 0) == children[i] && status == 0);
    check_reply("HLEN {kgw}:tenants", ":5");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_changed_is_loaded),
        TEST(only_rows_that_became_different_are_sent),
        TEST(who_is_overtaken_begins_anew_and_loses_nothing),
        TEST(who_is_always_overtaken_gives_up),
        TEST(an_id_is_never_given_twice),
        TEST(gateways_hear_of_each_change_once),
        TEST(what_was_lost_is_told_from_what_is_empty),
        TEST(a_redis_that_ends_is_an_error_of_the_change),
        TEST(commands_at_the_same_time_lose_no_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
