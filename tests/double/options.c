/* The command line. */
#include "tests/double/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: kinesis_double --ledger FILE [options]\n"
    "A Kinesis that keeps a ledger and misbehaves on request. Listens on loopback ports of the system's choice and\n"
    "prints {\"plain\":PORT,\"tls\":PORT|null,\"control\":PORT} on one line when it is ready. SIGTERM ends it.\n\n"
    "  --ledger FILE         one JSON line per stored record, written before its answer (appended to)\n"
    "  --stream NAME[:SHARDS[:MAX_RECORD_BYTES]]   may be repeated; default: one stream named \"stream\"\n"
    "  --shards N            of streams that do not say (1)\n"
    "  --region R            us-east-1\n"
    "  --account A           111122223333\n"
    "  --access-key ID --secret S [--token T]      what callers sign with (AKIDEXAMPLE and AWS's example secret)\n"
    "  --cert FILE --key FILE                      PEM; opens the TLS port\n"
    "  --no-verify           take any signature, or none\n"
    "  --idle-ms N           close a connection that sends no request for so long (65000)\n"
    "  --seed N              of the dice behind \"percent\" (1)\n";

static void refuse(const char *why)
{
    fprintf(stderr, "kinesis_double: %s\n%s", why, usage);
    exit(2);
}

static void take(char *out, size_t room, const char *value, const char *name)
{
    if (strlen(value) >= room)
        refuse(name);
    strcpy(out, value);
}

static void take_option(struct options *options, int option, const char *value)
{
    switch (option) {
    case 'l':
        options->ledger = value;
        break;
    case 'n':
        options->shards = (uint32_t)strtoul(value, NULL, 10);
        break;
    case 'r':
        options->region = value;
        break;
    case 'a':
        take(options->credential.access_key, sizeof options->credential.access_key, value, "--access-key");
        break;
    case 's':
        take(options->credential.secret, sizeof options->credential.secret, value, "--secret");
        break;
    case 't':
        take(options->credential.token, sizeof options->credential.token, value, "--token");
        break;
    case 'c':
        options->certificate = value;
        break;
    case 'k':
        options->key = value;
        break;
    case 'v':
        options->verify = false;
        break;
    case 'A':
        options->account = value;
        break;
    case 'i':
        options->idle_ms = strtoull(value, NULL, 10);
        break;
    case 'e':
        options->seed = strtoull(value, NULL, 10);
        break;
    case 'S':
        if (options->stream_count == STREAMS_MAX)
            refuse("too many streams");
        options->streams[options->stream_count++] = value;
        break;
    case 'h':
        fputs(usage, stdout);
        exit(0);
    default:
        refuse("bad option");
    }
}

void options_parse(struct options *options, int argc, char **argv)
{
    static const struct option known[] = {
        {"ledger", 1, NULL, 'l'}, {"shards", 1, NULL, 'n'},     {"stream", 1, NULL, 'S'},  {"region", 1, NULL, 'r'},
        {"secret", 1, NULL, 's'}, {"access-key", 1, NULL, 'a'}, {"token", 1, NULL, 't'},   {"cert", 1, NULL, 'c'},
        {"key", 1, NULL, 'k'},    {"account", 1, NULL, 'A'},    {"idle-ms", 1, NULL, 'i'}, {"no-verify", 0, NULL, 'v'},
        {"seed", 1, NULL, 'e'},   {"help", 0, NULL, 'h'},       {NULL, 0, NULL, 0},
    };
    *options = (struct options){
        .region = "us-east-1", .account = "111122223333", .verify = true, .shards = 1, .seed = 1, .idle_ms = 65000};
    strcpy(options->credential.access_key, "AKIDEXAMPLE");
    strcpy(options->credential.secret, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;)
        take_option(options, option, optarg);
    if (options->ledger == NULL)
        refuse("--ledger is needed");
    if (optind != argc)
        refuse("an argument too many");
    if ((options->certificate == NULL) != (options->key == NULL))
        refuse("--cert and --key go together");
    if (options->stream_count == 0)
        options->streams[options->stream_count++] = "stream";
}

bool options_add_stream(struct store *store, const char *text, uint32_t shards)
{
    const char *colon = strchr(text, ':');
    struct slice name = {text, colon ? (size_t)(colon - text) : strlen(text)};
    size_t record_bytes_max = 1048576;
    char *end = NULL;
    if (colon != NULL)
        shards = (uint32_t)strtoul(colon + 1, &end, 10);
    if (end != NULL && *end == ':')
        record_bytes_max = strtoul(end + 1, &end, 10);
    return (end == NULL || *end == '\0') && store_add_stream(store, name, shards, record_bytes_max);
}
