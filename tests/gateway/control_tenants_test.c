/* Tenants and keys from a real Redis: what comes into use, when, and what stays in use while Redis is no help. */
#include "gateway/control_parts.h"

#include "gateway/tenants/redis_layout.h"
#include "tests/auth/check.h"
#include "tests/gateway/control_house.h"
#include "tests/lib/failing_memory.h"
#include "tests/lib/redis_server.h"

#include <stdio.h>

#define NOTICED_MS 1500
#define BACK_MS    5000

static struct redis_server server;
static char settings[192];

static int start_server(void **state)
{
    (void)state;
    redis_server_start(&server, NULL);
    snprintf(settings, sizeof(settings),
             ",\"tenants\":\"redis\",\"tenants_file\":null,\"tenants_refresh_s\":3600,\"redis\":{\"url\":\"%s\"}",
             server.url);
    return 0;
}

static int end_server(void **state)
{
    (void)state;
    redis_server_clear(&server);
    return 0;
}

static int empty_server(void **state)
{
    (void)state;
    redis_server_restart(&server);
    return 0;
}

static void tell(const char *words)
{
    char *reply = redis_server_ask(&server, words);

    check(reply != NULL && reply[0] != '-', "%s: %s", words, reply);
    free(reply);
}

static void add_tenant(const char *name, const char *row)
{
    char words[128];

    snprintf(words, sizeof(words), "HSET " TENANTS_REDIS_TENANTS " %s %s", name, row);
    tell(words);
    tell("INCR " TENANTS_REDIS_VERSION);
}

static void publish(void)
{
    tell("PUBLISH " TENANTS_REDIS_CHANNEL " 1");
}

static void begin(struct control_house *h, const char *with)
{
    char error[CONF_ERROR_BYTES];

    control_house_open(h, with);
    h->control.tenants = control_tenants_new(&h->control, error);
    check(h->control.tenants != NULL, "%s", error);
}

static void end(struct control_house *h)
{
    control_tenants_free(&h->control.tenants);
    assert_null(h->control.tenants);
    control_tenants_free(&h->control.tenants);
    control_house_close(h);
}

struct known {
    struct control_house *house;
    size_t tenants;
};

/* As its keyring and as the snapshot that went to the workers. */
static bool knows(void *ctx)
{
    const struct known *k = ctx;
    const struct control *c = &k->house->control;
    const struct keyring *keyring = control_tenants_keyring(c->tenants);

    return keyring != NULL && keyring_tenants(keyring) == k->tenants && c->snapshot != NULL &&
           c->snapshot->keyring == keyring;
}

static void wait_for(struct control_house *h, size_t tenants, uint32_t limit_ms)
{
    check(control_house_until(h, knows, &(struct known){h, tenants}, limit_ms), "%zu tenants are in use within %u ms",
          tenants, limit_ms);
}

static void what_redis_has_comes_into_use_and_so_does_what_it_tells_of(void **state)
{
    struct control_house h;

    (void)state;
    add_tenant("acme", "{}");
    begin(&h, settings);
    assert_null(control_tenants_keyring(h.control.tenants));
    wait_for(&h, 1, BACK_MS);
    assert_int_equal(h.control.ended.counters[COUNT_TENANTS_READ], 1);
    control_house_wait_logged(&h, "\"tenants read\",\"source\":\"redis\"");
    add_tenant("other", "{}");
    publish();
    wait_for(&h, 2, NOTICED_MS);
    publish(); /* of nothing new */
    add_tenant("third", "{}");
    publish();
    wait_for(&h, 3, NOTICED_MS);
    assert_int_equal(h.control.ended.counters[COUNT_TENANTS_FAILED], 0);
    end(&h);
}

static void what_was_not_told_is_found_by_looking_and_when_told_to_look(void **state)
{
    char looking[192];
    struct control_house h;

    (void)state;
    snprintf(looking, sizeof(looking),
             ",\"tenants\":\"redis\",\"tenants_file\":null,\"tenants_refresh_s\":1,\"redis\":{\"url\":\"%s\"}",
             server.url);
    add_tenant("acme", "{}");
    begin(&h, looking);
    wait_for(&h, 1, BACK_MS);
    add_tenant("other", "{}");
    wait_for(&h, 2, 1000 + NOTICED_MS);
    end(&h);

    begin(&h, settings);
    wait_for(&h, 2, BACK_MS);
    add_tenant("third", "{}");
    control_tenants_read_anew(h.control.tenants);
    control_tenants_read_anew(h.control.tenants); /* while the first is under way */
    wait_for(&h, 3, NOTICED_MS);
    end(&h);
}

