/* Handshakes are answered in place, and nothing is put. */
#include "tests/gateway/front/hooked.h"

static void check_answer(struct world *w, const char *what, struct fake_exchange *e, int status, const char *body)
{
    check(e->replies == 1 && e->status == status, "%s: %d", what, e->status);
    check(body == NULL || span_is(buf_span(&e->body), body), "%s: %.*s", what, (int)e->body.len, e->body.ptr);
    check(w->net->calls == 0 && w->metrics.records[RECORD_REJECTED] == 1, "%s: nothing is put", what);
    assert_int_equal(w->metrics.counters[COUNT_HOOK_HANDSHAKES], status == 200);
    fake_exchange_free(e);
    world_clear(w);
}

static void slacks_challenge_is_repeated(void **state)
{
    static const struct {
        const char *what, *body;
        int status;
        const char *answer;
    } rows[] = {
        {"a challenge", "{\"token\":\"t\",\"challenge\":\"3eZbrw1aBm\",\"type\":\"url_verification\"}", 200,
         "3eZbrw1aBm"},
        {"one with markup", "{\"challenge\":\"<b>\",\"type\":\"url_verification\"}", 400, NULL},
        {"none", "{\"type\":\"url_verification\"}", 400, NULL},
    };
    struct world w;

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        hooked_init(&w);
        check_answer(&w, rows[i].what, hooked_slack(&w, 0, rows[i].body), rows[i].status, rows[i].answer);
    }
    hooked_init(&w);
    struct fake_exchange *old = hooked_slack(&w, -301, rows[0].body);
    check_answer(&w, "an old one", old, 401, NULL);
}

static void metas_challenge_is_repeated_to_who_knows_the_token(void **state)
{
    static const struct {
        const char *what, *line;
        int status;
        const char *answer;
    } rows[] = {
        {"a challenge", "GET /v1/hooks/meta?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=tok", 200,
         "1158201444"},
        {"escaped", "GET /v1/hooks/meta?hub%2Emode=subscribe&hub.challenge=%31&hub.verify_token=t%6Fk", 200, "1"},
        {"another token", "GET /v1/hooks/meta?hub.mode=subscribe&hub.challenge=1&hub.verify_token=to", 403, NULL},
        {"no token", "GET /v1/hooks/meta?hub.mode=subscribe&hub.challenge=1", 403, NULL},
        {"another mode", "GET /v1/hooks/meta?hub.mode=x&hub.challenge=1&hub.verify_token=tok", 403, NULL},
        {"markup", "GET /v1/hooks/meta?hub.mode=subscribe&hub.challenge=%3Cb%3E&hub.verify_token=tok", 403, NULL},
        {"no challenge", "GET /v1/hooks/meta?hub.mode=subscribe&hub.challenge=&hub.verify_token=tok", 403, NULL},
        {"nothing", "GET /v1/hooks/meta", 403, NULL},
    };
    struct world w;

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        hooked_init(&w);
        check_answer(&w, rows[i].what, hooked_ask(&w, rows[i].line, "", SPAN("")), rows[i].status, rows[i].answer);
    }
}

static void cloudevents_origins_are_granted_by_the_hook(void **state)
{
    static const struct {
        const char *what, *hook, *fields;
        int status;
        const char *allow;
    } rows[] = {
        {"anybody's", "github", "WebHook-Request-Origin: a.example\r\nWebHook-Request-Callback: http://x/\r\n", 200,
         "POST"},
        {"one that is named", "token", "webhook-request-origin: Events.example\r\n", 200, "POST"},
        {"one that is not", "token", "WebHook-Request-Origin: a.example\r\n", 403, ""},
        {"one with markup", "github", "WebHook-Request-Origin: <b>\r\n", 403, ""},
        {"no origin", "github", "Access-Control-Request-Method: POST\r\n", 405, "POST, OPTIONS"},
        {"no origin, and a challenge elsewhere", "meta", "", 405, "POST, GET, OPTIONS"},
    };
    struct world w;
    char line[64];

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        hooked_init(&w);
        snprintf(line, sizeof(line), "OPTIONS /v1/hooks/%s", rows[i].hook);
        struct fake_exchange *e = hooked_ask(&w, line, rows[i].fields, SPAN(""));
        struct span origin = fake_exchange_field(e, "webhook-allowed-origin");
        check((origin.len != 0) == (rows[i].status == 200), "%s", rows[i].what);
        check(span_is(fake_exchange_field(e, "allow"), rows[i].allow), "%s: methods", rows[i].what);
        check_answer(&w, rows[i].what, e, rows[i].status, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slacks_challenge_is_repeated),
        cmocka_unit_test(metas_challenge_is_repeated_to_who_knows_the_token),
        cmocka_unit_test(cloudevents_origins_are_granted_by_the_hook),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
