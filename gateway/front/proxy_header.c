/* What a proxy says ahead of a connection's own bytes. The proxy is trusted, its bytes are not. */
#include "gateway/front/proxy_header.h"

#define V2_SIGNATURE  "\r\n\r\n\0\r\nQUIT\n"
#define V2_HEAD_BYTES 16

/* Is `text` the beginning of `whole`, or the other way round? */
static bool agrees(struct span text, struct span whole)
{
    size_t len = text.len < whole.len ? text.len : whole.len;

    return len == 0 || memcmp(text.ptr, whole.ptr, len) == 0;
}

static bool is_port(struct span text)
{
    uint64_t port;
    bool is_padded = text.len > 1 && text.ptr[0] == '0';

    return !is_padded && span_parse_u64(text, &port) && port <= 65535;
}

/* "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443", without its line end. */
static bool read_line(struct span line, struct proxy_header *out)
{
    struct span rest, word = span_cut(line, ' ', &rest), family = span_cut(rest, ' ', &rest);
    struct address to;

    if (span_equal(family, SPAN("UNKNOWN")))
        return true; /* "the receiver must ignore anything presented before the CRLF" */
    bool is_ipv4 = span_equal(family, SPAN("TCP4"));
    struct span source = span_cut(rest, ' ', &rest), destination = span_cut(rest, ' ', &rest);
    struct span source_port = span_cut(rest, ' ', &rest);
    (void)word;
    if (!is_ipv4 && !span_equal(family, SPAN("TCP6")))
        return false;
    if (source.len == 0 || (memchr(source.ptr, ':', source.len) == NULL) != is_ipv4)
        return false;
    out->has_client = true;
    return address_parse(source, &out->client) && address_parse(destination, &to) && is_port(source_port) &&
           is_port(rest);
}

static enum proxy_verdict read_v1(struct span bytes, struct proxy_header *out)
{
    size_t len = bytes.len < PROXY_HEADER_V1_BYTES_MAX ? bytes.len : PROXY_HEADER_V1_BYTES_MAX;
    const char *lf = memchr(bytes.ptr, '\n', len);

    if (lf == NULL)
        return bytes.len < PROXY_HEADER_V1_BYTES_MAX ? PROXY_MORE : PROXY_MALFORMED;
    out->bytes = (size_t)(lf - bytes.ptr) + 1;
    if (out->bytes < 2 || lf[-1] != '\r')
        return PROXY_MALFORMED;
    return read_line(span_of(bytes.ptr, out->bytes - 2), out) ? PROXY_HEADER : PROXY_MALFORMED;
}

static bool read_addresses(unsigned family, const uint8_t *at, size_t len, struct proxy_header *out)
{
    switch (family) {
    case 0x1: /* AF_INET */
        if (len < 12)
            return false;
        out->client = address_from_ipv4(at);
        out->has_client = true;
        return true;
    case 0x2: /* AF_INET6 */
        if (len < 36)
            return false;
        out->client = address_from_ipv6(at);
        out->has_client = true;
        return true;
    default:
        return true;
    }
}

static enum proxy_verdict read_v2(struct span bytes, struct proxy_header *out)
{
    const uint8_t *at = (const uint8_t *)bytes.ptr;

    if (bytes.len < V2_HEAD_BYTES)
        return PROXY_MORE;
    unsigned version = at[12] >> 4, command = at[12] & 0xF, family = at[13] >> 4;
    size_t len = (size_t)at[14] << 8 | at[15];
    out->bytes = V2_HEAD_BYTES + len;
    if (version != 2 || command > 1 || out->bytes > PROXY_HEADER_V2_BYTES_MAX)
        return PROXY_MALFORMED;
    if (bytes.len < out->bytes)
        return PROXY_MORE;
    if (command == 0) /* LOCAL: the proxy speaks for itself */
        return PROXY_HEADER;
    return read_addresses(family, at + V2_HEAD_BYTES, len, out) ? PROXY_HEADER : PROXY_MALFORMED;
}

enum proxy_verdict proxy_header_read(struct span bytes, struct proxy_header *out)
{
    struct span v2 = SPAN(V2_SIGNATURE), v1 = SPAN("PROXY ");

    *out = (struct proxy_header){.bytes = 0};
    if (bytes.len == 0)
        return PROXY_MORE;
    if (agrees(bytes, v2))
        return read_v2(bytes, out);
    return agrees(bytes, v1) ? read_v1(bytes, out) : PROXY_MALFORMED;
}
