/* application/x-www-form-urlencoded reading of a query (WHATWG URL section 5.1), strict about escapes. */
#include "gateway/front/query.h"

bool query_decode(struct span text, struct buf *out)
{
    for (size_t i = 0; i != text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            if (text.len - i < 3 || !hex_decode(span_of(text.ptr + i + 1, 2), &c, 1))
                return false;
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        buf_append_char(out, c);
    }
    return !out->failed;
}

static bool decode(struct span text, struct buf *scratch, struct span *out)
{
    size_t start = scratch->len;

    if (text.len == 0 || (memchr(text.ptr, '%', text.len) == NULL && memchr(text.ptr, '+', text.len) == NULL)) {
        *out = text;
        return true;
    }
    if (!query_decode(text, scratch))
        return false;
    *out = span_of(scratch->ptr + start, scratch->len - start);
    return true;
}

static struct failure malformed(const char *detail)
{
    return (struct failure){.row = FAILURE_MALFORMED, .detail = detail};
}

static struct failure take_text(struct span raw, struct buf *scratch, struct span *to, bool *has)
{
    struct span value;

    if (!decode(raw, scratch, &value))
        return malformed("a query parameter has a malformed percent-encoding");
    if (*has && !span_equal(*to, value))
        return malformed("a query parameter is given twice, with different values");
    *to = value;
    *has = true;
    return FAILURE_OK;
}

static struct failure take_parameter(struct span name, struct span value, struct buf *scratch, struct query *q)
{
    if (span_equal(name, SPAN("partitionKey")))
        return take_text(value, scratch, &q->partition_key, &q->has_partition_key);
    if (span_equal(name, SPAN("explicitHashKey")))
        return take_text(value, scratch, &q->explicit_hash_key, &q->has_explicit_hash_key);
    if (span_equal(name, SPAN("sequenceNumberForOrdering")))
        return take_text(value, scratch, &q->sequence_number_for_ordering, &q->has_sequence_number);
    if (!span_equal(name, SPAN("dryRun")))
        return FAILURE_OK;
    if (!span_equal(value, SPAN("true")) && !span_equal(value, SPAN("false")))
        return malformed("dryRun must be true or false");
    bool dry_run = span_equal(value, SPAN("true"));
    if (q->has_dry_run && q->dry_run != dry_run)
        return malformed("a query parameter is given twice, with different values");
    q->has_dry_run = true;
    q->dry_run = dry_run;
    return FAILURE_OK;
}

struct failure query_parse(struct span raw, struct buf *scratch, struct query *out)
{
    struct span rest = raw;

    *out = (struct query){.raw = raw};
    while (rest.len != 0) {
        struct span value, name, pair = span_cut(rest, '&', &rest);
        if (!decode(span_cut(pair, '=', &value), scratch, &name))
            return malformed("a query parameter's name has a malformed percent-encoding");
        TRY(take_parameter(name, value, scratch, out));
    }
    return FAILURE_OK;
}

bool query_find(struct span raw, struct span name, struct buf *scratch, struct span *out)
{
    while (raw.len != 0) {
        struct span value, decoded, pair = span_cut(raw, '&', &raw), found = span_cut(pair, '=', &value);
        if (decode(found, scratch, &decoded) && span_equal(decoded, name))
            return decode(value, scratch, out);
    }
    return false;
}

bool query_is_own(struct span name)
{
    static const char *const own[] = {"key", "partitionKey", "explicitHashKey", "sequenceNumberForOrdering", "dryRun"};

    for (size_t i = 0; i != sizeof(own) / sizeof(own[0]); i++)
        if (span_equal(name, span_str(own[i])))
            return true;
    return false;
}
