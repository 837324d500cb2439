/*
 * One-shot timers of any length on one monotonic timerfd, exact to some 0.1 ms. H2O's own are lists of one fixed length
 * each, driven by the wall clock. Equal delays start in order, so starting one looks at the list's end first.
 */
#include "tests/double/timers.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static struct timer *timer_at(h2o_linklist_t *link)
{
    return H2O_STRUCT_FROM_MEMBER(struct timer, link, link);
}

static void arm(struct timers *timers)
{
    struct itimerspec when = {0};
    if (!h2o_linklist_is_empty(&timers->due)) {
        uint64_t due_us = timer_at(timers->due.next)->due_us;
        when.it_value = (struct timespec){(time_t)(due_us / 1000000), (long)(due_us % 1000000 * 1000)};
    }
    timerfd_settime(timers->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void on_due(h2o_socket_t *socket, const char *error)
{
    struct timers *timers = socket->data;
    uint64_t ticks, now = now_us();
    (void)error;
    if (read(timers->fd, &ticks, sizeof ticks) == -1)
        return;
    while (!h2o_linklist_is_empty(&timers->due) && timer_at(timers->due.next)->due_us <= now) {
        struct timer *timer = timer_at(timers->due.next);
        h2o_linklist_unlink(&timer->link);
        timer->cb(timer->data); /* may free the timer */
    }
    arm(timers);
}

void timers_init(struct timers *timers, h2o_loop_t *loop)
{
    h2o_linklist_init_anchor(&timers->due);
    timers->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    timers->socket = h2o_evloop_socket_create(loop, timers->fd, H2O_SOCKET_FLAG_DONT_READ);
    timers->socket->data = timers;
    h2o_socket_read_start(timers->socket, on_due);
}

void timer_start(struct timers *timers, struct timer *timer, uint64_t delay_us, timer_cb *cb, void *data)
{
    timer_cancel(timer);
    timer->due_us = now_us() + delay_us;
    timer->cb = cb;
    timer->data = data;
    h2o_linklist_t *after = timers->due.prev;
    while (after != &timers->due && timer_at(after)->due_us > timer->due_us)
        after = after->prev;
    h2o_linklist_insert(after->next, &timer->link);
    if (after == &timers->due)
        arm(timers);
}

void timer_cancel(struct timer *timer)
{
    if (h2o_linklist_is_linked(&timer->link))
        h2o_linklist_unlink(&timer->link);
}
