/* `key rotate`: a new key that may do what the old one may, and an end for the old one. */
#include "gateway/cli/common.h"
#include "gateway/cli/key.h"

#include <stdio.h>
#include <stdlib.h>

#define COMMAND           "key rotate"
#define OVERLAP_S_DEFAULT 86400
#define OVERLAP_S_MAX     (10 * 366 * 86400)

static const char help[] =
    "usage: kinesis-gateway key rotate --tenants WHERE | --config FILE [OPTION…] ID\n"
    "\n"
    "Makes a new key with the restrictions of the old one, and lets the old one end.\n"
    "\n" CLI_STORE_HELP "                         (also needed, with --tenants too, for a key that is derived)\n"
    "  --overlap SECONDS      how long both are valid; default 86400, 0: the old one is refused at once\n"
    "  --expires TIME         the end of the new key, as 2026-01-31T00:00:00Z, or never; without: that of the old one\n"
    "  --json                 one JSON object: key, id, digest, row, tenant, replaces\n"
    "\n"
    "The new key is shown once.\n";

struct rotate {
    const char *old_id, *config, *expires;
    char *tenants;
    uint64_t overlap_s;
    bool as_json;
    int64_t now_s, old_expires_s;
    char tenant[128], derived[128];
    struct made_key made;
};

static bool refuse(char *error, const char *words)
{
    snprintf(error, DOCUMENT_ERROR_BYTES, "%s", words);
    return false;
}

/* The row of the new key: its own id and digest, and all else as the old one has it. */
static bool make_row(struct rotate *r, json_t *old, char *error)
{
    json_t *members = json_copy(old);

    json_object_del(members, "id");
    json_object_del(members, "digest");
    json_object_del(members, "derived");
    if (r->expires != NULL)
        json_object_del(members, "expires");
    if (r->expires != NULL && strcmp(r->expires, "never") != 0)
        json_object_set_new(members, "expires", json_string(r->expires));
    json_decref(r->made.row);
    bool ok = made_key_complete(&r->made, COMMAND, members) == CLI_DONE;
    json_decref(members);
    return ok || refuse(error, "out of memory");
}

static bool exchange_keys(json_t *document, void *ctx, char error[DOCUMENT_ERROR_BYTES])
{
    struct rotate *r = ctx;
    const char *tenant;
    json_t *old = document_key(document, r->old_id, &tenant);

    if (old == NULL)
        return refuse(error, "has no key with that id");
    if (key_row_is_over(old, r->now_s))
        return refuse(error, "that key has expired: `key create` makes another");
    snprintf(r->tenant, sizeof(r->tenant), "%s", tenant);
    return make_row(r, old, error) &&
           ((json_array_append(document_keys(document_tenant(document, tenant)), r->made.row) == 0 &&
             key_row_end(old, r->now_s, r->now_s + (int64_t)r->overlap_s, &r->old_expires_s)) ||
            refuse(error, "out of memory"));
}

/* A derived key's secret comes from a master key, and must be there before anything is changed. */
static int make_key(struct rotate *r, struct tenants_store *store)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct keyring *k = tenants_store_load(store, error);
    const struct key_row *old;

    if (k == NULL)
        return cli_fail(CLI_FAILED, COMMAND, "%s", error);
    if ((old = keyring_find(k, span_str(r->old_id))) != NULL && !old->has_digest) {
        snprintf(r->derived, sizeof(r->derived), "%.*s", (int)old->derived.len, old->derived.ptr);
        r->made.derived = r->derived;
    }
    keyring_release(&k);
    int status = made_key_random(&r->made);
    if (r->made.derived == NULL || status != CLI_DONE)
        return status;
    if (r->config == NULL)
        return cli_fail(CLI_USAGE, COMMAND, "that key is derived from a master key: --config FILE is needed");
    return made_key_derive(&r->made, COMMAND, r->config);
}

static int rotate(struct rotate *r)
{
    char error[TENANTS_STORE_ERROR_BYTES];
    struct tenants_store *store = cli_store_open(COMMAND, r->tenants, r->config);

    if (store == NULL)
        return CLI_FAILED;
    r->now_s = cli_now_s();
    int status = make_key(r, store);
    if (status == CLI_DONE && !tenants_store_change(store, exchange_keys, r, error))
        status = cli_fail(CLI_FAILED, COMMAND, "%s", error);
    if (status == CLI_DONE)
        status = made_key_tell(&r->made, &(struct made_key_told){.tenant = r->tenant,
                                                                 .place = store->place,
                                                                 .old_id = r->old_id,
                                                                 .old_expires_s = r->old_expires_s,
                                                                 .as_json = r->as_json});
    tenants_store_close(&store);
    return status;
}

static bool take_option(struct rotate *r, int option)
{
    switch (option) {
    case 's':
        r->tenants = optarg;
        return true;
    case 'c':
        r->config = optarg;
        return true;
    case 'e':
        r->expires = optarg;
        return true;
    case 'j':
        r->as_json = true;
        return true;
    case 'o':
        return span_parse_u64(span_str(optarg), &r->overlap_s) && r->overlap_s <= OVERLAP_S_MAX;
    default:
        return false;
    }
}

int cli_key_rotate(int argc, char **argv)
{
    static const struct option options[] = {CLI_STORE_OPTIONS,
                                            {"overlap", required_argument, NULL, 'o'},
                                            {"expires", required_argument, NULL, 'e'},
                                            {"json", no_argument, NULL, 'j'},
                                            {NULL, 0, NULL, 0}};
    struct rotate r = {.overlap_s = OVERLAP_S_DEFAULT};
    bool is_wrong = false;

    if (cli_wants_help(argc, argv, help))
        return CLI_DONE;
    cli_options_begin();
    for (int option; !is_wrong && (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        is_wrong = !take_option(&r, option);
    if (is_wrong || (r.tenants == NULL && r.config == NULL) || argc - optind != 1) {
        fputs(help, stderr);
        return CLI_USAGE;
    }
    r.old_id = argv[optind];
    int status = rotate(&r);
    made_key_clear(&r.made);
    return status;
}
