/* Appends stored records to the ledger; the lines of one call go out in one write(2). */
#include "tests/double/ledger.h"
#include "tests/double/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEAD_BYTES = 64, WHOLE_BYTES_MAX = 1024 };

bool ledger_open(struct ledger *ledger, const char *path)
{
    *ledger = (struct ledger){.fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)};
    return ledger->fd != -1;
}

static void put_optional(struct text *lines, struct slice value)
{
    if (value.base == NULL)
        text_puts(lines, "null");
    else
        text_put_json(lines, value.base, value.length);
}

void ledger_add(struct ledger *ledger, const struct stream *stream, const struct put_record *record,
                const char *request_id, uint64_t now_ms)
{
    struct text *lines = &ledger->lines;
    uint8_t hash[32];
    digest_sha256(hash, record->data.base, record->data.length);
    text_puts(lines, "{\"seq\":\"");
    text_put(lines, record->sequence, SEQUENCE_BYTES);
    text_puts(lines, "\",\"shard\":\"");
    text_put(lines, record->shard->id, SHARD_ID_BYTES);
    text_puts(lines, "\",\"stream\":\"");
    text_puts(lines, stream->name);
    text_puts(lines, "\",\"partition_key\":");
    text_put_json(lines, record->partition_key.base, record->partition_key.length);
    text_puts(lines, ",\"explicit_hash_key\":");
    put_optional(lines, record->explicit_hash_key);
    text_puts(lines, ",\"sha256\":\"");
    text_put_hex(lines, hash, sizeof hash);
    text_puts(lines, "\",\"length\":");
    text_put_number(lines, record->data.length);
    text_puts(lines, ",\"at_ms\":");
    text_put_number(lines, now_ms);
    text_puts(lines, ",\"request_id\":\"");
    text_puts(lines, request_id);
    text_puts(lines, "\",\"head\":\"");
    text_put_base64(lines, record->data.base, record->data.length < HEAD_BYTES ? record->data.length : HEAD_BYTES);
    if (record->data.length <= WHOLE_BYTES_MAX) {
        text_puts(lines, "\",\"data\":\"");
        text_put(lines, record->data_base64.base, record->data_base64.length);
    }
    text_puts(lines, "\"}\n");
    ledger->written++;
}

void ledger_flush(struct ledger *ledger)
{
    const char *at = ledger->lines.base;
    size_t left = ledger->lines.length;
    while (left > 0) {
        ssize_t written = write(ledger->fd, at, left);
        if (written == -1 && errno == EINTR)
            continue;
        if (written == -1) {
            perror("kinesis_double: ledger");
            abort();
        }
        at += written;
        left -= (size_t)written;
    }
    text_reset(&ledger->lines);
}
