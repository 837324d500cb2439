/* The header's grammar, and what is hashed of a request. A key is a text of the caller: it is compared by its digest.
 */
#include "gateway/front/idempotency_key.h"

#include <assert.h>

#define TENANT_BYTES_MAX 64
#define STREAM_BYTES_MAX 128

_Static_assert(TENANT_BYTES_MAX + STREAM_BYTES_MAX + 2 * SHA256_BYTES + 16 <= IDEMPOTENCY_NAME_BYTES_MAX,
               "a name fits");

static bool add(struct idempotency_key *key, char c)
{
    if (key->len == IDEMPOTENCY_KEY_CHARS_MAX)
        return false;
    key->text[key->len++] = c;
    return true;
}

/* RFC 8941 section 3.3.3, from its opening quote on; *rest is what follows the closing one. */
static bool read_string(struct span text, struct idempotency_key *key, struct span *rest)
{
    for (size_t i = 1; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"') {
            *rest = span_of(text.ptr + i + 1, text.len - i - 1);
            return true;
        }
        if (c == '\\' && (++i == text.len || (text.ptr[i] != '"' && text.ptr[i] != '\\')))
            return false;
        c = text.ptr[i];
        if (c < ' ' || c > '~' || !add(key, c))
            return false;
    }
    return false;
}

static bool is_token_char(char c)
{
    return c > ' ' && c <= '~' && memchr("\",;\\", c, 4) == NULL;
}

/* What many clients send: the key as it is. */
static bool read_token(struct span text, struct idempotency_key *key, struct span *rest)
{
    size_t i = 0;

    for (; i != text.len && text.ptr[i] != ';'; i++)
        if (!is_token_char(text.ptr[i]) || !add(key, text.ptr[i]))
            return false;
    *rest = span_of(text.ptr + i, text.len - i);
    return true;
}

static bool is_parameter_char(char c)
{
    return is_token_char(c) && c != '=';
}

static size_t parameter_run(struct span text)
{
    size_t len = 0;

    while (len != text.len && is_parameter_char(text.ptr[len]))
        len++;
    return len;
}

static struct span skip(struct span text, size_t bytes)
{
    return span_of(text.ptr + bytes, text.len - bytes);
}

/* The draft defines no parameters, and RFC 8941 section 3.1.2 has those that nobody defined passed over. */
static bool are_parameters(struct span text)
{
    struct idempotency_key ignored;

    while (text.len != 0) {
        if (text.ptr[0] != ';')
            return false;
        text = span_trim(skip(text, 1));
        size_t name = parameter_run(text);
        if (name == 0)
            return false;
        text = skip(text, name);
        if (text.len == 0 || text.ptr[0] != '=')
            continue;
        text = skip(text, 1);
        ignored.len = 0;
        if (text.len != 0 && text.ptr[0] == '"') {
            if (!read_string(text, &ignored, &text))
                return false;
        } else {
            text = skip(text, parameter_run(text));
        }
    }
    return true;
}

static bool parse(struct span value, struct idempotency_key *key)
{
    struct span rest;

    key->len = 0;
    if (value.len == 0)
        return false;
    bool is_string = value.ptr[0] == '"';
    if (!(is_string ? read_string(value, key, &rest) : read_token(value, key, &rest)))
        return false;
    return key->len != 0 && are_parameters(rest);
}

static struct failure malformed(const char *detail)
{
    return (struct failure){.row = FAILURE_MALFORMED, .parameter = "Idempotency-Key", .detail = detail};
}

static bool is_same(const struct idempotency_key *a, const struct idempotency_key *b)
{
    return span_equal(span_of(a->text, a->len), span_of(b->text, b->len));
}

struct failure idempotency_key_find(const struct head *h, struct idempotency_key *out)
{
    struct idempotency_key key;

    out->len = 0;
    for (size_t i = 0; i != h->fields_len; i++) {
        if (!span_equal_nocase(h->fields[i].name, SPAN("idempotency-key")))
            continue;
        if (!parse(h->fields[i].value, &key))
            return malformed("Idempotency-Key must be a string of 1 to 255 visible characters, best in quotes");
        if (out->len != 0 && !is_same(out, &key))
            return malformed("Idempotency-Key is given twice, with different values");
        *out = key;
    }
    return FAILURE_OK;
}

/* A hook's name is of [A-Za-z0-9_.-]: what follows the colon is the event's. */
void idempotency_key_of_event(struct span hook, struct span event_id, struct idempotency_key *out)
{
    uint8_t digest[SHA256_BYTES];

    assert(1 + hook.len + 1 + 2 * sizeof(digest) <= IDEMPOTENCY_KEY_CHARS_MAX);
    digest_sha256(event_id, digest);
    out->text[0] = '\x01';
    memcpy(out->text + 1, hook.ptr, hook.len);
    out->text[1 + hook.len] = ':';
    hex_encode(digest, sizeof(digest), out->text + 2 + hook.len);
    out->len = 2 + hook.len + 2 * sizeof(digest);
}

static void append(char *out, size_t *at, struct span text)
{
    memcpy(out + *at, text.ptr, text.len);
    *at += text.len;
}

size_t idempotency_name(struct span tenant, struct span stream, const struct idempotency_key *key,
                        char out[IDEMPOTENCY_NAME_BYTES_MAX])
{
    uint8_t digest[SHA256_BYTES];
    size_t at = 0;

    assert(tenant.len <= TENANT_BYTES_MAX && stream.len <= STREAM_BYTES_MAX);
    digest_sha256(span_of(key->text, key->len), digest);
    append(out, &at, SPAN("kgw:idem:")); /* without a hash tag: in a cluster, each key may lie anywhere */
    append(out, &at, tenant);
    append(out, &at, SPAN(":"));
    append(out, &at, stream);
    append(out, &at, SPAN(":"));
    hex_encode(digest, sizeof(digest), out + at);
    return at + 2 * sizeof(digest);
}

/* With its length ahead: no two lists of texts give the same bytes. */
static void update(struct sha256_stream *s, struct span text)
{
    uint8_t len[8];

    for (size_t i = 0; i != sizeof(len); i++)
        len[i] = (uint8_t)((uint64_t)text.len >> (8 * i));
    sha256_stream_update(s, span_of((const char *)len, sizeof(len)));
    sha256_stream_update(s, text);
}

void idempotency_fingerprint_begin(struct sha256_stream *s, const struct idempotency_inputs *inputs)
{
    update(s, inputs->method);
    update(s, inputs->route);
    update(s, inputs->stream);
    update(s, inputs->content_type);
    update(s, inputs->partition_key);
    update(s, inputs->explicit_hash_key);
    update(s, inputs->sequence_number_for_ordering);
    update(s, inputs->event);
    update(s, inputs->rule);
}
