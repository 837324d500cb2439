/*
 * The control thread's life: signals, start and drain. What it feeds the workers with stands in control_feed.c, and
 * what it gathers from them in control_collect.c.
 */
#include "gateway/control_parts.h"

#include "gateway/base/json_write.h"
#include "gateway/net/loop_fd.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define DESCRIPTORS_SPARE 1024
#define CALLS_LEAST       64
#define LOG_END_MS        1000

void control_event(struct control *c, const char *event, const char *name, const char *text)
{
    struct buf members;

    buf_init(&members, LOG_LINE_BYTES_MAX);
    if (text != NULL) {
        json_write_name(&members, name);
        json_write_string(&members, span_str(text));
    }
    log_event(c->log_ring, loop_unix_ms(c->loop), event,
              members.len == 0 ? SPAN("") : span_of(members.ptr + 1, members.len - 1));
    buf_clear(&members);
}

static void report_listening(struct control *c, const char *listener, const char *address, uint16_t port)
{
    const char *colon = strrchr(address, ':');
    char text[96];
    struct buf members;

    snprintf(text, sizeof(text), "%.*s:%u", (int)(colon - address), address, port);
    buf_init(&members, 256);
    json_write_member(&members, "listener", span_str(listener));
    json_write_member(&members, "address", span_str(text));
    log_event(c->log_ring, loop_unix_ms(c->loop), "listening", span_of(members.ptr + 1, members.len - 1));
    buf_clear(&members);
}

static void stop(struct control *c, int status)
{
    c->status = status;
    loop_stop(c->loop);
}

/* Drain */

static void on_drain_timeout(void *ctx)
{
    struct control *c = ctx;

    control_event(c, "drain timed out", NULL, NULL);
    log_finish(c->log, LOG_END_MS);
    _exit(1); /* requests are still under way on the workers' threads: nothing of theirs may be freed */
}

static void on_drain_delay_over(void *ctx)
{
    struct control *c = ctx;

    for (size_t i = 0; i != c->workers_len; i++)
        if (c->workers[i] != NULL)
            worker_stop_listening(c->workers[i]);
}

static void begin_drain(struct control *c)
{
    if (c->is_draining) { /* asked twice: at once */
        on_drain_timeout(c);
        return;
    }
    c->must_drain = c->workers_started != c->workers_len;
    if (c->must_drain)
        return; /* once all have started */
    c->is_draining = true;
    control_event(c, "draining", NULL, NULL);
    for (size_t i = 0; i != c->workers_len; i++)
        worker_drain(c->workers[i]);
    loop_timer_start(c->loop, &c->drain_delay, (uint64_t)c->conf->drain_delay_ms * MS_IN_US);
    loop_timer_start(c->loop, &c->drain_timeout, (uint64_t)c->conf->drain_timeout_ms * MS_IN_US);
}

/* All together: until the last one is drained, any may be another's home of a key. */
static void on_worker_drained(void *ctx, struct worker *w)
{
    struct control *c = ctx;

    (void)w;
    if (++c->workers_drained != c->workers_len)
        return;
    for (size_t i = 0; i != c->workers_len; i++)
        worker_free(&c->workers[i], &c->ended, c->ended_tenants);
    c->workers_started = 0;
    stop(c, 0);
}

/* Start: one worker after the other, since the first one chooses the ports */

static void report_started(struct control *c)
{
    for (size_t i = 0; i != c->conf->listeners_len; i++)
        report_listening(c, "public", c->conf->listeners[i].listen.address, c->ports[i]);
    report_listening(c, "admin", c->conf->admin.listen.address, c->admin_port);
    control_event(c, "started", "version", KGW_VERSION);
}

static void fail_start(struct control *c, const char *error)
{
    control_event(c, "start failed", "error", error);
    fprintf(stderr, "kinesis-gateway: %s\n", error);
    log_finish(c->log, LOG_END_MS);
    _exit(1); /* other workers may run already; there is nothing to save */
}

static void on_worker_started(void *ctx, struct worker *w, const char *error)
{
    struct control *c = ctx;

    (void)w;
    if (error != NULL) {
        fail_start(c, error);
    } else if (++c->workers_started == c->workers_len) {
        report_started(c);
        if (c->must_drain)
            begin_drain(c);
    } else if (!worker_run(c->workers[c->workers_started], c->peers)) {
        fail_start(c, "out of threads");
    }
}

static bool make_worker(struct control *c, size_t index)
{
    struct worker_init init = {
        .conf = c->conf,
        .index = (unsigned)index,
        .workers = (unsigned)c->workers_len,
        .ports = c->ports,
        .calls_max = c->calls_max,
        .log = c->log,
        .snapshot = c->snapshot,
        .creds = c->creds,
        .idempotency = idempotency_memory_store(c->idempotency),
        .addresses = c->addresses,
        .control = c->loop,
        .on_started = on_worker_started,
        .on_drained = on_worker_drained,
        .on_creds_refused = control_on_creds_refused,
        .ctx = c,
    };

    control_give_quota(c, &init);
    c->workers[index] = worker_new(&init);
    if (c->workers[index] == NULL)
        return false;
    c->peers[index] = worker_peer(c->workers[index]);
    return true;
}

static bool start_workers(struct control *c)
{
    bool ok = true;

    for (size_t i = 0; i != c->workers_len && ok; i++)
        ok = make_worker(c, i);
    if (!ok || !worker_run(c->workers[0], c->peers))
        fail_start(c, "out of memory or threads");
    return true;
}

static void on_signal(int fd, int events, void *ctx)
{
    struct control *c = ctx;
    struct signalfd_siginfo info;

    (void)events;
    while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGHUP)
            control_reload(c);
        else
            begin_drain(c);
    }
}

