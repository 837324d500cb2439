/* Level-triggered: reads what is there, writes what fits, and watches for room only while something is left. */
#include "gateway/net/redis_socket.h"

#include "gateway/net/loop_fd.h"
#include "gateway/net/redis_tls.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

#define READ_BYTES 65536
#define READS_MAX  16 /* of a plain socket at one event */

static void on_ready(int fd, int events, void *ctx);

void redis_socket_init(struct redis_socket *s, struct loop *l, size_t send_bytes_max,
                       const struct redis_socket_events *events, void *ctx)
{
    *s = (struct redis_socket){.loop = l, .events = events, .ctx = ctx, .fd = -1};
    buf_init(&s->out, send_bytes_max);
}

void redis_socket_close(struct redis_socket *s)
{
    SSL_free(s->tls);
    s->tls = NULL;
    if (s->fd >= 0)
        loop_fd_close(s->loop, s->fd);
    s->fd = -1;
    s->is_open = false;
    s->written = 0;
    buf_wipe_clear(&s->out);
}

static void end(struct redis_socket *s, const char *reason)
{
    redis_socket_close(s);
    s->events->on_end(s->ctx, reason);
}

static const char *sentence_of(int error)
{
    const char *sentence = strerrordesc_np(error);

    return sentence == NULL ? "the connection failed" : sentence;
}

static bool watch(struct redis_socket *s, int events)
{
    if (loop_fd_watch(s->loop, s->fd, events, on_ready, s))
        return true;
    end(s, "out of memory or descriptors");
    return false;
}

const char *redis_socket_connect(struct redis_socket *s, const struct net_address *to, SSL_CTX *tls, const char *host)
{
    int on = 1;

    s->fd = socket(to->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->fd < 0)
        return sentence_of(errno);
    loop_fd_keep(s->loop, s->fd);
    if (to->address.ss_family != AF_UNIX)
        setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    const char *error = NULL;
    if (connect(s->fd, (const struct sockaddr *)&to->address, to->len) != 0 && errno != EINPROGRESS)
        error = sentence_of(errno);
    else if (!loop_fd_watch(s->loop, s->fd, FD_WRITABLE, on_ready, s) ||
             (tls != NULL && (s->tls = redis_tls_connection(tls, host, s->fd)) == NULL))
        error = "out of memory or descriptors";
    if (error != NULL)
        redis_socket_close(s);
    return error;
}

/* Opening */

static const char *tls_reason(struct redis_socket *s)
{
    long verified = SSL_get_verify_result(s->tls);

    if (verified != X509_V_OK)
        return X509_verify_cert_error_string(verified);
    return s->is_open ? "TLS failed" : "the TLS handshake failed";
}

static void become_open(struct redis_socket *s)
{
    s->is_open = true;
    if (watch(s, FD_READABLE))
        s->events->on_open(s->ctx);
}

static void shake_hands(struct redis_socket *s)
{
    ERR_clear_error();
    int done = SSL_do_handshake(s->tls), what = SSL_get_error(s->tls, done);

    if (done == 1)
        become_open(s);
    else if (what == SSL_ERROR_WANT_READ || what == SSL_ERROR_WANT_WRITE)
        (void)watch(s, what == SSL_ERROR_WANT_READ ? FD_READABLE : FD_WRITABLE);
    else
        end(s, tls_reason(s));
}

static void go_on_opening(struct redis_socket *s)
{
    int error = 0;
    socklen_t len = sizeof(error);

    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    if (error != 0)
        end(s, sentence_of(error));
    else if (s->tls != NULL)
        shake_hands(s);
    else
        become_open(s);
}

/* Reading */

static ssize_t read_tls(struct redis_socket *s, char *bytes, size_t len)
{
    size_t got = 0;

    ERR_clear_error();
    int ok = SSL_read_ex(s->tls, bytes, len, &got), what = SSL_get_error(s->tls, ok);
    if (ok == 1)
        return (ssize_t)got;
    if (what == SSL_ERROR_WANT_READ || what == SSL_ERROR_WANT_WRITE)
        errno = EAGAIN;
    else if (what == SSL_ERROR_ZERO_RETURN)
        return 0;
    else
        errno = EPROTO;
    return -1;
}

static void read_bytes(struct redis_socket *s)
{
    char bytes[READ_BYTES];

    for (int i = 0; s->fd >= 0 && (i != READS_MAX || s->tls != NULL); i++) {
        ssize_t got = s->tls != NULL ? read_tls(s, bytes, sizeof(bytes)) : recv(s->fd, bytes, sizeof(bytes), 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0) {
            end(s, got == 0 ? "the connection was closed by redis" : sentence_of(errno));
            return;
        }
        s->events->on_bytes(s->ctx, span_of(bytes, (size_t)got));
        if (s->fd < 0 || (s->tls == NULL ? (size_t)got < sizeof(bytes) : SSL_pending(s->tls) == 0))
            return;
    }
}

/* Writing */

bool redis_socket_send(struct redis_socket *s, struct span bytes)
{
    if (s->fd < 0)
        return false;
    if (s->written != 0 && s->written >= s->out.len - s->written) {
        s->out.len -= s->written;
        memcpy(s->out.ptr, s->out.ptr + s->written, s->out.len);
        s->written = 0;
    }
    buf_append(&s->out, bytes);
    bool ok = !s->out.failed;
    s->out.failed = false; /* the append was dropped whole; what is in there still goes */
    return ok;
}

static ssize_t write_tls(struct redis_socket *s, struct span bytes)
{
    size_t wrote = 0;

    ERR_clear_error();
    int ok = SSL_write_ex(s->tls, bytes.ptr, bytes.len, &wrote), what = SSL_get_error(s->tls, ok);
    if (ok == 1)
        return (ssize_t)wrote;
    errno = what == SSL_ERROR_WANT_READ || what == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
    return -1;
}

void redis_socket_flush(struct redis_socket *s)
{
    if (!s->is_open || s->out.len == 0)
        return;
    while (s->written != s->out.len) {
        struct span left = span_of(s->out.ptr + s->written, s->out.len - s->written);
        ssize_t wrote = s->tls != NULL ? write_tls(s, left) : send(s->fd, left.ptr, left.len, MSG_NOSIGNAL);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0 && errno == EAGAIN) {
            (void)watch(s, FD_READABLE | FD_WRITABLE);
            return;
        }
        if (wrote < 0) {
            end(s, sentence_of(errno));
            return;
        }
        s->written += (size_t)wrote;
    }
    if (s->wipes)
        bytes_wipe(s->out.ptr, s->out.len);
    s->wipes = false;
    buf_reset(&s->out);
    s->written = 0;
}

static void on_ready(int fd, int events, void *ctx)
{
    struct redis_socket *s = ctx;

    (void)fd;
    if (!s->is_open) {
        go_on_opening(s);
        return;
    }
    if ((events & FD_READABLE) != 0 || s->tls != NULL)
        read_bytes(s);
    if (s->is_open && (events & FD_WRITABLE) != 0 && watch(s, FD_READABLE))
        redis_socket_flush(s);
}
