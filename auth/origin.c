/*
 * An origin is compared byte by byte, which is right because only its canonical form is one: whatever could be written
 * in two ways is refused on both sides. Knows no URL but its beginning, and no names that are looked up.
 */
#include "auth/origin.h"

#include "auth/address.h"

#define LABEL_BYTES_MAX 63
#define NAME_BYTES_MAX  253

static bool is_digits(struct span text)
{
    for (size_t i = 0; i != text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len != 0;
}

static bool is_label(struct span label)
{
    for (size_t i = 0; i != label.len; i++) {
        char c = label.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return label.len != 0 && label.len <= LABEL_BYTES_MAX;
}

/* Labels between single dots. A last one of digits alone makes it an address (WHATWG URL, "ends in a number"). */
static bool is_host_name(struct span host, size_t *labels, bool *is_address)
{
    struct span rest = host, label;

    for (*labels = 0; *labels == 0 || rest.ptr != NULL; (*labels)++) {
        const char *dot = rest.len == 0 ? NULL : memchr(rest.ptr, '.', rest.len);
        label = dot == NULL ? rest : span_of(rest.ptr, (size_t)(dot - rest.ptr));
        if (!is_label(label))
            return false;
        rest = dot == NULL ? (struct span){0} : span_of(dot + 1, rest.len - label.len - 1);
    }
    *is_address = is_digits(label);
    return host.len <= NAME_BYTES_MAX;
}

/* An address that is written as we would write it. */
static bool is_canonical_address(struct span text)
{
    char written[ADDRESS_TEXT_BYTES_MAX];
    struct address a;

    return address_parse(text, &a) && span_equal(span_of(written, address_format(a, written)), text);
}

static bool is_host(struct span host)
{
    size_t labels;
    bool is_address;

    if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']') {
        struct span inside = span_of(host.ptr + 1, host.len - 2);
        return memchr(inside.ptr, ':', inside.len) != NULL && is_canonical_address(inside);
    }
    return is_host_name(host, &labels, &is_address) && (!is_address || is_canonical_address(host));
}

static bool is_subdomain_base(struct span host)
{
    size_t labels;
    bool is_address;

    return is_host_name(host, &labels, &is_address) && labels >= 2 && !is_address;
}

/* 1 to 65535 without zeros ahead, and not the scheme's own: that one is left out. */
static bool is_port(struct span port, struct span scheme)
{
    uint64_t number;

    if (port.len > 5 || !span_parse_u64(port, &number) || number == 0 || number > 65535 || port.ptr[0] == '0')
        return false;
    return number != (scheme.len == 5 ? 443u : 80u);
}

static bool take_scheme(struct span text, struct span *scheme, struct span *rest)
{
    size_t len = span_starts_with(text, SPAN("https://")) ? 5 : span_starts_with(text, SPAN("http://")) ? 4 : 0;

    if (len == 0)
        return false;
    *scheme = span_of(text.ptr, len);
    *rest = span_of(text.ptr + len + 3, text.len - len - 3);
    return true;
}

/* The colon of a port is the last one, and not one within brackets. */
static bool take_authority(struct span authority, struct origin_pattern *out)
{
    const char *colon = authority.len == 0 ? NULL : memrchr(authority.ptr, ':', authority.len);

    out->host = authority;
    out->port = SPAN("");
    if (colon == NULL || authority.ptr[authority.len - 1] == ']')
        return true;
    out->host = span_of(authority.ptr, (size_t)(colon - authority.ptr));
    out->port = span_of(colon + 1, authority.len - out->host.len - 1);
    return is_port(out->port, out->scheme);
}

static bool parse(struct span text, struct origin_pattern *out)
{
    struct span authority;

    *out = (struct origin_pattern){.is_wildcard = false};
    return take_scheme(text, &out->scheme, &authority) && take_authority(authority, out);
}

bool origin_pattern_parse(struct span text, struct origin_pattern *out)
{
    if (!parse(text, out))
        return false;
    if (!span_starts_with(out->host, SPAN("*.")))
        return is_host(out->host);
    out->is_wildcard = true;
    out->host = span_of(out->host.ptr + 2, out->host.len - 2);
    return out->scheme.len == 5 && is_subdomain_base(out->host);
}

static bool is_below(struct span host, struct span base)
{
    if (host.len <= base.len + 1)
        return false;
    struct span end = span_of(host.ptr + host.len - base.len, base.len);
    return end.ptr[-1] == '.' && span_equal(end, base);
}

bool origin_matches(const struct origin_pattern *patterns, size_t len, struct span origin)
{
    struct origin_pattern o;

    if (origin.len > ORIGIN_BYTES_MAX || !parse(origin, &o) || !is_host(o.host))
        return false;
    for (size_t i = 0; i != len; i++) {
        const struct origin_pattern *p = &patterns[i];
        if (span_equal(p->scheme, o.scheme) && span_equal(p->port, o.port) &&
            (p->is_wildcard ? is_below(o.host, p->host) : span_equal(o.host, p->host)))
            return true;
    }
    return false;
}

bool origin_of_url(struct span url, struct span *origin)
{
    struct origin_pattern o;
    struct span authority;

    if (!take_scheme(url, &o.scheme, &authority))
        return false;
    size_t len = 0;
    while (len != authority.len && memchr("/?#", authority.ptr[len], 3) == NULL)
        len++;
    authority.len = len;
    *origin = span_of(url.ptr, (size_t)(authority.ptr + authority.len - url.ptr));
    return origin->len <= ORIGIN_BYTES_MAX && take_authority(authority, &o) && is_host(o.host);
}
