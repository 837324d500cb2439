/*
 * Runs a command as the program would, with what it writes caught.
 */
#ifndef KGW_TESTS_CLI_RUN_H
#define KGW_TESTS_CLI_RUN_H

#include "gateway/cli/cli.h"
#include "tests/gateway/conf/scratch.h"

struct run {
    struct scratch scratch;
    char out[65536], err[65536];
};

int run_begin(void **state);
int run_end(void **state);
/* `line`: the arguments, the command's name first, separated by single spaces. Gives the exit status. */
int run_command(struct run *r, int (*command)(int argc, char **argv), const char *line);

#endif