static int open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* before any thread: they all inherit it */
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/*
 * Connections in, connections out, and what else there is. Where the limit cannot be raised that far, calls upstream
 * get what the connections leave, and the log says so.
 */
static void raise_descriptor_limit(struct control *c)
{
    const struct conf *conf = c->conf;
    struct rlimit limit;
    rlim_t calls = (rlim_t)conf->sender.calls_in_flight_max * (conf->streams_len + 1);
    rlim_t wanted = conf->server.connections_max + calls + DESCRIPTORS_SPARE;
    char text[96];

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    rlim_t others = conf->server.connections_max + DESCRIPTORS_SPARE;
    c->calls_max = limit.rlim_cur > others + CALLS_LEAST ? (uint32_t)(limit.rlim_cur - others) : CALLS_LEAST;
    if (limit.rlim_cur >= wanted)
        return;
    snprintf(text, sizeof(text), "%llu are wanted, %llu are allowed", (unsigned long long)wanted,
             (unsigned long long)limit.rlim_cur);
    control_event(c, "few descriptors", "limit", text);
}

static bool open_admin(struct control *c)
{
    struct server_conf limits = c->conf->server;
    char error[SERVER_ERROR_BYTES];

    limits.connections_max = 256;
    limits.buffered_bytes_max = 4u << 20;
    c->admin = (struct admin){
        .hosts = c->conf->admin_hosts, .ctx = c, .readiness = control_readiness, .collect = control_collect};
    c->admin.usage = control_usage;
    c->admin_server = server_new(c->loop, &limits, NULL, admin_request, NULL, &c->admin);
    if (c->admin_server != NULL && server_listen(c->admin_server, &c->conf->admin.listen, &c->admin_port, error))
        return true;
    fprintf(stderr, "kinesis-gateway: admin: %s\n", c->admin_server == NULL ? "out of memory" : error);
    return false;
}

static bool begin(struct control *c)
{
    char error[CONF_ERROR_BYTES];

    c->log = log_new(c->conf->log_path);
    c->log_ring = c->log == NULL ? NULL : log_ring_new(c->log, (size_t)c->conf->log_ring_bytes);
    if (c->log_ring == NULL) {
        fprintf(stderr, "kinesis-gateway: log.path %s: %s\n", c->conf->log_path, strerror(errno));
        return false;
    }
    raise_descriptor_limit(c);
    if (!control_begin_snapshot(c, error)) {
        fprintf(stderr, "kinesis-gateway: %s\n", error);
        return false;
    }
    control_fetch_creds(c); /* without credentials it starts, and is not ready */
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    c->workers_len = c->conf->workers != 0 ? c->conf->workers : cores > 0 ? (size_t)cores : 1;
    c->workers = calloc(c->workers_len, sizeof(struct worker *));
    c->peers = calloc(c->workers_len, sizeof(*c->peers));
    c->ports = calloc(c->conf->listeners_len + 1, sizeof(*c->ports));
    if (c->workers == NULL || c->peers == NULL || c->ports == NULL || !control_make_stores(c) ||
        !control_make_quota(c) || !open_admin(c))
        return false;
    control_watch_begin(c);
    return loop_fd_watch(c->loop, c->signal_fd, FD_READABLE, on_signal, c) && start_workers(c);
}

static void end(struct control *c)
{
    control_watch_end(c);
    control_end_quota(c);
    loop_timer_stop(c->loop, &c->drain_delay);
    loop_timer_stop(c->loop, &c->drain_timeout);
    loop_fd_unwatch(c->loop, c->signal_fd);
    if (c->admin_server != NULL) {
        server_stop_listening(c->admin_server);
        server_cut_all(c->admin_server);
    }
}

/* The admin connections' ends are seen in turns of the loop. */
static void on_admin_check(void *ctx)
{
    struct control *c = ctx;

    if (server_connections(c->admin_server) == 0)
        loop_stop(c->loop);
    else
        loop_timer_start(c->loop, &c->admin_check, 1000);
}

static void close_all(struct control *c)
{
    if (c->admin_server != NULL) {
        loop_timer_start(c->loop, &c->admin_check, 0);
        loop_run(c->loop);
        loop_timer_stop(c->loop, &c->admin_check);
        server_free(&c->admin_server);
    }
    snapshot_release(&c->snapshot);
    aws_creds_release(&c->creds);
    idempotency_memory_free(&c->idempotency);
    address_limit_free(&c->addresses);
    control_free_quota(c);
    control_free_retired(c);
    if (c->log != NULL)
        control_event(c, "ended", NULL, NULL);
    log_free(&c->log, LOG_END_MS);
    loop_free(&c->loop);
    close(c->signal_fd);
    free(c->workers);
    free(c->peers);
    free(c->ports);
    digest_thread_clear();
}

int control_run(const struct conf *conf, const char *path, char *const *environ_)
{
    struct control c = {.conf = conf, .path = path, .environ_ = environ_, .status = 1, .signal_fd = open_signals()};

    curl_global_init(CURL_GLOBAL_DEFAULT);
    c.loop = loop_new();
    if (c.loop == NULL)
        return 1;
    timer_init(&c.drain_delay, on_drain_delay_over, &c);
    timer_init(&c.creds_timer, control_on_creds_due, &c);
    timer_init(&c.drain_timeout, on_drain_timeout, &c);
    timer_init(&c.admin_check, on_admin_check, &c);
    if (begin(&c)) {
        loop_run(c.loop);
    }
    end(&c);
    close_all(&c);
    curl_global_cleanup();
    return c.status;
}
