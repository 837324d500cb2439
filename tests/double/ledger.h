#pragma once

#include "tests/double/call.h"

/* What was stored, as a file: one JSON line a record, written before the caller hears of it. */
struct ledger {
    int fd;
    struct text lines;
    uint64_t written;
};

bool ledger_open(struct ledger *ledger, const char *path);
void ledger_add(struct ledger *ledger, const struct stream *stream, const struct put_record *record,
                const char *request_id, uint64_t now_ms);
void ledger_flush(struct ledger *ledger); /* a ledger that cannot be written ends the process */
