/* A key that is accepted is within its bounds, and is found again when it is written as a String. */
#include "gateway/front/idempotency_key.h"
#include "tests/fuzz/fuzz.h"

static struct head head_of(struct span value)
{
    struct head h = {.fields_len = 1};

    h.fields[0] = (struct head_field){SPAN("Idempotency-Key"), value};
    return h;
}

static void write_and_read(const struct idempotency_key *key)
{
    struct idempotency_key again;
    struct buf text;

    buf_init(&text, 2 * IDEMPOTENCY_KEY_CHARS_MAX + 2);
    buf_append_char(&text, '"');
    for (size_t i = 0; i != key->len; i++) {
        if (key->text[i] == '"' || key->text[i] == '\\')
            buf_append_char(&text, '\\');
        buf_append_char(&text, key->text[i]);
    }
    buf_append_char(&text, '"');
    BELIEVE(!text.failed);
    struct head h = head_of(buf_span(&text));
    BELIEVE(idempotency_key_find(&h, &again).row == FAILURE_NONE);
    BELIEVE(span_equal(span_of(again.text, again.len), span_of(key->text, key->len)));
    buf_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span value = fuzz_copy(fuzz_span(data, size));
    struct head h = head_of(value);
    struct idempotency_key key;
    char name[IDEMPOTENCY_NAME_BYTES_MAX];

    struct failure f = idempotency_key_find(&h, &key);
    BELIEVE(f.row == FAILURE_NONE || (f.row == FAILURE_MALFORMED && f.detail != NULL));
    if (f.row == FAILURE_NONE) {
        BELIEVE(key.len >= 1 && key.len <= IDEMPOTENCY_KEY_CHARS_MAX);
        for (size_t i = 0; i != key.len; i++)
            BELIEVE(key.text[i] >= ' ' && key.text[i] <= '~');
        BELIEVE(idempotency_name(SPAN("t"), SPAN("s"), &key, name) == sizeof("kgw:idem:t:s:") - 1 + 2 * SHA256_BYTES);
        write_and_read(&key);
    }
    fuzz_free(value);
    return 0;
}
