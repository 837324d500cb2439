/* The turn's end: what is marked while a phase runs waits for the next round, so no round can go on for ever. */
#include "gateway/net/turn.h"

#define ROUNDS_MAX 4

void turn_work_init(struct turn_work *w, enum turn_phase phase, void (*run)(void *ctx), void *ctx)
{
    *w = (struct turn_work){.phase = phase, .run = run, .ctx = ctx};
    list_init(&w->link);
}

void turn_work_cancel(struct turn_work *w)
{
    list_remove(&w->link);
}

void turn_init(struct turn *t)
{
    for (int phase = 0; phase != TURN_PHASES; phase++)
        list_init(&t->work[phase]);
}

void turn_mark(struct turn *t, struct turn_work *w)
{
    if (list_is_empty(&w->link))
        list_append(&t->work[w->phase], &w->link);
}

bool turn_has_work(const struct turn *t)
{
    for (int phase = 0; phase != TURN_PHASES; phase++)
        if (!list_is_empty(&t->work[phase]))
            return true;
    return false;
}

bool turn_run_phase(struct turn *t, enum turn_phase phase)
{
    struct list now;
    bool ran = false;

    list_init(&now);
    list_splice(&now, &t->work[phase]);
    while (!list_is_empty(&now)) {
        struct turn_work *w = LIST_ENTRY(now.next, struct turn_work, link);
        list_remove(&w->link);
        w->run(w->ctx);
        ran = true;
    }
    return ran;
}

void turn_run(struct turn *t)
{
    bool ran = true;

    for (int round = 0; ran && round != ROUNDS_MAX; round++) {
        ran = false;
        for (int phase = 0; phase != TURN_PHASES; phase++)
            ran |= turn_run_phase(t, (enum turn_phase)phase);
    }
}
