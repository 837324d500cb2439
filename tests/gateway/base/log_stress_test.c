#include "tests/gateway/base/log_files.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>

static void fill(int pipe)
{
    char byte = 'f';

    assert_int_equal(fcntl(pipe, F_SETFL, O_NONBLOCK), 0);
    while (write(pipe, &byte, 1) == 1)
        ;
    assert_int_equal(errno, EAGAIN);
}

static void a_pipe_that_nobody_reads_blocks_nobody(void **state)
{
    char line[1023];

    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDWR | O_CLOEXEC);
    fill(reader);
    struct log *l = log_new(path);
    struct log_ring *r = log_ring_new(l, 1 << 16);
    memset(line, 'x', sizeof(line));
    int64_t start = now_ms();
    for (int i = 0; i < 20000; i++) {
        log_ring_write(r, span_of(line, sizeof(line)));
        log_ring_flush(r);
    }
    check(now_ms() - start < PATIENCE_MS, "twenty megabytes were taken or dropped, not waited for");
    assert_int_equal(log_ring_dropped(r), 20000 - 64); /* the ring holds 64 lines, and none leaves it */
    start = now_ms();
    log_free(&l, 300);
    assert_in_range(now_ms() - start, 290, 3000);
    close(reader);
}

static void a_pipe_that_nobody_holds_loses_lines_only(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDWR | O_CLOEXEC);
    struct log *l = log_new(path);
    struct log_ring *r = log_ring_new(l, 4096);
    close(reader);
    for (int i = 0; i < 1000; i++)
        write_surely(r, SPAN("into nothing"));
    int64_t start = now_ms();
    log_free(&l, 300);
    assert_in_range(now_ms() - start, 0, 3000);
}

#define PRODUCERS      2
#define PRODUCER_LINES 20000

struct producer {
    pthread_t thread;
    struct log_ring *ring;
    int number;
    uint64_t dropped;
};

static void *produce(void *ctx)
{
    struct producer *p = ctx;
    char line[64];

    for (int i = 0; i < PRODUCER_LINES; i++) {
        int len = snprintf(line, sizeof(line), "%d %d", p->number, i);
        log_ring_write(p->ring, span_of(line, (size_t)len));
        if (i % 5 == 0)
            log_ring_flush(p->ring);
    }
    log_ring_flush(p->ring);
    p->dropped = log_ring_dropped(p->ring);
    return NULL;
}

static void producers_disturb_neither_each_other_nor_a_rotation(void **state)
{
    struct producer producers[PRODUCERS];
    struct log *l = log_new(path);
    int counts[PRODUCERS] = {0}, last[PRODUCERS] = {-1, -1};

    (void)state;
    for (int i = 0; i < PRODUCERS; i++) {
        producers[i] = (struct producer){.ring = log_ring_new(l, 1 << 14), .number = i};
        assert_int_equal(pthread_create(&producers[i].thread, NULL, produce, &producers[i]), 0);
    }
    for (int i = 0; i < 5; i++)
        log_reopen(l);
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(producers[i].thread, NULL);
    log_free(&l, FREE_TIMEOUT_MS);
    struct buf got = read_file(path);
    buf_append_char(&got, '\0');
    for (char *line = strtok(got.ptr, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        int number, index;
        check(sscanf(line, "%d %d", &number, &index) == 2 && (number == 0 || number == 1), "%s is a whole line", line);
        check(index > last[number], "%s comes after %d", line, last[number]);
        last[number] = index;
        counts[number]++;
    }
    for (int i = 0; i < PRODUCERS; i++)
        assert_true((uint64_t)counts[i] + producers[i].dropped == PRODUCER_LINES);
    buf_clear(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_pipe_that_nobody_reads_blocks_nobody),
        test(a_pipe_that_nobody_holds_loses_lines_only),
        test(producers_disturb_neither_each_other_nor_a_rotation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
