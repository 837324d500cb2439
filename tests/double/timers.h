#pragma once

#include <h2o.h>

typedef void timer_cb(void *data);

/* Embedded and zeroed by its owner, who cancels it before it dies. */
struct timer {
    h2o_linklist_t link;
    uint64_t due_us;
    timer_cb *cb;
    void *data;
};

struct timers {
    h2o_linklist_t due; /* soonest first */
    int fd;
    h2o_socket_t *socket;
};

void timers_init(struct timers *timers, h2o_loop_t *loop);
void timer_start(struct timers *timers, struct timer *timer, uint64_t delay_us, timer_cb *cb, void *data);
void timer_cancel(struct timer *timer);
