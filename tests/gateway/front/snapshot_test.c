#include "gateway/front/snapshot.h"

#include "tests/auth/check.h"

static const struct stream_conf clicks = {.name = SPAN("clicks"),
                                          .stream_name = SPAN("clicks-prod"),
                                          .region = SPAN("eu-west-1"),
                                          .host = SPAN("kinesis.eu-west-1.amazonaws.com"),
                                          .url = "https://kinesis.eu-west-1.amazonaws.com/",
                                          .record_bytes_max = RECORD_BYTES_DEFAULT};
static const struct stream_conf orders = {.name = SPAN("orders"),
                                          .stream_arn = SPAN("arn:aws:kinesis:us-east-1:1:stream/orders"),
                                          .region = SPAN("us-east-1"),
                                          .host = SPAN("kinesis.us-east-1.amazonaws.com"),
                                          .url = "https://kinesis.us-east-1.amazonaws.com/",
                                          .record_bytes_max = RECORD_BYTES_DEFAULT};

static struct snapshot *snapshot_of(const struct stream_conf *confs, size_t len)
{
    struct stream_row rows[4];
    char error[KEYRING_ERROR_BYTES];
    struct keyring *keyring = keyring_parse(SPAN("{\"tenants\":{\"acme\":{\"keys\":[]}}}"), error);
    struct master_keys masters = {calloc(1, sizeof(struct master_key)), 1};

    check(keyring != NULL, "%s", error);
    for (size_t i = 0; i < len; i++)
        rows[i] = (struct stream_row){.put = confs[i]};
    struct stream_table *streams = stream_table_new(rows, len);
    masters.keys[0].name = span_str(strdup("m1"));
    assert_true(secret_set(&masters.keys[0].secret, SPAN("a master key")));
    struct snapshot *s = snapshot_new(&keyring, &streams, &masters);
    assert_true(s != NULL && keyring == NULL && streams == NULL && masters.keys == NULL && masters.len == 0);
    return s;
}

/* A view that alone holds its snapshot. */
static struct view *view_of(struct sender *sender, const struct view *previous, const struct stream_conf *confs,
                            size_t len)
{
    struct snapshot *s = snapshot_of(confs, len);
    struct view *v = view_new(s, previous, sender);

    assert_non_null(v);
    assert_ptr_equal(v->snapshot, s);
    snapshot_release(&s);
    assert_null(s);
    return v;
}

static struct lane *lane_of(const struct view *v, struct span name)
{
    const struct stream_row *row = stream_table_find(v->snapshot->streams, name);

    return row == NULL ? NULL : v->lanes[row->index];
}

static void a_snapshot_takes_its_parts_and_gives_them_up_with_its_last_reference(void **state)
{
    struct snapshot *s = snapshot_of(&clicks, 1), *again = s;

    (void)state;
    assert_int_equal(keyring_tenants(s->keyring), 1);
    assert_true(span_is(secret_reveal(&s->masters.keys[0].secret), "a master key"));
    snapshot_acquire(again);
    snapshot_release(&s);
    assert_non_null(stream_table_find(again->streams, SPAN("clicks")));
    snapshot_release(&again);
    snapshot_release(&again);
}

static void a_view_has_a_lane_for_every_stream(void **state)
{
    struct sender sender = {.loop = NULL};
    const struct stream_conf confs[] = {clicks, orders};
    struct view *v = view_of(&sender, NULL, confs, 2);

    (void)state;
    assert_true(lane_of(v, SPAN("clicks")) != NULL && lane_of(v, SPAN("orders")) != NULL);
    assert_ptr_not_equal(lane_of(v, SPAN("clicks")), lane_of(v, SPAN("orders")));
    for (size_t i = 0; i < 2; i++)
        assert_ptr_equal(v->lanes[i]->conf, &stream_table_at(v->snapshot->streams, i)->put);
    view_unpin(&v);
    assert_null(v);
    view_unpin(&v);
    v = view_of(&sender, NULL, confs, 0);
    view_unpin(&v);
}

