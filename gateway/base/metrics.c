/* The counters' arithmetic and their text; the rows stand in metrics.h. */
#include "gateway/base/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct metric_row {
    const char *name, *help;
};

static const struct metric_row counter_rows[] = {
#define X(counter, name, help) {name, help},
    KGW_COUNTERS(X)
#undef X
};

static const struct metric_row gauge_rows[] = {
#define X(gauge, name, help) {name, help},
    KGW_GAUGES(X)
#undef X
};

static const struct metric_row histogram_rows[] = {
#define X(histogram, name, help) {name, help},
    KGW_HISTOGRAMS(X)
#undef X
};

static const struct metric_row record_rows[] = {
#define X(state, name, help) {name, help},
    KGW_RECORD_STATES(X)
#undef X
};

static const char *const stage_names[] = {
#define X(stage, name) name,
    KGW_STAGES(X)
#undef X
};

static const uint64_t bounds_us[HISTOGRAM_BUCKETS - 1] = {HISTOGRAM_BOUNDS};

void metrics_records_received(struct metrics *m, uint64_t n)
{
    m->counters[COUNT_RECORDS_RECEIVED] += n;
    m->records[RECORD_IN_FLIGHT] += (int64_t)n;
}

void metrics_records_settle(struct metrics *m, enum record_state to, uint64_t n)
{
    m->records[RECORD_IN_FLIGHT] -= (int64_t)n;
    m->records[to] += (int64_t)n;
}

void metrics_observe_us(struct metrics *m, enum histogram h, uint64_t us)
{
    size_t i = 0;

    while (i != HISTOGRAM_BUCKETS - 1 && us > bounds_us[i])
        i++;
    m->histograms[h].buckets[i]++;
    m->histograms[h].sum_us += us;
}

void metrics_add(struct metrics *sum, const struct metrics *m)
{
    for (size_t i = 0; i != COUNTERS; i++)
        sum->counters[i] += m->counters[i];
    for (size_t i = 0; i != GAUGES; i++)
        sum->gauges[i] += m->gauges[i];
    for (size_t i = 0; i != RECORD_STATES; i++)
        sum->records[i] += m->records[i];
    for (size_t i = 0; i != STAGES; i++)
        sum->stage_ns[i] += m->stage_ns[i];
    for (size_t i = 0; i != FAILURE_ROWS; i++)
        sum->answers[i] += m->answers[i];
    for (size_t h = 0; h != HISTOGRAMS; h++) {
        for (size_t i = 0; i != HISTOGRAM_BUCKETS; i++)
            sum->histograms[h].buckets[i] += m->histograms[h].buckets[i];
        sum->histograms[h].sum_us += m->histograms[h].sum_us;
    }
}

static void format_line(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void format_line(struct buf *out, const char *format, ...)
{
    char line[512];
    va_list arguments;

    va_start(arguments, format);
    int len = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    buf_append(out, span_of(line, (size_t)len < sizeof(line) ? (size_t)len : sizeof(line) - 1));
}

static void format_head(struct buf *out, const char *name, const char *help, const char *type)
{
    format_line(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void format_records(const struct metrics *m, struct buf *out)
{
    for (size_t i = 0; i != RECORD_STATES; i++) {
        bool is_gauge = i == RECORD_IN_FLIGHT;
        char name[64];
        snprintf(name, sizeof(name), "kgw_records_%s%s", record_rows[i].name, is_gauge ? "" : "_total");
        format_head(out, name, record_rows[i].help, is_gauge ? "gauge" : "counter");
        format_line(out, "%s %" PRId64 "\n", name, m->records[i]);
    }
}

static void format_answers(const struct metrics *m, struct buf *out)
{
    format_head(out, "kgw_requests_total", "requests answered, by status and code", "counter");
    for (int row = 0; row != FAILURE_ROWS; row++) {
        struct failure f = {.row = (enum failure_row)row};
        format_line(out, "kgw_requests_total{status=\"%d\",code=\"%s\",reason=\"%s\"} %" PRIu64 "\n",
                    failure_status(f.row), failure_code(&f), failure_title(f.row), m->answers[row]);
    }
}

static void format_stages(const struct metrics *m, struct buf *out)
{
    format_head(out, "kgw_stage_cpu_seconds_total", "CPU time of the workers by stage, from one turn in 64", "counter");
    for (size_t i = 0; i != STAGES; i++)
        format_line(out, "kgw_stage_cpu_seconds_total{stage=\"%s\"} %.6f\n", stage_names[i],
                    (double)m->stage_ns[i] / 1e9);
}

static void format_histogram(const struct metrics *m, size_t h, struct buf *out)
{
    const char *name = histogram_rows[h].name;
    uint64_t count = 0;

    format_head(out, name, histogram_rows[h].help, "histogram");
    for (size_t i = 0; i != HISTOGRAM_BUCKETS - 1; i++) {
        count += m->histograms[h].buckets[i];
        format_line(out, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name, (double)bounds_us[i] / 1e6, count);
    }
    count += m->histograms[h].buckets[HISTOGRAM_BUCKETS - 1];
    format_line(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.6f\n%s_count %" PRIu64 "\n", name, count, name,
                (double)m->histograms[h].sum_us / 1e6, name, count);
}

void metrics_format(const struct metrics *m, struct buf *out)
{
    for (size_t i = 0; i != COUNTERS; i++) {
        format_head(out, counter_rows[i].name, counter_rows[i].help, "counter");
        format_line(out, "%s %" PRIu64 "\n", counter_rows[i].name, m->counters[i]);
    }
    format_records(m, out);
    for (size_t i = 0; i != GAUGES; i++) {
        format_head(out, gauge_rows[i].name, gauge_rows[i].help, "gauge");
        format_line(out, "%s %" PRId64 "\n", gauge_rows[i].name, m->gauges[i]);
    }
    format_answers(m, out);
    format_stages(m, out);
    for (size_t h = 0; h != HISTOGRAMS; h++)
        format_histogram(m, h, out);
}
