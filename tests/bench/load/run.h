#ifndef KGW_BENCH_RUN_H
#define KGW_BENCH_RUN_H

#include "tests/bench/load/options.h"

#include <signal.h>

extern volatile sig_atomic_t interrupted; /* by SIGTERM or SIGINT: end early, with a report */

/* Sends the load, then prints the report. 0, or 1 if not one request was answered. */
int run_load(const struct options *options);

/* Opens and holds idle connections; prints one line once all had an answer and one at the end. 1 if not all had one. */
int run_idle(const struct options *options);

#endif
