/*
 * `key create`: makes a key, shows it once, and keeps the row that lets the gateway recognise it, or shows that too.
 * The row goes through the same reader as a tenants file, so what is kept or printed is what the gateway accepts.
 */
#include "gateway/cli/common.h"
#include "gateway/cli/key.h"

#include <stdio.h>

#define COMMAND "key create"

static const char help[] =
    "usage: kinesis-gateway key create --tenant NAME [OPTION…]\n"
    "\n"
    "  --tenant NAME          whose key it is; `tenant set NAME` makes a tenant\n"
    "  --tenants WHERE        where to keep its row: the tenants file; redis://HOST or unix://PATH; or env:NAME, a\n"
    "                         variable that holds one\n"
    "  --config FILE          instead: the configuration that says where they are\n"
    "  --streams A,B*         the streams it may use, by name or prefix; without: all\n"
    "  --calls record,aws     the calls it may make: record, records, aws, or beacon alone; without: all but beacon\n"
    "  --networks 10.0.0.0/8  the client networks it may come from; without: any\n"
    "  --origins ORIGIN,…     of a beacon's key: the pages it is for, as https://shop.example or "
    "https://*.shop.example\n"
    "  --allow-no-origin      … and calls that name no page at all, as those of pages that send no referrer\n"
    "  --per-address-requests-per-second N\n"
    "                         … and how often one client address may call\n"
    "  --not-before TIME      valid from then on, as 2026-01-31T00:00:00Z\n"
    "  --expires TIME         refused from then on\n"
    "  --comment TEXT         a note, kept in its row\n"
    "  --derived NAME         a pair of access key id and secret for AWS SDKs, from that master key of the\n"
    "                         configuration, which --config names; kept with --tenants only\n"
    "  --import -             no new key but the one on standard input; a weak one is refused\n"
    "  --json                 one JSON object: key, id, digest, row; or id, secret, row\n"
    "\n"
    "The key is shown once. Without --tenants and --config its row is shown too: it belongs into tenants.NAME.keys of "
    "the\n"
    "tenants file.\n";

struct create {
    const char *tenant, *config;
    char *tenants, *import;
    bool as_json;
    json_t *members; /* of the row, as the options ask */
    struct made_key made;
};

static json_t *list_of(const char *text)
{
    struct span rest = span_str(text);
    json_t *list = json_array();

    do {
        struct span element = span_trim(span_cut(rest, ',', &rest));
        if (json_array_append_new(list, json_stringn(element.ptr, element.len)) != 0) {
            json_decref(list); /* not UTF-8, or out of memory */
            return NULL;
        }
    } while (rest.len > 0);
    return list;
}

static const struct option options[] = {
    {"tenant", required_argument, NULL, 't'},
    CLI_STORE_OPTIONS,
    {"streams", required_argument, NULL, 'L'},
    {"calls", required_argument, NULL, 'L'},
    {"networks", required_argument, NULL, 'L'},
    {"origins", required_argument, NULL, 'L'},
    {"allow-no-origin", no_argument, NULL, 'B'},
    {"per-address-requests-per-second", required_argument, NULL, 'N'},
    {"not-before", required_argument, NULL, 'T'},
    {"expires", required_argument, NULL, 'T'},
    {"comment", required_argument, NULL, 'T'},
    {"derived", required_argument, NULL, 'd'},
    {"import", required_argument, NULL, 'i'},
    {"json", no_argument, NULL, 'j'},
    {NULL, 0, NULL, 0},
};

/* A member of the row: the option's name, with _ for -. */
static bool add_member(json_t *row, const char *option, json_t *value)
{
    char name[32];
    size_t i;

    for (i = 0; option[i] != '\0' && i + 1 < sizeof(name); i++)
        name[i] = option[i] == '-' ? '_' : option[i];
    name[i] = '\0';
    return json_object_set_new(row, name, value) == 0;
}

static json_t *value_of(int option, const char *text)
{
    uint64_t number;

    if (option == 'B')
        return json_true();
    if (option == 'N')
        return json_integer(span_parse_u64(span_str(text), &number) && number <= INT64_MAX ? (json_int_t)number : -1);
    return option == 'L' ? list_of(text) : json_string(text);
}

