/* Cut from both ends: the scheme, then credentials, hosts and path. No sentence says anything of what it read. */
#include "gateway/net/redis_url.h"

#include "auth/address.h"

#include <stdio.h>

#define PORT_REDIS    6379
#define PORT_SENTINEL 26379
#define DATABASE_MAX  1000000
#define PARTS_MAX     1024 /* bytes of a user or a password */

static const struct scheme {
    struct span prefix;
    enum redis_layout_kind layout;
    bool is_tls, is_path;
} schemes[] = {
    {{"redis://", 8}, REDIS_SINGLE, false, false},
    {{"rediss://", 9}, REDIS_SINGLE, true, false},
    {{"unix://", 7}, REDIS_SINGLE, false, true},
    {{"redis+sentinel://", 17}, REDIS_SENTINEL, false, false},
    {{"rediss+sentinel://", 18}, REDIS_SENTINEL, true, false},
    {{"redis+cluster://", 16}, REDIS_CLUSTER, false, false},
    {{"rediss+cluster://", 17}, REDIS_CLUSTER, true, false},
};

static bool percent_decode(struct span text, struct buf *out)
{
    for (size_t i = 0; i != text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            if (text.len - i < 3 || !hex_decode(span_of(text.ptr + i + 1, 2), &c, 1))
                return false;
            i += 2;
        }
        if (c == '\0')
            return false;
        buf_append_char(out, c);
    }
    return !out->failed;
}

static const char *read_part(struct span text, struct secret *out)
{
    struct buf decoded;

    buf_init(&decoded, PARTS_MAX);
    bool ok = percent_decode(text, &decoded);
    bool is_kept = ok && secret_set(out, buf_span(&decoded));
    buf_wipe_clear(&decoded);
    if (!ok)
        return "the user or the password is not well percent-encoded, or too long";
    return is_kept ? NULL : "out of memory";
}

/* Takes what stands before the last @ of the authority. */
static const char *read_credentials(struct span *text, struct redis_url *out)
{
    const char *slash = text->len == 0 ? NULL : memchr(text->ptr, '/', text->len);
    size_t authority = slash == NULL ? text->len : (size_t)(slash - text->ptr);
    const char *at = authority == 0 ? NULL : memrchr(text->ptr, '@', authority);
    struct span rest, user;

    if (at == NULL)
        return NULL;
    struct span both = span_of(text->ptr, (size_t)(at - text->ptr));
    *text = span_of(at + 1, text->len - both.len - 1);
    user = span_cut(both, ':', &rest);
    if (rest.len == 0)
        return "before the @ there must be :PASSWORD or USER:PASSWORD";
    const char *error = user.len == 0 ? NULL : read_part(user, &out->user);
    return error != NULL ? error : read_part(rest, &out->password);
}

