/*
 * What the commands share. Nobody else includes it.
 */
#ifndef KGW_CLI_COMMON_H
#define KGW_CLI_COMMON_H

#include "auth/bytes.h"
#include "auth/keyring.h"

#include <getopt.h>

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/* One line on standard error, "kinesis-gateway COMMAND: sentence"; gives `status` back. */
int cli_fail(int status, const char *command, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Writes the buf to standard output and clears it, wiping it. CLI_FAILED if memory or the output failed. */
int cli_print(struct buf *out);

void cli_options_begin(void); /* before the first getopt_long() */

/* Appends "YYYY-MM-DDThh:mm:ssZ". */
void cli_append_time(struct buf *out, int64_t unix_s);
/* `keys list` and `key show`: a table, or JSON, without secrets and digests. `id`: that key alone, all if empty. */
void cli_append_keys(struct buf *out, const struct keyring *k, struct span id, bool as_json);

#endif
