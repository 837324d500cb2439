/* What is told again by a provider, and what its caller is told then. */
#include "tests/gateway/front/hooked.h"

static void check_pair(struct world *w, const char *what, struct fake_exchange *first, struct fake_exchange *second,
                       bool want_replayed)
{
    check(first->status == 200 && second->status == 200, "%s: %d %d", what, first->status, second->status);
    check(is_replayed(second) == want_replayed, "%s", what);
    check(is_same_answer(first, second) == want_replayed, "%s: the ids", what);
    assert_int_equal(w->metrics.records[RECORD_REPLAYED], want_replayed);
    assert_true(world_is_balanced(w));
    fake_exchange_free(first);
    fake_exchange_free(second);
    world_clear(w);
}

static void a_body_that_comes_again_is_the_same_event(void **state)
{
    static const struct {
        const char *what, *hook, *first, *second;
        bool is_replayed;
    } rows[] = {
        {"the same body", "github", "{\"a\":1}", "{\"a\":1}", true},
        {"an empty body", "github", "", "", true},
        {"another body", "github", "{\"a\":1}", "{\"a\":2}", false},
        {"the same body, deduplication off", "off", "{\"a\":1}", "{\"a\":1}", false},
    };
    struct world w;

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        hooked_init(&w);
        struct fake_exchange *first = hooked_github(&w, rows[i].hook, span_str(rows[i].first));
        fake_loop_pass(w.loop, 100000);
        struct fake_exchange *second = hooked_github(&w, rows[i].hook, span_str(rows[i].second));
        fake_loop_pass(w.loop, 100000);
        check_pair(&w, rows[i].what, first, second, rows[i].is_replayed);
    }
}

/* Slack signs its repetitions anew, with another time; some of what is around the id may differ. */
static void an_id_in_the_body_is_the_event(void **state)
{
    static const struct {
        const char *what, *first, *second;
        bool is_replayed;
    } rows[] = {
        {"the same id", "{\"event_id\":\"Ev1\",\"n\":1}", "{\"event_id\":\"Ev1\",\"n\":2}", true},
        {"the same id, escaped", "{\"event_id\":\"Ev1\"}", "{\"event_id\":\"\\u0045v1\"}", true},
        {"another id", "{\"event_id\":\"Ev1\"}", "{\"event_id\":\"Ev2\"}", false},
        {"no id", "{\"n\":1}", "{\"n\":1}", false},
        {"an empty id", "{\"event_id\":\"\"}", "{\"event_id\":\"\"}", false},
        {"an id that is none", "{\"event_id\":{}}", "{\"event_id\":{}}", false},
        {"no JSON", "a=b", "a=b", false},
    };
    struct world w;

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        hooked_init(&w);
        struct fake_exchange *first = hooked_slack(&w, 0, rows[i].first);
        fake_loop_pass(w.loop, 100000);
        struct fake_exchange *second = hooked_slack(&w, 9, rows[i].second);
        fake_loop_pass(w.loop, 100000);
        check_pair(&w, rows[i].what, first, second, rows[i].is_replayed);
    }
}

static void an_id_in_a_header_is_the_event(void **state)
{
    static const struct {
        const char *what, *first, *second;
        bool is_replayed;
    } rows[] = {
        {"the same id", "X-Id: 1\r\n", "x-id: 1\r\n", true},
        {"another id", "X-Id: 1\r\n", "X-Id: 2\r\n", false},
        {"no id", "", "", false},
        {"two ids", "X-Id: 1\r\nX-Id: 1\r\n", "X-Id: 1\r\nX-Id: 1\r\n", false},
        {"a client's own key", KEY, KEY, false},
    };
    struct world w;

    (void)state;
    for (size_t i = 0; i != LEN(rows); i++) {
        hooked_init(&w);
        struct fake_exchange *first = hooked_token(&w, "token", rows[i].first, "x");
        fake_loop_pass(w.loop, 100000);
        struct fake_exchange *second = hooked_token(&w, "token", rows[i].second, "y");
        fake_loop_pass(w.loop, 100000);
        check_pair(&w, rows[i].what, first, second, rows[i].is_replayed);
    }
}

static void an_event_is_remembered_once_it_is_written(void **state)
{
    enum fake_fate fates[] = {FAKE_ACCESS_DENIED, FAKE_STORED};
    struct fake_script script = {fates, 2};
    struct world w;

    (void)state;
    hooked_init(&w);
    set_fates(&w, &script);
    struct fake_exchange *failed = hooked_github(&w, "github", SPAN("x"));
    fake_loop_pass(w.loop, 100000);
    struct fake_exchange *put = hooked_github(&w, "github", SPAN("x"));
    fake_loop_pass(w.loop, 100000);
    assert_true(failed->status == 502 && put->status == 200 && !is_replayed(put));
    fake_exchange_free(failed);
    fake_exchange_free(put);
    world_clear(&w);
}

static void an_event_is_forgotten_after_its_hooks_window(void **state)
{
    struct world w;

    (void)state;
    hooked_init(&w);
    struct fake_exchange *first = hooked_github(&w, "github", SPAN("x"));
    fake_loop_pass(w.loop, UINT64_C(3601) * 1000000);
    struct fake_exchange *second = hooked_github(&w, "github", SPAN("x"));
    fake_loop_pass(w.loop, 100000);
    check_pair(&w, "after an hour", first, second, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_that_comes_again_is_the_same_event),
        cmocka_unit_test(an_id_in_the_body_is_the_event),
        cmocka_unit_test(an_id_in_a_header_is_the_event),
        cmocka_unit_test(an_event_is_remembered_once_it_is_written),
        cmocka_unit_test(an_event_is_forgotten_after_its_hooks_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
