/* The pure parts of the load client: a benchmark is worth as much as its ruler. */
#include "tests/bench/load/answer.h"
#include "tests/bench/load/latency.h"
#include "tests/bench/load/request.h"
#include "tests/bench/load/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_starts_with(const char *bytes, const char *want)
{
    assert_memory_equal(bytes, want, strlen(want));
}

static void a_quantile_is_right_to_within_one_percent(void **state)
{
    static struct latency latency;
    (void)state;
    for (int64_t us = 1; us <= 10000; us++)
        latency_add(&latency, us * 1000);
    static const struct {
        double quantile;
        int64_t want_ns;
    } rows[] = {{0.5, 5000000}, {0.9, 9000000}, {0.99, 9900000}, {0.999, 9990000}, {1.0, 10000000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t got_ns = latency_quantile_ns(&latency, rows[i].quantile);
        assert_in_range(got_ns, rows[i].want_ns, rows[i].want_ns + rows[i].want_ns / 100);
    }
    assert_int_equal(latency.max_ns, 10000000);
}

static void no_latency_is_out_of_range(void **state)
{
    static struct latency latency;
    (void)state;
    latency_add(&latency, -5);
    latency_add(&latency, INT64_MAX);
    assert_int_equal(latency_quantile_ns(&latency, 0.5), 0);
    assert_int_equal(latency_quantile_ns(&latency, 1.0), INT64_MAX);
}

static void a_fixed_schedule_keeps_its_times_when_the_client_is_late(void **state)
{
    struct schedule schedule;
    int64_t intended_ns;
    (void)state;
    schedule_init(&schedule, SCHEDULE_FIXED, 1000, 5000, 1);
    assert_true(schedule_take(&schedule, 5000, &intended_ns));
    assert_int_equal(intended_ns, 5000);
    assert_false(schedule_take(&schedule, 5001, &intended_ns));
    assert_int_equal(schedule_next_ns(&schedule), 1005000);
    assert_true(schedule_take(&schedule, 9005000, &intended_ns));
    assert_int_equal(intended_ns, 1005000);
}

static void a_poisson_schedule_has_the_mean_it_was_asked_for(void **state)
{
    struct schedule schedule;
    int64_t intended_ns;
    uint64_t arrivals = 0;
    (void)state;
    schedule_init(&schedule, SCHEDULE_POISSON, 10000, 0, 7);
    while (schedule_take(&schedule, INT64_C(10000000000), &intended_ns))
        arrivals++;
    assert_in_range(arrivals, 98000, 102000);
}

static void a_request_has_its_size_its_id_and_its_key(void **state)
{
    struct options options = {.port = 8080, .body_bytes = 120, .path = "/r?a=b", .tag = "T", .partition_keys = 10};
    struct request request;
    (void)state;
    options.headers[options.header_count++] = "X-Api-Key: k";
    request_init(&request, &options);
    request_stamp(&request, &options, 9);
    request_stamp(&request, &options, 12345678901234567890U);
    assert_starts_with(request.bytes, "POST /r?a=b&partitionKey=key-000000 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n");
    assert_non_null(strstr(request.bytes, "\r\nX-Api-Key: k\r\nContent-Length: 120\r\n\r\n"));
    assert_int_equal(request.size - request.body_at, 120);
    assert_starts_with(request.bytes + request.body_at, "{\"id\":\"T-12345678901234567890\",\"padding\":\"xxx");
    assert_starts_with(request.bytes + request.size - 4, "xx\"}");
    request_clear(&request);
}

static void answers_are_told_apart(void **state)
{
    static const struct {
        const char *what, *bytes;
        enum answer_state want;
        int status;
        bool keeps_alive;
    } rows[] = {
        {"a whole answer", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", ANSWER_DONE, 200, true},
        {"half an answer", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", ANSWER_MORE, 200, true},
        {"too long an answer", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nok", ANSWER_BROKEN, 200, true},
        {"a close", "HTTP/1.1 503 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", ANSWER_DONE, 503, false},
        {"nothing to read", "HTTP/1.1 204 No Content\r\n\r\n", ANSWER_DONE, 204, true},
        {"an interim answer", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 N\r\n\r\n", ANSWER_DONE, 204, true},
        {"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", ANSWER_BROKEN, 200, true},
        {"no HTTP", "SSH-2.0-OpenSSH_9.2 is not HTTP\r\n\r\n", ANSWER_BROKEN, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static struct answer whole, slow;
        enum answer_state got = ANSWER_MORE;
        print_message("  %s\n", rows[i].what);
        answer_clear(&whole);
        assert_int_equal(answer_feed(&whole, rows[i].bytes, strlen(rows[i].bytes)), rows[i].want);
        assert_int_equal(whole.status, rows[i].status);
        assert_int_equal(whole.keeps_alive, rows[i].keeps_alive);
        answer_clear(&slow);
        for (const char *at = rows[i].bytes; *at != '\0' && got != ANSWER_BROKEN; at++)
            got = answer_feed(&slow, at, 1);
        assert_int_equal(got, rows[i].want);
    }
}

static void every_sequence_number_is_found(void **state)
{
    static const char bytes[] = "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n"
                                "[{\"SequenceNumber\":\"49\"},{\"SequenceNumber\":null},"
                                "{\"SubSequenceNumber\":0,\"SequenceNumber\":\"5\"}]";
    static struct answer answer;
    size_t at = 0, length = 0;
    (void)state;
    answer_clear(&answer);
    answer_feed(&answer, bytes, sizeof bytes - 1);
    assert_starts_with(answer_sequence_number(&answer, &at, &length), "49\"");
    assert_int_equal(length, 2);
    assert_starts_with(answer_sequence_number(&answer, &at, &length), "5\"");
    assert_int_equal(length, 1);
    assert_null(answer_sequence_number(&answer, &at, &length));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quantile_is_right_to_within_one_percent),
        cmocka_unit_test(no_latency_is_out_of_range),
        cmocka_unit_test(a_fixed_schedule_keeps_its_times_when_the_client_is_late),
        cmocka_unit_test(a_poisson_schedule_has_the_mean_it_was_asked_for),
        cmocka_unit_test(a_request_has_its_size_its_id_and_its_key),
        cmocka_unit_test(answers_are_told_apart),
        cmocka_unit_test(every_sequence_number_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
