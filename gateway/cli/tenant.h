/* The parts of `tenant`. Nobody else includes it. */
#ifndef KGW_CLI_TENANT_H
#define KGW_CLI_TENANT_H

#include "gateway/tenants/store.h"

int cli_tenant_set(int argc, char **argv);
int cli_tenant_list(int argc, char **argv); /* and show, by its own name in argv[0] */
int cli_tenant_usage(int argc, char **argv);

/* Prints one tenant of the store, or all if name is NULL. Gives the exit status. */
int cli_print_tenants(const char *command, struct tenants_store *store, const char *name, bool as_json);

#endif
