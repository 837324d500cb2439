/*
 * How many calls of a lane may be under way: a window that grows with need and shrinks with trouble. Pure: time is an
 * argument. It grows by one when a call left full while records remained, or when waiting takes longer than the
 * upstream itself; it halves when the upstream throttles, or when its latency doubles over its moving minimum.
 */
#ifndef KGW_KINESIS_WINDOW_H
#define KGW_KINESIS_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct window {
    uint32_t size, min, max;
    uint64_t latency_us;  /* smoothed: an eighth of each sample; 0: none yet */
    uint64_t least_us[2]; /* the least sample of this span of time, and of the one before */
    uint64_t least_since_us;
    uint64_t grown_us;  /* when it last grew: once a latency at most, so that the growth can show */
    uint64_t halved_us; /* the same */
};

void window_init(struct window *w, uint32_t min, uint32_t max); /* starts at min, at most max */
/* A call leaves; its first record has waited that long. */
void window_on_departure(struct window *w, uint64_t now_us, bool was_full, bool left_some, uint64_t waited_us);
void window_on_answer(struct window *w, uint64_t now_us, uint64_t latency_us);
void window_on_throttle(struct window *w, uint64_t now_us);
/* The time that `calls` calls, queued behind a full window, take to leave. */
uint64_t window_predict_us(const struct window *w, uint64_t calls);

#endif
