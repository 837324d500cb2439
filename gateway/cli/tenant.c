/* `tenant`: which of its commands. */
#include "gateway/cli/tenant.h"

#include "gateway/cli/cli.h"
#include "gateway/cli/common.h"

#include <stdio.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {{"set", cli_tenant_set}, {"list", cli_tenant_list}, {"show", cli_tenant_list}};

static int print_help(FILE *to, int status)
{
    fputs("usage: kinesis-gateway tenant set --tenants WHERE [OPTION…] NAME\n"
          "       kinesis-gateway tenant list --tenants WHERE [--json]\n"
          "       kinesis-gateway tenant show --tenants WHERE [--json] NAME\n"
          "\n"
          "Each has --help.\n",
          to);
    return status;
}

int cli_tenant(int argc, char **argv)
{
    if (argc < 2)
        return print_help(stderr, CLI_USAGE);
    if (strcmp(argv[1], "--help") == 0)
        return print_help(stdout, CLI_DONE);
    for (size_t i = 0; i != sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    cli_fail(CLI_USAGE, "tenant", "no such command");
    return print_help(stderr, CLI_USAGE);
}
