/* A query decodes to no more than it was, escapes round-trip, and both ways to look a parameter up agree. */
#include "gateway/front/query.h"
#include "tests/fuzz/fuzz.h"

/* Escapes every byte: decoding must give the text back. */
static void escape_and_decode(struct span text)
{
    struct buf escaped, decoded;

    buf_init(&escaped, 3 * text.len);
    buf_init(&decoded, text.len);
    for (size_t i = 0; i < text.len; i++) {
        buf_append_char(&escaped, '%');
        buf_append_hex(&escaped, text.ptr + i, 1);
    }
    BELIEVE(!escaped.failed && query_decode(buf_span(&escaped), &decoded) && span_equal(buf_span(&decoded), text));
    buf_clear(&escaped);
    buf_clear(&decoded);
}

static void check_decode(struct span text)
{
    struct buf decoded;
    size_t escapes = 0;

    for (size_t i = 0; i < text.len; i++)
        escapes += text.ptr[i] == '%';
    buf_init(&decoded, text.len);
    if (query_decode(text, &decoded))
        BELIEVE(decoded.len == text.len - 2 * escapes);
    buf_clear(&decoded);
}

/* Where nothing is escaped, the first of a name is also the one that was parsed: parsing knows plain names only. */
static void check_find(struct span raw, struct span name, bool has, struct span parsed)
{
    struct buf scratch;
    struct span value;

    buf_init(&scratch, raw.len);
    bool found = query_find(raw, name, &scratch, &value);
    BELIEVE(!scratch.failed);
    if (has && memchr(raw.ptr, '%', raw.len) == NULL)
        BELIEVE(found && span_equal(value, parsed));
    buf_clear(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span raw = fuzz_span(data, size);
    struct query q;
    struct buf scratch;

    buf_init(&scratch, raw.len);
    BELIEVE(buf_reserve(&scratch, raw.len));
    const char *room = scratch.ptr;
    struct failure f = query_parse(raw, &scratch, &q);
    BELIEVE(scratch.ptr == room && !scratch.failed);
    BELIEVE(f.row == FAILURE_NONE || (f.row == FAILURE_MALFORMED && f.detail != NULL));
    if (f.row == FAILURE_NONE) {
        check_find(raw, SPAN("partitionKey"), q.has_partition_key, q.partition_key);
        check_find(raw, SPAN("explicitHashKey"), q.has_explicit_hash_key, q.explicit_hash_key);
        check_find(raw, SPAN("sequenceNumberForOrdering"), q.has_sequence_number, q.sequence_number_for_ordering);
    }
    check_decode(raw);
    escape_and_decode(raw);
    buf_clear(&scratch);
    return 0;
}
