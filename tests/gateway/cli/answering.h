/*
 * A server of one connection, which answers its one request with what the test says.
 */
#ifndef KGW_TESTS_CLI_ANSWERING_H
#define KGW_TESTS_CLI_ANSWERING_H

#include "tests/auth/check.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct answering {
    int fd;
    uint16_t port;
    const char *answer;
    char request[65536];
    pthread_t thread;
};

static inline bool answering_is_whole(const char *request, size_t len)
{
    const char *body = strstr(request, "\r\n\r\n"), *length = strcasestr(request, "\r\ncontent-length: ");

    size_t body_bytes = length == NULL ? 0 : strtoul(length + 18, NULL, 10);

    return body != NULL && (size_t)(body + 4 - request) + body_bytes <= len;
}

static inline void *answering_serve(void *ctx)
{
    struct answering *s = ctx;
    int fd = accept(s->fd, NULL, NULL);
    size_t len = 0;
    ssize_t got;

    while (!answering_is_whole(s->request, len) && (got = read(fd, s->request + len, sizeof(s->request) - 1 - len)) > 0)
        len += (size_t)got;
    if (write(fd, s->answer, strlen(s->answer)) < 0)
        s->request[0] = '\0';
    close(fd);
    return NULL;
}

static inline void answering_begin(struct answering *s, const char *answer)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);

    *s = (struct answering){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .answer = answer};
    assert_int_equal(bind(s->fd, (struct sockaddr *)&a, len), 0);
    assert_int_equal(listen(s->fd, 1), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
    s->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, answering_serve, s), 0);
}

static inline void answering_end(struct answering *s)
{
    pthread_join(s->thread, NULL);
    close(s->fd);
}

#endif
