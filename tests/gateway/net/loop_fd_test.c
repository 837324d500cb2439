#include "gateway/net/loop_fd.h"

#include "tests/auth/check.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_US 10000000
#define A_WHILE_US  30000

struct watcher {
    int events; /* all that were told */
    int calls, stop_after;
    bool unwatches, closes, drains;
    int other; /* a descriptor to unwatch; 0: none */
};

static struct loop *loop;
static bool is_late;

static void on_late(void *ctx)
{
    (void)ctx;
    is_late = true;
    loop_stop(loop);
}

/* Turns the loop until it is stopped; true if that was within `limit_us`. */
static bool run(uint64_t limit_us)
{
    struct timer limit;

    is_late = false;
    timer_init(&limit, on_late, NULL);
    loop_timer_start(loop, &limit, limit_us);
    loop_run(loop);
    loop_timer_stop(loop, &limit);
    return !is_late;
}

static void on_fd(int fd, int events, void *ctx)
{
    struct watcher *w = ctx;
    char byte;

    w->events |= events;
    if (w->drains)
        assert_int_equal(read(fd, &byte, 1), 1);
    if (w->other != 0)
        loop_fd_unwatch(loop, w->other);
    if (w->unwatches)
        loop_fd_unwatch(loop, fd);
    if (w->closes)
        close(fd);
    if (++w->calls == w->stop_after)
        loop_stop(loop);
}

static int make_loop(void **state)
{
    (void)state;
    loop = loop_new();
    return loop == NULL;
}

static int free_loop(void **state)
{
    (void)state;
    loop_free(&loop);
    return 0;
}

