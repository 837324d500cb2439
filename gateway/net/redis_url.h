/*
 * Where Redis is, as one text:
 *
 *     redis://[[USER]:PASSWORD@]HOST[:PORT][,HOST[:PORT]…][/DATABASE]
 *     unix://[[USER]:PASSWORD@]/PATH[?db=DATABASE]
 *     redis+sentinel://[[USER]:PASSWORD@]HOST[:PORT][,…]/MASTER-NAME[/DATABASE]
 *     redis+cluster://[[USER]:PASSWORD@]HOST[:PORT][,…]
 *
 * and rediss instead of redis for TLS. User, password and path are percent-decoded (RFC 3986 section 2.1). Pure.
 */
#ifndef KGW_NET_REDIS_URL_H
#define KGW_NET_REDIS_URL_H

#include "auth/secret.h"

#define REDIS_HOSTS_MAX      16
#define REDIS_HOST_BYTES_MAX 253
#define REDIS_PATH_BYTES_MAX 107 /* of a socket's address */

enum redis_layout_kind { REDIS_SINGLE, REDIS_SENTINEL, REDIS_CLUSTER };

struct redis_host {
    char name[REDIS_HOST_BYTES_MAX + 1]; /* IPv6 without brackets; starts with '/': a socket's path, and no port */
    uint16_t port;
};

struct redis_url {
    enum redis_layout_kind layout;
    bool is_tls;
    struct redis_host hosts[REDIS_HOSTS_MAX]; /* of Redis or, with REDIS_SENTINEL, of sentinels */
    size_t hosts_len;
    char master[REDIS_HOST_BYTES_MAX + 1]; /* the master's name; "" but with REDIS_SENTINEL */
    struct secret user, password;          /* the user is no secret, but belongs to one; empty: none */
    uint32_t database;
};

/*
 * False with *error, a static sentence that quotes nothing of `text`, and *out is empty. *out owns what it holds and is
 * given back with redis_url_clear().
 */
bool redis_url_parse(struct span text, struct redis_url *out, const char **error);
void redis_url_clear(struct redis_url *u);

/* HOST[:PORT], IPv6 in brackets; without a port, out->port is `port`. */
bool redis_host_parse(struct span text, uint16_t port, struct redis_host *out);
/* The same in two; IPv6 without brackets. */
bool redis_host_set(struct redis_host *out, struct span name, uint16_t port);
bool redis_host_equal(const struct redis_host *a, const struct redis_host *b);
/* "host:port" or the path, with a NUL; cut if `out` is too small. */
void redis_host_format(const struct redis_host *h, char *out, size_t out_len);

#endif
