/*
 * The commands other than `serve`. Each takes its own argv, its name first, and gives the process's exit status: 0
 * done, 1 failed, 2 used wrongly. Answers go to standard output, errors to standard error. Secrets are never arguments.
 */
#ifndef KGW_CLI_CLI_H
#define KGW_CLI_CLI_H

int cli_key(int argc, char **argv);
int cli_tenant(int argc, char **argv);
int cli_check_config(int argc, char **argv);
int cli_put(int argc, char **argv);

#endif
