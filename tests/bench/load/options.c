/* The command line of bench_load: one row an option, each with its bounds. */
#include "tests/bench/load/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_MAX        3600
#define PHASES_SECONDS_MAX 600
#define RATE_MAX           1e7

struct row {
    const char *name, *argument, *help;
    double min, max;
    bool (*set)(struct options *, double number, const char *text); /* numbers only where max > 0 */
};

#define NUMBER(field, type)                                                                                            \
    static bool set_##field(struct options *options, double number, const char *text)                                  \
    {                                                                                                                  \
        (void)text;                                                                                                    \
        options->field = (type)number;                                                                                 \
        return true;                                                                                                   \
    }
#define TEXT(field)                                                                                                    \
    static bool set_##field(struct options *options, double number, const char *text)                                  \
    {                                                                                                                  \
        (void)number;                                                                                                  \
        options->field = text;                                                                                         \
        return true;                                                                                                   \
    }

NUMBER(port, unsigned)
NUMBER(connections, unsigned)
NUMBER(seconds, double)
NUMBER(warmup_seconds, double)
NUMBER(requests, uint64_t)
NUMBER(rate, double)
NUMBER(patience_ms, unsigned)
NUMBER(body_bytes, size_t)
NUMBER(partition_keys, unsigned)
NUMBER(idle, unsigned)
NUMBER(request_timeout_ms, unsigned)
TEXT(path)
TEXT(tag)
TEXT(acks_path)

static bool set_arrivals(struct options *options, double number, const char *text)
{
    (void)number;
    options->arrivals = strcmp(text, "fixed") == 0     ? SCHEDULE_FIXED
                        : strcmp(text, "poisson") == 0 ? SCHEDULE_POISSON
                                                       : SCHEDULE_CLOSED;
    return options->arrivals != SCHEDULE_CLOSED;
}

static bool set_wait(struct options *options, double number, const char *text)
{
    (void)number;
    options->polls = strcmp(text, "poll") == 0;
    return options->polls || strcmp(text, "sleep") == 0;
}

/* RATE:SECONDS,RATE:SECONDS,… */
static bool set_phases(struct options *options, double number, const char *text)
{
    struct schedule_plan *plan = &options->plan;
    char *end = NULL;
    (void)number;
    options->has_phases = true;
    for (plan->count = 0; plan->count < SCHEDULE_PHASES_MAX; text = end + 1) {
        struct schedule_phase *phase = &plan->phases[plan->count++];
        phase->rate = strtod(text, &end);
        if (end == text || *end != ':' || !(phase->rate > 0 && phase->rate <= RATE_MAX))
            return false;
        text = end + 1;
        phase->seconds = strtod(text, &end);
        if (end == text || !(phase->seconds > 0) || schedule_plan_seconds(plan) > PHASES_SECONDS_MAX)
            return false;
        if (*end != ',')
            return *end == '\0';
    }
    return false;
}

static bool add_header(struct options *options, double number, const char *text)
{
    (void)number;
    if (options->header_count == OPTIONS_HEADERS_MAX)
        return false;
    options->headers[options->header_count++] = text;
    return true;
}

static bool read_body(struct options *options, double number, const char *text)
{
    size_t room = 0;
    FILE *file = fopen(text, "rb");
    (void)number;
    if (file == NULL)
        return false;
    free(options->body);
    options->body = NULL;
    ssize_t length = getdelim(&options->body, &room, '\0', file);
    fclose(file);
    options->body_bytes = length > 0 ? (size_t)length : 0;
    return length > 0;
}

