/* Where calls to a region go. Knows the AWS partitions' domains, and what may stand in an endpoint setting. */
#include "gateway/conf/reader.h"

#include <stdio.h>

#define REGION_BYTES_MAX 32
#define HOST_BYTES_MAX   253

bool conf_is_region(struct span text)
{
    for (size_t i = 0; i != text.len; i++) {
        char c = text.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(i > 0 && ((c >= '0' && c <= '9') || c == '-')))
            return false;
    }
    return text.len >= 3 && text.len <= REGION_BYTES_MAX;
}

static const char *domain_of(struct span region)
{
    static const struct {
        struct span prefix;
        const char *domain;
    } partitions[] = {
        {{"cn-", 3}, "amazonaws.com.cn"},    {{"us-iso-", 7}, "c2s.ic.gov"},      {{"us-isob-", 8}, "sc2s.sgov.gov"},
        {{"us-isof-", 8}, "csp.hci.ic.gov"}, {{"eu-isoe-", 8}, "cloud.adc-e.uk"}, {{"eusc-", 5}, "amazonaws.eu"},
    };

    for (size_t i = 0; i != sizeof(partitions) / sizeof(partitions[0]); i++)
        if (span_starts_with(region, partitions[i].prefix))
            return partitions[i].domain;
    return "amazonaws.com"; /* us-gov- too */
}

/* An endpoint's parts. */
struct endpoint {
    bool is_https;
    struct span host; /* IPv6 in brackets */
    struct span port; /* empty: the scheme's own */
};

static bool is_host(struct span host)
{
    struct address ip;

    if (host.len > 2 && host.ptr[0] == '[')
        return host.ptr[host.len - 1] == ']' && address_parse(span_of(host.ptr + 1, host.len - 2), &ip);
    for (size_t i = 0; i != host.len; i++) {
        char c = host.ptr[i], letter = (char)(c | 0x20);
        if (!(letter >= 'a' && letter <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '.')
            return false;
    }
    return host.len > 0 && host.len <= HOST_BYTES_MAX;
}

static bool endpoint_parse(struct span text, struct endpoint *out)
{
    size_t scheme = span_starts_with(text, SPAN("https://")) ? 8 : span_starts_with(text, SPAN("http://")) ? 7 : 0;
    uint64_t port;

    *out = (struct endpoint){.is_https = scheme == 8};
    if (scheme == 0)
        return false;
    out->host = span_of(text.ptr + scheme, text.len - scheme);
    if (out->host.len > 0 && out->host.ptr[out->host.len - 1] == '/')
        out->host.len--;
    for (size_t i = out->host.len; i > 0 && out->host.ptr[i - 1] != ']'; i--) {
        if (out->host.ptr[i - 1] != ':')
            continue;
        out->port = span_of(out->host.ptr + i, out->host.len - i);
        out->host.len = i - 1;
        if (out->port.len > 5 || !span_parse_u64(out->port, &port) || port < 1 || port > UINT16_MAX)
            return false;
        break;
    }
    if (span_equal(out->port, out->is_https ? SPAN("443") : SPAN("80")))
        out->port.len = 0;
    return is_host(out->host);
}

static bool is_loopback(struct span host)
{
    struct conf_address a;

    if (span_equal_nocase(host, SPAN("localhost")))
        return true;
    if (host.len > 2 && host.ptr[0] == '[')
        host = span_of(host.ptr + 1, host.len - 2);
    return address_parse(host, &a.ip) && conf_address_is_loopback(&a);
}

static bool keep_target(const struct conf_reader *r, const struct endpoint *e, struct stream_conf *out)
{
    size_t bytes = sizeof("https://:/") + e->host.len + e->port.len;
    char *url = conf_keep(r->conf, bytes);
    const char *scheme = e->is_https ? "https://" : "http://";

    if (url == NULL)
        return conf_refuse_memory(r);
    snprintf(url, bytes, "%s%.*s%s%.*s/", scheme, (int)e->host.len, e->host.ptr, e->port.len > 0 ? ":" : "",
             (int)e->port.len, e->port.ptr == NULL ? "" : e->port.ptr);
    out->url = url;
    out->host = span_of(url + strlen(scheme), strlen(url) - strlen(scheme) - 1);
    return true;
}

bool conf_endpoint_resolve(const struct conf_reader *r, const char *prefix, const char *path, const char *endpoint,
                           struct span region, struct stream_conf *out)
{
    char host[sizeof("kinesis..") + REGION_BYTES_MAX + 32];
    struct endpoint e = {.is_https = true};

    if (endpoint == NULL) {
        int len = snprintf(host, sizeof(host), "kinesis.%.*s.%s", (int)region.len, region.ptr, domain_of(region));
        e.host = span_of(host, (size_t)len);
        return keep_target(r, &e, out);
    }
    if (!endpoint_parse(span_str(endpoint), &e))
        return conf_refuse(r, prefix, path, "must be https://HOST or https://HOST:PORT, without a path or user");
    if (!e.is_https && !is_loopback(e.host))
        return conf_refuse(r, prefix, path, "must be https://: http:// is for loopback hosts only");
    return keep_target(r, &e, out);
}
