#ifndef KGW_BENCH_OPTIONS_H
#define KGW_BENCH_OPTIONS_H

#include "tests/bench/load/schedule.h"

#include <stddef.h>

#define OPTIONS_HEADERS_MAX 16

struct options {
    unsigned port;
    unsigned connections;
    double seconds;        /* of sending, after the warm-up */
    double warmup_seconds; /* requests intended before its end are sent but not counted */
    uint64_t requests;     /* 0: bounded by seconds alone */
    double rate;           /* requests a second; 0: closed loop, or by phases */
    struct schedule_plan plan;
    bool has_phases; /* and so a timeline */
    enum schedule_kind arrivals;
    unsigned patience_ms; /* 0: without end */
    size_t body_bytes;
    char *body;              /* of --body-file, sent as it is; NULL: an event of body_bytes */
    unsigned partition_keys; /* 0: no partitionKey parameter */
    unsigned idle;           /* connections to hold; 0: send load */
    unsigned request_timeout_ms;
    bool polls; /* never sleeps: no server is charged for waking it, as none is for a caller on another machine */
    const char *path;
    const char *tag;
    const char *acks_path;
    const char *headers[OPTIONS_HEADERS_MAX];
    unsigned header_count;
};

/* Fills `options` from the command line. A mistake is explained on standard error, and the answer is false. */
bool options_parse(struct options *options, int argc, char **argv);
void options_clear(struct options *options);

#endif
