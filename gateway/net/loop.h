/*
 * One thread's event loop: timers, work at the end of a turn, file descriptors and posts from other threads.
 * Implemented on H2O's evloop by loop_h2o.c, and in virtual time by the tests' fake loop.
 */
#ifndef KGW_NET_LOOP_H
#define KGW_NET_LOOP_H

#include "gateway/base/list.h"
#include "gateway/base/stages.h"
#include "gateway/base/timer_heap.h"
#include "gateway/net/turn.h"

#define MS_IN_US 1000u

struct loop;

struct loop *loop_new(void);     /* NULL: out of memory or descriptors. The thread that runs it owns it. */
void loop_free(struct loop **l); /* no timer, mark or descriptor may be left */
void loop_run(struct loop *l);   /* turns until loop_stop() */
void loop_stop(struct loop *l);  /* on the loop's own thread; the turn under way is finished */

/* Time as of this turn. The monotonic clock is for every deadline; the wall clock for signatures and logs. */
uint64_t loop_now_us(struct loop *l);
int64_t loop_unix_ms(struct loop *l);

/* Calls t->run(t->ctx) once, `delay_us` from now, never before this returns. Restarting a running timer moves it. */
void loop_timer_start(struct loop *l, struct timer *t, uint64_t delay_us);
void loop_timer_stop(struct loop *l, struct timer *t); /* NULL-safe for a timer never started; no call after it */

/* Where this loop's CPU time goes; alive as long as the loop. */
struct stages *loop_stages(struct loop *l);

/* Runs at this turn's end, in its phase: turn.h. */
void loop_mark(struct loop *l, struct turn_work *w);

/*
 * Many were just answered, and may have asked again: before this turn ends, descriptors are looked at again without
 * waiting, so that what they ask travels together.
 */
void loop_look_again(struct loop *l);

/*
 * A message from any thread: run(post) is called once, on the loop's thread. The post is the caller's and stays alive
 * until then; run may free it. Posts of one sender arrive in order.
 */
struct post {
    struct list link;
    void (*run)(struct post *p);
};
void loop_post(struct loop *to, struct post *p);

#endif
