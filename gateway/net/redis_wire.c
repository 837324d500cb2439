/* The socket never blocks: what waits is poll(), until a moment. What is in the bytes is not known here. */
#include "gateway/net/redis_wire.h"

#include "gateway/net/redis_tls.h"
#include "gateway/net/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static bool refuse(char *error, const char *why)
{
    snprintf(error, REDIS_WIRE_ERROR_BYTES, "%s", why);
    return false;
}

static bool refuse_errno(char *error)
{
    const char *sentence = strerrordesc_np(errno);

    return refuse(error, sentence == NULL ? "the connection failed" : sentence);
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool wait_for(const struct redis_wire *w, short events, int64_t until_ms, char *error)
{
    for (;;) {
        struct pollfd p = {.fd = w->fd, .events = events};
        int64_t left_ms = until_ms - now_ms();
        int got = poll(&p, 1, left_ms > 0 ? (int)left_ms : 0);
        if (got > 0)
            return true;
        if (got == 0)
            return refuse(error, "it takes too long");
        if (errno != EINTR)
            return refuse_errno(error);
    }
}

/* TLS */

static const char *tls_reason(const struct redis_wire *w)
{
    long verified = SSL_get_verify_result(w->tls);

    return verified != X509_V_OK ? X509_verify_cert_error_string(verified) : "TLS failed";
}

/* After a call of OpenSSL that did not succeed: waits for what it wants. */
static bool wait_for_tls(const struct redis_wire *w, int result, int64_t until_ms, char *error)
{
    switch (SSL_get_error(w->tls, result)) {
    case SSL_ERROR_WANT_READ:
        return wait_for(w, POLLIN, until_ms, error);
    case SSL_ERROR_WANT_WRITE:
        return wait_for(w, POLLOUT, until_ms, error);
    case SSL_ERROR_ZERO_RETURN:
        return refuse(error, "the connection was closed by redis");
    default:
        return refuse(error, tls_reason(w));
    }
}

static bool shake_hands(struct redis_wire *w, SSL_CTX *tls, const char *host, int64_t until_ms, char *error)
{
    int done = 0;

    if ((w->tls = redis_tls_connection(tls, host, w->fd)) == NULL)
        return refuse(error, "out of memory");
    while (done != 1) {
        ERR_clear_error();
        done = SSL_do_handshake(w->tls);
        if (done != 1 && !wait_for_tls(w, done, until_ms, error))
            return false;
    }
    return true;
}

/* Opening */

static bool connect_to(struct redis_wire *w, const struct net_address *to, int64_t until_ms, char *error)
{
    int on = 1, failed = 0;
    socklen_t len = sizeof(failed);

    w->fd = socket(to->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (w->fd < 0)
        return refuse_errno(error);
    if (to->address.ss_family != AF_UNIX)
        setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(w->fd, (const struct sockaddr *)&to->address, to->len) == 0)
        return true;
    if (errno != EINPROGRESS)
        return refuse_errno(error);
    if (!wait_for(w, POLLOUT, until_ms, error))
        return false;
    getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &failed, &len);
    errno = failed;
    return failed == 0 || refuse_errno(error);
}

static bool open_at(struct redis_wire *w, const struct net_address *to, SSL_CTX *tls, const char *host,
                    int64_t until_ms, char *error)
{
    if (connect_to(w, to, until_ms, error) && (tls == NULL || shake_hands(w, tls, host, until_ms, error)))
        return true;
    redis_wire_close(w);
    return false;
}

/* One address after the other; the time is for all together. */
static bool open_any(struct redis_wire *w, const struct addrinfo *found, SSL_CTX *tls, const char *host, char *error)
{
    int64_t until_ms = now_ms() + w->timeout_ms;

    for (; found != NULL; found = found->ai_next) {
        struct net_address to = {.len = found->ai_addrlen};
        memcpy(&to.address, found->ai_addr, found->ai_addrlen);
        if (open_at(w, &to, tls, host, until_ms, error))
            return true;
    }
    return false;
}

static bool open_name(struct redis_wire *w, const struct redis_host *host, SSL_CTX *tls, char *error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    char port[8];

    snprintf(port, sizeof(port), "%u", host->port);
    int failed = getaddrinfo(host->name, port, &hints, &found);
    if (failed != 0)
        return refuse(error, gai_strerror(failed));
    bool ok = open_any(w, found, tls, host->name, error);
    freeaddrinfo(found);
    return ok;
}

bool redis_wire_open(struct redis_wire *w, const struct redis_host *host, SSL_CTX *tls, uint32_t timeout_ms,
                     char error[REDIS_WIRE_ERROR_BYTES])
{
    struct net_address to;

    *w = (struct redis_wire){.fd = -1, .timeout_ms = timeout_ms};
    if (net_address_numeric(host->name, host->port, &to))
        return open_at(w, &to, tls, host->name, now_ms() + timeout_ms, error);
    return open_name(w, host, tls, error);
}

void redis_wire_close(struct redis_wire *w)
{
    SSL_free(w->tls);
    w->tls = NULL;
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}

/* Bytes */

static bool send_some(struct redis_wire *w, struct span bytes, size_t *wrote, char *error)
{
    int64_t until_ms = now_ms() + w->timeout_ms;

    for (;;) {
        if (w->tls != NULL) {
            ERR_clear_error();
            int ok = SSL_write_ex(w->tls, bytes.ptr, bytes.len, wrote);
            if (ok == 1 || !wait_for_tls(w, ok, until_ms, error))
                return ok == 1;
            continue;
        }
        ssize_t sent = send(w->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (sent >= 0) {
            *wrote = (size_t)sent;
            return true;
        }
        if (errno != EAGAIN && errno != EINTR)
            return refuse_errno(error);
        if (!wait_for(w, POLLOUT, until_ms, error))
            return false;
    }
}

bool redis_wire_send(struct redis_wire *w, struct span bytes, char error[REDIS_WIRE_ERROR_BYTES])
{
    for (size_t at = 0, wrote = 0; at != bytes.len; at += wrote)
        if (!send_some(w, span_of(bytes.ptr + at, bytes.len - at), &wrote, error))
            return false;
    return true;
}

static size_t receive_tls(struct redis_wire *w, char *bytes, size_t len, int64_t until_ms, char *error)
{
    size_t got = 0;

    for (;;) {
        ERR_clear_error();
        int ok = SSL_read_ex(w->tls, bytes, len, &got);
        if (ok == 1)
            return got;
        if (!wait_for_tls(w, ok, until_ms, error))
            return 0;
    }
}

size_t redis_wire_receive(struct redis_wire *w, char *bytes, size_t len, char error[REDIS_WIRE_ERROR_BYTES])
{
    int64_t until_ms = now_ms() + w->timeout_ms;

    if (w->tls != NULL)
        return receive_tls(w, bytes, len, until_ms, error);
    for (;;) {
        ssize_t got = recv(w->fd, bytes, len, 0);
        if (got > 0)
            return (size_t)got;
        if (got == 0)
            return refuse(error, "the connection was closed by redis");
        if (errno != EAGAIN && errno != EINTR)
            return refuse_errno(error);
        if (!wait_for(w, POLLIN, until_ms, error))
            return 0;
    }
}
