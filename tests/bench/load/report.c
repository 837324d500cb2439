/* What a run says on standard output: one line of JSON. */
#include "tests/bench/load/report.h"

#include <stdio.h>

void report_answer(struct report *report, int status, int64_t latency_ns)
{
    report->by_status[status >= 0 && status < 600 ? status : 0]++;
    report->answered++;
    latency_add(&report->latency, latency_ns);
    if (status >= 200 && status < 300)
        latency_add(&report->accepted, latency_ns);
}

static uint64_t print_failures(const struct report *report)
{
#define FAILURE_NAME(kind, name) name,
    static const char *const names[] = {FAILURE_KINDS(FAILURE_NAME)};
#undef FAILURE_NAME
    uint64_t lost_requests = 0;
    printf(",\"errors_by_kind\":{");
    for (int i = 0; i < FAILURE_COUNT; i++) {
        printf("%s\"%s\":%ju", i > 0 ? "," : "", names[i], (uintmax_t)report->failures[i]);
        lost_requests += i == FAILURE_CONNECT ? 0 : report->failures[i];
    }
    printf("}");
    return lost_requests;
}

void report_print(const struct report *report, const struct timeline *timeline, double seconds)
{
    const char *comma = "";
    printf("{\"by_status\":{");
    for (int status = 0; status < 600; status++) {
        if (report->by_status[status] == 0)
            continue;
        printf("%s\"%d\":%ju", comma, status, (uintmax_t)report->by_status[status]);
        comma = ",";
    }
    printf("}");
    uint64_t lost_requests = print_failures(report);
    printf(",\"requests\":%ju,\"answered\":%ju,\"errors\":%ju", (uintmax_t)(report->answered + lost_requests),
           (uintmax_t)report->answered, (uintmax_t)(lost_requests + report->failures[FAILURE_CONNECT]));
    printf(",\"closed_by_server\":%ju,\"overdue\":%ju,\"abandoned\":%ju", (uintmax_t)report->lost,
           (uintmax_t)report->overdue, (uintmax_t)report->abandoned);
    printf(",\"seconds\":%.3f,\"rate\":%.1f", seconds, seconds > 0 ? (double)report->answered / seconds : 0.0);
    latency_print(&report->latency);
    printf(",\"accepted\":{\"count\":%ju", (uintmax_t)report->accepted.count);
    latency_print(&report->accepted);
    printf("}");
    timeline_print(timeline);
    printf("}\n");
    fflush(stdout);
}
