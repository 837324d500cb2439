/*
 * A run of load: free connections meet due requests. In a closed loop a request is always due, so connections wait for
 * nothing; in an open loop requests come due by the schedule, and when no connection is free they wait here, with their
 * latency already running. Ends by time, by count or by signal, and never later than DRAIN_NS after that.
 */
#include "tests/bench/load/run.h"

#include "tests/bench/load/report.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRAIN_NS INT64_C(5000000000)
#define SWEEP_NS INT64_C(20000000)

struct load {
    struct connections shared; /* first: its callbacks get the load from it */
    const struct options *options;
    struct connection *connections;
    struct connection free; /* head of the ring of free connections */
    struct schedule schedule;
    struct report report;
    struct timeline timeline;
    uint64_t issued;
    unsigned busy;
    int64_t start_ns, count_from_ns, send_until_ns, sweep_at_ns;
    int64_t end_ns; /* of the last answer, or of sending if that was later */
    int acks_fd;
};

static void ring_add(struct load *load, struct connection *connection)
{
    connection->previous = load->free.previous;
    connection->next = &load->free;
    load->free.previous->next = connection;
    load->free.previous = connection;
}

static void ring_remove(struct connection *connection)
{
    if (connection->next == NULL)
        return;
    connection->previous->next = connection->next;
    connection->next->previous = connection->previous;
    connection->previous = connection->next = NULL;
}

static bool may_issue(const struct load *load, int64_t now)
{
    return !interrupted && now < load->send_until_ns &&
           (load->options->requests == 0 || load->issued < load->options->requests);
}

static void note(struct load *load, enum fate fate, int64_t intended_ns, int64_t latency_ns)
{
    timeline_add(&load->timeline, fate, intended_ns - load->start_ns, latency_ns);
}

/* To be called while no connection is free, and when the first one is again, before it takes the next arrival. */
static void give_up(struct load *load, int64_t now)
{
    int64_t intended_ns, patience_ns = load->options->patience_ms * INT64_C(1000000);
    if (patience_ns == 0 || load->free.next != &load->free)
        return;
    if (now > load->send_until_ns + patience_ns)
        now = load->send_until_ns + patience_ns;
    while (schedule_give_up(&load->schedule, now, patience_ns, &intended_ns)) {
        load->report.abandoned += intended_ns >= load->count_from_ns ? 1 : 0;
        note(load, FATE_ABANDONED, intended_ns, 0);
    }
}

static void match(struct load *load)
{
    while (load->free.next != &load->free) {
        int64_t now = now_ns(), intended_ns;
        if (!may_issue(load, now) || !schedule_take(&load->schedule, now, &intended_ns))
            return;
        struct connection *connection = load->free.next;
        ring_remove(connection);
        load->busy++;
        connection_send(&load->shared, connection, load->issued++, intended_ns);
    }
}

static void on_free(struct connections *shared, struct connection *connection)
{
    struct load *load = (struct load *)shared;
    give_up(load, now_ns());
    ring_add(load, connection);
    match(load);
}

static void write_acks(const struct load *load, const struct answer *answer)
{
    size_t at = 0, length;
    const char *digits;
    while ((digits = answer_sequence_number(answer, &at, &length)) != NULL) {
        char line[160];
        int size = snprintf(line, sizeof line, "%.*s\n", (int)(length < 150 ? length : 150), digits);
        if (write(load->acks_fd, line, (size_t)size) != size) {
            perror("bench_load: --acks"); /* a ledger with holes proves nothing */
            exit(1);
        }
    }
}

static void on_answer(struct connections *shared, struct connection *connection)
{
    struct load *load = (struct load *)shared;
    int status = connection->answer.status;
    load->busy--;
    load->end_ns = now_ns();
    note(load, timeline_fate_of(status), connection->intended_ns, load->end_ns - connection->intended_ns);
    if (connection->intended_ns >= load->count_from_ns)
        report_answer(&load->report, status, load->end_ns - connection->intended_ns);
    if (load->acks_fd >= 0 && status >= 200 && status < 300)
        write_acks(load, &connection->answer);
}

static void on_failure(struct connections *shared, struct connection *connection, enum failure_kind kind)
{
    struct load *load = (struct load *)shared;
    int64_t at_ns = kind == FAILURE_CONNECT ? now_ns() : connection->intended_ns;
    if (kind != FAILURE_CONNECT) {
        load->busy--;
        note(load, FATE_FAILED, connection->intended_ns, 0);
    }
    if (at_ns >= load->count_from_ns)
        load->report.failures[kind]++;
}

