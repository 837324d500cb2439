/* `key revoke`: the key's end was in the past. */
#include "gateway/base/json_write.h"
#include "gateway/cli/common.h"
#include "gateway/cli/key.h"

#include <stdio.h>

#define COMMAND "key revoke"

static const char help[] = "usage: kinesis-gateway key revoke --tenants WHERE | --config FILE [--json] ID\n"
                           "\n"
                           "Gateways refuse the key within a second. Its row stays, expired, so that no other key can "
                           "have its id.\n"
                           "\n" CLI_STORE_HELP;

struct revoke {
    const char *id, *config;
    char *tenants;
    bool as_json;
    int64_t now_s, expires_s;
    char tenant[128];
};

static bool end_key(json_t *document, void *ctx, char error[DOCUMENT_ERROR_BYTES])
{
    struct revoke *r = ctx;
    const char *tenant;
    json_t *row = document_key(document, r->id, &tenant);

    if (row == NULL) {
        snprintf(error, DOCUMENT_ERROR_BYTES, "has no key with that id");
        return false;
    }
    snprintf(r->tenant, sizeof(r->tenant), "%s", tenant);
    if (key_row_end(row, r->now_s, r->now_s, &r->expires_s))
        return true;
    snprintf(error, DOCUMENT_ERROR_BYTES, "out of memory");
    return false;
}

static int tell(const struct revoke *r)
{
    struct buf out;

    buf_init(&out, CLI_OUTPUT_BYTES_MAX);
    if (r->as_json) {
        json_write_member(&out, "id", span_str(r->id));
        json_write_member(&out, "tenant", span_str(r->tenant));
        json_write_name(&out, "expires");
        buf_append_char(&out, '"');
        cli_append_time(&out, r->expires_s);
        buf_append(&out, SPAN("\"}\n"));
    } else {
        buf_append(&out, SPAN("Key "));
        buf_append(&out, span_str(r->id));
        buf_append(&out, SPAN(" of tenant "));
        buf_append(&out, span_str(r->tenant));
        buf_append(&out, SPAN(" is refused from now on.\n"));
    }
    return cli_print(&out);
}

static int revoke(struct revoke *r)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct tenants_store *store = cli_store_open(COMMAND, r->tenants, r->config);

    if (store == NULL)
        return CLI_FAILED;
    r->now_s = cli_now_s();
    bool ok = tenants_store_change(store, end_key, r, error);
    int status = ok ? tell(r) : cli_fail(CLI_FAILED, COMMAND, "%s", error);
    tenants_store_close(&store);
    return status;
}

int cli_key_revoke(int argc, char **argv)
{
    static const struct option options[] = {CLI_STORE_OPTIONS, {"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    struct revoke r = {0};
    bool is_wrong = false;

    if (cli_wants_help(argc, argv, help))
        return CLI_DONE;
    cli_options_begin();
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        r.tenants = option == 's' ? optarg : r.tenants;
        r.config = option == 'c' ? optarg : r.config;
        r.as_json = r.as_json || option == 'j';
        is_wrong = is_wrong || option == '?';
    }
    if (is_wrong || (r.tenants == NULL && r.config == NULL) || argc - optind != 1) {
        fputs(help, stderr);
        return CLI_USAGE;
    }
    r.id = argv[optind];
    return revoke(&r);
}
