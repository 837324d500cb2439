/*
 * Ordered lanes under random weather, and under reloads of their settings: of a key one record is under way, they are
 * stored in the order of their arrival, each carries its predecessor's sequence number, and where a gap is no way to
 * go on, nothing that waited behind it is sent.
 */
#include "tests/gateway/kinesis/weather.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define SEEDS    600
#define ARRIVALS 120
#define KEYS     5
#define LANES    2

struct key {
    const struct caller *under_way;
    const struct caller *newest_stored;
    struct span last; /* the number that the newest written one was given */
    bool may_be_forgotten;
};

/* What a caller's place in its key's order was; moments are counted, as many share an instant. */
struct place {
    struct key *key;
    unsigned lane;
    bool is_ordered; /* the stream was, when it came */
    bool goes_on;    /* a gap was a way to go on, when it ended */
    unsigned came, ended;
};

struct storm {
    struct crowd crowd;
    struct weather weather;
    struct key keys[LANES][KEYS];
    struct place places[ARRIVALS];
    unsigned moments;
};

static const struct stream_conf *conf_of(const struct storm *s, unsigned lane)
{
    const struct crowd *c = &s->crowd;

    return c->reloaded[lane] != NULL ? c->reloaded[lane] : &c->streams[lane];
}

static bool may_be_refused(const struct storm *s, const struct fake_attempt *a)
{
    return s->weather.newest == FAKE_ARGUMENT || span_starts_with(a->record->data, SPAN("guilty"));
}

static void saw(void *ctx, const struct fake_attempt *a)
{
    struct storm *s = ctx;
    struct caller *w = caller_of(&s->crowd, a->record->data);
    struct key *k = s->places[w->number].key;
    struct span after = a->record->sequence_number_for_ordering;

    assert_true(span_equal(a->record->data, w->expected_data));
    assert_true(span_equal(a->record->partition_key, w->expected_key));
    assert_int_equal(w->state, CALLER_WAITING);
    caller_is_sent(w, a);
    if (!s->places[w->number].is_ordered) {
        assert_int_equal(after.len, 0);
        return;
    }
    assert_int_equal(a->operation, FAKE_PUT_RECORD);
    assert_true(k->under_way == NULL || k->under_way == w);
    k->under_way = w;
    assert_true(span_equal(after, k->last) || (after.len == 0 && k->may_be_forgotten));
    k->may_be_forgotten |= may_be_refused(s, a);
    if (!a->is_stored)
        return;
    assert_true(k->newest_stored == NULL || k->newest_stored->number <= w->number);
    k->newest_stored = w;
}

static void told(struct caller *w)
{
    struct storm *s = w->crowd->told_ctx;
    struct place *p = &s->places[w->number];
    struct key *k = p->key;

    p->ended = ++s->moments;
    p->goes_on = conf_of(s, p->lane)->continues_after_gap;
    if (p->is_ordered && k->under_way == w)
        k->under_way = NULL;
    if (!p->is_ordered || w->failure.row != FAILURE_NONE)
        return;
    k->last = w->stored->sequence_number;
    k->may_be_forgotten = s->crowd.sender.conf.ordering_keys_max < KEYS;
}

static void arrive(struct storm *s)
{
    struct random *r = &s->weather.random;
    struct arrival a = weather_arrival(&s->weather);
    unsigned key = (unsigned)random_below(r, KEYS);
    char text[16];

    a.lane = (unsigned)random_below(r, LANES);
    snprintf(text, sizeof(text), "key %u", key);
    a.key = text;
    s->places[s->crowd.len] = (struct place){.key = &s->keys[a.lane][key],
                                             .lane = a.lane,
                                             .is_ordered = conf_of(s, a.lane)->is_ordered,
                                             .came = ++s->moments};
    caller_arrive(&s->crowd, &a);
}

static void draw_conf(struct storm *s, unsigned lane, unsigned ordered_percent)
{
    struct random *r = &s->weather.random;
    struct stream_conf conf = s->crowd.streams[lane];

    conf.is_ordered = random_below(r, 100) < ordered_percent;
    conf.continues_after_gap = random_below(r, 2) == 0;
    conf.retry_unknown = random_below(r, 2) == 0;
    crowd_reload(&s->crowd, lane, &conf);
}

static bool is_behind(const struct storm *s, const struct caller *w, const struct caller *first)
{
    const struct place *p = &s->places[w->number], *before = &s->places[first->number];

    return first->state != CALLER_REFUSED && w->state != CALLER_REFUSED && p->is_ordered && before->is_ordered &&
           p->key == before->key && before->came < p->came && p->came < before->ended;
}

/* One that fails ends those behind it, and nobody fails for a gap that there was not. */
static void check_gaps(const struct storm *s)
{
    for (unsigned i = 0; i != s->crowd.len; i++) {
        const struct caller *w = s->crowd.callers[i];
        bool has_reason = w->failure.row != FAILURE_ORDERING_GAP;
        for (unsigned k = 0; k != i; k++) {
            const struct caller *first = s->crowd.callers[k];
            const struct place *p = &s->places[w->number], *before = &s->places[first->number];
            if (!is_behind(s, w, first) || first->failure.row == FAILURE_NONE || before->goes_on)
                continue;
            assert_true(p->ended < before->ended || w->failure.row == FAILURE_ORDERING_GAP);
            has_reason |= w->ended_us == first->ended_us;
        }
        assert_true(has_reason);
        assert_true(w->failure.row != FAILURE_ORDERING_GAP || w->sends == 0);
    }
}

static unsigned one_storm(uint64_t seed)
{
    struct storm s = {.moments = 0};
    struct random *r = &s.weather.random;

    weather_begin(&s.weather, &s.crowd, seed);
    s.crowd.net->saw = saw;
    s.crowd.net->saw_ctx = &s;
    s.crowd.told = told;
    s.crowd.told_ctx = &s;
    if (random_below(r, 4) == 0)
        s.crowd.sender.conf.ordering_keys_max = random_of(r, 0, KEYS);
    for (unsigned lane = 0; lane != LANES; lane++)
        draw_conf(&s, lane, 100);
    for (unsigned i = 0; i != ARRIVALS; i++) {
        arrive(&s);
        weather_moment(&s.weather, &s.crowd);
        if (random_below(r, 20) == 0)
            draw_conf(&s, (unsigned)random_below(r, LANES), 80);
    }
    unsigned written = weather_end(&s.crowd);
    check_gaps(&s);
    crowd_clear(&s.crowd);
    return written;
}

static void test_storms(void **state)
{
    (void)state;
    assert_true(weather_run(SEEDS, one_storm) > SEEDS * ARRIVALS / 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(test_storms, weather_say_seed)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
