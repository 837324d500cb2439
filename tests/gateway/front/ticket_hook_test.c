/* A webhook's road, in virtual time: who is believed, whose quota it spends, where it goes, what its caller is told. */
#include "tests/gateway/front/hooked.h"

static void a_delivery_is_put_byte_for_byte(void **state)
{
    static const char bytes[] = "\0\xff{\"a\":1}\n";
    struct world w;

    (void)state;
    hooked_init(&w);
    struct fake_exchange *e = hooked_github(&w, "github", SPAN(bytes));
    fake_loop_pass(w.loop, 100000);
    assert_int_equal(e->status, 200);
    assert_true(fake_exchange_has(e, "\"SequenceNumber\":\""));
    assert_int_equal(w.net->stored, 1);
    assert_int_equal(w.metrics.records[RECORD_WRITTEN], 1);
    fake_exchange_free(e);
    world_clear(&w);
}

/* A body of several slices takes several turns, and a wrong one is refused after them. */
static void a_large_body_is_hashed_in_slices(void **state)
{
    static char body[900000];
    struct world w;

    (void)state;
    hooked_init(&w);
    for (int is_wrong = 0; is_wrong != 2; is_wrong++) {
        char fields[160], hex[2 * SHA256_BYTES + 1];
        hooked_sign(span_of(body, sizeof(body)), hex);
        snprintf(fields, sizeof(fields), "X-Hub-Signature-256: sha256=%s\r\n", hex);
        body[sizeof(body) - 1] ^= (char)is_wrong;
        struct fake_exchange *e = hooked_ask(&w, "POST /v1/hooks/github", fields, span_of(body, sizeof(body)));
        assert_int_equal(e->replies, 0);
        fake_loop_pass(w.loop, 100000);
        assert_int_equal(e->status, is_wrong ? 401 : 200);
        fake_exchange_free(e);
    }
    assert_int_equal(w.net->stored, 1);
    struct fake_exchange *gone = hooked_github(&w, "github", span_of(body, sizeof(body)));
    fake_exchange_gone(gone);
    fake_exchange_free(gone);
    assert_int_equal(w.metrics.records[RECORD_REJECTED], 2);
    world_clear(&w);
}

static const struct {
    const char *what, *line, *fields, *body;
    int status;
    const char *code;
} refusals[] = {
    {"no signature", "POST /v1/hooks/github", "", "x", 401, "InvalidSignatureException"},
    {"a wrong one", "POST /v1/hooks/github", "X-Hub-Signature-256: sha256=00\r\n", "x", 401,
     "InvalidSignatureException"},
    {"a wrong token", "POST /v1/hooks/token", "Authorization: Bearer no\r\n", "x", 401, "InvalidSignatureException"},
    {"no such hook", "POST /v1/hooks/none", "", "x", 404, "NotFound"},
    {"no name", "POST /v1/hooks/", "", "x", 404, "NotFound"},
    {"no such tenant", "POST /v1/hooks/nobody", "Authorization: Bearer hush\r\n", "x", 403, "Forbidden"},
    {"encoded", "POST /v1/hooks/token", "Authorization: Bearer hush\r\nContent-Encoding: gzip\r\n", "x", 415,
     "UnsupportedMediaType"},
    {"another method", "PUT /v1/hooks/github", "", "x", 405, "MethodNotAllowed"},
    {"a GET of what has no challenge", "GET /v1/hooks/github", "", "", 405, "MethodNotAllowed"},
};

static void what_is_not_the_providers_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i != LEN(refusals); i++) {
        struct world w;
        hooked_init(&w);
        struct fake_exchange *e = hooked_ask(&w, refusals[i].line, refusals[i].fields, span_str(refusals[i].body));
        check(e->replies == 1 && e->status == refusals[i].status, "%s: %d", refusals[i].what, e->status);
        check(fake_exchange_has(e, refusals[i].code), "%s: %.*s", refusals[i].what, (int)e->body.len, e->body.ptr);
        check(w.net->calls == 0 && w.metrics.records[RECORD_REJECTED] == 1, "%s", refusals[i].what);
        assert_int_equal(w.metrics.counters[COUNT_HOOKS_REFUSED], refusals[i].status == 401);
        fake_exchange_free(e);
        world_clear(&w);
    }
}