static void what_is_the_same_upstream_keeps_its_lane_with_new_settings(void **state)
{
    struct sender sender = {.loop = NULL};
    struct stream_conf before[] = {clicks, orders}, after[] = {orders, clicks};

    (void)state;
    after[1].record_bytes_max = RECORD_BYTES_MAX;
    after[1].retry_unknown = true;
    struct view *old = view_of(&sender, NULL, before, 2), *new = view_of(&sender, old, after, 2);
    struct lane *lane = lane_of(old, SPAN("clicks"));
    assert_ptr_equal(lane_of(new, SPAN("clicks")), lane);
    assert_ptr_equal(lane_of(new, SPAN("orders")), lane_of(old, SPAN("orders")));
    assert_ptr_equal(lane->conf, &stream_table_find(new->snapshot->streams, SPAN("clicks"))->put);
    assert_true(lane->conf->record_bytes_max == RECORD_BYTES_MAX && lane->conf->retry_unknown);
    view_unpin(&old);
    assert_true(span_is(lane->conf->stream_name, "clicks-prod"));
    view_unpin(&new);
}

static void what_is_another_upstream_gets_a_lane_of_its_own(void **state)
{
    struct sender sender = {.loop = NULL};
    struct stream_conf changed[6];
    static const char *const what[] = {"another stream",   "an ARN instead", "another region",
                                       "another endpoint", "another scheme", "another name"};

    (void)state;
    for (size_t i = 0; i < 6; i++)
        changed[i] = clicks;
    changed[0].stream_name = SPAN("clicks-test");
    changed[1].stream_name = SPAN("");
    changed[1].stream_arn = SPAN("arn:aws:kinesis:eu-west-1:1:stream/clicks-prod");
    changed[2].region = SPAN("eu-west-2");
    changed[3].url = "https://localhost:4567/";
    changed[4].url = "http://kinesis.eu-west-1.amazonaws.com/";
    changed[5].name = SPAN("clacks");
    for (size_t i = 0; i < 6; i++) {
        struct view *old = view_of(&sender, NULL, &clicks, 1), *new = view_of(&sender, old, &changed[i], 1);
        check(old->lanes[0] != new->lanes[0], "%s", what[i]);
        check(span_is(old->lanes[0]->conf->name, "clicks") && span_is(old->lanes[0]->conf->stream_name, "clicks-prod"),
              "%s: the old lane keeps its own settings", what[i]);
        view_unpin(&new);
        view_unpin(&old);
    }
}

static void an_old_view_lives_while_it_is_pinned(void **state)
{
    struct sender sender = {.loop = NULL};
    const struct stream_conf both[] = {clicks, orders};
    struct view *old = view_of(&sender, NULL, both, 2), *pinned = view_pin(old);

    (void)state;
    struct view *new = view_of(&sender, old, &orders, 1);
    view_unpin(&old);
    assert_int_equal(pinned->pins, 1);
    assert_true(span_is(lane_of(pinned, SPAN("clicks"))->conf->stream_name, "clicks-prod"));
    assert_null(lane_of(new, SPAN("clicks")));
    view_unpin(&new); /* the newest may even go first */
    assert_non_null(stream_table_find(pinned->snapshot->streams, SPAN("orders")));
    view_unpin(&pinned);
}

static void a_stream_that_went_and_came_back_begins_anew(void **state)
{
    struct sender sender = {.loop = NULL};
    const struct stream_conf both[] = {clicks, orders};
    struct view *first = view_of(&sender, NULL, both, 2), *second = view_of(&sender, first, &orders, 1),
                *third = view_of(&sender, second, both, 2);

    (void)state;
    assert_ptr_not_equal(lane_of(third, SPAN("clicks")), lane_of(first, SPAN("clicks")));
    assert_ptr_equal(lane_of(third, SPAN("orders")), lane_of(first, SPAN("orders")));
    view_unpin(&first);
    view_unpin(&second);
    view_unpin(&third);
}

static void a_thousand_reloads_keep_one_lane(void **state)
{
    struct sender sender = {.loop = NULL};
    struct view *v = view_of(&sender, NULL, &clicks, 1);
    struct lane *lane = v->lanes[0];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct view *old = v;
        v = view_of(&sender, old, &clicks, 1);
        view_unpin(&old);
        assert_ptr_equal(v->lanes[0], lane);
        assert_int_equal(lane->users, 1);
    }
    view_unpin(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_snapshot_takes_its_parts_and_gives_them_up_with_its_last_reference),
        cmocka_unit_test(a_view_has_a_lane_for_every_stream),
        cmocka_unit_test(what_is_the_same_upstream_keeps_its_lane_with_new_settings),
        cmocka_unit_test(what_is_another_upstream_gets_a_lane_of_its_own),
        cmocka_unit_test(an_old_view_lives_while_it_is_pinned),
        cmocka_unit_test(a_stream_that_went_and_came_back_begins_anew),
        cmocka_unit_test(a_thousand_reloads_keep_one_lane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
