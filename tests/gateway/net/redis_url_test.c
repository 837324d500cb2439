#include "gateway/net/redis_url.h"

#include "tests/auth/check.h"

struct row {
    const char *text;
    enum redis_layout_kind layout;
    bool is_tls;
    const char *user, *password, *hosts[3];
    uint32_t database;
    const char *master;
};

static const struct row rows[] = {
    {"redis://localhost", REDIS_SINGLE, false, "", "", {"localhost:6379"}, 0, ""},
    {"redis://localhost/", REDIS_SINGLE, false, "", "", {"localhost:6379"}, 0, ""},
    {"redis://127.0.0.1:7000/15", REDIS_SINGLE, false, "", "", {"127.0.0.1:7000"}, 15, ""},
    {"rediss://cache.example:6380", REDIS_SINGLE, true, "", "", {"cache.example:6380"}, 0, ""},
    {"redis://[::1]:6380/2", REDIS_SINGLE, false, "", "", {"[::1]:6380"}, 2, ""},
    {"redis://[::1]", REDIS_SINGLE, false, "", "", {"[::1]:6379"}, 0, ""},
    {"redis://:pw@h", REDIS_SINGLE, false, "", "pw", {"h:6379"}, 0, ""},
    {"redis://user:p%40s%2Fs%3A@h:1/3", REDIS_SINGLE, false, "user", "p@s/s:", {"h:1"}, 3, ""},
    {"redis://user:p@ss@h", REDIS_SINGLE, false, "user", "p@ss", {"h:6379"}, 0, ""},
    {"redis://user:p:ss@h", REDIS_SINGLE, false, "user", "p:ss", {"h:6379"}, 0, ""},
    {"redis://a,b:7,[::1]:8", REDIS_SINGLE, false, "", "", {"a:6379", "b:7", "[::1]:8"}, 0, ""},
    {"unix:///run/redis.sock", REDIS_SINGLE, false, "", "", {"/run/redis.sock"}, 0, ""},
    {"unix://u:p@/run/a%20b?db=4", REDIS_SINGLE, false, "u", "p", {"/run/a b"}, 4, ""},
    {"redis+sentinel://s1,s2:7/main", REDIS_SENTINEL, false, "", "", {"s1:26379", "s2:7"}, 0, "main"},
    {"redis+sentinel://:p@s1/my-main.1/9", REDIS_SENTINEL, false, "", "p", {"s1:26379"}, 9, "my-main.1"},
    {"rediss+sentinel://s1/main", REDIS_SENTINEL, true, "", "", {"s1:26379"}, 0, "main"},
    {"redis+cluster://a,b:7", REDIS_CLUSTER, false, "", "", {"a:6379", "b:7"}, 0, ""},
    {"rediss+cluster://u:p@a", REDIS_CLUSTER, true, "u", "p", {"a:6379"}, 0, ""},
};

static void a_url_says_where_redis_is(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        const struct row *r = &rows[i];
        struct redis_url u;
        const char *error;
        size_t len = 0;
        check(redis_url_parse(span_str(r->text), &u, &error), "%s: %s", r->text, error);
        check(u.layout == r->layout && u.is_tls == r->is_tls && u.database == r->database, "%s", r->text);
        check(span_is(secret_reveal(&u.user), r->user) && span_is(secret_reveal(&u.password), r->password), "%s",
              r->text);
        check(strcmp(u.master, r->master) == 0, "%s: %s", r->text, u.master);
        while (len != LEN(r->hosts) && r->hosts[len] != NULL)
            len++;
        check(u.hosts_len == len, "%s: %zu hosts", r->text, u.hosts_len);
        for (size_t h = 0; h != len; h++) {
            char shown[300];
            redis_host_format(&u.hosts[h], shown, sizeof(shown));
            check(strcmp(shown, r->hosts[h]) == 0, "%s: %s", r->text, shown);
        }
        redis_url_clear(&u);
    }
}

static void what_is_no_url_is_refused_without_a_word_of_it(void **state)
{
    static const char *texts[] = {
        "",
        "secret",
        "http://secret@h",
        "redis:/secret",
        "redis://",
        "redis://:secret@",
        "redis://secret@h",
        "redis://secret:@h",
        "redis://:secret%@h",
        "redis://:secret%2@h",
        "redis://:secret%zz@h",
        "redis://:secret%00@h",
        "redis://:sec/ret@h",
        "redis://h:secret",
        "redis://h:0",
        "redis://h:65536",
        "redis://h:",
        "redis://h:+1",
        "redis://h/secret",
        "redis://h/-1",
        "redis://h/99999999",
        "redis://h?db=1",
        "redis://secret host",
        "redis://h,",
        "redis://,h",
        "redis://h,,h",
        "redis://[::1",
        "redis://[secret]",
        "redis://::1",
        "redis://a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a",
        "unix://secret",
        "unix://",
        "unix:///p?secret=1",
        "unix:///p?db=x",
        "redis+sentinel://s1",
        "redis+sentinel://s1/",
        "redis+sentinel://s1/sec ret",
        "redis+sentinel://s1/main/x",
        "redis+cluster://h/1",
        "redis+cluster:///secret",
    };

    (void)state;
    for (size_t i = 0; i != LEN(texts); i++) {
        struct redis_url u;
        const char *error = NULL;
        check(!redis_url_parse(span_str(texts[i]), &u, &error), "'%s' is refused", texts[i]);
        check(error != NULL && strstr(error, "secret") == NULL, "'%s' is refused with a sentence", texts[i]);
        check(u.hosts_len == 0 && u.password.len == 0 && u.user.len == 0, "'%s' leaves nothing", texts[i]);
    }
}

static void lengths_have_their_ends(void **state)
{
    char text[400] = "unix:///";
    struct redis_url u;
    const char *error;

    (void)state;
    memset(text + 8, 'p', REDIS_PATH_BYTES_MAX - 1);
    assert_true(redis_url_parse(span_str(text), &u, &error));
    redis_url_clear(&u);
    text[8 + REDIS_PATH_BYTES_MAX - 1] = 'p';
    assert_false(redis_url_parse(span_str(text), &u, &error));
    memset(text, 0, sizeof(text));
    memcpy(text, "redis://", 8);
    memset(text + 8, 'h', REDIS_HOST_BYTES_MAX);
    assert_true(redis_url_parse(span_str(text), &u, &error));
    redis_url_clear(&u);
    text[8 + REDIS_HOST_BYTES_MAX] = 'h';
    assert_false(redis_url_parse(span_str(text), &u, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_says_where_redis_is),
        cmocka_unit_test(what_is_no_url_is_refused_without_a_word_of_it),
        cmocka_unit_test(lengths_have_their_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
