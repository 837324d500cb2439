#include "tests/gateway/base/log_files.h"

#include <errno.h>
#include <jansson.h>

static void what_was_flushed_is_in_the_file_in_order(void **state)
{
    struct log *l = log_new(path);
    struct log_ring *r = log_ring_new(l, 1 << 16);
    struct buf want;
    char line[64];

    (void)state;
    buf_init(&want, 1 << 20);
    for (int i = 0; i < 1000; i++) {
        int len = snprintf(line, sizeof(line), "{\"line\":%d}", i);
        log_ring_write(r, span_of(line, (size_t)len));
        if (i % 7 == 0)
            log_ring_flush(r);
        buf_append(&want, span_of(line, (size_t)len));
        buf_append_char(&want, '\n');
    }
    log_ring_flush(r);
    assert_true(log_ring_dropped(r) == 0);
    log_free(&l, FREE_TIMEOUT_MS);
    assert_null(l);
    struct buf got = read_file(path);
    assert_true(span_equal(buf_span(&got), buf_span(&want)));
    buf_clear(&got);
    buf_clear(&want);
}

static void a_line_that_was_not_flushed_is_not_written(void **state)
{
    struct log *l = log_new(path);
    struct log_ring *r = log_ring_new(l, 4096);

    (void)state;
    log_ring_write(r, SPAN("seen"));
    log_ring_flush(r);
    log_ring_write(r, SPAN("unseen"));
    wait_for_bytes(path, 5);
    log_free(&l, FREE_TIMEOUT_MS);
    struct buf got = read_file(path);
    assert_true(span_is(buf_span(&got), "seen\n"));
    buf_clear(&got);
}

static void a_full_ring_drops_whole_lines_and_counts_them(void **state)
{
    struct log *l = log_new(path);
    struct log_ring *r = log_ring_new(l, 4096);
    char line[100];

    (void)state;
    memset(line, 'x', sizeof(line));
    for (int i = 0; i < 60; i++) /* nothing is flushed, so nothing makes room: 40 lines of 101 bytes fit */
        log_ring_write(r, span_of(line, sizeof(line)));
    assert_true(log_ring_dropped(r) == 20);
    log_ring_write(r, span_of(line, 56)); /* 56 bytes are left, and the line's end needs one */
    assert_true(log_ring_dropped(r) == 21);
    log_ring_write(r, span_of(line, 55));
    assert_true(log_ring_dropped(r) == 21);
    log_ring_flush(r);
    wait_for_bytes(path, 4096);
    write_surely(r, SPAN("room again"));
    log_free(&l, FREE_TIMEOUT_MS);
    struct buf got = read_file(path);
    assert_int_equal(got.len, 4096 + 11);
    for (size_t i = 0; i < 40; i++)
        assert_int_equal(got.ptr[i * 101 + 100], '\n');
    buf_clear(&got);
}

static void lines_up_to_the_limit_wrap_around_whole(void **state)
{
    static char line[LOG_LINE_BYTES_MAX];
    struct log *l = log_new(path);
    struct log_ring *r = log_ring_new(l, 8192);
    struct buf want;

    (void)state;
    buf_init(&want, 1 << 26);
    for (size_t i = 0; i < 600; i++) {
        size_t len = i * 131 % LOG_LINE_BYTES_MAX;
        memset(line, (int)('a' + i % 26), len);
        write_surely(r, span_of(line, len));
        buf_append(&want, span_of(line, len));
        buf_append_char(&want, '\n');
    }
    uint64_t dropped = log_ring_dropped(r);
    log_ring_write(r, span_of(line, LOG_LINE_BYTES_MAX));
    assert_true(log_ring_dropped(r) == dropped + 1);
    log_free(&l, FREE_TIMEOUT_MS);
    struct buf got = read_file(path);
    assert_true(span_equal(buf_span(&got), buf_span(&want)));
    buf_clear(&got);
    buf_clear(&want);
}

