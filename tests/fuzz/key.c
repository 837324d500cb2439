/* A key is accepted if and only if it is what its id and secret are written as; any one changed character spoils it. */
#include "auth/key.h"
#include "tests/fuzz/fuzz.h"

static bool is_alphanumeric(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\0' ||
            strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", text.ptr[i]) == NULL)
            return false;
    return true;
}

/* The checksum that belongs to what stands before it. */
static void append_checksum(struct buf *text)
{
    uint32_t crc = digest_crc32(buf_span(text));
    char digits[KEY_CRC_BYTES];

    for (size_t i = KEY_CRC_BYTES; i-- > 0; crc /= 62) {
        uint32_t digit = crc % 62;
        digits[i] = (char)(digit < 10 ? '0' + digit : digit < 36 ? 'A' + digit - 10 : 'a' + digit - 36);
    }
    buf_append(text, span_of(digits, sizeof(digits)));
}

static void write_key(struct span id, struct span secret, struct buf *text)
{
    buf_init(text, 4096);
    buf_append(text, SPAN("kgw_"));
    buf_append(text, id);
    buf_append_char(text, '_');
    buf_append(text, secret);
    append_checksum(text);
}

static void check_as_it_is(struct span text)
{
    struct span id, secret;
    struct buf again;

    if (!key_parse(text, &id))
        return;
    BELIEVE(key_id_is_valid(id) && fuzz_is_within(id, text));
    secret = span_of(id.ptr + id.len + 1, KEY_SECRET_BYTES);
    write_key(id, secret, &again);
    BELIEVE(!again.failed && span_equal(buf_span(&again), text));
    buf_clear(&again);
}

/* The input as "id_secret", which a right checksum is put behind. */
static void check_with_checksum(struct span input)
{
    struct span secret, found, id = span_cut(input, '_', &secret);
    struct buf text;

    write_key(id, secret, &text);
    bool is_right = id.len >= KEY_ID_BYTES_MIN && id.len <= KEY_ID_BYTES_MAX && secret.len == KEY_SECRET_BYTES &&
                    is_alphanumeric(id) && is_alphanumeric(secret);
    BELIEVE(text.failed || key_parse(buf_span(&text), &found) == is_right);
    for (size_t i = 0; is_right && i < text.len; i++) {
        text.ptr[i] ^= 1;
        BELIEVE(!key_parse(buf_span(&text), &found));
        text.ptr[i] ^= 1;
    }
    buf_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t digest[SHA256_BYTES];
    struct span text = fuzz_span(data, size);

    check_as_it_is(text);
    check_with_checksum(text);
    if (key_digest_parse(text, digest))
        BELIEVE(size == KEY_DIGEST_TEXT_BYTES);
    return 0;
}
