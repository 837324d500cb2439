/*
 * Keep-alive connections on epoll, one request at a time on each. Knows nothing of schedules and statistics. Events are
 * level-triggered for reading always and for writing only while a request is half sent, so that a small request costs
 * one send, one epoll_wait (shared) and one recv.
 */
#include "tests/bench/load/connection.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_A_TURN_MAX 256
#define READ_BYTES        65536
#define CONNECT_RETRY_NS  10000000

int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void connections_init(struct connections *shared, const struct options *options)
{
    shared->options = options;
    shared->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    shared->address = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)options->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

void connections_clear(struct connections *shared)
{
    close(shared->epoll_fd);
}

void connection_init(struct connection *connection, const struct options *options)
{
    connection->fd = -1;
    request_init(&connection->request, options);
}

void connection_clear(struct connection *connection)
{
    if (connection->fd >= 0)
        close(connection->fd);
    request_clear(&connection->request);
}

static void watch(struct connections *shared, struct connection *connection, int verb, bool wants_write)
{
    struct epoll_event event = {.events = EPOLLIN | (wants_write ? EPOLLOUT : 0), .data.ptr = connection};
    connection->wants_write = wants_write;
    epoll_ctl(shared->epoll_fd, verb, connection->fd, &event);
}

void connection_open(struct connections *shared, struct connection *connection)
{
    int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    connection->state = CONNECTION_CONNECTING;
    if (connection->fd < 0) {
        connection_fail(shared, connection, FAILURE_CONNECT);
        return;
    }
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int failed = connect(connection->fd, (struct sockaddr *)&shared->address, sizeof shared->address);
    if (failed != 0 && errno != EINPROGRESS) {
        connection_fail(shared, connection, FAILURE_CONNECT);
        return;
    }
    connection->sent_ns = now_ns();
    watch(shared, connection, EPOLL_CTL_ADD, true); /* connected or refused, epoll reports it */
}

static void close_quietly(struct connection *connection)
{
    if (connection->fd >= 0)
        close(connection->fd); /* epoll forgets it by itself */
    connection->fd = -1;
    connection->state = CONNECTION_CLOSED;
    connection->retry_at_ns = 0;
}

void connection_fail(struct connections *shared, struct connection *connection, enum failure_kind kind)
{
    enum connection_state was = connection->state;
    close_quietly(connection);
    if (was == CONNECTION_CONNECTING) {
        connection->retry_at_ns = now_ns() + CONNECT_RETRY_NS;
        kind = FAILURE_CONNECT;
    }
    if (was == CONNECTION_CONNECTING || was == CONNECTION_BUSY)
        shared->on_failure(shared, connection, kind);
}

/*
 * A send that fails is left to the reading side: a server may answer and close before it has read all, and its answer
 * is then still there to be read; epoll reports the hang-up anyway.
 */
static void flush_request(struct connections *shared, struct connection *connection)
{
    const struct request *request = &connection->request;
    bool is_blocked = false;
    while (connection->sent < request->size && !is_blocked) {
        ssize_t sent =
            send(connection->fd, request->bytes + connection->sent, request->size - connection->sent, MSG_NOSIGNAL);
        if (sent > 0)
            connection->sent += (size_t)sent;
        else if (errno == EAGAIN)
            is_blocked = true;
        else if (errno != EINTR)
            break;
    }
    if (is_blocked != connection->wants_write)
        watch(shared, connection, EPOLL_CTL_MOD, is_blocked);
}

void connection_send(struct connections *shared, struct connection *connection, uint64_t number, int64_t intended_ns)
{
    connection->state = CONNECTION_BUSY;
    connection->sent = 0;
    connection->intended_ns = intended_ns;
    connection->sent_ns = now_ns();
    answer_clear(&connection->answer);
    request_stamp(&connection->request, shared->options, number);
    flush_request(shared, connection);
}

static void on_connected(struct connections *shared, struct connection *connection)
{
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) {
        connection_fail(shared, connection, FAILURE_CONNECT);
        return;
    }
    watch(shared, connection, EPOLL_CTL_MOD, false);
    connection->state = CONNECTION_FREE;
    shared->on_free(shared, connection);
}

static void on_answered(struct connections *shared, struct connection *connection)
{
    bool is_early = connection->sent < connection->request.size;
    shared->on_answer(shared, connection);
    connection->state = CONNECTION_FREE;
    if (connection->answer.keeps_alive && !connection->answer.until_close && !is_early) {
        shared->on_free(shared, connection);
        return;
    }
    close_quietly(connection);
    shared->on_lost(shared, connection);
}

static void on_ended(struct connections *shared, struct connection *connection, ssize_t got)
{
    if (connection->state == CONNECTION_FREE) {
        shared->on_lost(shared, connection);
        close_quietly(connection);
    } else if (got == 0 && connection->answer.until_close) {
        on_answered(shared, connection);
    } else {
        connection_fail(shared, connection, got == 0 ? FAILURE_CLOSED : FAILURE_RESET);
    }
}

static void on_readable(struct connections *shared, struct connection *connection)
{
    static char bytes[READ_BYTES];
    ssize_t got = recv(connection->fd, bytes, sizeof bytes, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0 || connection->state == CONNECTION_FREE) { /* bytes that nobody asked for end it too */
        on_ended(shared, connection, got);
        return;
    }
    enum answer_state state = answer_feed(&connection->answer, bytes, (size_t)got);
    if (state == ANSWER_DONE)
        on_answered(shared, connection);
    else if (state == ANSWER_BROKEN)
        connection_fail(shared, connection, FAILURE_PROTOCOL);
}

static void on_event(struct connections *shared, struct connection *connection, unsigned events)
{
    if (connection->state == CONNECTION_CLOSED)
        return;
    if (connection->state == CONNECTION_CONNECTING) {
        on_connected(shared, connection);
        return;
    }
    if ((events & EPOLLOUT) != 0 && connection->state == CONNECTION_BUSY)
        flush_request(shared, connection);
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        on_readable(shared, connection);
}

void connections_turn(struct connections *shared, int64_t wake_at_ns)
{
    struct epoll_event events[EVENTS_A_TURN_MAX];
    int64_t wait_ns = wake_at_ns - now_ns();
    if (wait_ns < 0)
        wait_ns = 0;
    if (shared->options->polls)
        wait_ns = 0;
    struct timespec wait = {.tv_sec = wait_ns / 1000000000, .tv_nsec = wait_ns % 1000000000};
    int count = epoll_pwait2(shared->epoll_fd, events, EVENTS_A_TURN_MAX, &wait, NULL);
    if (count == 0 && shared->options->polls)
        sched_yield(); /* to an upstream that shares the processor */
    for (int i = 0; i < count; i++)
        on_event(shared, events[i].data.ptr, events[i].events);
}
