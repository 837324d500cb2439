/*
 * Rings are single-producer, single-consumer: head and tail count bytes and only ever grow. The writer sleeps on an
 * eventfd; producers signal it only when it said that it sleeps.
 */
#include "gateway/base/log.h"

#include "gateway/base/json_write.h"
#include "gateway/base/list.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PIPE_CHUNK_BYTES 4096 /* no more than PIPE_BUF: a pipe that polls writable takes this much without blocking */
#define FILE_CHUNK_BYTES (256 << 10)
#define WRITE_WAIT_MS    100
#define GATHER_MS        10

struct log_ring {
    struct log *log;
    struct list link;
    char *bytes;
    size_t size;
    uint64_t added; /* the producer's, not yet seen by the writer */
    _Atomic uint64_t head, tail;
    uint64_t dropped;
};

struct log {
    char *path;
    int fd, wake_fd;
    size_t chunk_bytes; /* written at once */
    pthread_t thread;
    pthread_mutex_t rings_lock;
    struct list rings;
    _Atomic bool is_sleeping, is_stopping, is_reopening;
    _Atomic int64_t give_up_ms; /* monotonic; set before is_stopping */
};

static int open_path(const char *path)
{
    if (strcmp(path, "-") == 0)
        return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

static void use_descriptor(struct log *l, int fd)
{
    struct stat st;

    l->fd = fd;
    l->chunk_bytes = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? FILE_CHUNK_BYTES : PIPE_CHUNK_BYTES;
}

static int64_t monotonic_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The writer thread */

static bool must_give_up(struct log *l)
{
    return atomic_load(&l->is_stopping) && monotonic_ms() >= atomic_load(&l->give_up_ms);
}

static bool write_all(struct log *l, const char *bytes, size_t len)
{
    while (len != 0) {
        struct pollfd p = {.fd = l->fd, .events = POLLOUT};
        if (must_give_up(l))
            return false;
        if (poll(&p, 1, WRITE_WAIT_MS) <= 0)
            continue;
        ssize_t wrote = write(l->fd, bytes, len < l->chunk_bytes ? len : l->chunk_bytes);
        if (wrote < 0 && errno != EINTR && errno != EAGAIN)
            return false; /* a full disk or a closed pipe: the lines are lost, the requests are not */
        if (wrote > 0) {
            bytes += wrote;
            len -= (size_t)wrote;
        }
    }
    return true;
}

static bool write_ring(struct log_ring *r)
{
    uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    uint64_t head = atomic_load_explicit(&r->head, memory_order_acquire);

    if (head == tail)
        return false;
    size_t from = (size_t)(tail & (r->size - 1)), len = (size_t)(head - tail), first = r->size - from;
    if (first > len)
        first = len;
    (void)(write_all(r->log, r->bytes + from, first) && write_all(r->log, r->bytes, len - first));
    atomic_store_explicit(&r->tail, head, memory_order_release);
    return true;
}

static bool write_rings(struct log *l)
{
    bool wrote = false;

    pthread_mutex_lock(&l->rings_lock);
    struct list *node = l->rings.next;
    pthread_mutex_unlock(&l->rings_lock);
    while (node != &l->rings) { /* rings are only ever appended while the writer runs */
        wrote |= write_ring(LIST_ENTRY(node, struct log_ring, link));
        pthread_mutex_lock(&l->rings_lock);
        node = node->next;
        pthread_mutex_unlock(&l->rings_lock);
    }
    return wrote;
}

static void reopen(struct log *l)
{
    int fd = open_path(l->path);

    if (fd < 0)
        return; /* go on with the old file rather than with none */
    close(l->fd);
    use_descriptor(l, fd);
}

static void gather(struct log *l)
{
    struct pollfd p = {.fd = l->wake_fd, .events = POLLIN};

    (void)poll(&p, 1, GATHER_MS); /* who stops or reopens writes to the descriptor */
}

static void *run_writer(void *ctx)
{
    struct log *l = ctx;
    eventfd_t count;

    for (;;) {
        if (atomic_exchange(&l->is_reopening, false))
            reopen(l);
        if (write_rings(l)) { /* more will come: gather it, rather than be woken for every turn of a worker */
            gather(l);
            continue;
        }
        if (atomic_load(&l->is_stopping))
            return NULL;
        atomic_store(&l->is_sleeping, true);
        if (write_rings(l) || atomic_load(&l->is_stopping)) {
            atomic_store(&l->is_sleeping, false);
            continue;
        }
        (void)eventfd_read(l->wake_fd, &count);
        atomic_store(&l->is_sleeping, false);
    }
}

/* Producers */

void log_ring_write(struct log_ring *r, struct span line)
{
    uint64_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);

    if (line.len >= LOG_LINE_BYTES_MAX || r->size - (r->added - tail) < line.len + 1) {
        r->dropped++;
        return;
    }
    size_t at = (size_t)(r->added & (r->size - 1)), first = r->size - at;
    if (first > line.len)
        first = line.len;
    memcpy(r->bytes + at, line.ptr, first);
    memcpy(r->bytes, line.ptr + first, line.len - first);
    r->bytes[(r->added + line.len) & (r->size - 1)] = '\n';
    r->added += line.len + 1;
}

