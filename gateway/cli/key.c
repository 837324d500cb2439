/* `key`: which of its commands, and the two that only look. */
#include "gateway/cli/key.h"

#include "gateway/cli/cli.h"
#include "gateway/cli/common.h"

#include <stdio.h>

static const char list_help[] = "usage: kinesis-gateway key list --tenants WHERE | --config FILE [--json]\n"
                                "       kinesis-gateway key show --tenants WHERE | --config FILE [--json] ID\n"
                                "\n"
                                "Shows keys and what they may do, without digests.\n"
                                "\n" CLI_STORE_HELP;

struct list {
    const char *command, *config, *id;
    char *tenants;
    bool as_json;
};

static int print_keys(const struct list *l)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct tenants_store *store = cli_store_open(l->command, l->tenants, l->config);
    struct keyring *k = store == NULL ? NULL : tenants_store_load(store, error);
    struct buf out;
    int status = CLI_FAILED;

    if (store != NULL && k == NULL) {
        cli_fail(CLI_FAILED, l->command, "%s", error);
    } else if (k != NULL && l->id != NULL && keyring_find(k, span_str(l->id)) == NULL) {
        cli_fail(CLI_FAILED, l->command, "%s: has no key with that id", store->place);
    } else if (k != NULL) {
        buf_init(&out, CLI_OUTPUT_BYTES_MAX);
        cli_append_keys(&out, k, span_str(l->id), l->as_json);
        status = cli_print(&out);
    }
    keyring_release(&k);
    tenants_store_close(&store);
    return status;
}

int cli_key_list(int argc, char **argv)
{
    static const struct option options[] = {CLI_STORE_OPTIONS, {"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    bool is_show = strcmp(argv[0], "show") == 0, is_wrong = false;
    struct list l = {.command = is_show ? "key show" : "key list"};

    if (cli_wants_help(argc, argv, list_help))
        return CLI_DONE;
    cli_options_begin();
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        l.tenants = option == 's' ? optarg : l.tenants;
        l.config = option == 'c' ? optarg : l.config;
        l.as_json = l.as_json || option == 'j';
        is_wrong = is_wrong || option == '?';
    }
    if (is_wrong || (l.tenants == NULL && l.config == NULL) || argc - optind != (is_show ? 1 : 0)) {
        fputs(list_help, stderr);
        return CLI_USAGE;
    }
    l.id = is_show ? argv[optind] : NULL;
    return print_keys(&l);
}

static const struct cli_command commands[] = {{"create", cli_key_create}, {"list", cli_key_list},
                                              {"show", cli_key_list},     {"revoke", cli_key_revoke},
                                              {"rotate", cli_key_rotate}, {NULL, NULL}};

static const char usage[] = "usage: kinesis-gateway key create --tenant NAME [OPTION…]\n"
                            "       kinesis-gateway key list --tenants WHERE [--json]\n"
                            "       kinesis-gateway key show --tenants WHERE [--json] ID\n"
                            "       kinesis-gateway key revoke --tenants WHERE [--json] ID\n"
                            "       kinesis-gateway key rotate --tenants WHERE [--overlap SECONDS] [OPTION…] ID\n"
                            "\n"
                            "Each has --help.\n";

int cli_key(int argc, char **argv)
{
    return cli_choose("key", usage, commands, argc, argv);
}
