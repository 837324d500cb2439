/*
 * A log in a folder of the test's own, and waiting for what its writer thread does.
 */
#ifndef KGW_TESTS_GATEWAY_BASE_LOG_FILES_H
#define KGW_TESTS_GATEWAY_BASE_LOG_FILES_H

#include "gateway/base/log.h"
#include "tests/auth/check.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FREE_TIMEOUT_MS 10000
#define PATIENCE_MS     10000

static char folder[64], path[96], other[96];

static inline int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "%s", "log-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/log", folder);
    snprintf(other, sizeof(other), "%s/log.1", folder);
    return 0;
}

static inline int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    unlink(other);
    return rmdir(folder);
}

static inline int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline void yield_a_little(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
}

static inline struct buf read_file(const char *name)
{
    struct buf text;
    char chunk[4096];
    size_t got;
    FILE *f = fopen(name, "r");

    buf_init(&text, 1 << 28);
    while (f != NULL && (got = fread(chunk, 1, sizeof(chunk), f)) != 0)
        buf_append(&text, span_of(chunk, got));
    if (f != NULL)
        fclose(f);
    return text;
}

static inline void wait_for_bytes(const char *name, off_t bytes)
{
    struct stat st = {.st_size = -1};

    for (int64_t end = now_ms() + PATIENCE_MS; now_ms() < end && st.st_size < bytes; yield_a_little())
        if (stat(name, &st) != 0)
            st.st_size = -1;
    check(st.st_size >= bytes, "%s holds %ld bytes in time", name, (long)bytes);
}

/* Adds the line, waiting for room. */
static inline void write_surely(struct log_ring *r, struct span line)
{
    int64_t end = now_ms() + PATIENCE_MS;

    for (;;) {
        uint64_t dropped = log_ring_dropped(r);
        log_ring_write(r, line);
        log_ring_flush(r);
        if (log_ring_dropped(r) == dropped)
            return;
        if (now_ms() > end)
            return;
        yield_a_little();
    }
}

#define test(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

#endif
