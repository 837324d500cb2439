/*
 * The loop on H2O's evloop. It turns the loop itself, so the wait is bounded by the first timer and what was marked
 * runs at each turn's end. H2O's own timeouts are not used: they follow the wall clock.
 */
#include "gateway/net/fd_table.h"

#include <assert.h>
#include <h2o.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS_MAX 1000
#define LOOKS_MAX   2 /* after the first of a turn: while one is gone through, the last of those answered ask again */

struct loop {
    h2o_loop_t *native;
    uint64_t now_us, timers_started;
    int64_t unix_ms;
    bool now_is_stale; /* a wait may have passed since the clocks were read */
    pthread_mutex_t posts_lock;
    struct list posts;
    int posts_fd;
    struct timer_heap timers;
    struct turn turn;
    struct stages stages;
    struct fd_table fds;
    h2o_socket_t *fds_socket; /* of their epoll set */
    bool is_stopping, looks_again;
};

static void update_now(struct loop *l)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    l->now_us = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
    clock_gettime(CLOCK_REALTIME, &t);
    l->unix_ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
    l->now_is_stale = false;
}

uint64_t loop_now_us(struct loop *l)
{
    if (l->now_is_stale)
        update_now(l);
    return l->now_us;
}

int64_t loop_unix_ms(struct loop *l)
{
    if (l->now_is_stale)
        update_now(l);
    return l->unix_ms;
}

void *loop_native(struct loop *l)
{
    return l->native;
}

/* Timers */

void loop_timer_start(struct loop *l, struct timer *t, uint64_t delay_us)
{
    timer_heap_remove(&l->timers, t);
    t->at_us = loop_now_us(l) + delay_us;
    t->tiebreak = l->timers_started++;
    timer_heap_insert(&l->timers, t);
}

void loop_timer_stop(struct loop *l, struct timer *t)
{
    timer_heap_remove(&l->timers, t);
}

static void run_due_timers(struct loop *l)
{
    uint64_t started_before = l->timers_started; /* a timer started by another with no delay waits for the next turn */
    struct timer *t;

    while ((t = timer_heap_first(&l->timers)) != NULL && t->at_us <= l->now_us && t->tiebreak < started_before) {
        timer_heap_remove(&l->timers, t);
        t->run(t->ctx);
    }
}

struct stages *loop_stages(struct loop *l)
{
    return &l->stages;
}

void loop_mark(struct loop *l, struct turn_work *w)
{
    turn_mark(&l->turn, w);
}

void loop_look_again(struct loop *l)
{
    l->looks_again = true;
}

/* Posts */

void loop_post(struct loop *to, struct post *p)
{
    pthread_mutex_lock(&to->posts_lock);
    bool was_empty = list_is_empty(&to->posts);
    list_init(&p->link);
    list_append(&to->posts, &p->link);
    pthread_mutex_unlock(&to->posts_lock);
    if (was_empty)
        (void)eventfd_write(to->posts_fd, 1);
}

static void on_posts(int fd, int events, void *ctx)
{
    struct loop *l = ctx;
    struct list posts;
    eventfd_t count;

    (void)events;
    (void)eventfd_read(fd, &count);
    list_init(&posts);
    pthread_mutex_lock(&l->posts_lock);
    list_splice(&posts, &l->posts);
    pthread_mutex_unlock(&l->posts_lock);
    while (!list_is_empty(&posts)) {
        struct post *p = LIST_ENTRY(posts.next, struct post, link);
        list_remove(&p->link);
        p->run(p);
    }
}

/* Descriptors of libraries */

static void on_nested_ready(h2o_socket_t *socket, const char *error)
{
    struct loop *l = socket->data;

    (void)error;
    l->now_is_stale = true; /* requests may have taken long */
    fd_table_tell(&l->fds);
    turn_run_phase(&l->turn, TURN_ANSWER);
    turn_run_phase(&l->turn, TURN_REPLY);
}

bool loop_fd_watch(struct loop *l, int fd, int events, loop_fd_cb *cb, void *ctx)
{
    return fd_table_watch(&l->fds, fd, events, cb, ctx);
}

void loop_fd_unwatch(struct loop *l, int fd)
{
    fd_table_unwatch(&l->fds, fd);
}

void loop_fd_keep(struct loop *l, int fd)
{
    fd_table_keep(&l->fds, fd);
}

void loop_fd_close(struct loop *l, int fd)
{
    fd_table_close(&l->fds, fd);
}

/* Life */

static bool open_fds(struct loop *l)
{
    if (!fd_table_init(&l->fds))
        return false;
    l->posts_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->posts_fd >= 0 && loop_fd_watch(l, l->posts_fd, FD_READABLE, on_posts, l))
        return true;
    if (l->posts_fd >= 0)
        close(l->posts_fd);
    close(l->fds.epoll_fd);
    return false;
}

struct loop *loop_new(void)
{
    struct loop *l = calloc(1, sizeof(*l));

    if (l == NULL)
        return NULL;
    turn_init(&l->turn);
    list_init(&l->posts);
    if (!open_fds(l)) {
        fd_table_clear(&l->fds);
        free(l);
        return NULL;
    }
    pthread_mutex_init(&l->posts_lock, NULL);
    update_now(l);
    l->native = h2o_evloop_create();
    l->fds_socket = h2o_evloop_socket_create(l->native, l->fds.epoll_fd, H2O_SOCKET_FLAG_DONT_READ);
    l->fds_socket->data = l;
    h2o_socket_read_start(l->fds_socket, on_nested_ready);
    return l;
}

void loop_free(struct loop **l)
{
    struct loop *gone = *l;

    if (gone == NULL)
        return;
    *l = NULL;
    assert(timer_heap_first(&gone->timers) == NULL && list_is_empty(&gone->posts));
    loop_fd_unwatch(gone, gone->posts_fd);
    close(gone->posts_fd);
    h2o_socket_close(gone->fds_socket);
    h2o_evloop_run(gone->native, 0);
    h2o_evloop_destroy(gone->native);
    pthread_mutex_destroy(&gone->posts_lock);
    fd_table_clear(&gone->fds);
    free(gone);
}

static int32_t wait_ms(const struct loop *l)
{
    const struct timer *first = timer_heap_first(&l->timers);

    if (turn_has_work(&l->turn))
        return 0;
    if (first == NULL)
        return WAIT_MS_MAX;
    if (first->at_us <= l->now_us)
        return 0;
    uint64_t ms = (first->at_us - l->now_us + MS_IN_US - 1) / MS_IN_US;
    return ms < WAIT_MS_MAX ? (int32_t)ms : WAIT_MS_MAX;
}

/* Until others are answered meanwhile: what was asked before that has waited long enough. */
static void look_again(struct loop *l)
{
    if (!l->looks_again)
        return;
    l->looks_again = false;
    for (int looks = 0; looks != LOOKS_MAX && !l->looks_again; looks++)
        (void)h2o_evloop_run(l->native, 0);
    l->looks_again = false;
}

void loop_run(struct loop *l)
{
    while (!l->is_stopping) {
        int32_t wait = wait_ms(l);
        l->now_is_stale = true;
        stages_begin_turn(&l->stages);
        (void)h2o_evloop_run(l->native, wait); /* -1 on EINTR: the next turn goes on */
        look_again(l);
        update_now(l);
        run_due_timers(l);
        turn_run(&l->turn);
        stages_end_turn(&l->stages);
    }
    l->is_stopping = false;
}

void loop_stop(struct loop *l)
{
    l->is_stopping = true;
}
