/* Additive increase, multiplicative decrease, and a moving minimum kept in two spans of time. */
#include "gateway/kinesis/window.h"

#define LEAST_SPAN_US 10000000u
#define SLACK_US      5000u /* latencies so small double by chance */
#define HALVING_US    100000u

void window_init(struct window *w, uint32_t min, uint32_t max)
{
    if (min > max)
        min = max;
    *w = (struct window){.size = min, .min = min, .max = max, .least_us = {UINT64_MAX, UINT64_MAX}};
}

static void grow(struct window *w)
{
    if (w->size < w->max)
        w->size++;
}

static void halve(struct window *w, uint64_t now_us)
{
    uint64_t pause_us = w->latency_us > HALVING_US ? w->latency_us : HALVING_US;

    if (w->halved_us != 0 && now_us - w->halved_us < pause_us)
        return;
    w->halved_us = now_us;
    w->size = w->size / 2 > w->min ? w->size / 2 : w->min;
}

/* Once a latency at most, so that the growth can show before the next: a backlog would else open every call at once. */
void window_on_departure(struct window *w, uint64_t now_us, bool was_full, bool left_some, uint64_t waited_us)
{
    bool is_needed = (was_full && left_some) || (w->latency_us != 0 && waited_us > w->latency_us);

    if (!is_needed || now_us - w->grown_us <= w->latency_us)
        return;
    w->grown_us = now_us;
    grow(w);
}

static uint64_t least(const struct window *w)
{
    return w->least_us[0] < w->least_us[1] ? w->least_us[0] : w->least_us[1];
}

void window_on_answer(struct window *w, uint64_t now_us, uint64_t latency_us)
{
    if (now_us - w->least_since_us >= LEAST_SPAN_US) {
        w->least_us[1] = now_us - w->least_since_us < 2 * LEAST_SPAN_US ? w->least_us[0] : UINT64_MAX;
        w->least_us[0] = UINT64_MAX;
        w->least_since_us = now_us;
    }
    if (latency_us < w->least_us[0])
        w->least_us[0] = latency_us;
    w->latency_us = w->latency_us == 0 ? latency_us : (7 * w->latency_us + latency_us) / 8;
    uint64_t doubled_us = 2 * least(w) + SLACK_US;
    if (w->latency_us > doubled_us && latency_us > doubled_us) /* the smoothed one lags behind one that falls */
        halve(w, now_us);
}

void window_on_throttle(struct window *w, uint64_t now_us)
{
    halve(w, now_us);
}

uint64_t window_predict_us(const struct window *w, uint64_t calls)
{
    return (calls + w->size - 1) / w->size * w->latency_us;
}
