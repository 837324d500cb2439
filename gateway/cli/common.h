/*
 * What the commands share. Nobody else includes it.
 */
#ifndef KGW_CLI_COMMON_H
#define KGW_CLI_COMMON_H

#include "auth/bytes.h"
#include "auth/keyring.h"
#include "gateway/tenants/store.h"

#include <getopt.h>

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/* One line on standard error, "kinesis-gateway COMMAND: sentence"; gives `status` back. */
int cli_fail(int status, const char *command, const char *format, ...) __attribute__((format(printf, 3, 4)));
struct cli_command {
    const char *name;
    int (*run)(int argc, char **argv);
};

/* Runs the command of `topic` that argv[1] names, with the rest; or shows `usage`. `commands` ends with a row of NULLs.
 */
int cli_choose(const char *topic, const char *usage, const struct cli_command *commands, int argc, char **argv);
/* Writes the buf to standard output and clears it, wiping it. CLI_FAILED if memory or the output failed. */
int cli_print(struct buf *out);

#define CLI_OUTPUT_BYTES_MAX ((size_t)1 << 30)

int64_t cli_now_s(void);

/*
 * The store that --tenants names: a file, the URL of Redis, or env:NAME of a variable that holds either; else the
 * tenants file of the configuration that --config names. NULL after a line on standard error.
 */
struct tenants_store *cli_store_open(const char *command, char *tenants, const char *config);
struct conf;
struct conf *cli_conf_load(const char *command, const char *config); /* NULL after a line on standard error */
/* Where `c` has its tenants; likewise. */
struct tenants_store *cli_store_open_configured(const char *command, const struct conf *c);
/* The options that every command on a store has; both may stay NULL. */
#define CLI_STORE_OPTIONS                                                                                              \
    {"tenants", required_argument, NULL, 's'}, {"file", required_argument, NULL, 's'},                                 \
    {                                                                                                                  \
        "config", required_argument, NULL, 'c'                                                                         \
    }
#define CLI_STORE_HELP                                                                                                 \
    "  --tenants WHERE        the tenants file; redis://HOST or unix://PATH; or env:NAME, a variable that holds one\n" \
    "  --config FILE          instead: the configuration that says where they are\n"

/* True, and the help is on standard output, if an argument is --help. */
bool cli_wants_help(int argc, char **argv, const char *help);
void cli_options_begin(void); /* before the first getopt_long() */

/* Appends "YYYY-MM-DDThh:mm:ssZ". */
void cli_append_time(struct buf *out, int64_t unix_s);
/* `keys list` and `key show`: a table, or JSON, without secrets and digests. `id`: that key alone, all if empty. */
void cli_append_keys(struct buf *out, const struct keyring *k, struct span id, bool as_json);

#endif
