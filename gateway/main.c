/* argv → subcommand. */
#include "gateway/cli/cli.h"
#include "gateway/control.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

extern char **environ;

/*
 * jemalloc's, read before main() runs; another allocator passes it over. A worker holds hundreds of requests at once,
 * each with a few blocks of 4 KiB and more, of which a thread keeps no more than 20 by default. Every 64 KiB a thread
 * allocates, it gives a part of what it keeps back; at thousands of requests a second that is all it keeps, over and
 * over.
 */
extern const char *malloc_conf;
const char *malloc_conf = "tcache_nslots_small_min:600,tcache_nslots_small_max:2000,tcache_gc_incr_bytes:8388608";

static const char serve_help[] =
    "usage: kinesis-gateway serve --config FILE\n"
    "\n"
    "Runs the gateway. SIGHUP reloads keys, streams, webhooks and certificates; SIGTERM drains and ends it.\n";

static int cmd_serve(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    const char *path = NULL;
    char error[CONF_ERROR_BYTES];

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(serve_help, stdout);
            return 0;
        }
        if (option != 'c') {
            fputs(serve_help, stderr);
            return 2;
        }
        path = optarg;
    }
    if (path == NULL || optind != argc) {
        fputs(serve_help, stderr);
        return 2;
    }
    struct conf *conf = conf_load(path, environ, error);
    if (conf == NULL) {
        fprintf(stderr, "kinesis-gateway: %s\n", error);
        return 1;
    }
    int status = control_run(conf, path, environ);
    conf_free(&conf);
    return status;
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"serve", cmd_serve, "run the gateway"},
    {"check-config", cli_check_config, "say what is wrong with a configuration, or print the reference"},
    {"key", cli_key, "create, list, revoke and rotate API keys"},
    {"tenant", cli_tenant, "make tenants and set their quotas"},
    {"put", cli_put, "put one record through a gateway, to try it"},
};

static void print_help(FILE *to)
{
    fputs("usage: kinesis-gateway COMMAND [OPTION…]\n\n", to);
    for (size_t i = 0; i != sizeof(commands) / sizeof(commands[0]); i++)
        fprintf(to, "  %-14s%s\n", commands[i].name, commands[i].help);
    fputs("\nEvery command has --help. --version prints the version.\n", to);
}

int main(int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? 2 : 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("kinesis-gateway " KGW_VERSION);
        return 0;
    }
    for (size_t i = 0; i != sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "kinesis-gateway: no such command: %s\n", argv[1]);
    print_help(stderr);
    return 2;
}
