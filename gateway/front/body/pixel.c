/* A query as JSON. What is written is bounded by what was read: see ROOM. */
#include "gateway/front/body/pixel.h"

#include "gateway/base/json_write.h"
#include "gateway/front/query.h"

/*
 * Decoded: no longer than the query. Written: at most twice that, since an escape of one byte stands for one byte that
 * is escaped with six, or with two if it came as it is; and quotes, colon and comma for each. Then room to decode
 * again.
 */
#define PARAMETER_BYTES 8
#define ROOM(len)       (5 * (len) + PARAMETER_BYTES * PIXEL_PARAMETERS_MAX + 2)

struct parameter {
    struct span name, value;
    bool is_written;
};

struct parameters {
    struct parameter list[PIXEL_PARAMETERS_MAX];
    size_t len;
};

static struct failure malformed(const char *detail)
{
    return (struct failure){.row = FAILURE_MALFORMED, .detail = detail};
}

static struct failure decode(struct span text, struct buf *scratch, struct span *out)
{
    size_t start = scratch->len;

    if (!query_decode(text, scratch))
        return malformed("a query parameter has a malformed percent-encoding");
    *out = span_of(scratch->ptr + start, scratch->len - start);
    return span_is_utf8(*out) ? FAILURE_OK : malformed("a query parameter is not UTF-8");
}

static struct failure read_parameters(struct span query, struct buf *scratch, struct parameters *p)
{
    p->len = 0;
    while (query.len != 0) {
        struct span value, pair = span_cut(query, '&', &query), name = span_cut(pair, '=', &value);
        struct parameter read = {.is_written = false};
        if (pair.len == 0)
            continue;
        TRY(decode(name, scratch, &read.name));
        if (query_is_own(read.name))
            continue;
        TRY(decode(value, scratch, &read.value));
        if (p->len == PIXEL_PARAMETERS_MAX)
            return malformed("the query has more than 256 parameters");
        p->list[p->len++] = read;
    }
    return FAILURE_OK;
}

static size_t count_values(const struct parameters *p, size_t first)
{
    size_t count = 0;

    for (size_t i = first; i != p->len; i++)
        count += span_equal(p->list[i].name, p->list[first].name);
    return count;
}

static void write_values(struct parameters *p, size_t first, struct buf *out)
{
    bool is_list = count_values(p, first) > 1;
    const char *before = is_list ? "[" : "";

    for (size_t i = first; i != p->len; i++) {
        if (!span_equal(p->list[i].name, p->list[first].name))
            continue;
        buf_append(out, span_str(before));
        json_write_string(out, p->list[i].value);
        p->list[i].is_written = true;
        before = ",";
    }
    if (is_list)
        buf_append_char(out, ']');
}

struct failure pixel_event(struct span query, struct buf *scratch, struct span *event)
{
    struct parameters p;

    if (!buf_reserve(scratch, ROOM(query.len)))
        return (struct failure){.row = FAILURE_OVERLOADED, .detail = "out of memory"};
    TRY(read_parameters(query, scratch, &p));
    size_t start = scratch->len;
    buf_append_char(scratch, '{');
    for (size_t i = 0; i != p.len; i++) {
        if (p.list[i].is_written)
            continue;
        if (i != 0)
            buf_append_char(scratch, ',');
        json_write_string(scratch, p.list[i].name);
        buf_append_char(scratch, ':');
        write_values(&p, i, scratch);
    }
    buf_append_char(scratch, '}');
    *event = span_of(scratch->ptr + start, scratch->len - start);
    return FAILURE_OK;
}