/* CLI_DONE: go on. */
static int take_option(struct create *c, int option, int index)
{
    switch (option) {
    case 't':
        c->tenant = optarg;
        break;
    case 's':
        c->tenants = optarg;
        break;
    case 'c':
        c->config = optarg;
        break;
    case 'd':
        c->made.derived = optarg;
        break;
    case 'i':
        c->import = optarg;
        break;
    case 'j':
        c->as_json = true;
        break;
    case 'L':
    case 'T':
    case 'B':
    case 'N':
        if (!add_member(c->members, options[index].name, value_of(option, optarg)))
            return cli_fail(CLI_USAGE, COMMAND, "--%s: is not UTF-8", options[index].name);
        break;
    default:
        fputs(help, stderr);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

static int read_options(struct create *c, int argc, char **argv)
{
    int index, status = CLI_DONE;

    for (int option; status == CLI_DONE && (option = getopt_long(argc, argv, "", options, &index)) != -1;)
        status = take_option(c, option, index);
    if (status != CLI_DONE)
        return status;
    if (c->tenant == NULL || optind != argc) {
        fputs(help, stderr);
        return CLI_USAGE;
    }
    if (c->made.derived != NULL && (c->config == NULL || c->import != NULL))
        return cli_fail(CLI_USAGE, COMMAND, "--derived NAME and --config FILE belong together, without --import");
    return CLI_DONE;
}

static bool add_key(json_t *document, void *ctx, char error[DOCUMENT_ERROR_BYTES])
{
    struct create *c = ctx;
    json_t *tenant = document_tenant(document, c->tenant);

    if (tenant == NULL) {
        snprintf(error, DOCUMENT_ERROR_BYTES, "has no tenant %s; `tenant set %s` makes one", c->tenant, c->tenant);
        return false;
    }
    if (json_array_append(document_keys(tenant), c->made.row) == 0)
        return true;
    snprintf(error, DOCUMENT_ERROR_BYTES, "out of memory");
    return false;
}

static int keep_and_tell(struct create *c)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct tenants_store *store = cli_store_open(COMMAND, c->tenants, c->config);
    int status = CLI_FAILED;

    if (store == NULL)
        return CLI_FAILED;
    if (tenants_store_change(store, add_key, c, error))
        status = made_key_tell(
            &c->made, &(struct made_key_told){.tenant = c->tenant, .place = store->place, .as_json = c->as_json});
    else
        cli_fail(CLI_FAILED, COMMAND, "%s", error);
    tenants_store_close(&store);
    return status;
}

/* With --derived the configuration is that of the master keys: where it was printed, it still is. */
static int create(struct create *c)
{
    bool is_kept = c->tenants != NULL || (c->config != NULL && c->made.derived == NULL);
    int status = c->import != NULL ? made_key_import(&c->made, COMMAND, c->import) : made_key_random(&c->made);

    if (status == CLI_DONE)
        status = made_key_complete(&c->made, COMMAND, c->members);
    if (status == CLI_DONE)
        status = made_key_check(&c->made, COMMAND, c->tenant);
    if (status == CLI_DONE && c->made.derived != NULL)
        status = made_key_derive(&c->made, COMMAND, c->config);
    if (status != CLI_DONE)
        return status;
    return is_kept ? keep_and_tell(c)
                   : made_key_tell(&c->made, &(struct made_key_told){.tenant = c->tenant, .as_json = c->as_json});
}

int cli_key_create(int argc, char **argv)
{
    struct create c = {0};

    if (cli_wants_help(argc, argv, help))
        return CLI_DONE;
    cli_options_begin();
    c.members = json_object();
    int status = c.members == NULL ? cli_fail(CLI_FAILED, COMMAND, "out of memory") : read_options(&c, argc, argv);
    if (status == CLI_DONE)
        status = create(&c);
    made_key_clear(&c.made);
    json_decref(c.members);
    return status;
}
