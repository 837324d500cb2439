/*
 * Two workers on one store: each claims keys that the other claims too, waits where the other was faster, settles after
 * a while or not at all. Of every key at most one claim is held at any time, and every ask ends once.
 */
#include "gateway/front/idempotency_memory.h"

#include "gateway/base/random.h"
#include "tests/auth/check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#define WORKERS     2
#define CALLERS     64 /* of each worker, at one time */
#define CALLS       40000
#define KEYS        16
#define HOLD_US     60000000
#define PATIENCE_US 100000000

struct worker;

struct caller {
    struct recall recall;
    struct worker *worker;
    struct timer timer;
    unsigned key;
    bool is_asked, is_claimed;
    char name[16];
};

struct worker {
    struct loop *loop;
    struct idempotency_store *store;
    struct random random;
    struct caller callers[CALLERS];
    unsigned begun, ended, verdicts[RECALL_VERDICTS], cancelled;
    struct timer patience;
};

static _Atomic int holders[KEYS];

static void start_call(struct caller *c);

static void end_call(struct caller *c)
{
    struct worker *w = c->worker;

    buf_clear(&c->recall.results);
    if (++w->ended == CALLS)
        loop_stop(w->loop);
    else if (w->begun != CALLS)
        start_call(c);
}

static void settle(struct caller *c)
{
    struct worker *w = c->worker;
    uint64_t dice = random_below(&w->random, 10);
    struct buf results;

    c->is_claimed = false;
    if (atomic_fetch_sub(&holders[c->key], 1) != 1)
        abort();
    if (dice < 9) {
        recall_release(w->store, &c->recall);
        return;
    }
    buf_init(&results, 64);
    buf_append(&results, SPAN("-"));
    if (recall_finish(w->store, &c->recall, &results, false) != RECALL_KEPT)
        abort();
}

/* The caller's deadline, or its claim's end. */
static void on_timer(void *ctx)
{
    struct caller *c = ctx;

    if (c->is_claimed) {
        settle(c);
    } else {
        if (!c->is_asked)
            abort();
        c->is_asked = false;
        c->worker->cancelled++;
        recall_cancel(c->worker->store, &c->recall);
    }
    end_call(c);
}

static void act(struct caller *c, enum recall_verdict verdict)
{
    struct worker *w = c->worker;

    w->verdicts[verdict]++;
    if (verdict != RECALL_CLAIMED)
        abort(); /* nothing is ever done, and all requests are the same */
    if (atomic_fetch_add(&holders[c->key], 1) != 0)
        abort();
    c->is_claimed = true;
    loop_timer_start(w->loop, &c->timer, random_below(&w->random, 50));
}

static void on_done(struct recall *r, enum recall_verdict verdict)
{
    struct caller *c = LIST_ENTRY(r, struct caller, recall);

    if (!c->is_asked)
        abort();
    c->is_asked = false;
    loop_timer_stop(c->worker->loop, &c->timer);
    act(c, verdict);
}

static void start_call(struct caller *c)
{
    struct worker *w = c->worker;

    w->begun++;
    c->key = (unsigned)random_below(&w->random, KEYS);
    snprintf(c->name, sizeof(c->name), "key %u", c->key);
    c->recall = (struct recall){.loop = w->loop, .name = span_str(c->name), .hold_us = HOLD_US, .done = on_done};
    buf_init(&c->recall.results, 64);
    enum recall_verdict verdict = recall_try(w->store, &c->recall);
    if (verdict != RECALL_WAIT) {
        act(c, verdict);
        return;
    }
    w->verdicts[RECALL_WAIT]++;
    if (!recall_ask(w->store, &c->recall))
        abort();
    c->is_asked = true;
    loop_timer_start(w->loop, &c->timer, random_below(&w->random, 2000));
}

static void on_patience_over(void *ctx)
{
    (void)ctx;
    abort();
}

static void *run(void *ctx)
{
    struct worker *w = ctx;

    timer_init(&w->patience, on_patience_over, w);
    loop_timer_start(w->loop, &w->patience, PATIENCE_US);
    for (size_t i = 0; i != CALLERS; i++) {
        w->callers[i].worker = w;
        timer_init(&w->callers[i].timer, on_timer, &w->callers[i]);
        start_call(&w->callers[i]);
    }
    loop_run(w->loop);
    loop_timer_stop(w->loop, &w->patience);
    return NULL;
}

struct last {
    struct post post;
    struct loop *loop;
};

static void stop_last(struct post *p)
{
    loop_stop(LIST_ENTRY(p, struct last, post)->loop);
}

/* What was posted to callers that had cancelled meanwhile. */
static void run_the_rest(struct loop *l)
{
    struct last last = {.post.run = stop_last, .loop = l};

    loop_post(l, &last.post);
    loop_run(l);
}

static void two_workers_never_hold_one_key_together(void **state)
{
    static struct worker workers[WORKERS];
    pthread_t threads[WORKERS];
    struct idempotency_memory_conf conf = {.ttl_s = 3600, .entries_max = 1000, .bytes_max = 1u << 20};
    struct idempotency_memory *m = idempotency_memory_new(&conf, 1);

    (void)state;
    for (size_t i = 0; i != WORKERS; i++) {
        workers[i] = (struct worker){.loop = loop_new(), .store = idempotency_memory_store(m)};
        random_seed(&workers[i].random, i + 1);
    }
    for (size_t i = 0; i != WORKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run, &workers[i]), 0);
    for (size_t i = 0; i != WORKERS; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i != WORKERS; i++) {
        const struct worker *w = &workers[i];
        run_the_rest(w->loop);
        check(w->verdicts[RECALL_CLAIMED] + w->cancelled == CALLS, "every call ends once");
        check(w->verdicts[RECALL_WAIT] > 100, "and many had to wait: %u", w->verdicts[RECALL_WAIT]);
    }
    idempotency_memory_free(&m);
    for (size_t i = 0; i != WORKERS; i++)
        loop_free(&workers[i].loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_workers_never_hold_one_key_together)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