static void after_a_rotation_lines_go_to_the_new_file_and_none_is_lost(void **state)
{
    struct log *l = log_new(path);
    struct log_ring *r = log_ring_new(l, 4096);

    (void)state;
    log_ring_write(r, SPAN("before"));
    log_ring_flush(r);
    wait_for_bytes(path, 7);
    assert_int_equal(rename(path, other), 0);
    log_reopen(l);
    wait_for_bytes(path, 0); /* it exists again */
    log_ring_write(r, SPAN("after"));
    log_ring_flush(r);
    log_free(&l, FREE_TIMEOUT_MS);
    struct buf got = read_file(path), old = read_file(other);
    assert_true(span_is(buf_span(&got), "after\n"));
    assert_true(span_is(buf_span(&old), "before\n"));
    buf_clear(&got);
    buf_clear(&old);
}

static void a_file_that_cannot_be_opened_again_leaves_the_old_one(void **state)
{
    struct log *l = log_new(path);
    struct log_ring *r = log_ring_new(l, 4096);
    char moved[80];

    (void)state;
    snprintf(moved, sizeof(moved), "%s-moved", folder);
    assert_int_equal(rename(folder, moved), 0);
    log_reopen(l);
    write_surely(r, SPAN("still here"));
    log_free(&l, FREE_TIMEOUT_MS);
    assert_int_equal(rename(moved, folder), 0);
    struct buf got = read_file(path);
    assert_true(span_is(buf_span(&got), "still here\n"));
    buf_clear(&got);
}

static void a_log_that_cannot_be_opened_says_why(void **state)
{
    char missing[128];

    (void)state;
    snprintf(missing, sizeof(missing), "%s/no/such/folder", folder);
    errno = 0;
    assert_null(log_new(missing));
    assert_int_equal(errno, ENOENT);
    log_free(&(struct log *){NULL}, 0);
}

static void events_are_json_with_time_and_name(void **state)
{
    struct log *l = log_new(path);
    struct log_ring *r = log_ring_new(l, 1 << 16);
    size_t flags = 0;

    (void)state;
    log_event(r, 1440938160007, "start\"ed", SPAN("\"pid\":7"));
    log_event(r, 0, "bare", SPAN(""));
    log_free(&l, FREE_TIMEOUT_MS);
    struct buf got = read_file(path);
    struct span rest, first = span_cut(buf_span(&got), '\n', &rest);
    json_t *event = json_loadb(first.ptr, first.len, flags, NULL);
    assert_string_equal(json_string_value(json_object_get(event, "time")), "2015-08-30T12:36:00.007Z");
    assert_string_equal(json_string_value(json_object_get(event, "event")), "start\"ed");
    assert_int_equal(json_integer_value(json_object_get(event, "pid")), 7);
    assert_true(span_is(rest, "{\"time\":\"1970-01-01T00:00:00.000Z\",\"event\":\"bare\"}\n"));
    json_decref(event);
    buf_clear(&got);
}

static void an_event_that_is_too_long_counts_as_dropped(void **state)
{
    static char members[LOG_LINE_BYTES_MAX + 1];
    struct log *l = log_new(path);
    struct log_ring *r = log_ring_new(l, 1 << 16);

    (void)state;
    memset(members, ' ', sizeof(members));
    log_event(r, 0, "long", span_of(members, sizeof(members)));
    uint64_t dropped = log_ring_dropped(r);
    log_free(&l, FREE_TIMEOUT_MS);
    assert_true(dropped == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(what_was_flushed_is_in_the_file_in_order),
        test(a_line_that_was_not_flushed_is_not_written),
        test(a_full_ring_drops_whole_lines_and_counts_them),
        test(lines_up_to_the_limit_wrap_around_whole),
        test(after_a_rotation_lines_go_to_the_new_file_and_none_is_lost),
        test(a_file_that_cannot_be_opened_again_leaves_the_old_one),
        test(a_log_that_cannot_be_opened_says_why),
        test(events_are_json_with_time_and_name),
        test(an_event_that_is_too_long_counts_as_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
