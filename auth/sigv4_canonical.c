/*
 * Stage 1 of SigV4, the canonical request: one text for all the spellings of a request that mean the same. Knows
 * neither keys nor time.
 */
#include "auth/sigv4.h"

#define HEADERS_MAX 64
#define PARAMS_MAX  64

struct param {
    struct span key, value;
};

static bool is_unreserved(char c)
{
    char letter = (char)(c | 0x20);
    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

static void append_percent(struct buf *b, char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char encoded[3] = {'%', digits[(uint8_t)c >> 4], digits[(uint8_t)c & 15]};
    buf_append(b, span_of(encoded, sizeof(encoded)));
}

static bool is_percent_encoded(struct span text, size_t at, char *decoded)
{
    return text.ptr[at] == '%' && text.len - at >= 3 && hex_decode(span_of(text.ptr + at + 1, 2), decoded, 1);
}

/* A path is encoded once more than it was sent, percent signs too; with `keep_encoded`, what is encoded stays. */
static void append_path_part(struct buf *b, struct span part, bool keep_encoded)
{
    char decoded;

    for (size_t i = 0; i < part.len; i++) {
        char c = part.ptr[i];
        if (is_unreserved(c) || c == '/' || (keep_encoded && is_percent_encoded(part, i, &decoded)))
            buf_append_char(b, c);
        else
            append_percent(b, c);
    }
}

static void drop_last_segment(struct buf *b, size_t start)
{
    while (b->len > start && b->ptr[b->len - 1] != '/')
        b->len--;
    if (b->len > start)
        b->len--;
}

static void append_normalized_path(struct buf *b, struct span path)
{
    size_t start = b->len;
    bool ends_with_slash = path.len > 0 && path.ptr[path.len - 1] == '/';

    while (path.len > 0) {
        struct span segment = span_cut(path, '/', &path);
        if (span_equal(segment, SPAN("..")))
            drop_last_segment(b, start);
        else if (segment.len > 0 && !span_equal(segment, SPAN("."))) {
            buf_append_char(b, '/');
            append_path_part(b, segment, false);
        }
    }
    if (ends_with_slash || b->len == start)
        buf_append_char(b, '/');
}

static void append_path(struct buf *b, const struct sigv4_request *r)
{
    if (r->normalize_path)
        append_normalized_path(b, r->path);
    else if (r->path.len == 0)
        buf_append_char(b, '/');
    else
        append_path_part(b, r->path, true);
}

static struct span query_part(struct buf *texts, struct span raw)
{
    size_t start = texts->len;

    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[i];
        if (is_percent_encoded(raw, i, &c))
            i += 2;
        if (is_unreserved(c))
            buf_append_char(texts, c);
        else
            append_percent(texts, c);
    }
    return span_of(texts->ptr + start, texts->len - start);
}

static int span_compare(struct span a, struct span b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static void insert_param(struct param *params, size_t len, struct param added)
{
    for (; len > 0; len--) {
        int order = span_compare(params[len - 1].key, added.key);
        if (order < 0 || (order == 0 && span_compare(params[len - 1].value, added.value) <= 0))
            break;
        params[len] = params[len - 1];
    }
    params[len] = added;
}

/* `texts` has room for all, so that it never moves under the params' spans. */
static bool append_sorted_query(struct buf *b, struct span query, struct buf *texts)
{
    struct param params[PARAMS_MAX];
    size_t len = 0;

    while (query.len > 0) {
        struct span raw_value, raw = span_cut(query, '&', &query);
        if (raw.len == 0)
            continue;
        if (len == PARAMS_MAX)
            return false;
        struct span key = query_part(texts, span_cut(raw, '=', &raw_value));
        insert_param(params, len++, (struct param){key, query_part(texts, raw_value)});
    }
    for (size_t i = 0; i < len; i++) {
        if (i > 0)
            buf_append_char(b, '&');
        buf_append(b, params[i].key);
        buf_append_char(b, '=');
        buf_append(b, params[i].value);
    }
    return true;
}

static bool append_query(struct buf *b, struct span query)
{
    struct buf texts;

    if (query.len == 0)
        return true;
    if (query.len > b->bytes_max)
        return false;
    buf_init(&texts, 3 * query.len);
    bool ok = buf_reserve(&texts, 3 * query.len) && append_sorted_query(b, query, &texts);
    buf_clear(&texts);
    return ok;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static int name_compare(struct span a, struct span b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        int order = (uint8_t)lower(a.ptr[i]) - (uint8_t)lower(b.ptr[i]);
        if (order != 0)
            return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

static void sort_headers(const struct sigv4_request *r, const struct sigv4_header *sorted[HEADERS_MAX])
{
    for (size_t i = 0; i < r->headers_len; i++) {
        size_t at = i;
        for (; at > 0 && name_compare(sorted[at - 1]->name, r->headers[i].name) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = &r->headers[i];
    }
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Without the white space around it, and with one space for each run inside. */
static void append_folded(struct buf *b, struct span value)
{
    bool is_begun = false, is_pending = false;

    for (size_t i = 0; i < value.len; i++) {
        if (is_space(value.ptr[i])) {
            is_pending = is_begun;
            continue;
        }
        if (is_pending)
            buf_append_char(b, ' ');
        buf_append_char(b, value.ptr[i]);
        is_begun = true;
        is_pending = false;
    }
}

static void append_lower(struct buf *b, struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        buf_append_char(b, lower(name.ptr[i]));
}

/* Headers of one name are one line, their values joined with ','. */
static void append_headers(struct buf *b, struct buf *names, const struct sigv4_header *const *sorted, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && name_compare(sorted[i - 1]->name, sorted[i]->name) == 0) {
            buf_append_char(b, ',');
        } else {
            if (i > 0) {
                buf_append_char(b, '\n');
                buf_append_char(names, ';');
            }
            append_lower(b, sorted[i]->name);
            append_lower(names, sorted[i]->name);
            buf_append_char(b, ':');
        }
        append_folded(b, sorted[i]->value);
    }
    buf_append(b, len > 0 ? SPAN("\n\n") : SPAN("\n"));
}

bool sigv4_canonical_request(const struct sigv4_request *r, struct buf *canonical, struct buf *signed_headers)
{
    const struct sigv4_header *sorted[HEADERS_MAX];
    size_t names_at = signed_headers->len;

    if (r->headers_len > HEADERS_MAX)
        return false;
    sort_headers(r, sorted);
    buf_append(canonical, r->method);
    buf_append_char(canonical, '\n');
    append_path(canonical, r);
    buf_append_char(canonical, '\n');
    if (!append_query(canonical, r->query))
        return false;
    buf_append_char(canonical, '\n');
    append_headers(canonical, signed_headers, sorted, r->headers_len);
    if (signed_headers->len > names_at)
        buf_append(canonical, span_of(signed_headers->ptr + names_at, signed_headers->len - names_at));
    buf_append_char(canonical, '\n');
    buf_append(canonical, r->payload_hash);
    return !canonical->failed && !signed_headers->failed;
}
