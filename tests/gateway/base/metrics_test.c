#include "gateway/base/metrics.h"

#include "tests/auth/check.h"

#include <ctype.h>
#include <stdio.h>

static int64_t states_sum(const struct metrics *m)
{
    int64_t sum = 0;

    for (size_t i = 0; i < RECORD_STATES; i++)
        sum += m->records[i];
    return sum;
}

static void a_record_is_in_exactly_one_state(void **state)
{
    struct metrics m = {.counters = {0}};
    uint64_t received = 0;

    (void)state;
    for (int to = 0; to < RECORD_STATES; to++) {
        metrics_records_received(&m, 3);
        received += 3;
        assert_true(m.counters[COUNT_RECORDS_RECEIVED] == received);
        metrics_records_settle(&m, (enum record_state)to, 1);
        metrics_records_settle(&m, (enum record_state)to, 2);
        assert_true(states_sum(&m) == (int64_t)received);
        if (to != RECORD_IN_FLIGHT)
            assert_true(m.records[to] == 3 && m.records[RECORD_IN_FLIGHT] == 0);
    }
}

static void a_duration_falls_into_the_first_bucket_that_holds_it(void **state)
{
    static const uint64_t bounds[] = {HISTOGRAM_BOUNDS};
    struct metrics m = {.counters = {0}};

    (void)state;
    assert_int_equal(LEN(bounds), HISTOGRAM_BUCKETS - 1);
    for (size_t i = 0; i < LEN(bounds); i++) {
        metrics_observe_us(&m, HISTOGRAM_REQUEST, bounds[i]);
        check(m.histograms[HISTOGRAM_REQUEST].buckets[i] == (i == 0 ? 1 : 2), "a bound is in its bucket");
        metrics_observe_us(&m, HISTOGRAM_REQUEST, bounds[i] + 1);
        check(m.histograms[HISTOGRAM_REQUEST].buckets[i + 1] == 1, "what is over it is in the next");
    }
    metrics_observe_us(&m, HISTOGRAM_REQUEST, 0);
    metrics_observe_us(&m, HISTOGRAM_REQUEST, UINT32_MAX);
    assert_true(m.histograms[HISTOGRAM_REQUEST].buckets[0] == 2);
    assert_true(m.histograms[HISTOGRAM_REQUEST].buckets[HISTOGRAM_BUCKETS - 1] == 2);
    assert_true(m.histograms[HISTOGRAM_UPSTREAM].sum_us == 0);
}

static void a_sum_adds_every_field(void **state)
{
    struct metrics m, sum;
    uint64_t *words = (uint64_t *)&m, *sums = (uint64_t *)&sum;

    (void)state;
    for (size_t i = 0; i < sizeof(m) / 8; i++) {
        words[i] = i + 1;
        sums[i] = 1000;
    }
    metrics_add(&sum, &m);
    metrics_add(&sum, &m);
    for (size_t i = 0; i < sizeof(m) / 8; i++)
        check(sums[i] == 1000 + 2 * (i + 1), "word %zu", i);
}

static bool has_line(struct span text, const char *want)
{
    struct span rest = text;

    while (rest.len != 0)
        if (span_is(span_cut(rest, '\n', &rest), want))
            return true;
    return false;
}

static void the_text_says_what_was_counted(void **state)
{
    struct metrics m = {.counters = {0}};
    struct buf out;

    (void)state;
    metrics_count(&m, COUNT_UPSTREAM_CALLS, 41);
    metrics_count(&m, COUNT_UPSTREAM_CALLS, 1);
    m.gauges[GAUGE_CLOCK_OFFSET_SECONDS] = -300;
    m.answers[FAILURE_THROTTLED] = 7;
    metrics_records_received(&m, 5);
    metrics_records_settle(&m, RECORD_WRITTEN, 4);
    metrics_observe_us(&m, HISTOGRAM_REQUEST, 700);
    metrics_observe_us(&m, HISTOGRAM_REQUEST, 20000000);
    buf_init(&out, 1 << 20);
    metrics_format(&m, &out);
    static const char *const lines[] = {
        "# TYPE kgw_upstream_calls_total counter",
        "kgw_upstream_calls_total 42",
        "# TYPE kgw_clock_offset_seconds gauge",
        "kgw_clock_offset_seconds -300",
        "kgw_records_received_total 5",
        "kgw_records_written_total 4",
        "# TYPE kgw_records_in_flight gauge",
        "kgw_records_in_flight 1",
        ("kgw_requests_total{status=\"503\",code=\"ProvisionedThroughputExceededException\",reason=\"the stream is "
         "throttled\"} 7"),
        "# TYPE kgw_request_seconds histogram",
        "kgw_request_seconds_bucket{le=\"0.0005\"} 0",
        "kgw_request_seconds_bucket{le=\"0.001\"} 1",
        "kgw_request_seconds_bucket{le=\"10\"} 1",
        "kgw_request_seconds_bucket{le=\"+Inf\"} 2",
        "kgw_request_seconds_sum 20.000700",
        "kgw_request_seconds_count 2",
    };
    for (size_t i = 0; i < LEN(lines); i++)
        check(has_line(buf_span(&out), lines[i]), "%s", lines[i]);
    buf_clear(&out);
}

/* name, labels, a space, a number: Prometheus text exposition format 0.0.4 */
static bool is_sample(struct span line)
{
    size_t at = 0, start;

    while (at < line.len && (isalnum((unsigned char)line.ptr[at]) || line.ptr[at] == '_'))
        at++;
    if (at == 0)
        return false;
    if (at < line.len && line.ptr[at] == '{') {
        const char *end = memchr(line.ptr + at, '}', line.len - at);
        if (end == NULL)
            return false;
        at = (size_t)(end - line.ptr) + 1;
    }
    if (at == line.len || line.ptr[at++] != ' ')
        return false;
    for (start = at; at < line.len; at++)
        if (strchr("0123456789.-+e", line.ptr[at]) == NULL)
            return false;
    return at != start;
}

static void every_line_is_a_comment_or_a_sample_and_no_series_comes_twice(void **state)
{
    static char series[512][256];
    struct metrics m = {.counters = {0}};
    struct buf out;
    size_t len = 0;

    (void)state;
    for (size_t i = 0; i < FAILURE_ROWS; i++)
        m.answers[i] = UINT64_MAX;
    buf_init(&out, 1 << 20);
    metrics_format(&m, &out);
    assert_int_equal(out.ptr[out.len - 1], '\n');
    for (struct span rest = buf_span(&out); rest.len != 0;) {
        struct span line = span_cut(rest, '\n', &rest);
        if (span_starts_with(line, SPAN("# HELP ")) || span_starts_with(line, SPAN("# TYPE ")))
            continue;
        check(is_sample(line), "%.*s", (int)line.len, line.ptr);
        const char *space = memrchr(line.ptr, ' ', line.len);
        snprintf(series[len], sizeof(series[len]), "%.*s", (int)(space - line.ptr), line.ptr);
        for (size_t i = 0; i < len; i++)
            check(strcmp(series[i], series[len]) != 0, "%s comes once", series[len]);
        assert_in_range(++len, 1, LEN(series) - 1);
    }
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_in_exactly_one_state),
        cmocka_unit_test(a_duration_falls_into_the_first_bucket_that_holds_it),
        cmocka_unit_test(a_sum_adds_every_field),
        cmocka_unit_test(the_text_says_what_was_counted),
        cmocka_unit_test(every_line_is_a_comment_or_a_sample_and_no_series_comes_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
