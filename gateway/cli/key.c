/* `key`: which of its commands, and the two that only look. */
#include "gateway/cli/key.h"

#include "gateway/cli/cli.h"
#include "gateway/cli/common.h"
#include "gateway/tenants/file.h"

#include <stdio.h>

#define OUTPUT_BYTES_MAX ((size_t)1 << 30)

static const char list_help[] = "usage: kinesis-gateway key list --file TENANTS_FILE [--json]\n"
                                "       kinesis-gateway key show --file TENANTS_FILE [--json] ID\n"
                                "\n"
                                "Shows the keys of a tenants file and what they may do, without digests.\n";

static int print_keys(const char *command, const char *file, const char *id, bool as_json)
{
    char error[TENANTS_FILE_ERROR_BYTES];
    struct keyring *k = tenants_file_load(file, error);
    struct buf out;

    if (k == NULL)
        return cli_fail(CLI_FAILED, command, "%s", error);
    if (id != NULL && keyring_find(k, span_str(id)) == NULL) {
        keyring_release(&k);
        return cli_fail(CLI_FAILED, command, "%s: has no key with that id", file);
    }
    buf_init(&out, OUTPUT_BYTES_MAX);
    cli_append_keys(&out, k, span_str(id), as_json);
    keyring_release(&k);
    return cli_print(&out);
}

int cli_key_list(int argc, char **argv)
{
    static const struct option options[] = {{"file", required_argument, NULL, 'f'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    bool is_show = strcmp(argv[0], "show") == 0, as_json = false, is_wrong = false;
    const char *file = NULL;

    cli_options_begin();
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(list_help, stdout);
            return CLI_DONE;
        }
        if (option == 'j')
            as_json = true;
        else if (option == 'f')
            file = optarg;
        else
            is_wrong = true;
    }
    if (is_wrong || file == NULL || argc - optind != (is_show ? 1 : 0)) {
        fputs(list_help, stderr);
        return CLI_USAGE;
    }
    return print_keys(is_show ? "key show" : "key list", file, is_show ? argv[optind] : NULL, as_json);
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {{"create", cli_key_create}, {"list", cli_key_list}, {"show", cli_key_list}};

static int print_help(FILE *to, int status)
{
    fputs("usage: kinesis-gateway key create --tenant NAME [OPTION…]\n"
          "       kinesis-gateway key list --file TENANTS_FILE [--json]\n"
          "       kinesis-gateway key show --file TENANTS_FILE [--json] ID\n"
          "\n"
          "Each has --help.\n",
          to);
    return status;
}

int cli_key(int argc, char **argv)
{
    if (argc < 2)
        return print_help(stderr, CLI_USAGE);
    if (strcmp(argv[1], "--help") == 0)
        return print_help(stdout, CLI_DONE);
    for (size_t i = 0; i != sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    cli_fail(CLI_USAGE, "key", "no such command");
    return print_help(stderr, CLI_USAGE);
}
