#pragma once

#include "tests/double/sigv4_check.h"
#include "tests/double/store.h"

struct options {
    const char *ledger, *region, *account, *certificate, *key;
    struct credential credential;
    bool verify;
    uint32_t shards;
    uint64_t seed, idle_ms;
    size_t stream_count;
    const char *streams[STREAMS_MAX]; /* NAME[:SHARDS[:MAX_RECORD_BYTES]] */
};

/* Ends the process with a usage text if they are wrong, or asked for. */
void options_parse(struct options *options, int argc, char **argv);

bool options_add_stream(struct store *store, const char *text, uint32_t shards);
