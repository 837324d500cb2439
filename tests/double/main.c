/* A Kinesis Data Streams that stores to a ledger and breaks on demand: see README.md beside. */
#include "tests/double/world.h"

#include <stdio.h>
#include <sys/resource.h>

static struct world world;

static bool prepare(const struct options *options)
{
    store_init(&world.store, options->region, options->account);
    for (size_t i = 0; i < options->stream_count; i++) {
        if (!options_add_stream(&world.store, options->streams[i], options->shards)) {
            fprintf(stderr, "kinesis_double: bad --stream %s\n", options->streams[i]);
            return false;
        }
    }
    world.credentials.count = 1;
    world.credentials.list[0] = options->credential;
    faults_init(&world.faults, options->seed);
    if (!ledger_open(&world.ledger, options->ledger)) {
        perror(options->ledger);
        return false;
    }
    return true;
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    options_parse(&world.options, argc, argv);
    if (!prepare(&world.options))
        return 2;
    raise_descriptor_limit();
    if (!server_start(&world)) {
        fprintf(stderr, "kinesis_double: cannot listen, or bad certificate or key\n");
        return 1;
    }
    char tls[16] = "null";
    if (world.tls.port != 0)
        snprintf(tls, sizeof tls, "%u", world.tls.port);
    printf("{\"plain\":%u,\"tls\":%s,\"control\":%u}\n", world.plain.port, tls, world.control.port);
    fflush(stdout);
    server_run(&world);
    return 0;
}
