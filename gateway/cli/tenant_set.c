/* `tenant set`: makes a tenant, or changes what it may use. What no option names stays as it is. */
#include "gateway/cli/common.h"
#include "gateway/cli/tenant.h"

#include <stdio.h>

#define COMMAND    "tenant set"
#define NUMBER_MAX ((uint64_t)1 << 53)
#define LIMIT                                                                                                          \
    256 /* each option its own number: getopt takes the first of several that are alike for what is cut short */

static const char help[] =
    "usage: kinesis-gateway tenant set --tenants WHERE | --config FILE [OPTION…] NAME\n"
    "\n"
    "Makes a tenant, or changes one. N is a whole number, or none to take a limit away.\n"
    "\n" CLI_STORE_HELP "  --requests-per-second N, --records-per-second N, --bytes-per-second N\n"
    "  --requests-burst N, --records-burst N, --bytes-burst N\n"
    "                         how much at once; without: one second's worth\n"
    "  --records-per-day N, --bytes-per-month N\n"
    "                         by the UTC calendar\n"
    "  --on-redis-failure P   while Redis is away: local_share (the default), open or closed\n"
    "  --comment TEXT         a note, kept with the tenant\n"
    "  --json                 prints the tenant as JSON\n";

static const struct option options[] = {
    CLI_STORE_OPTIONS,
    {"requests-per-second", required_argument, NULL, LIMIT + 0},
    {"requests-burst", required_argument, NULL, LIMIT + 1},
    {"records-per-second", required_argument, NULL, LIMIT + 2},
    {"records-burst", required_argument, NULL, LIMIT + 3},
    {"bytes-per-second", required_argument, NULL, LIMIT + 4},
    {"bytes-burst", required_argument, NULL, LIMIT + 5},
    {"records-per-day", required_argument, NULL, LIMIT + 6},
    {"bytes-per-month", required_argument, NULL, LIMIT + 7},
    {"on-redis-failure", required_argument, NULL, 'P'},
    {"comment", required_argument, NULL, 'P'},
    {"json", no_argument, NULL, 'j'},
    {NULL, 0, NULL, 0},
};

struct set {
    const char *name, *config;
    char *tenants;
    bool as_json;
    json_t *quota, *members; /* what the options ask for; null: to be taken away */
};

/* The option's name, with _ for -. */
static void member_name(const char *option, char out[32])
{
    size_t i;

    for (i = 0; option[i] != '\0' && i < 31; i++)
        out[i] = option[i] == '-' ? '_' : option[i];
    out[i] = '\0';
}

static int take_limit(struct set *s, const char *option)
{
    char name[32];
    uint64_t number;
    json_t *value;

    if (strcmp(optarg, "none") == 0)
        value = json_null();
    else if (span_parse_u64(span_str(optarg), &number) && number > 0 && number <= NUMBER_MAX)
        value = json_integer((json_int_t)number);
    else
        return cli_fail(CLI_USAGE, COMMAND, "--%s: must be a whole number from 1 to %llu, or none", option,
                        (unsigned long long)NUMBER_MAX);
    member_name(option, name);
    return json_object_set_new(s->quota, name, value) == 0 ? CLI_DONE : cli_fail(CLI_FAILED, COMMAND, "out of memory");
}

static int take_text(struct set *s, const char *option)
{
    char name[32];

    member_name(option, name);
    if (json_object_set_new(s->members, name, json_string(optarg)) == 0)
        return CLI_DONE;
    return cli_fail(CLI_USAGE, COMMAND, "--%s: is not UTF-8", option);
}

static int take_option(struct set *s, int option, int index)
{
    if (option >= LIMIT)
        return take_limit(s, options[index].name);
    switch (option) {
    case 's':
        s->tenants = optarg;
        return CLI_DONE;
    case 'c':
        s->config = optarg;
        return CLI_DONE;
    case 'j':
        s->as_json = true;
        return CLI_DONE;
    case 'P':
        return take_text(s, options[index].name);
    default:
        fputs(help, stderr);
        return CLI_USAGE;
    }
}

/* A rate that is taken away takes its burst along. */
static void take_burst_away(json_t *quota, const char *rate)
{
    char burst[32];
    size_t len = strcspn(rate, "_");

    snprintf(burst, sizeof(burst), "%.*s_burst", (int)len, rate);
    if (strcmp(rate + len, "_per_second") == 0)
        json_object_del(quota, burst);
}

static bool set_quota(json_t *quota, const json_t *wanted)
{
    const char *name;
    json_t *value;
    bool ok = quota != NULL;

    json_object_foreach((json_t *)wanted, name, value)
    {
        if (!json_is_null(value)) {
            ok = ok && json_object_set(quota, name, value) == 0;
            continue;
        }
        json_object_del(quota, name);
        take_burst_away(quota, name);
    }
    return ok;
}

/* Members that are new come before the list of keys while it is empty: there they are seen. */
static bool move_keys_to_end(json_t *tenant)
{
    json_t *keys = document_keys(tenant);

    if (json_array_size(keys) != 0)
        return true;
    json_incref(keys);
    json_object_del(tenant, "keys");
    return json_object_set_new(tenant, "keys", keys) == 0;
}

static bool set_members(json_t *tenant, const struct set *s)
{
    json_t *quota = json_object_get(tenant, "quota");

    if (quota == NULL && json_object_size(s->quota) > 0) {
        quota = json_object();
        if (json_object_set_new(tenant, "quota", quota) != 0)
            return false;
    }
    if (quota != NULL && !set_quota(quota, s->quota))
        return false;
    if (quota != NULL && json_object_size(quota) == 0)
        json_object_del(tenant, "quota");
    return json_object_update(tenant, s->members) == 0 && move_keys_to_end(tenant);
}

static bool set_tenant(json_t *document, void *ctx, char error[DOCUMENT_ERROR_BYTES])
{
    const struct set *s = ctx;
    json_t *tenant = document_add_tenant(document, s->name);

    if (tenant != NULL && set_members(tenant, s))
        return true;
    snprintf(error, DOCUMENT_ERROR_BYTES, "out of memory, or the name is not UTF-8");
    return false;
}

static int set(struct set *s)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct tenants_store *store = cli_store_open(COMMAND, s->tenants, s->config);

    if (store == NULL)
        return CLI_FAILED;
    int status = tenants_store_change(store, set_tenant, s, error)
                     ? cli_print_tenants(COMMAND, store, s->name, s->as_json)
                     : cli_fail(CLI_FAILED, COMMAND, "%s", error);
    tenants_store_close(&store);
    return status;
}

static int read_options(struct set *s, int argc, char **argv)
{
    int index, status = CLI_DONE;

    for (int option; status == CLI_DONE && (option = getopt_long(argc, argv, "", options, &index)) != -1;)
        status = take_option(s, option, index);
    if (status != CLI_DONE)
        return status;
    if ((s->tenants == NULL && s->config == NULL) || argc - optind != 1) {
        fputs(help, stderr);
        return CLI_USAGE;
    }
    s->name = argv[optind];
    return CLI_DONE;
}

int cli_tenant_set(int argc, char **argv)
{
    struct set s = {0};

    if (cli_wants_help(argc, argv, help))
        return CLI_DONE;
    cli_options_begin();
    s.quota = json_object();
    s.members = json_object();
    int status = read_options(&s, argc, argv);
    if (status == CLI_DONE)
        status = set(&s);
    json_decref(s.quota);
    json_decref(s.members);
    return status;
}
