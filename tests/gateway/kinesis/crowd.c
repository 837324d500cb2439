/* The lanes' surroundings: see callers.h. */
#include "tests/gateway/kinesis/callers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void on_refresh(void *ctx, uint64_t serial)
{
    struct crowd *c = ctx;
    struct aws_creds *fresh = aws_creds_new(SPAN("AKIDFRESH"), SPAN("fresh"), SPAN("token"), INT64_MAX);

    (void)serial;
    sender_set_creds(&c->sender, fresh);
    aws_creds_release(&fresh);
}

void crowd_init(struct crowd *c)
{
    static const char *const names[CROWD_LANES] = {"stream-0", "stream-1", "stream-2"};
    struct http_client_conf http = {.connections_max = 16};
    struct sender_conf sender = {
        .call_timeout_ms = 2000,
        .window_min = 2,
        .calls_in_flight_max = 8,
        .call_records_max = 500,
        .call_bytes_max = 1u << 20,
        .large_calls_max = 4,
        .ordering_keys_max = 1000,
        .calls_max = 64,
        .queue_records_max = 100000,
        .queue_bytes_max = 1u << 30,
        .retry = {.backoff_base_ms = 50, .backoff_max_ms = 1000, .budget_percent = 10, .budget_burst = 100},
    };

    *c = (struct crowd){.loop = loop_new(), .find_stored = caller_find_stored};
    c->http = http_client_new(c->loop, &http);
    c->net = fake_net_of(c->http);
    c->net->saw = caller_saw;
    c->net->saw_ctx = c;
    random_seed(&c->random, 42);
    sender_init(&c->sender, c->loop, c->http, &sender, &c->random, &c->metrics);
    c->sender.refresh_creds = on_refresh;
    c->sender.refresh_ctx = c;
    struct aws_creds *creds = aws_creds_new(SPAN("AKIDEXAMPLE"), SPAN("wJalrXUtnFEMI"), SPAN(""), INT64_MAX);
    sender_set_creds(&c->sender, creds);
    aws_creds_release(&creds);
    for (unsigned i = 0; i != CROWD_LANES; i++) {
        c->streams[i] = (struct stream_conf){.name = span_str(names[i]),
                                             .stream_name = span_str(names[i]),
                                             .region = SPAN("eu-west-1"),
                                             .host = SPAN("kinesis.eu-west-1.amazonaws.com"),
                                             .url = "https://kinesis.eu-west-1.amazonaws.com/",
                                             .record_bytes_max = RECORD_BYTES_DEFAULT,
                                             .aggregate_bytes_max = 51200,
                                             .retry_unknown = true};
    }
}

struct lane *crowd_lane(struct crowd *c, unsigned i)
{
    if (c->lanes[i] == NULL) {
        c->lanes[i] = lane_new(&c->sender, &c->streams[i]);
        c->lanes_made++;
    }
    assert_non_null(c->lanes[i]);
    return c->lanes[i];
}

void crowd_reload(struct crowd *c, unsigned lane, const struct stream_conf *conf)
{
    struct stream_conf *before = c->reloaded[lane];

    c->reloaded[lane] = fake_memory(sizeof(*conf));
    *c->reloaded[lane] = *conf;
    crowd_lane(c, lane)->conf = c->reloaded[lane];
    free(before); /* AddressSanitizer sees it if anybody kept it */
}

void crowd_script(struct crowd *c, struct fake_script *script)
{
    c->net->fate_of = fake_script_next;
    c->net->ctx = script;
}

void crowd_check(const struct crowd *c)
{
    const struct sender_conf *conf = &c->sender.conf;

    assert_true(c->net->max_open <= conf->calls_max);
    assert_true(c->net->max_open <= c->lanes_made * (conf->calls_in_flight_max + conf->large_calls_max));
    for (unsigned i = 0; i != CROWD_LANES; i++) {
        const struct lane *lane = c->lanes[i];
        assert_true(lane == NULL || lane->reserved_records <= conf->queue_records_max);
        assert_true(lane == NULL || lane->reserved_bytes <= conf->queue_bytes_max);
    }
}

unsigned crowd_count(const struct crowd *c, enum failure_row row)
{
    unsigned count = 0;

    for (unsigned i = 0; i != c->len; i++)
        count += c->callers[i]->state == CALLER_ENDED && c->callers[i]->failure.row == row;
    return count;
}

static void caller_free(struct caller *w)
{
    assert_true(w->state == CALLER_ENDED || w->state == CALLER_REFUSED);
    if (w->state == CALLER_REFUSED)
        assert_int_equal(w->sends, 0);
    if (w->failure.row != FAILURE_NONE && w->failure.outcome == OUTCOME_NOT_WRITTEN)
        assert_int_equal(w->stores, 0);
    assert_true(w->stores <= 1 + w->unknowns);
    free((char *)w->expected_data.ptr);
    free((char *)w->expected_key.ptr);
    free(w);
}

void crowd_clear(struct crowd *c)
{
    fake_loop_pass(c->loop, 2 * CALLER_DEADLINE_US);
    crowd_check(c);
    for (unsigned i = 0; i != c->len; i++)
        caller_free(c->callers[i]);
    free(c->callers);
    for (int g = 0; g != GAUGES; g++)
        if (g != GAUGE_CLOCK_OFFSET_SECONDS)
            assert_int_equal(c->metrics.gauges[g], 0);
    assert_int_equal(c->sender.calls, 0);
    for (unsigned i = 0; i != CROWD_LANES; i++)
        lane_release(&c->lanes[i]); /* asserts that nothing is left in it */
    for (unsigned i = 0; i != CROWD_LANES; i++)
        free(c->reloaded[i]);
    assert_true(fake_loop_is_idle(c->loop));
    sender_clear(&c->sender);
    http_client_free(&c->http);
    loop_free(&c->loop);
}
