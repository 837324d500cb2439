/*
 * Many connections that each had one answer and then say nothing: what a gateway spends on a browser that might come
 * back. They are opened a few at a time, so that the listener's backlog never overflows.
 */
#include "tests/bench/load/connection.h"
#include "tests/bench/load/run.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define OPENING_MAX   64
#define WAKE_NS       INT64_C(100000000)
#define SETTLE_MAX_NS INT64_C(60000000000)
#define FAILURES_MAX  1000

struct idle {
    struct connections shared; /* first: its callbacks get the rest from it */
    struct connection *connections;
    unsigned wanted, opened, pending, answered, refused, failed, lost;
};

static void open_more(struct idle *idle)
{
    while (idle->pending < OPENING_MAX && idle->opened < idle->wanted && idle->failed < FAILURES_MAX) {
        struct connection *connection = &idle->connections[idle->opened++];
        idle->pending++;
        connection_init(connection, idle->shared.options);
        connection_open(&idle->shared, connection);
    }
}

static void on_free(struct connections *shared, struct connection *connection)
{
    struct idle *idle = (struct idle *)shared;
    if (connection->answer.status == 0) /* just connected */
        connection_send(shared, connection, (uint64_t)(connection - idle->connections), now_ns());
}

static void on_answer(struct connections *shared, struct connection *connection)
{
    struct idle *idle = (struct idle *)shared;
    int status = connection->answer.status;
    idle->pending--;
    idle->answered++;
    idle->refused += status < 200 || status > 299 ? 1 : 0;
}

static void on_failure(struct connections *shared, struct connection *connection, enum failure_kind kind)
{
    struct idle *idle = (struct idle *)shared;
    (void)connection, (void)kind;
    idle->pending--;
    idle->failed++;
}

static void on_lost(struct connections *shared, struct connection *connection)
{
    (void)connection;
    ((struct idle *)shared)->lost++;
}

static void print(const struct idle *idle, const char *when, double seconds)
{
    printf("{\"idle\":%u,\"when\":\"%s\",\"answered\":%u,\"refused\":%u,\"errors\":%u,\"closed_by_server\":%u,"
           "\"open\":%u,\"seconds\":%.3f}\n",
           idle->wanted, when, idle->answered, idle->refused, idle->failed, idle->lost, idle->answered - idle->lost,
           seconds);
    fflush(stdout);
}

int run_idle(const struct options *options)
{
    static struct idle idle;
    int64_t start_ns = now_ns(), end_ns = start_ns + (int64_t)(options->seconds * 1e9), now = start_ns;
    idle.wanted = options->idle;
    idle.shared.on_free = on_free;
    idle.shared.on_answer = on_answer;
    idle.shared.on_failure = on_failure;
    idle.shared.on_lost = on_lost;
    connections_init(&idle.shared, options);
    idle.connections = calloc(idle.wanted, sizeof *idle.connections);
    assert(idle.connections != NULL);
    for (open_more(&idle); idle.pending > 0 && !interrupted && now < start_ns + SETTLE_MAX_NS; now = now_ns()) {
        connections_turn(&idle.shared, now + WAKE_NS);
        open_more(&idle);
    }
    print(&idle, "answered", (double)(now - start_ns) / 1e9);
    for (; !interrupted && now < end_ns && idle.lost < idle.answered; now = now_ns())
        connections_turn(&idle.shared, now + WAKE_NS);
    print(&idle, "end", (double)(now - start_ns) / 1e9);
    for (unsigned i = 0; i < idle.opened; i++)
        connection_clear(&idle.connections[i]);
    free(idle.connections);
    connections_clear(&idle.shared);
    return idle.answered == idle.wanted && idle.refused == 0 ? 0 : 1;
}
