/*
 * The text of an API key. Knows its shape and checksum; what it may do is the keyring's business.
 */
#include "auth/key.h"

#define PREFIX "kgw_"

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static bool is_alphanumeric(struct span text)
{
    static const bool is_one[256] = {['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true};
    bool all = true;

    for (size_t i = 0; i < text.len; i++)
        all &= is_one[(unsigned char)text.ptr[i]];
    return all;
}

bool key_id_is_valid(struct span id)
{
    return id.len >= KEY_ID_BYTES_MIN && id.len <= KEY_ID_BYTES_MAX && is_alphanumeric(id);
}

static void checksum(struct span text, char out[KEY_CRC_BYTES])
{
    uint32_t crc = digest_crc32(text);

    for (size_t i = KEY_CRC_BYTES; i > 0; i--) {
        out[i - 1] = alphabet[crc % 62];
        crc /= 62;
    }
}

static bool shape_parse(struct span text, struct span *id)
{
    struct span secret;

    if (text.len > KEY_TEXT_BYTES_MAX || !span_starts_with(text, SPAN(PREFIX)))
        return false;
    *id = span_cut(span_of(text.ptr + 4, text.len - 4), '_', &secret);
    return key_id_is_valid(*id) && secret.len == KEY_SECRET_BYTES + KEY_CRC_BYTES && is_alphanumeric(secret);
}

bool key_is_shaped(struct span text)
{
    struct span id;
    return shape_parse(text, &id);
}

bool key_parse(struct span text, struct span *id)
{
    struct span name;
    char crc[KEY_CRC_BYTES];

    if (!shape_parse(text, &name))
        return false;
    checksum(span_of(text.ptr, text.len - KEY_CRC_BYTES), crc);
    if (memcmp(crc, text.ptr + text.len - KEY_CRC_BYTES, KEY_CRC_BYTES) != 0)
        return false;
    *id = name;
    return true;
}

/* Bytes from 248 on are passed over: 248 is the last multiple of 62, so every character is equally likely. */
static bool draw(const uint8_t random[KEY_RANDOM_BYTES], size_t *at, char *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        while (*at < KEY_RANDOM_BYTES && random[*at] >= 248)
            (*at)++;
        if (*at == KEY_RANDOM_BYTES)
            return false;
        out[i] = alphabet[random[(*at)++] % 62];
    }
    return true;
}

bool key_make(const uint8_t random[KEY_RANDOM_BYTES], struct secret *text, char id[KEY_ID_BYTES_MIN + 1])
{
    enum { SECRET_AT = 4 + KEY_ID_BYTES_MIN + 1, CRC_AT = SECRET_AT + KEY_SECRET_BYTES };
    char key[CRC_AT + KEY_CRC_BYTES] = PREFIX;
    size_t at = 0;

    bool ok = draw(random, &at, key + 4, KEY_ID_BYTES_MIN) && draw(random, &at, key + SECRET_AT, KEY_SECRET_BYTES);
    if (ok) {
        key[SECRET_AT - 1] = '_';
        checksum(span_of(key, CRC_AT), key + CRC_AT);
        ok = secret_set(text, span_of(key, sizeof(key)));
        memcpy(id, key + 4, KEY_ID_BYTES_MIN);
        id[KEY_ID_BYTES_MIN] = '\0';
    }
    bytes_wipe(key, sizeof(key));
    return ok;
}

void key_digest(struct span text, uint8_t out[SHA256_BYTES])
{
    digest_sha256(text, out);
}

bool key_digest_parse(struct span text, uint8_t out[SHA256_BYTES])
{
    return span_starts_with(text, SPAN("sha256:")) && text.len == KEY_DIGEST_TEXT_BYTES &&
           hex_decode(span_of(text.ptr + 7, text.len - 7), out, SHA256_BYTES);
}
