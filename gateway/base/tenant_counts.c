/* The roll of names behind its lock, and the text; who counts what is not known here. */
#include "gateway/base/tenant_counts.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define OTHER SPAN("other")

struct tenant_roll {
    pthread_mutex_t lock;
    size_t max, len;
    struct {
        size_t len;
        char text[TENANT_NAME_BYTES_MAX];
    } names[]; /* that of row 1 first; never changed once they are there */
};

static const struct {
    const char *metric, *labels, *help;
} rows[] = {
#define X(counter, metric, labels, help) {metric, labels, help},
    KGW_TENANT_COUNTERS(X)
#undef X
};

struct tenant_roll *tenant_roll_new(size_t max)
{
    assert(max <= TENANT_ROLL_MAX);
    struct tenant_roll *r = calloc(1, sizeof(*r) + max * sizeof(r->names[0]));

    if (r == NULL)
        return NULL;
    pthread_mutex_init(&r->lock, NULL);
    r->max = max;
    return r;
}

void tenant_roll_free(struct tenant_roll **r)
{
    struct tenant_roll *gone = *r;

    *r = NULL;
    if (gone == NULL)
        return;
    pthread_mutex_destroy(&gone->lock);
    free(gone);
}

static struct span name_of(const struct tenant_roll *r, size_t row)
{
    return row == TENANT_ROW_OTHER ? OTHER : span_of(r->names[row - 1].text, r->names[row - 1].len);
}

static size_t find(const struct tenant_roll *r, struct span tenant)
{
    for (size_t row = 1; row <= r->len; row++)
        if (span_equal(name_of(r, row), tenant))
            return row;
    return TENANT_ROW_OTHER;
}

static size_t add(struct tenant_roll *r, struct span tenant)
{
    if (r->len == r->max)
        return TENANT_ROW_OTHER;
    memcpy(r->names[r->len].text, tenant.ptr, tenant.len);
    r->names[r->len].len = tenant.len;
    return ++r->len;
}

size_t tenant_roll_row(struct tenant_roll *r, struct span tenant)
{
    assert(tenant.len <= TENANT_NAME_BYTES_MAX);
    if (span_equal(tenant, OTHER))
        return TENANT_ROW_OTHER;
    pthread_mutex_lock(&r->lock);
    size_t row = find(r, tenant);
    if (row == TENANT_ROW_OTHER)
        row = add(r, tenant);
    pthread_mutex_unlock(&r->lock);
    return row;
}

size_t tenant_roll_rows(struct tenant_roll *r)
{
    pthread_mutex_lock(&r->lock);
    size_t in_use = r->len + 1;
    pthread_mutex_unlock(&r->lock);
    return in_use;
}

struct tenant_counts *tenant_counts_new(struct tenant_roll *r)
{
    struct tenant_counts *c = calloc(1, sizeof(*c) + (r->max + 1) * sizeof(c->counts[0]));

    if (c == NULL)
        return NULL;
    c->roll = r;
    c->rows = r->max + 1;
    return c;
}

void tenant_counts_free(struct tenant_counts **c)
{
    free(*c);
    *c = NULL;
}

void tenant_counts_add(struct tenant_counts *sum, const struct tenant_counts *c)
{
    assert(sum->roll == c->roll);
    for (size_t row = 0; row != c->rows; row++)
        for (size_t i = 0; i != TENANT_COUNTERS; i++)
            sum->counts[row][i] += c->counts[row][i];
}

static void format_head(const char *metric, const char *help, struct buf *out)
{
    buf_append(out, SPAN("# HELP "));
    buf_append(out, span_str(metric));
    buf_append_char(out, ' ');
    buf_append(out, span_str(help));
    buf_append(out, SPAN("\n# TYPE "));
    buf_append(out, span_str(metric));
    buf_append(out, SPAN(" counter\n"));
}

static void format_sample(const struct tenant_counts *c, size_t row, size_t i, struct buf *out)
{
    buf_append(out, span_str(rows[i].metric));
    buf_append(out, SPAN("{tenant=\""));
    buf_append(out, name_of(c->roll, row));
    buf_append_char(out, '"');
    buf_append(out, span_str(rows[i].labels));
    buf_append(out, SPAN("} "));
    buf_append_u64(out, c->counts[row][i]);
    buf_append_char(out, '\n');
}

void tenant_counts_format(const struct tenant_counts *c, struct buf *out)
{
    size_t in_use = tenant_roll_rows(c->roll);

    for (size_t i = 0; i != TENANT_COUNTERS; i++) {
        if (i == 0 || strcmp(rows[i].metric, rows[i - 1].metric) != 0)
            format_head(rows[i].metric, rows[i].help, out);
        for (size_t row = 0; row != in_use; row++)
            format_sample(c, row, i, out);
    }
}
