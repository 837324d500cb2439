/* Options, errors and output of all commands. */
#include "gateway/cli/common.h"

#include "auth/utc.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

int cli_fail(int status, const char *command, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "kinesis-gateway %s: ", command);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return status;
}

int cli_print(struct buf *out)
{
    bool ok = !out->failed && fwrite(out->ptr, 1, out->len, stdout) == out->len && fflush(stdout) == 0;

    if (!ok)
        fprintf(stderr, "kinesis-gateway: %s\n", out->failed ? "out of memory" : "the output cannot be written");
    buf_wipe_clear(out);
    return ok ? CLI_DONE : CLI_FAILED;
}

bool cli_wants_help(int argc, char **argv, const char *help)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") != 0)
            continue;
        fputs(help, stdout);
        return true;
    }
    return false;
}

int64_t cli_now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

void cli_options_begin(void)
{
    optind = 0; /* getopt's way to begin anew */
}

void cli_append_time(struct buf *out, int64_t unix_s)
{
    struct utc t = utc_from_unix(unix_s);
    char text[64];

    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", t.year, t.month, t.day, t.hour, t.minute, t.second);
    buf_append(out, span_str(text));
}

static int print_usage(FILE *to, const char *usage, int status)
{
    fputs(usage, to);
    return status;
}

int cli_choose(const char *topic, const char *usage, const struct cli_command *commands, int argc, char **argv)
{
    if (argc < 2)
        return print_usage(stderr, usage, CLI_USAGE);
    if (strcmp(argv[1], "--help") == 0)
        return print_usage(stdout, usage, CLI_DONE);
    for (const struct cli_command *c = commands; c->name != NULL; c++)
        if (strcmp(argv[1], c->name) == 0)
            return c->run(argc - 1, argv + 1);
    cli_fail(CLI_USAGE, topic, "no such command");
    return print_usage(stderr, usage, CLI_USAGE);
}
