/* `tenant`: which of its commands. */
#include "gateway/cli/tenant.h"

#include "gateway/cli/cli.h"
#include "gateway/cli/common.h"

static const struct cli_command commands[] = {{"set", cli_tenant_set},
                                              {"list", cli_tenant_list},
                                              {"show", cli_tenant_list},
                                              {"usage", cli_tenant_usage},
                                              {NULL, NULL}};

static const char usage[] = "usage: kinesis-gateway tenant set --tenants WHERE [OPTION…] NAME\n"
                            "       kinesis-gateway tenant list --tenants WHERE [--json]\n"
                            "       kinesis-gateway tenant show --tenants WHERE [--json] NAME\n"
                            "       kinesis-gateway tenant usage --config FILE [--json] [NAME]\n"
                            "\n"
                            "Each has --help.\n";

int cli_tenant(int argc, char **argv)
{
    return cli_choose("tenant", usage, commands, argc, argv);
}