static void make_pair(int fds[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
}

static void close_pair(int fds[2])
{
    close(fds[0]);
    close(fds[1]);
}

static void a_readable_descriptor_is_told_until_it_is_read(void **state)
{
    struct watcher w = {.stop_after = 3};
    int fds[2];

    (void)state;
    make_pair(fds);
    assert_true(loop_fd_watch(loop, fds[0], FD_READABLE, on_fd, &w));
    assert_false(run(A_WHILE_US));
    assert_int_equal(w.calls, 0);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_true(run(PATIENCE_US)); /* level-triggered: three times */
    assert_int_equal(w.events, FD_READABLE);
    w.drains = true;
    w.stop_after = 0;
    assert_false(run(A_WHILE_US));
    assert_int_equal(w.calls, 4);
    loop_fd_unwatch(loop, fds[0]);
    close_pair(fds);
}

static void events_can_be_changed(void **state)
{
    struct watcher w = {.stop_after = 1};
    int fds[2];

    (void)state;
    make_pair(fds);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_true(loop_fd_watch(loop, fds[0], FD_WRITABLE, on_fd, &w));
    assert_true(run(PATIENCE_US));
    assert_int_equal(w.events, FD_WRITABLE);
    w = (struct watcher){.stop_after = 1};
    assert_true(loop_fd_watch(loop, fds[0], FD_READABLE | FD_WRITABLE, on_fd, &w));
    assert_true(run(PATIENCE_US));
    assert_int_equal(w.events, FD_READABLE | FD_WRITABLE);
    w = (struct watcher){.stop_after = 1};
    assert_true(loop_fd_watch(loop, fds[0], FD_READABLE, on_fd, &w));
    assert_true(run(PATIENCE_US));
    assert_int_equal(w.events, FD_READABLE);
    loop_fd_unwatch(loop, fds[0]);
    close_pair(fds);
}

static void the_newest_watcher_is_told(void **state)
{
    struct watcher old = {.calls = 0}, new = {.stop_after = 1};
    int fds[2];

    (void)state;
    make_pair(fds);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_true(loop_fd_watch(loop, fds[0], FD_READABLE, on_fd, &old));
    assert_true(loop_fd_watch(loop, fds[0], FD_READABLE, on_fd, &new));
    assert_true(run(PATIENCE_US));
    assert_int_equal(old.calls, 0);
    loop_fd_unwatch(loop, fds[0]);
    close_pair(fds);
}

static void a_peer_that_is_gone_is_readable(void **state)
{
    struct watcher w = {.stop_after = 1};
    int fds[2];

    (void)state;
    make_pair(fds);
    close(fds[1]);
    assert_true(loop_fd_watch(loop, fds[0], FD_READABLE, on_fd, &w));
    assert_true(run(PATIENCE_US));
    assert_true(w.events & FD_READABLE);
    loop_fd_unwatch(loop, fds[0]);
    close(fds[0]);
}

static void an_unwatched_descriptor_is_not_told(void **state)
{
    struct watcher w = {.stop_after = 0};
    int fds[2];

    (void)state;
    make_pair(fds);
    loop_fd_unwatch(loop, fds[0]); /* never watched */
    loop_fd_unwatch(loop, 100000);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_true(loop_fd_watch(loop, fds[0], FD_READABLE, on_fd, &w));
    loop_fd_unwatch(loop, fds[0]);
    loop_fd_unwatch(loop, fds[0]);
    assert_false(run(A_WHILE_US));
    assert_int_equal(w.calls, 0);
    assert_true(loop_fd_watch(loop, fds[0], FD_READABLE, on_fd, &w));
    close(fds[0]);
    loop_fd_unwatch(loop, fds[0]); /* closed already */
    assert_false(run(A_WHILE_US));
    assert_int_equal(w.calls, 0);
    close(fds[1]);
}

static void of_two_that_unwatch_each_other_one_is_told(void **state)
{
    struct watcher a = {.stop_after = 0}, b = {.stop_after = 0};
    int first[2], second[2];

    (void)state;
    make_pair(first);
    make_pair(second);
    a = (struct watcher){.other = second[0], .unwatches = true};
    b = (struct watcher){.other = first[0], .unwatches = true};
    assert_int_equal(write(first[1], "x", 1) + write(second[1], "x", 1), 2);
    assert_true(loop_fd_watch(loop, first[0], FD_READABLE, on_fd, &a));
    assert_true(loop_fd_watch(loop, second[0], FD_READABLE, on_fd, &b));
    assert_false(run(A_WHILE_US));
    assert_int_equal(a.calls + b.calls, 1);
    close_pair(first);
    close_pair(second);
}

static void a_watcher_may_unwatch_and_close_its_own_descriptor(void **state)
{
    struct watcher w = {.unwatches = true, .closes = true, .stop_after = 1};
    int fds[2];

    (void)state;
    make_pair(fds);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_true(loop_fd_watch(loop, fds[0], FD_READABLE, on_fd, &w));
    assert_true(run(PATIENCE_US));
    assert_false(run(A_WHILE_US));
    assert_int_equal(w.calls, 1);
    close(fds[1]);
}

/* A library closed a descriptor without a word; its number comes back for another file. */
static void reuse(bool unwatches, int events_before)
{
    struct watcher old = {.stop_after = 0}, new = {.stop_after = 1};
    int fds[2], others[2];

    make_pair(fds);
    make_pair(others);
    assert_int_equal(write(fds[1], "x", 1) + write(others[1], "x", 1), 2);
    assert_true(loop_fd_watch(loop, fds[0], events_before, on_fd, &old));
    close(fds[0]);
    if (unwatches)
        loop_fd_unwatch(loop, fds[0]);
    assert_int_equal(dup2(others[0], fds[0]), fds[0]);
    assert_true(loop_fd_watch(loop, fds[0], FD_READABLE, on_fd, &new));
    bool was_told = run(PATIENCE_US / 10);
    loop_fd_unwatch(loop, fds[0]);
    close_pair(fds);
    close_pair(others);
    assert_int_equal(old.calls, 0);
    assert_true(was_told);
}

static void a_closed_number_that_was_unwatched_can_be_used_again(void **state)
{
    (void)state;
    reuse(true, FD_READABLE);
}

static void a_closed_number_can_be_watched_again_for_other_events(void **state)
{
    (void)state;
    reuse(false, FD_WRITABLE);
}

static void a_closed_number_can_be_watched_again_for_the_same_events(void **state)
{
    (void)state;
    reuse(false, FD_READABLE);
}

static void a_descriptor_that_cannot_be_watched_is_refused(void **state)
{
    struct watcher w = {.stop_after = 0};
    int file = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    assert_false(loop_fd_watch(loop, file, FD_READABLE, on_fd, &w));
    close(file);
    assert_false(loop_fd_watch(loop, file, FD_READABLE, on_fd, &w));
    assert_false(run(A_WHILE_US));
    assert_int_equal(w.calls, 0);
}

#define test(f) cmocka_unit_test_setup_teardown(f, make_loop, free_loop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_readable_descriptor_is_told_until_it_is_read),
        test(events_can_be_changed),
        test(the_newest_watcher_is_told),
        test(a_peer_that_is_gone_is_readable),
        test(an_unwatched_descriptor_is_not_told),
        test(of_two_that_unwatch_each_other_one_is_told),
        test(a_watcher_may_unwatch_and_close_its_own_descriptor),
        test(a_closed_number_that_was_unwatched_can_be_used_again),
        test(a_closed_number_can_be_watched_again_for_other_events),
        test(a_closed_number_can_be_watched_again_for_the_same_events),
        test(a_descriptor_that_cannot_be_watched_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