static bool is_name(struct span name)
{
    for (size_t i = 0; i != name.len; i++) {
        char c = name.ptr[i], letter = (char)(c | 0x20);
        if (!(letter >= 'a' && letter <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_')
            return false;
    }
    return name.len > 0 && name.len <= REDIS_HOST_BYTES_MAX;
}

static bool is_host(struct span *host)
{
    struct address ip;

    if (host->len < 2 || host->ptr[0] != '[')
        return is_name(*host);
    if (host->ptr[host->len - 1] != ']')
        return false;
    *host = span_of(host->ptr + 1, host->len - 2);
    return address_parse(*host, &ip);
}

bool redis_host_parse(struct span text, uint16_t port, struct redis_host *out)
{
    const char *colon = text.len == 0 ? NULL : memrchr(text.ptr, ':', text.len);
    const char *bracket = text.len == 0 ? NULL : memrchr(text.ptr, ']', text.len);
    uint64_t number = port;

    if (colon != NULL && (bracket == NULL || colon > bracket)) {
        struct span digits = span_of(colon + 1, (size_t)(text.ptr + text.len - colon - 1));
        if (digits.len > 5 || !span_parse_u64(digits, &number) || number < 1 || number > UINT16_MAX)
            return false;
        text.len = (size_t)(colon - text.ptr);
    }
    return is_host(&text) && redis_host_set(out, text, (uint16_t)number);
}

bool redis_host_set(struct redis_host *out, struct span name, uint16_t port)
{
    struct address ip;

    if (!is_name(name) && !address_parse(name, &ip))
        return false;
    *out = (struct redis_host){.port = port};
    memcpy(out->name, name.ptr, name.len);
    return true;
}

bool redis_host_equal(const struct redis_host *a, const struct redis_host *b)
{
    return a->port == b->port && span_equal_nocase(span_str(a->name), span_str(b->name));
}

void redis_host_format(const struct redis_host *h, char *out, size_t out_len)
{
    bool is_ipv6 = strchr(h->name, ':') != NULL;

    if (h->name[0] == '/')
        snprintf(out, out_len, "%s", h->name);
    else
        snprintf(out, out_len, is_ipv6 ? "[%s]:%u" : "%s:%u", h->name, h->port);
}

static const char *read_hosts(struct span hosts, struct redis_url *out)
{
    uint16_t port = out->layout == REDIS_SENTINEL ? PORT_SENTINEL : PORT_REDIS;
    size_t left;

    do {
        left = hosts.len;
        struct span one = span_cut(hosts, ',', &hosts);
        left -= one.len; /* 1: another host follows */
        if (out->hosts_len == REDIS_HOSTS_MAX)
            return "there are more than 16 hosts";
        if (!redis_host_parse(one, port, &out->hosts[out->hosts_len++]))
            return "a host must be NAME, NAME:PORT or [IPV6]:PORT";
    } while (left != 0);
    return NULL;
}

static const char *read_database(struct span digits, struct redis_url *out)
{
    uint64_t number = 0;

    if (digits.len != 0 && (!span_parse_u64(digits, &number) || number > DATABASE_MAX))
        return "the database must be a number";
    out->database = (uint32_t)number;
    return NULL;
}

static const char *read_path(struct span text, struct redis_url *out)
{
    struct span query, path = span_cut(text, '?', &query);
    struct buf decoded;

    if (path.len == 0 || path.ptr[0] != '/')
        return "unix:// needs an absolute path";
    buf_init(&decoded, REDIS_PATH_BYTES_MAX);
    bool ok = percent_decode(path, &decoded);
    if (ok)
        memcpy(out->hosts[0].name, decoded.ptr, decoded.len);
    buf_clear(&decoded);
    if (!ok)
        return "the path is not well percent-encoded, or longer than 107 bytes";
    out->hosts_len = 1;
    if (query.len == 0)
        return NULL;
    if (!span_starts_with(query, SPAN("db=")))
        return "after the ? only db=NUMBER may stand";
    return read_database(span_of(query.ptr + 3, query.len - 3), out);
}

static const char *read_master(struct span name, struct redis_url *out)
{
    if (!is_name(name))
        return "sentinel needs its master's name: /MASTER-NAME after the hosts";
    memcpy(out->master, name.ptr, name.len);
    return NULL;
}

static const char *read_rest(struct span text, struct redis_url *out)
{
    struct span path, hosts = span_cut(text, '/', &path);
    const char *error = read_hosts(hosts, out);

    if (error == NULL && out->layout == REDIS_SENTINEL)
        error = read_master(span_cut(path, '/', &path), out);
    if (error == NULL)
        error = read_database(path, out);
    if (error == NULL && out->layout == REDIS_CLUSTER && out->database != 0)
        return "a cluster has database 0 only";
    return error;
}

static const char *read_url(struct span text, struct redis_url *out)
{
    for (size_t i = 0; i != sizeof(schemes) / sizeof(schemes[0]); i++) {
        const struct scheme *s = &schemes[i];
        if (!span_starts_with(text, s->prefix))
            continue;
        out->layout = s->layout;
        out->is_tls = s->is_tls;
        text = span_of(text.ptr + s->prefix.len, text.len - s->prefix.len);
        const char *error = read_credentials(&text, out);
        if (error != NULL)
            return error;
        return s->is_path ? read_path(text, out) : read_rest(text, out);
    }
    return "must start with redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://";
}

bool redis_url_parse(struct span text, struct redis_url *out, const char **error)
{
    *out = (struct redis_url){.layout = REDIS_SINGLE};
    *error = read_url(text, out);
    if (*error != NULL)
        redis_url_clear(out);
    return *error == NULL;
}

void redis_url_clear(struct redis_url *u)
{
    secret_clear(&u->user);
    secret_clear(&u->password);
    *u = (struct redis_url){.layout = REDIS_SINGLE};
}