static void on_lost(struct connections *shared, struct connection *connection)
{
    struct load *load = (struct load *)shared;
    ring_remove(connection);
    load->report.lost++;
}

static void sweep(struct load *load, int64_t now)
{
    int64_t timeout_ns = load->options->request_timeout_ms * INT64_C(1000000);
    load->sweep_at_ns = now + SWEEP_NS;
    for (unsigned i = 0; i < load->options->connections; i++) {
        struct connection *connection = &load->connections[i];
        bool is_waiting = connection->state == CONNECTION_BUSY || connection->state == CONNECTION_CONNECTING;
        if (is_waiting && now - connection->sent_ns > timeout_ns)
            connection_fail(&load->shared, connection, FAILURE_TIMEOUT);
        if (connection->state == CONNECTION_CLOSED && now >= connection->retry_at_ns && may_issue(load, now))
            connection_open(&load->shared, connection);
    }
}

static int64_t next_wake_ns(const struct load *load)
{
    int64_t wake_ns = load->sweep_at_ns;
    if (load->free.next != &load->free && schedule_next_ns(&load->schedule) < wake_ns)
        wake_ns = schedule_next_ns(&load->schedule);
    return wake_ns;
}

static void count_overdue(struct load *load, int64_t now)
{
    int64_t intended_ns, due_ns = now < load->send_until_ns ? now : load->send_until_ns - 1;
    uint64_t left = load->options->requests > 0 ? load->options->requests - load->issued : UINT64_MAX;
    if (load->options->arrivals == SCHEDULE_CLOSED)
        return;
    while (load->report.overdue < left && schedule_take(&load->schedule, due_ns, &intended_ns))
        load->report.overdue++;
}

static void send_and_drain(struct load *load)
{
    int64_t now = now_ns(), drain_until_ns = INT64_MAX;
    while (load->busy > 0 || may_issue(load, now)) {
        connections_turn(&load->shared, next_wake_ns(load));
        now = now_ns();
        if (now >= load->sweep_at_ns)
            sweep(load, now);
        give_up(load, now);
        match(load);
        if (!may_issue(load, now) && drain_until_ns == INT64_MAX) {
            drain_until_ns = now + DRAIN_NS;
            count_overdue(load, now);
            load->end_ns = now;
        }
        if (now >= drain_until_ns)
            break;
    }
    for (unsigned i = 0; i < load->options->connections; i++)
        if (load->connections[i].state == CONNECTION_BUSY)
            connection_fail(&load->shared, &load->connections[i], FAILURE_UNANSWERED);
}

static void load_init(struct load *load, const struct options *options)
{
    int64_t start_ns = load->start_ns = now_ns();
    load->options = options;
    load->shared.on_free = on_free;
    load->shared.on_answer = on_answer;
    load->shared.on_failure = on_failure;
    load->shared.on_lost = on_lost;
    connections_init(&load->shared, options);
    load->free.next = load->free.previous = &load->free;
    load->count_from_ns = start_ns + (int64_t)(options->warmup_seconds * 1e9);
    load->send_until_ns = load->count_from_ns + (int64_t)(options->seconds * 1e9);
    load->end_ns = load->count_from_ns;
    schedule_init(&load->schedule, options->arrivals, &options->plan, start_ns, (uint64_t)start_ns);
    timeline_init(&load->timeline, options->has_phases ? &options->plan : NULL);
    load->connections = calloc(options->connections, sizeof *load->connections);
    assert(load->connections != NULL);
    for (unsigned i = 0; i < options->connections; i++) {
        connection_init(&load->connections[i], options);
        connection_open(&load->shared, &load->connections[i]);
    }
}

int run_load(const struct options *options)
{
    static struct load load;
    load.acks_fd = -1;
    if (options->acks_path != NULL) {
        load.acks_fd = open(options->acks_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (load.acks_fd < 0) {
            perror("bench_load: --acks");
            return 1;
        }
    }
    load_init(&load, options);
    send_and_drain(&load);
    report_print(&load.report, &load.timeline, (double)(load.end_ns - load.count_from_ns) / 1e9);
    for (unsigned i = 0; i < options->connections; i++)
        connection_clear(&load.connections[i]);
    free(load.connections);
    timeline_clear(&load.timeline);
    connections_clear(&load.shared);
    if (load.acks_fd >= 0)
        close(load.acks_fd);
    return load.report.answered > 0 ? 0 : 1;
}