static const struct row rows[] = {
    {"--port", "N", "on 127.0.0.1; required", 1, 65535, set_port},
    {"--connections", "C", "default 64", 1, 20000, set_connections},
    {"--seconds", "S", "how long to send; with --requests, at most", 0.01, SECONDS_MAX, set_seconds},
    {"--requests", "R", "how many to send", 1, 1e12, set_requests},
    {"--warmup-seconds", "W", "sent before, not counted", 0, SECONDS_MAX, set_warmup_seconds},
    {"--rate", "R", "open loop: requests a second; latency runs from the intended time", 0.01, RATE_MAX, set_rate},
    {"--phases", "R:S,R:S,…", "open loop: rates and how long each; adds what became of it by phase and second", 0, 0,
     set_phases},
    {"--patience-ms", "P", "open loop: an arrival without a free connection for longer is given up", 1, 60000,
     set_patience_ms},
    {"--arrivals", "fixed|poisson", "intervals of the open loop, default fixed", 0, 0, set_arrivals},
    {"--body-bytes", "N", "default 300", 80, 64 << 20, set_body_bytes},
    {"--body-file", "FILE", "a text to send in place of an event", 0, 0, read_body},
    {"--path", "P", "default /v1/streams/bench/record", 0, 0, set_path},
    {"--header", "'Name: value'", "any number of times", 0, 0, add_header},
    {"--partition-keys", "K", "rotates over K values of ?partitionKey=", 1, 1000000, set_partition_keys},
    {"--tag", "T", "the events' ids are T-0, T-1, …; default T", 0, 0, set_tag},
    {"--acks", "FILE", "append each SequenceNumber of a 2xx as it is read, one a line", 0, 0, set_acks_path},
    {"--request-timeout-ms", "N", "an answer later than this is an error, default 30000", 1, 600000,
     set_request_timeout_ms},
    {"--wait", "poll|sleep", "between answers, default sleep; a server is charged for waking a client that sleeps", 0,
     0, set_wait},
    {"--idle", "N", "one request on each of N connections, then hold them until SIGTERM", 1, 60000, set_idle},
};
#define ROWS (sizeof rows / sizeof *rows)

static void usage(void)
{
    fprintf(stderr, "usage: bench_load --port N [--seconds S] [--requests R] [--idle N] …\n");
    for (size_t i = 0; i < ROWS; i++)
        fprintf(stderr, "  %-20s %-14s %s\n", rows[i].name, rows[i].argument, rows[i].help);
}

static bool refuse(const char *name, const char *why)
{
    fprintf(stderr, "bench_load: %s: %s\n", name, why);
    return false;
}

static bool set(struct options *options, const struct row *row, const char *value)
{
    if (value == NULL)
        return refuse(row->name, "wants a value");
    char *end;
    double number = row->max > 0 ? strtod(value, &end) : 0;
    if (row->max > 0 && (end == value || *end != '\0' || !(number >= row->min && number <= row->max))) {
        fprintf(stderr, "bench_load: %s: %g to %g, not '%s'\n", row->name, row->min, row->max, value);
        return false;
    }
    return row->set(options, number, value) || refuse(row->name, row->help);
}

static bool check(const struct options *options)
{
    if (options->port == 0)
        return refuse("--port", "required");
    if (options->path[0] != '/')
        return refuse("--path", "begins with a slash");
    if (strlen(options->tag) > 16)
        return refuse("--tag", "16 characters at most");
    if (options->has_phases && (options->rate > 0 || options->seconds > 0 || options->warmup_seconds > 0))
        return refuse("--phases", "takes the place of --rate, --seconds and --warmup-seconds");
    if (options->patience_ms > 0 && options->rate == 0 && !options->has_phases)
        return refuse("--patience-ms", "only an open loop can lose it: --rate or --phases");
    if (options->patience_ms > 0 && options->requests > 0)
        return refuse("--patience-ms", "not with --requests");
    if (options->seconds == 0 && options->requests == 0 && options->idle == 0 && !options->has_phases)
        return refuse("--seconds", "one of --seconds, --requests, --phases and --idle is required");
    return true;
}

static void plan_load(struct options *options)
{
    if (options->has_phases)
        options->seconds = schedule_plan_seconds(&options->plan);
    else if (options->rate == 0)
        options->arrivals = SCHEDULE_CLOSED;
    if (options->seconds == 0) /* nothing here runs for ever */
        options->seconds = options->idle > 0 ? 600 : 300;
    if (!options->has_phases)
        options->plan = (struct schedule_plan){{{options->rate, options->seconds}}, 1};
}

bool options_parse(struct options *options, int argc, char **argv)
{
    *options = (struct options){.connections = 64,
                                .body_bytes = 300,
                                .request_timeout_ms = 30000,
                                .arrivals = SCHEDULE_FIXED,
                                .path = "/v1/streams/bench/record",
                                .tag = "T"};
    for (int i = 1; i < argc; i += 2) {
        const struct row *row = rows;
        while (row < rows + ROWS && strcmp(row->name, argv[i]) != 0)
            row++;
        if (row == rows + ROWS) {
            usage();
            return false;
        }
        if (!set(options, row, argv[i + 1]))
            return false;
    }
    if (!check(options))
        return false;
    plan_load(options);
    return true;
}

void options_clear(struct options *options)
{
    free(options->body);
    options->body = NULL;
}
