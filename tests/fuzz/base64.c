/* Check, decode and encode agree, and nothing is accepted but what encoding gives. */
#include "tests/fuzz/fuzz.h"

static void check_text(struct span text)
{
    char *decoded = malloc(text.len / 4 * 3 + 1);
    size_t checked_len = 0, decoded_len = 0;
    struct buf again;

    BELIEVE(decoded != NULL);
    bool ok = base64_check(text, &checked_len);
    BELIEVE(base64_decode(text, decoded, &decoded_len) == ok && checked_len == decoded_len);
    if (ok) {
        buf_init(&again, text.len);
        buf_append_base64(&again, span_of(decoded, decoded_len));
        BELIEVE(!again.failed && span_equal(buf_span(&again), text));
        buf_clear(&again);
    }
    free(decoded);
}

static void check_bytes(struct span bytes)
{
    size_t encoded_len = base64_encoded_size(bytes.len), len;
    char *encoded = malloc(encoded_len + 1), *decoded = malloc(encoded_len + 1);

    BELIEVE(encoded != NULL && decoded != NULL);
    base64_encode(bytes, encoded);
    BELIEVE(base64_decode(span_of(encoded, encoded_len), decoded, &len) && span_equal(span_of(decoded, len), bytes));
    free(encoded);
    free(decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_text(fuzz_span(data, size));
    check_bytes(fuzz_span(data, size));
    return 0;
}
