#include "gateway/net/loop_fd.h"

#include "tests/auth/check.h"

#include <sys/socket.h>
#include <unistd.h>

static struct loop *loop;

static void make_pair(int fds[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
}

static void close_pair(int fds[2])
{
    close(fds[0]);
    close(fds[1]);
}

/* Two answers and two who ask again. What an answer makes ready is told in the same turn, before what is marked for its
 * end; what a second answer makes ready, only in the next. */
struct crowd {
    int asking[2][2]; /* pairs: the far end of each is written by an answer */
    size_t answers;
    char steps[8];
    size_t steps_len;
    struct turn_work reply, depart;
};

static void crowd_note(struct crowd *c, char step)
{
    assert_true(c->steps_len + 1 < sizeof(c->steps));
    c->steps[c->steps_len++] = step;
}

static void on_crowd_asks(int fd, int events, void *ctx)
{
    struct crowd *c = ctx;
    char step;

    (void)events;
    assert_int_equal(read(fd, &step, 1), 1);
    crowd_note(c, step);
    if (c->answers != 2)
        loop_mark(loop, &c->reply);
    loop_mark(loop, &c->depart);
}

static void crowd_reply(void *ctx)
{
    struct crowd *c = ctx;

    crowd_note(c, 'r');
    assert_int_equal(write(c->asking[c->answers][1], c->answers == 0 ? "1" : "2", 1), 1);
    c->answers++;
    loop_look_again(loop);
}

static void crowd_depart(void *ctx)
{
    struct crowd *c = ctx;

    crowd_note(c, 'd');
    if (strchr(c->steps, '2') != NULL)
        loop_stop(loop);
}

static void who_was_answered_may_ask_again_in_the_same_turn_but_once(void **state)
{
    struct crowd c = {0};
    int first[2];

    (void)state;
    loop = loop_new();
    assert_non_null(loop);
    turn_work_init(&c.reply, TURN_REPLY, crowd_reply, &c);
    turn_work_init(&c.depart, TURN_DEPART, crowd_depart, &c);
    make_pair(first);
    assert_true(loop_fd_watch(loop, first[0], FD_READABLE, on_crowd_asks, &c));
    for (size_t i = 0; i != 2; i++) {
        make_pair(c.asking[i]);
        assert_true(loop_fd_watch(loop, c.asking[i][0], FD_READABLE, on_crowd_asks, &c));
    }
    assert_int_equal(write(first[1], "0", 1), 1);
    loop_run(loop);
    assert_string_equal(c.steps, "0r1rd2d");
    loop_fd_unwatch(loop, first[0]);
    close_pair(first);
    for (size_t i = 0; i != 2; i++) {
        loop_fd_unwatch(loop, c.asking[i][0]);
        close_pair(c.asking[i]);
    }
    loop_free(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_was_answered_may_ask_again_in_the_same_turn_but_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