void log_ring_flush(struct log_ring *r)
{
    if (atomic_load_explicit(&r->head, memory_order_relaxed) == r->added)
        return;
    atomic_store(&r->head, r->added);
    if (atomic_exchange(&r->log->is_sleeping, false))
        (void)eventfd_write(r->log->wake_fd, 1);
}

uint64_t log_ring_dropped(const struct log_ring *r)
{
    return r->dropped;
}

void log_append_time(struct buf *b, int64_t unix_ms)
{
    time_t s = (time_t)(unix_ms / 1000);
    struct tm t;
    char text[48];

    gmtime_r(&s, &t);
    int len = snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", t.tm_year + 1900, t.tm_mon + 1,
                       t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, (int)(unix_ms % 1000));
    buf_append(b, span_of(text, (size_t)len));
}

void log_event(struct log_ring *r, int64_t unix_ms, const char *event, struct span members)
{
    struct buf line;

    buf_init(&line, LOG_LINE_BYTES_MAX);
    buf_append(&line, SPAN("{\"time\":\""));
    log_append_time(&line, unix_ms);
    buf_append(&line, SPAN("\""));
    json_write_member(&line, "event", span_str(event));
    if (members.len != 0) {
        buf_append_char(&line, ',');
        buf_append(&line, members);
    }
    buf_append_char(&line, '}');
    if (line.failed)
        r->dropped++;
    else
        log_ring_write(r, buf_span(&line));
    log_ring_flush(r);
    buf_clear(&line);
}

/* Life */

struct log *log_new(const char *path)
{
    struct log *l = calloc(1, sizeof(*l));

    if (l == NULL)
        return NULL;
    list_init(&l->rings);
    pthread_mutex_init(&l->rings_lock, NULL);
    l->path = strdup(path);
    l->wake_fd = eventfd(0, EFD_CLOEXEC);
    use_descriptor(l, l->path == NULL ? -1 : open_path(path));
    if (l->fd >= 0 && l->wake_fd >= 0 && pthread_create(&l->thread, NULL, run_writer, l) == 0)
        return l;
    int error = errno;
    if (l->fd >= 0)
        close(l->fd);
    if (l->wake_fd >= 0)
        close(l->wake_fd);
    free(l->path);
    free(l);
    errno = error;
    return NULL;
}

void log_finish(struct log *l, uint32_t timeout_ms)
{
    atomic_store(&l->give_up_ms, monotonic_ms() + timeout_ms);
    atomic_store(&l->is_stopping, true);
    (void)eventfd_write(l->wake_fd, 1);
    pthread_join(l->thread, NULL);
}

void log_free(struct log **l, uint32_t timeout_ms)
{
    struct log *gone = *l;

    if (gone == NULL)
        return;
    *l = NULL;
    log_finish(gone, timeout_ms);
    while (!list_is_empty(&gone->rings)) {
        struct log_ring *r = LIST_ENTRY(gone->rings.next, struct log_ring, link);
        list_remove(&r->link);
        free(r->bytes);
        free(r);
    }
    close(gone->fd);
    close(gone->wake_fd);
    pthread_mutex_destroy(&gone->rings_lock);
    free(gone->path);
    free(gone);
}

void log_reopen(struct log *l)
{
    atomic_store(&l->is_reopening, true);
    (void)eventfd_write(l->wake_fd, 1);
}

struct log_ring *log_ring_new(struct log *l, size_t bytes)
{
    struct log_ring *r = calloc(1, sizeof(*r));

    if (r == NULL || (r->bytes = malloc(bytes)) == NULL) {
        free(r);
        return NULL;
    }
    r->log = l;
    r->size = bytes;
    pthread_mutex_lock(&l->rings_lock);
    list_append(&l->rings, &r->link);
    pthread_mutex_unlock(&l->rings_lock);
    return r;
}
