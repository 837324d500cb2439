/*
 * Work at the end of a turn of a loop. Phases run in order, and again (at most 4 rounds, the rest next turn) while
 * anything is marked; so whatever arrived in one turn is seen together, and no library is called from its own
 * callbacks.
 */
#ifndef KGW_NET_TURN_H
#define KGW_NET_TURN_H

#include "gateway/base/list.h"

/*
 * TURN_ANSWER hands out what came from upstream, TURN_REPLY sends what became of it. These two also run as soon as the
 * descriptors of a turn are done: what is written there costs the server least. TURN_REDIS sends a turn's commands
 * together, and ends what a lost connection leaves.
 */
enum turn_phase { TURN_ANSWER, TURN_REPLY, TURN_DEPART, TURN_CURL, TURN_REDIS, TURN_LOG, TURN_PHASES };

struct turn_work {
    struct list link;
    void (*run)(void *ctx);
    void *ctx;
    enum turn_phase phase;
};

void turn_work_init(struct turn_work *w, enum turn_phase phase, void (*run)(void *ctx), void *ctx);
void turn_work_cancel(struct turn_work *w);

/* A loop's marked work; for loops only. */
struct turn {
    struct list work[TURN_PHASES];
};

void turn_init(struct turn *t);
void turn_mark(struct turn *t, struct turn_work *w); /* marking twice is marking once */
bool turn_has_work(const struct turn *t);
void turn_run(struct turn *t);
bool turn_run_phase(struct turn *t, enum turn_phase phase); /* what is marked for one phase, ahead of the end */

#endif
