/*
 * `key create`: makes a key, shows it once, and shows the row that lets the gateway recognise it. The row goes through
 * the same reader as a tenants file, so what is printed is what the gateway accepts.
 */
#include "auth/authn.h"
#include "auth/key.h"
#include "gateway/base/json_write.h"
#include "gateway/base/random.h"
#include "gateway/cli/common.h"
#include "gateway/cli/key.h"
#include "gateway/conf/conf.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COMMAND          "key create"
#define OUTPUT_BYTES_MAX 1048576

static const char help[] =
    "usage: kinesis-gateway key create --tenant NAME [OPTION…]\n"
    "\n"
    "  --tenant NAME          whose key it is\n"
    "  --streams A,B*         the streams it may use, by name or prefix; without: all\n"
    "  --calls record,aws     the calls it may make: record, records, aws, or beacon alone; without: all but beacon\n"
    "  --networks 10.0.0.0/8  the client networks it may come from; without: any\n"
    "  --not-before TIME      valid from then on, as 2026-01-31T00:00:00Z\n"
    "  --expires TIME         refused from then on\n"
    "  --comment TEXT         a note, kept in its row\n"
    "  --derived NAME         a pair of access key id and secret for AWS SDKs, from that master key of the "
    "configuration\n"
    "  --config FILE          the configuration, with --derived\n"
    "  --json                 one JSON object: key, id, digest, row; or id, secret, row\n"
    "\n"
    "The key is shown once. Its row belongs into tenants.NAME.keys of the tenants file.\n";

