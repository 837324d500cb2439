/* Virtual time for tests: see fake_loop.h. */
#include "tests/lib/fake_loop.h"

#include "gateway/base/random.h"

#include <assert.h>
#include <stdlib.h>

#define TURNS_MAX 100000

struct loop {
    uint64_t now_us;
    int64_t unix_ms;
    struct timer_heap timers;
    struct turn turn;
    struct stages stages;
    struct list posts;
    struct random random;
};

struct loop *loop_new(void)
{
    struct loop *l = calloc(1, sizeof(*l));

    assert(l != NULL);
    l->now_us = 1000000;
    l->unix_ms = 1790000000000;
    turn_init(&l->turn);
    list_init(&l->posts);
    random_seed(&l->random, 1);
    return l;
}

void loop_free(struct loop **l)
{
    assert(fake_loop_is_idle(*l));
    free(*l);
    *l = NULL;
}

void fake_loop_seed(struct loop *l, uint64_t seed)
{
    random_seed(&l->random, seed);
}

void fake_loop_set_unix_ms(struct loop *l, int64_t unix_ms)
{
    l->unix_ms = unix_ms;
}

uint64_t loop_now_us(struct loop *l)
{
    return l->now_us;
}

int64_t loop_unix_ms(struct loop *l)
{
    return l->unix_ms;
}

void loop_timer_start(struct loop *l, struct timer *t, uint64_t delay_us)
{
    timer_heap_remove(&l->timers, t);
    t->at_us = l->now_us + delay_us;
    t->tiebreak = random_next(&l->random);
    timer_heap_insert(&l->timers, t);
}

void loop_timer_stop(struct loop *l, struct timer *t)
{
    timer_heap_remove(&l->timers, t);
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
    (void)l; /* there are no descriptors */
}

void loop_post(struct loop *to, struct post *p)
{
    list_init(&p->link);
    list_append(&to->posts, &p->link);
}

bool fake_loop_is_idle(const struct loop *l)
{
    return timer_heap_first(&l->timers) == NULL && list_is_empty(&l->posts) && !turn_has_work(&l->turn);
}

static bool has_due_timer(const struct loop *l)
{
    return timer_heap_first(&l->timers) != NULL && timer_heap_first(&l->timers)->at_us <= l->now_us;
}

void fake_loop_settle(struct loop *l)
{
    for (int turns = 0; !list_is_empty(&l->posts) || has_due_timer(l) || turn_has_work(&l->turn); turns++) {
        assert(turns < TURNS_MAX); /* something runs for ever */
        if (!list_is_empty(&l->posts)) {
            struct post *p = LIST_ENTRY(l->posts.next, struct post, link);
            list_remove(&p->link);
            p->run(p);
        } else if (has_due_timer(l)) {
            struct timer *t = timer_heap_first(&l->timers);
            timer_heap_remove(&l->timers, t);
            t->run(t->ctx);
        }
        turn_run(&l->turn);
    }
}

void fake_loop_pass(struct loop *l, uint64_t us)
{
    uint64_t until_us = l->now_us + us;

    fake_loop_settle(l);
    while (l->now_us != until_us) {
        struct timer *t = timer_heap_first(&l->timers);
        uint64_t next_us = t != NULL && t->at_us < until_us ? t->at_us : until_us;
        uint64_t before_ms = l->now_us / 1000;
        l->now_us = next_us;
        l->unix_ms += (int64_t)(next_us / 1000 - before_ms);
        fake_loop_settle(l);
    }
}
