/* The pure parts of the load client: a benchmark is worth as much as its ruler. */
#include "tests/bench/load/answer.h"
#include "tests/bench/load/latency.h"
#include "tests/bench/load/options.h"
#include "tests/bench/load/request.h"
#include "tests/bench/load/schedule.h"
#include "tests/bench/load/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
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

static const struct schedule_plan a_thousand_a_second = {{{1000, 1}}, 1};

static void a_fixed_schedule_keeps_its_times_when_the_client_is_late(void **state)
{
    struct schedule schedule;
    int64_t intended_ns;
    (void)state;
    schedule_init(&schedule, SCHEDULE_FIXED, &a_thousand_a_second, 5000, 1);
    assert_true(schedule_take(&schedule, 5000, &intended_ns));
    assert_int_equal(intended_ns, 5000);
    assert_false(schedule_take(&schedule, 5001, &intended_ns));
    assert_int_equal(schedule_next_ns(&schedule), 1005000);
    assert_true(schedule_take(&schedule, 9005000, &intended_ns));
    assert_int_equal(intended_ns, 1005000);
}

static void a_poisson_schedule_has_the_mean_it_was_asked_for(void **state)
{
    static const struct schedule_plan plan = {{{10000, 10}}, 1};
    struct schedule schedule;
    int64_t intended_ns;
    uint64_t arrivals = 0;
    (void)state;
    schedule_init(&schedule, SCHEDULE_POISSON, &plan, 0, 7);
    while (schedule_take(&schedule, INT64_C(10000000000), &intended_ns))
        arrivals++;
    assert_in_range(arrivals, 98000, 102000);
}

static void a_phase_ends_where_the_next_one_begins(void **state)
{
    static const struct schedule_plan plan = {{{100, 1}, {1000, 2}, {10, 1}}, 3};
    static const int64_t ends_ns[] = {999999999, 2999999999, 3999999999};
    static const uint64_t want[] = {100, 2000, 10};
    struct schedule schedule;
    int64_t intended_ns;
    (void)state;
    schedule_init(&schedule, SCHEDULE_FIXED, &plan, 0, 1);
    for (size_t i = 0; i < 3; i++) {
        uint64_t arrivals = 0;
        while (schedule_take(&schedule, ends_ns[i], &intended_ns))
            arrivals++;
        assert_in_range(arrivals, want[i] - 1, want[i] + 1); /* the sum of its intervals is not exact */
    }
}

static void an_arrival_is_given_up_when_its_patience_is_over_and_not_before(void **state)
{
    struct schedule schedule;
    int64_t intended_ns;
    (void)state;
    schedule_init(&schedule, SCHEDULE_FIXED, &a_thousand_a_second, 0, 1);
    assert_false(schedule_give_up(&schedule, 5000000, 5000000, &intended_ns)); /* exactly at its end it can be sent */
    assert_true(schedule_give_up(&schedule, 5000001, 5000000, &intended_ns));
    assert_int_equal(intended_ns, 0);
    assert_false(schedule_give_up(&schedule, 5000001, 5000000, &intended_ns)); /* the next one is younger */
    assert_true(schedule_take(&schedule, 5000001, &intended_ns));              /* and is sent, its latency running */
    assert_int_equal(intended_ns, 1000000);
}

static void a_closed_loop_gives_nothing_up(void **state)
{
    struct schedule schedule;
    int64_t intended_ns;
    (void)state;
    schedule_init(&schedule, SCHEDULE_CLOSED, NULL, 0, 1);
    assert_false(schedule_give_up(&schedule, INT64_MAX, 1, &intended_ns));
}

static bool parse(struct options *options, const char *line)
{
    static char text[200]; /* the options point into it */
    char *arguments[16], *rest = text;
    int count = 0;
    snprintf(text, sizeof text, "bench_load --port 1 %s", line);
    while ((arguments[count] = strsep(&rest, " ")) != NULL)
        count++;
    return options_parse(options, count, arguments);
}

