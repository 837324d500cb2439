#include "gateway/net/loop.h"

#include "tests/auth/check.h"

#include <pthread.h>

#define SENDERS     4
#define POSTS       20000
#define PATIENCE_US 60000000

struct message {
    struct post post;
    int sender, index;
};

struct sender {
    pthread_t thread;
    int number;
};

static struct loop *loop;
static pthread_t loop_thread;
static int received[SENDERS], all;
static bool is_late;

static void on_late(void *ctx)
{
    (void)ctx;
    is_late = true;
    loop_stop(loop);
}

static void on_message(struct post *p)
{
    struct message *m = (struct message *)p;

    check(pthread_equal(pthread_self(), loop_thread), "a post runs on the loop's thread");
    check(m->index == received[m->sender], "message %d of sender %d comes in order", m->index, m->sender);
    received[m->sender]++;
    free(m); /* it may be freed by what it runs */
    if (++all == SENDERS * POSTS)
        loop_stop(loop);
}

static void *send_all(void *ctx)
{
    const struct sender *s = ctx;

    for (int i = 0; i < POSTS; i++) {
        struct message *m = calloc(1, sizeof(*m));
        if (m == NULL)
            abort();
        m->post.run = on_message;
        m->sender = s->number;
        m->index = i;
        loop_post(loop, &m->post);
    }
    return NULL;
}

static void posts_of_four_threads_arrive_each_once_and_in_order(void **state)
{
    struct sender senders[SENDERS];
    struct timer limit;

    (void)state;
    loop = loop_new();
    loop_thread = pthread_self();
    timer_init(&limit, on_late, NULL);
    loop_timer_start(loop, &limit, PATIENCE_US);
    for (int i = 0; i < SENDERS; i++) {
        senders[i].number = i;
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_all, &senders[i]), 0);
    }
    loop_run(loop);
    for (int i = 0; i < SENDERS; i++)
        pthread_join(senders[i].thread, NULL);
    loop_timer_stop(loop, &limit);
    loop_free(&loop);
    assert_false(is_late);
    for (int i = 0; i < SENDERS; i++)
        assert_int_equal(received[i], POSTS);
}

/* A ball between two loops on two threads: every post wakes a loop that sleeps. The first player serves and keeps it.
 */

#define RETURNS 2000

struct player {
    struct post ball;
    struct loop *loop;
    struct player *other;
    int caught;
    bool keeps_last;
};

static void on_ball(struct post *p)
{
    struct player *me = (struct player *)p;
    bool is_last = ++me->caught == RETURNS;

    if (!is_last || !me->keeps_last)
        loop_post(me->other->loop, &me->other->ball);
    if (is_last)
        loop_stop(me->loop);
}

static void *play(void *ctx)
{
    loop_run(((struct player *)ctx)->loop);
    return NULL;
}

static void a_sleeping_loop_wakes_for_every_post(void **state)
{
    struct player a = {.ball = {.run = on_ball}, .loop = loop_new()};
    struct player b = {.ball = {.run = on_ball}, .loop = loop_new(), .other = &a, .keeps_last = true};
    pthread_t thread;

    (void)state;
    a.other = &b;
    loop_post(a.loop, &a.ball);
    assert_int_equal(pthread_create(&thread, NULL, play, &b), 0);
    loop_run(a.loop);
    pthread_join(thread, NULL);
    assert_true(a.caught == RETURNS && b.caught == RETURNS);
    loop_free(&a.loop);
    loop_free(&b.loop);
}

static void on_post_again(struct post *p)
{
    struct message *m = (struct message *)p;

    if (++m->index == 1000)
        loop_stop(loop);
    else
        loop_post(loop, p);
}

static void a_post_may_post_itself_again(void **state)
{
    struct message m = {.post = {.run = on_post_again}};

    (void)state;
    loop = loop_new();
    loop_post(loop, &m.post);
    loop_run(loop);
    assert_int_equal(m.index, 1000);
    loop_free(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_of_four_threads_arrive_each_once_and_in_order),
        cmocka_unit_test(a_sleeping_loop_wakes_for_every_post),
        cmocka_unit_test(a_post_may_post_itself_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
