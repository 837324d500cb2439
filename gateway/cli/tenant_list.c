/* Tenants for the eyes of an operator: how many keys they have, and what they may use. */
#include "gateway/base/json_write.h"
#include "gateway/cli/common.h"
#include "gateway/cli/table.h"
#include "gateway/cli/tenant.h"

#include <stdio.h>

static const char help[] =
    "usage: kinesis-gateway tenant list --tenants WHERE | --config FILE [--json]\n"
    "       kinesis-gateway tenant show --tenants WHERE | --config FILE [--json] NAME\n"
    "\n"
    "Shows tenants, how many keys they have, and their quotas; \"100 +250\" is 100 a second with "
    "bursts of 250.\n"
    "\n" CLI_STORE_HELP;

static const struct {
    const char *column, *rate, *burst; /* burst NULL: there is none */
    size_t rate_at, burst_at;
} limits[] = {
    {"requests/s", "requests_per_second", "requests_burst", offsetof(struct quota_limits, requests_per_second),
     offsetof(struct quota_limits, requests_burst)},
    {"records/s", "records_per_second", "records_burst", offsetof(struct quota_limits, records_per_second),
     offsetof(struct quota_limits, records_burst)},
    {"bytes/s", "bytes_per_second", "bytes_burst", offsetof(struct quota_limits, bytes_per_second),
     offsetof(struct quota_limits, bytes_burst)},
    {"records/day", "records_per_day", NULL, offsetof(struct quota_limits, records_per_day), 0},
    {"bytes/month", "bytes_per_month", NULL, offsetof(struct quota_limits, bytes_per_month), 0},
};
#define LIMITS_LEN (sizeof(limits) / sizeof(limits[0]))

static uint64_t limit_at(const struct tenant_row *tenant, size_t at)
{
    return *(const uint64_t *)((const char *)&tenant->quota + at);
}

static void add_cells(struct cli_table *table, const struct tenant_row *tenant, size_t keys)
{
    cli_table_cell(table, tenant->name);
    buf_append_u64(&table->cells, keys);
    cli_table_end_cell(table);
    for (size_t i = 0; i != LIMITS_LEN; i++) {
        uint64_t rate = limit_at(tenant, limits[i].rate_at);
        if (rate == 0)
            buf_append(&table->cells, SPAN("-"));
        else
            buf_append_u64(&table->cells, rate);
        if (rate != 0 && limits[i].burst != NULL) {
            buf_append(&table->cells, SPAN(" +"));
            buf_append_u64(&table->cells, limit_at(tenant, limits[i].burst_at));
        }
        cli_table_end_cell(table);
    }
    cli_table_cell(table, span_str(quota_outage_name(tenant->on_redis_failure)));
}

static void append_object(struct buf *out, const struct tenant_row *tenant, size_t keys)
{
    buf_append_char(out, '{');
    json_write_member(out, "tenant", tenant->name);
    json_write_member_u64(out, "keys", keys);
    json_write_name(out, "quota");
    buf_append_char(out, '{');
    for (size_t i = 0; i != LIMITS_LEN; i++) {
        if (limit_at(tenant, limits[i].rate_at) == 0)
            continue;
        json_write_member_u64(out, limits[i].rate, limit_at(tenant, limits[i].rate_at));
        if (limits[i].burst != NULL)
            json_write_member_u64(out, limits[i].burst, limit_at(tenant, limits[i].burst_at));
    }
    buf_append_char(out, '}');
    json_write_member(out, "on_redis_failure", span_str(quota_outage_name(tenant->on_redis_failure)));
    buf_append_char(out, '}');
}

/* Keys stand in the order of their tenants: one walk counts them all. */
static size_t count_keys(const struct keyring *k, const struct tenant_row *tenant, size_t *at)
{
    size_t first = *at;

    while (*at != keyring_keys(k) && keyring_key_at(k, *at)->tenant == tenant)
        (*at)++;
    return *at - first;
}

static void append_tenants(struct buf *out, const struct keyring *k, const char *name, bool as_json)
{
    struct cli_table table;
    bool is_first = true;

    cli_table_init(&table, LIMITS_LEN + 3, out->bytes_max);
    cli_table_cell(&table, SPAN("tenant"));
    cli_table_cell(&table, SPAN("keys"));
    for (size_t i = 0; i != LIMITS_LEN; i++)
        cli_table_cell(&table, span_str(limits[i].column));
    cli_table_cell(&table, SPAN("on_redis_failure"));
    buf_append(out, as_json && name == NULL ? SPAN("[") : SPAN(""));
    for (size_t i = 0, key = 0; i != keyring_tenants(k); i++) {
        const struct tenant_row *tenant = keyring_tenant_at(k, i);
        size_t keys = count_keys(k, tenant, &key);
        if (name != NULL && !span_equal(tenant->name, span_str(name)))
            continue;
        add_cells(&table, tenant, keys);
        buf_append(out, as_json && !is_first ? SPAN(",") : SPAN(""));
        if (as_json)
            append_object(out, tenant, keys);
        is_first = false;
    }
    buf_append(out, !as_json ? SPAN("") : name == NULL ? SPAN("]\n") : SPAN("\n"));
    if (as_json)
        buf_clear(&table.cells);
    else
        cli_table_append(&table, out);
}

int cli_print_tenants(const char *command, struct tenants_store *store, const char *name, bool as_json)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct keyring *k = tenants_store_load(store, error);
    struct buf out;

    if (k == NULL)
        return cli_fail(CLI_FAILED, command, "%s", error);
    if (name != NULL && keyring_find_tenant(k, span_str(name)) == NULL) {
        keyring_release(&k);
        return cli_fail(CLI_FAILED, command, "%s: has no such tenant", store->place);
    }
    buf_init(&out, CLI_OUTPUT_BYTES_MAX);
    append_tenants(&out, k, name, as_json);
    keyring_release(&k);
    return cli_print(&out);
}

int cli_tenant_list(int argc, char **argv)
{
    static const struct option options[] = {CLI_STORE_OPTIONS, {"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    bool is_show = strcmp(argv[0], "show") == 0, as_json = false, is_wrong = false;
    const char *command = is_show ? "tenant show" : "tenant list", *config = NULL;
    char *tenants = NULL;

    if (cli_wants_help(argc, argv, help))
        return CLI_DONE;
    cli_options_begin();
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        tenants = option == 's' ? optarg : tenants;
        config = option == 'c' ? optarg : config;
        as_json = as_json || option == 'j';
        is_wrong = is_wrong || option == '?';
    }
    if (is_wrong || (tenants == NULL && config == NULL) || argc - optind != (is_show ? 1 : 0)) {
        fputs(help, stderr);
        return CLI_USAGE;
    }
    struct tenants_store *store = cli_store_open(command, tenants, config);
    int status = store == NULL ? CLI_FAILED : cli_print_tenants(command, store, is_show ? argv[optind] : NULL, as_json);
    tenants_store_close(&store);
    return status;
}
