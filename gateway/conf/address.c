/* Where to listen: numeric addresses only, so that what is reachable is what is written. */
#include "auth/address.h"

#include "gateway/conf/reader.h"

bool conf_address_parse(struct span text, struct conf_address *out)
{
    struct span host = text, port_text;
    uint64_t port;
    size_t colon = text.len;

    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return false;
    host.len = colon - 1;
    port_text = span_of(text.ptr + colon, text.len - colon);
    bool is_bracketed = host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';
    if (is_bracketed)
        host = span_of(host.ptr + 1, host.len - 2);
    bool has_colon = host.len > 0 && memchr(host.ptr, ':', host.len) != NULL;
    if (has_colon != is_bracketed || !address_parse(host, &out->ip) || port_text.len > 5 ||
        !span_parse_u64(port_text, &port) || port > UINT16_MAX)
        return false;
    out->port = (uint16_t)port;
    return true;
}

bool conf_address_is_loopback(const struct conf_address *a)
{
    static const char *const loopback[] = {"127.0.0.0/8", "::1"};
    struct network n;

    for (size_t i = 0; i != sizeof(loopback) / sizeof(loopback[0]); i++)
        if (network_parse(span_str(loopback[i]), &n) && network_contains(&n, a->ip))
            return true;
    return false;
}

static bool is_any(struct address a)
{
    struct address any4 = address_from_ipv4((const uint8_t[4]){0}), any6 = {{0}};

    return memcmp(&a, &any4, sizeof(a)) == 0 || memcmp(&a, &any6, sizeof(a)) == 0;
}

/* SO_REUSEPORT would let two listeners share a port, and each get some of the other's connections. */
bool conf_address_overlap(const struct conf_address *a, const struct conf_address *b)
{
    return a->port != 0 && a->port == b->port &&
           (memcmp(&a->ip, &b->ip, sizeof(a->ip)) == 0 || is_any(a->ip) || is_any(b->ip));
}