static bool has_failed_twice(void *ctx)
{
    const struct control_house *h = ctx;

    return h->control.ended.counters[COUNT_TENANTS_FAILED] >= 2;
}

static void wrong_rows_change_nothing_are_told_once_and_tried_again(void **state)
{
    struct control_house h;

    (void)state;
    add_tenant("acme", "{}");
    begin(&h, settings);
    wait_for(&h, 1, BACK_MS);
    add_tenant("other", "{\"quotas\":1}");
    publish();
    check(control_house_until(&h, has_failed_twice, &h, BACK_MS), "it tries again");
    wait_for(&h, 1, 0);
    assert_int_equal(control_house_logged(&h, "\"tenants failed\""), 1);
    assert_int_equal(control_house_logged(&h, "quotas"), 1);
    add_tenant("other", "{}"); /* and nothing is published */
    wait_for(&h, 2, BACK_MS);
    control_house_wait_logged(&h, "\"tenants recovered\"");
    end(&h);
}

static void a_redis_that_is_away_or_empty_locks_nobody_out(void **state)
{
    struct control_house h;

    (void)state;
    add_tenant("acme", "{}");
    begin(&h, settings);
    wait_for(&h, 1, BACK_MS);
    redis_server_kill(&server);
    control_tenants_read_anew(h.control.tenants);
    check(control_house_until(&h, has_failed_twice, &h, BACK_MS), "it tries again");
    wait_for(&h, 1, 0);
    redis_server_restart(&server); /* empty */
    control_house_wait_logged(&h, "has no tenants");
    wait_for(&h, 1, 0);
    add_tenant("acme", "{}");
    add_tenant("other", "{}");
    wait_for(&h, 2, BACK_MS);
    end(&h);
}

static void who_starts_while_redis_is_away_has_keys_when_it_comes(void **state)
{
    struct control_house h;

    (void)state;
    redis_server_kill(&server);
    begin(&h, settings);
    control_house_wait_logged(&h, "\"tenants failed\"");
    assert_null(control_tenants_keyring(h.control.tenants));
    assert_null(h.control.snapshot);
    redis_server_restart(&server);
    add_tenant("acme", "{}");
    wait_for(&h, 1, BACK_MS);
    end(&h);
}

static void what_cannot_be_trusted_is_said(void **state)
{
    struct control_house h;
    char error[CONF_ERROR_BYTES];

    (void)state;
    control_house_open(&h, ",\"tenants\":\"redis\",\"tenants_file\":null,\"redis\":{\"url\":\"rediss://localhost\","
                           "\"ca_file\":\"config.json\"}"); /* no certificate is in there */
    assert_null(control_tenants_new(&h.control, error));
    check(strstr(error, "redis.url: the file of authorities") == error, "%s", error);
    end(&h);
}

/* Making it, and a load or two: each is missing something once, and in the end all is known. */
static void memory_that_runs_out_once_delays_and_leaks_nothing(void **state)
{
    char error[CONF_ERROR_BYTES];
    bool has_failed = true;

    (void)state;
    add_tenant("acme", "{}");
    for (unsigned nth = 1; has_failed; nth++) {
        struct control_house h;
        control_house_open(&h, settings);
        failing_memory_begin(nth);
        h.control.tenants = control_tenants_new(&h.control, error);
        has_failed = h.control.tenants == NULL;
        if (!has_failed)
            wait_for(&h, 1, BACK_MS);
        has_failed |= failing_memory_end();
        end(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_redis_has_comes_into_use_and_so_does_what_it_tells_of, empty_server),
        cmocka_unit_test_setup(what_was_not_told_is_found_by_looking_and_when_told_to_look, empty_server),
        cmocka_unit_test_setup(wrong_rows_change_nothing_are_told_once_and_tried_again, empty_server),
        cmocka_unit_test_setup(a_redis_that_is_away_or_empty_locks_nobody_out, empty_server),
        cmocka_unit_test_setup(who_starts_while_redis_is_away_has_keys_when_it_comes, empty_server),
        cmocka_unit_test_setup(what_cannot_be_trusted_is_said, empty_server),
        cmocka_unit_test_setup(memory_that_runs_out_once_delays_and_leaks_nothing, empty_server),
    };

    return cmocka_run_group_tests(tests, start_server, end_server);
}
