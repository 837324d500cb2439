/* What settings must be together: rules that no single row can state. */
#include "gateway/base/secret_source.h"
#include "gateway/conf/reader.h"
#include "gateway/net/redis_url.h"

#define BROWSER_PATH_BYTES_MAX 128

static bool check_admin(const struct conf_reader *r)
{
    struct conf_address admin, public;

    if (!conf_address_parse(span_str(r->conf->admin.listen.address), &admin))
        return conf_refuse(r, "", "admin.address", "must be a numeric address and a port, as 127.0.0.1:9090");
    if (!conf_address_is_loopback(&admin))
        return conf_refuse(r, "", "admin.address",
                           "must be a loopback address, as 127.0.0.1:9090: this version cannot guard it elsewhere");
    for (size_t i = 0; i != r->conf->listeners_len; i++)
        if (conf_address_parse(span_str(r->conf->listeners[i].listen.address), &public) &&
            conf_address_overlap(&admin, &public))
            return conf_refuse(r, "", "admin.address", "overlaps with that of listen[%zu]", i);
    return true;
}

static bool check_credentials(const struct conf_reader *r)
{
    const struct creds_conf *c = &r->conf->creds;

    if (c->access_key_id != NULL && c->secret_access_key == NULL)
        return conf_refuse(r, "", "aws.secret_access_key", "is missing beside aws.access_key_id");
    if (c->access_key_id == NULL && (c->secret_access_key != NULL || c->session_token != NULL))
        return conf_refuse(r, "", "aws.access_key_id", "is missing beside aws.secret_access_key or aws.session_token");
    return true;
}

static bool check_proxy(const struct conf_reader *r)
{
    struct span proxy = span_str(r->conf->http.proxy);

    if (proxy.len == 0)
        return true;
    if (memchr(proxy.ptr, '@', proxy.len) != NULL)
        return conf_refuse(r, "", "aws.proxy", "must not hold a user or a password");
    return (span_starts_with(proxy, SPAN("http://")) && proxy.len > 7) ||
           conf_refuse(r, "", "aws.proxy", "must be http://HOST:PORT");
}

static bool check_aws(const struct conf_reader *r)
{
    struct span region = span_str(r->conf->aws_region);
    struct stream_conf ignored;

    if (region.len > 0 && !conf_is_region(region))
        return conf_refuse(r, "", "aws.region", "must be a region, as us-east-1");
    if (r->conf->aws_endpoint != NULL &&
        !conf_endpoint_resolve(r, "", "aws.endpoint", r->conf->aws_endpoint, region, &ignored))
        return false;
    return check_proxy(r) && check_credentials(r);
}

static bool check_numbers(const struct conf_reader *r)
{
    const struct conf *c = r->conf;

    if (c->front.request_timeout_ms > c->front.request_timeout_ms_max)
        return conf_refuse(r, "", "request_timeout_ms", "must not be more than max_request_timeout_ms, %u ms",
                           c->front.request_timeout_ms_max);
    if ((c->log_ring_bytes & (c->log_ring_bytes - 1)) != 0)
        return conf_refuse(r, "", "log.ring_bytes", "must be a power of two, as 1048576");
    if (c->sender.retry.backoff_base_ms > c->sender.retry.backoff_max_ms)
        return conf_refuse(r, "", "retry.backoff_ms", "must not be more than retry.backoff_max_ms, %u ms",
                           c->sender.retry.backoff_max_ms);
    for (size_t i = 0; i != c->listeners_len; i++)
        if (c->listeners[i].listen.body_bytes_max > c->server.buffered_bytes_max)
            return conf_refuse(r, "", "max_buffered_bytes", "must not be less than max_body_bytes of listen[%zu]", i);
    return true;
}

/* A source's path is made whole like any other. What is wrong with a URL is said without quoting it. */
static bool check_redis_url(const struct conf_reader *r)
{
    struct span text = span_str(r->conf->redis.url), rest;
    struct redis_url url;
    const char *error;

    if (text.len == 0)
        return true;
    if (secret_source_parse(text, &rest) != SECRET_SOURCE_INVALID)
        return conf_keep_source(r, "", "redis.url", text, &r->conf->redis.url);
    if (!redis_url_parse(text, &url, &error))
        return conf_refuse(r, "", "redis.url", "%s", error);
    redis_url_clear(&url);
    return true;
}

static bool check_tenants(const struct conf_reader *r)
{
    const struct conf *c = r->conf;

    if (c->tenants == CONF_TENANTS_REDIS && c->redis.url == NULL)
        return conf_refuse(r, "", "redis.url", "is missing: tenants is \"redis\"");
    if (c->tenants == CONF_TENANTS_FILE && c->tenants_file == NULL)
        return conf_refuse(r, "", "tenants_file", "is missing: must be the path of the file of tenants and keys");
    return true;
}

/* Segments as streams are named, none of them "." or ".."; not where other calls are. */
static bool is_browser_path(struct span path)
{
    struct span rest, first = path;

    if (path.len < 2 || path.len > BROWSER_PATH_BYTES_MAX || path.ptr[0] != '/' || path.ptr[path.len - 1] == '/')
        return false;
    for (rest = span_of(path.ptr + 1, path.len - 1); rest.len != 0;) {
        first = span_cut(rest, '/', &rest);
        if (!conf_is_name(first, BROWSER_PATH_BYTES_MAX) || span_equal(first, SPAN(".")) ||
            span_equal(first, SPAN("..")))
            return false;
    }
    return !span_starts_with(path, SPAN("/v1/streams")) && !span_starts_with(path, SPAN("/v1/hooks"));
}

static bool check_browser_path(const struct conf_reader *r)
{
    return is_browser_path(span_str(r->conf->front.browser_path)) ||
           conf_refuse(
               r, "", "browser_path",
               "must be a path of 1 to %d bytes as /v1/e, its parts of [A-Za-z0-9_.-], and none that the gateway "
               "has for other calls",
               BROWSER_PATH_BYTES_MAX);
}

bool conf_check(const struct conf_reader *r)
{
    return check_redis_url(r) && check_tenants(r) && check_admin(r) && check_aws(r) && check_numbers(r) &&
           check_browser_path(r);
}
