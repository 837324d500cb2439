/* The parts of `key`. Nobody else includes it. */
#ifndef KGW_CLI_KEY_H
#define KGW_CLI_KEY_H

int cli_key_create(int argc, char **argv);
int cli_key_list(int argc, char **argv); /* and show, by its own name in argv[0] */

#endif