struct made {
    const char *tenant, *derived, *config;
    bool as_json;
    json_t *row;          /* as the options ask; id and digest or derived come first */
    struct secret secret; /* the key, or the secret access key */
    char id[KEY_ID_BYTES_MIN + 1];
    char digest[KEY_DIGEST_TEXT_BYTES + 1];
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
    {"streams", required_argument, NULL, 'L'},
    {"calls", required_argument, NULL, 'L'},
    {"networks", required_argument, NULL, 'L'},
    {"not-before", required_argument, NULL, 'T'},
    {"expires", required_argument, NULL, 'T'},
    {"comment", required_argument, NULL, 'T'},
    {"derived", required_argument, NULL, 'd'},
    {"config", required_argument, NULL, 'c'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
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

/* CLI_DONE: go on. */
static int take_option(struct made *m, int option, int index)
{
    switch (option) {
    case 't':
        m->tenant = optarg;
        break;
    case 'd':
        m->derived = optarg;
        break;
    case 'c':
        m->config = optarg;
        break;
    case 'j':
        m->as_json = true;
        break;
    case 'L':
    case 'T':
        if (!add_member(m->row, options[index].name, option == 'L' ? list_of(optarg) : json_string(optarg)))
            return cli_fail(CLI_USAGE, COMMAND, "--%s: is not UTF-8", options[index].name);
        break;
    default:
        fputs(help, stderr);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

/* A sentence about tenants.T.keys[0].not_before is one about --not-before. */
static int refuse_row(char *error)
{
    char *member = strstr(error, ".keys[0].");

    if (member == NULL)
        return cli_fail(CLI_USAGE, COMMAND, "--tenant: %s", error);
    member += strlen(".keys[0].");
    for (char *c = member; *c != '\0' && *c != ':'; c++)
        *c = *c == '_' ? '-' : *c;
    return cli_fail(CLI_USAGE, COMMAND, "--%s", member);
}

static int check_row(const struct made *m)
{
    char error[KEYRING_ERROR_BYTES];
    json_t *file = json_pack("{s:{s:{s:[O]}}}", "tenants", m->tenant, "keys", m->row);
    char *text = file == NULL ? NULL : json_dumps(file, JSON_COMPACT);

    json_decref(file);
    if (text == NULL)
        return cli_fail(CLI_USAGE, COMMAND, "--tenant, --derived or --comment: is not UTF-8");
    struct keyring *k = keyring_parse(span_str(text), error);
    free(text);
    if (k == NULL)
        return refuse_row(error);
    keyring_release(&k);
    return CLI_DONE;
}

/* Every key is made whole; a derived one keeps only its id. */
static void make_key(struct made *m)
{
    uint8_t random[KEY_RANDOM_BYTES], digest[SHA256_BYTES];

    do
        random_secret_bytes(random, sizeof(random));
    while (!key_make(random, &m->secret, m->id));
    bytes_wipe(random, sizeof(random));
    key_digest(secret_reveal(&m->secret), digest);
    memcpy(m->digest, "sha256:", 7);
    hex_encode(digest, sizeof(digest), m->digest + 7);
}

static int derive_secret(struct made *m)
{
    char error[CONF_ERROR_BYTES], text[AUTHN_DERIVED_SECRET_BYTES];
    struct master_keys masters;
    bool is_found = false;

    struct conf *c = conf_load(m->config, environ, error);
    bool is_loaded = c != NULL && conf_load_masters(c, &masters, error);
    conf_free(&c);
    if (!is_loaded)
        return cli_fail(CLI_FAILED, COMMAND, "%s", error);
    for (size_t i = 0; i != masters.len; i++) {
        if (!span_equal(masters.keys[i].name, span_str(m->derived)))
            continue;
        authn_derive_secret(secret_reveal(&masters.keys[i].secret), span_str(m->id), text);
        is_found = secret_set(&m->secret, span_of(text, sizeof(text)));
        bytes_wipe(text, sizeof(text));
    }
    master_keys_clear(&masters);
    return is_found ? CLI_DONE : cli_fail(CLI_FAILED, COMMAND, "--derived: %s has no such master key", m->config);
}

static int complete_row(struct made *m)
{
    json_t *row = m->derived != NULL ? json_pack("{s:s, s:s}", "id", m->id, "derived", m->derived)
                                     : json_pack("{s:s, s:s}", "id", m->id, "digest", m->digest);

    if (row == NULL || json_object_update(row, m->row) != 0) {
        json_decref(row);
        return cli_fail(CLI_USAGE, COMMAND, "--derived: is not UTF-8");
    }
    json_decref(m->row);
    m->row = row;
    return check_row(m);
}

static void append_text(const struct made *m, struct span row, struct buf *out)
{
    bool is_derived = m->derived != NULL;

    buf_append(out,
               is_derived ? SPAN("Access key id:      ") : SPAN("Key, shown this once; give it to its owner:\n\n  "));
    buf_append(out, is_derived ? span_str(m->id) : secret_reveal(&m->secret));
    if (is_derived) {
        buf_append(out, SPAN("\nSecret access key:  "));
        buf_append(out, secret_reveal(&m->secret));
        buf_append(out, SPAN("\nGive both to their owner."));
    }
    buf_append(out, SPAN("\n\nIts row, for tenants."));
    buf_append(out, span_str(m->tenant));
    buf_append(out, SPAN(".keys of the tenants file:\n\n  "));
    buf_append(out, row);
    buf_append(out, SPAN("\n"));
}

static void append_json(const struct made *m, struct span row, struct buf *out)
{
    if (m->derived == NULL)
        json_write_member(out, "key", secret_reveal(&m->secret));
    json_write_member(out, "id", span_str(m->id));
    if (m->derived == NULL)
        json_write_member(out, "digest", span_str(m->digest));
    else
        json_write_member(out, "secret", secret_reveal(&m->secret));
    json_write_name(out, "row");
    buf_append(out, row);
    buf_append(out, SPAN("}\n"));
}

static int create(struct made *m)
{
    struct buf out;
    int status;

    make_key(m);
    if ((status = complete_row(m)) != CLI_DONE || (m->derived != NULL && (status = derive_secret(m)) != CLI_DONE))
        return status;
    char *row = json_dumps(m->row, JSON_COMPACT);
    buf_init(&out, OUTPUT_BYTES_MAX);
    (m->as_json ? append_json : append_text)(m, span_str(row), &out);
    out.failed = out.failed || row == NULL;
    free(row);
    return cli_print(&out);
}

static int read_options(struct made *m, int argc, char **argv)
{
    int index, status = CLI_DONE;

    for (int option; status == CLI_DONE && (option = getopt_long(argc, argv, "", options, &index)) != -1;)
        status = take_option(m, option, index);
    if (status != CLI_DONE)
        return status;
    if (m->tenant == NULL || optind != argc) {
        fputs(help, stderr);
        return CLI_USAGE;
    }
    if ((m->derived == NULL) != (m->config == NULL))
        return cli_fail(CLI_USAGE, COMMAND, "--derived NAME and --config FILE belong together");
    return CLI_DONE;
}

int cli_key_create(int argc, char **argv)
{
    struct made m = {.row = json_object()};

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(help, stdout);
            json_decref(m.row);
            return CLI_DONE;
        }
    }
    cli_options_begin();
    int status = m.row == NULL ? cli_fail(CLI_FAILED, COMMAND, "out of memory") : read_options(&m, argc, argv);
    if (status == CLI_DONE)
        status = create(&m);
    secret_clear(&m.secret);
    json_decref(m.row);
    return status;
}
