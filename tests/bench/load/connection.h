#ifndef KGW_BENCH_CONNECTION_H
#define KGW_BENCH_CONNECTION_H

#include "tests/bench/load/answer.h"
#include "tests/bench/load/request.h"

#include <netinet/in.h>

enum connection_state { CONNECTION_CLOSED, CONNECTION_CONNECTING, CONNECTION_FREE, CONNECTION_BUSY };

#define FAILURE_KINDS(X)                                                                                               \
    X(FAILURE_CONNECT, "connect") /* no request was lost by it */                                                      \
    X(FAILURE_CLOSED, "closed")   /* the server closed instead of answering */                                         \
    X(FAILURE_RESET, "reset")                                                                                          \
    X(FAILURE_TIMEOUT, "timeout")                                                                                      \
    X(FAILURE_PROTOCOL, "protocol")     /* what came is no answer */                                                   \
    X(FAILURE_UNANSWERED, "unanswered") /* the run ended first */

#define FAILURE_NAME(kind, name) kind,
enum failure_kind { FAILURE_KINDS(FAILURE_NAME) FAILURE_COUNT };
#undef FAILURE_NAME

struct connection {
    struct connection *previous, *next; /* the owner's list of free connections */
    enum connection_state state;
    int fd;
    bool wants_write;
    struct request request;
    size_t sent;
    int64_t intended_ns, sent_ns;
    int64_t retry_at_ns; /* while closed */
    struct answer answer;
};

/*
 * What connections share, and whom they tell. on_free: ready for a request, after connecting or an answer. on_answer:
 * comes before, with connection->answer complete. on_failure: the request, or the attempt to connect, is lost. on_lost:
 * a free connection was closed by the server. After the last two it is CLOSED and its owner opens it again.
 */
struct connections {
    int epoll_fd;
    struct sockaddr_in address;
    const struct options *options;
    void (*on_free)(struct connections *, struct connection *);
    void (*on_answer)(struct connections *, struct connection *);
    void (*on_failure)(struct connections *, struct connection *, enum failure_kind);
    void (*on_lost)(struct connections *, struct connection *);
};

void connections_init(struct connections *shared, const struct options *options);
void connections_clear(struct connections *shared);

/* Waits until `wake_at_ns` at most (not at all if its options say that it polls), and lets what happened happen. */
void connections_turn(struct connections *shared, int64_t wake_at_ns);

void connection_init(struct connection *connection, const struct options *options);
void connection_clear(struct connection *connection);

/* Begins to connect; only later calls on_free or on_failure. */
void connection_open(struct connections *shared, struct connection *connection);

/* Sends the `number`-th request on a free connection; only later calls on_answer or on_failure. */
void connection_send(struct connections *shared, struct connection *connection, uint64_t number, int64_t intended_ns);

/* Gives up, whatever the state, and says so by on_failure unless it was free or closed. */
void connection_fail(struct connections *shared, struct connection *connection, enum failure_kind kind);

int64_t now_ns(void);

#endif