static void what_cannot_be_written_is_not_hashed(void **state)
{
    static char body[RECORD_BYTES_DEFAULT + 1];
    struct world w;

    (void)state;
    hooked_init(&w);
    struct fake_exchange *e = hooked_ask(&w, "POST /v1/hooks/github", "", span_of(body, sizeof(body)));
    assert_int_equal(e->status, 413);
    fake_exchange_free(e);
    world_clear(&w);
}

static void callers_parameters_are_not_looked_at(void **state)
{
    struct world w;

    (void)state;
    hooked_init(&w);
    struct fake_exchange *e = hooked_ask(&w, "POST /v1/hooks/token?dryRun=true&partitionKey=mine",
                                         "Authorization: Bearer hush\r\nX-Kinesis-Partition-Key: mine\r\n", SPAN("x"));
    fake_loop_pass(w.loop, 100000);
    assert_int_equal(e->status, 200);
    assert_int_equal(w.net->stored, 1);
    assert_false(span_is(w.net->ledger.entries[0]->partition_key, "mine"));
    fake_exchange_free(e);
    world_clear(&w);
}

static void the_hooks_rule_finds_the_key(void **state)
{
    struct world w;

    (void)state;
    hooked_init(&w);
    struct fake_exchange *slack = hooked_slack(&w, 0, "{\"team\":\"T1\"}");
    struct fake_exchange *clicks = hooked_github(&w, "clicks", SPAN("{\"user\":{\"id\":7}}"));
    struct fake_exchange *none = hooked_github(&w, "clicks", SPAN("{}"));
    fake_loop_pass(w.loop, 100000);
    assert_true(slack->status == 200 && clicks->status == 200 && none->status == 400);
    assert_true(span_is(w.net->ledger.entries[0]->partition_key, "T1"));
    assert_true(span_is(w.net->ledger.entries[1]->partition_key, "7"));
    fake_exchange_free(slack);
    fake_exchange_free(clicks);
    fake_exchange_free(none);
    world_clear(&w);
}

static void a_deadline_of_its_own_ends_it(void **state)
{
    enum fake_fate fates[] = {FAKE_NO_ROUTE};
    struct fake_script script = {fates, 1};
    struct world w;

    (void)state;
    hooked_init(&w);
    set_fates(&w, &script);
    struct fake_exchange *e = hooked_token(&w, "token", "", "x");
    fake_loop_pass(w.loop, 2490000);
    assert_int_equal(e->replies, 0);
    fake_loop_pass(w.loop, 20000);
    assert_true(e->replies == 1 && e->status >= 503);
    fake_exchange_free(e);
    world_clear(&w);
}

static void without_keys_nothing_is_known_about_tenants(void **state)
{
    struct hook_row row = hooked_row("token", "token");
    struct keyring *none = NULL;
    struct master_keys masters = {NULL, 0};
    const struct stream_row streams[] = {{.put = {.name = SPAN("orders"),
                                                  .stream_name = SPAN("orders"),
                                                  .url = "",
                                                  .record_bytes_max = RECORD_BYTES_DEFAULT}}};
    struct stream_table *table = stream_table_new(streams, 1);
    struct world w;

    (void)state;
    world_init(&w);
    struct snapshot *s = snapshot_new(&none, &table, &masters);
    s->hooks = hook_table_new(&row, 1);
    assert_true(front_set_snapshot(&w.front, s));
    snapshot_release(&s);
    struct fake_exchange *e = hooked_token(&w, "token", "", "x");
    assert_int_equal(e->status, 503);
    assert_true(fake_exchange_has(e, "KeysUnavailable"));
    fake_exchange_free(e);
    world_clear(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delivery_is_put_byte_for_byte),
        cmocka_unit_test(a_large_body_is_hashed_in_slices),
        cmocka_unit_test(what_is_not_the_providers_is_refused),
        cmocka_unit_test(what_cannot_be_written_is_not_hashed),
        cmocka_unit_test(callers_parameters_are_not_looked_at),
        cmocka_unit_test(the_hooks_rule_finds_the_key),
        cmocka_unit_test(a_deadline_of_its_own_ends_it),
        cmocka_unit_test(without_keys_nothing_is_known_about_tenants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