static void what_the_command_line_cannot_mean_is_refused(void **state)
{
    static const struct {
        const char *what, *line;
        bool want;
    } rows[] = {
        {"patience in an open loop", "--rate 5 --seconds 1 --patience-ms 5", true},
        {"patience in phases", "--phases 5:1,50:2.5 --patience-ms 5", true},
        {"patience in a closed loop", "--seconds 1 --patience-ms 5", false},
        {"patience and a count", "--rate 5 --requests 9 --patience-ms 5", false},
        {"no patience at all", "--rate 5 --seconds 1 --patience-ms 0", false},
        {"phases and a rate", "--phases 5:1 --rate 5", false},
        {"a phase without seconds", "--phases 5:1,5", false},
        {"a phase without a rate", "--phases 0:1", false},
        {"a comma too many", "--phases 5:1,", false},
        {"phases without end", "--phases 5:601", false},
        {"a client that polls", "--seconds 1 --wait poll", true},
        {"a client that dozes", "--seconds 1 --wait doze", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct options options;
        print_message("  %s\n", rows[i].what);
        assert_int_equal(parse(&options, rows[i].line), rows[i].want);
        options_clear(&options);
    }
}

static void phases_are_the_plan_and_its_length(void **state)
{
    struct options options;
    (void)state;
    assert_true(parse(&options, "--phases 10:1,20.5:2.5"));
    assert_int_equal(options.plan.count, 2);
    assert_true(options.plan.phases[1].rate == 20.5 && options.seconds == 3.5);
    assert_int_equal(options.arrivals, SCHEDULE_FIXED);
}

static void a_timeline_counts_by_phase_and_by_second(void **state)
{
    static const struct schedule_plan plan = {{{1, 1.5}, {1, 1.5}}, 2};
    struct timeline timeline;
    (void)state;
    timeline_init(&timeline, &plan);
    timeline_add(&timeline, timeline_fate_of(200), 0, 1000);
    timeline_add(&timeline, timeline_fate_of(503), 1400000000, 0);
    timeline_add(&timeline, timeline_fate_of(500), 1600000000, 0);
    timeline_add(&timeline, FATE_ABANDONED, 3100000000, 0); /* after the end: the last phase has none */
    assert_int_equal(timeline.second_count, 3);
    assert_int_equal(timeline.phases[0].fates[FATE_ACCEPTED], 1);
    assert_int_equal(timeline.phases[0].fates[FATE_REFUSED], 1);
    assert_int_equal(timeline.phases[0].latency.count, 1);
    assert_int_equal(timeline.phases[1].fates[FATE_FAILED], 1);
    assert_int_equal(timeline.phases[1].fates[FATE_ABANDONED], 1);
    assert_int_equal(timeline.seconds[1].fates[FATE_REFUSED] + timeline.seconds[1].fates[FATE_FAILED], 2);
    timeline_clear(&timeline);
}

static void a_body_from_a_file_is_sent_as_it_is(void **state)
{
    char body[] = "{\"Data\":\"eA==\"}";
    struct options options = {.port = 80, .path = "/", .tag = "T", .body = body, .body_bytes = sizeof body - 1};
    struct request request;
    (void)state;
    request_init(&request, &options);
    request_stamp(&request, &options, 7);
    assert_memory_equal(request.bytes + request.body_at, body, sizeof body - 1);
    assert_int_equal(request.size - request.body_at, sizeof body - 1);
    request_clear(&request);
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
        cmocka_unit_test(a_phase_ends_where_the_next_one_begins),
        cmocka_unit_test(an_arrival_is_given_up_when_its_patience_is_over_and_not_before),
        cmocka_unit_test(a_closed_loop_gives_nothing_up),
        cmocka_unit_test(what_the_command_line_cannot_mean_is_refused),
        cmocka_unit_test(phases_are_the_plan_and_its_length),
        cmocka_unit_test(a_timeline_counts_by_phase_and_by_second),
        cmocka_unit_test(a_request_has_its_size_its_id_and_its_key),
        cmocka_unit_test(a_body_from_a_file_is_sent_as_it_is),
        cmocka_unit_test(answers_are_told_apart),
        cmocka_unit_test(every_sequence_number_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
