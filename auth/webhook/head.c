/* What schemes read of a request's head. A field given twice is refused: two readers could take different ones. */
#include "auth/webhook/scheme.h"

#include <assert.h>

bool webhook_refuse(struct webhook_message *m, const char *why)
{
    m->why = why;
    return false;
}

bool webhook_field(const struct webhook_request *r, struct span name, struct span *value)
{
    size_t count = 0;

    for (size_t i = 0; i != r->fields_len; i++) {
        if (!span_equal_nocase(r->fields[i].name, name))
            continue;
        *value = r->fields[i].value;
        count++;
    }
    return count == 1 && value->len != 0;
}

bool webhook_has_field(const struct webhook_request *r, struct span name)
{
    for (size_t i = 0; i != r->fields_len; i++)
        if (span_equal_nocase(r->fields[i].name, name))
            return true;
    return false;
}

bool webhook_signature_field(const struct webhook_request *r, struct span name, struct webhook_message *m,
                             struct span *value)
{
    return webhook_field(r, name, value) || webhook_refuse(m, "no signature, or several headers of one");
}

/* Digits alone: a sign or a fraction would be another text for the same time. */
bool webhook_time_is_near(const struct webhook_conf *c, const struct webhook_request *r, struct span text,
                          struct webhook_message *m)
{
    uint64_t then_s;

    if (!span_parse_u64(text, &then_s) || then_s > INT64_MAX)
        return webhook_refuse(m, "a malformed time");
    uint64_t now_s = r->now_s < 0 ? 0 : (uint64_t)r->now_s;
    uint64_t apart_s = then_s > now_s ? then_s - now_s : now_s - then_s;
    return apart_s <= c->tolerance_s || webhook_refuse(m, "a time too far from ours");
}

bool webhook_timestamp_field(const struct webhook_conf *c, const struct webhook_request *r, struct span name,
                             struct webhook_message *m, struct span *text)
{
    if (!webhook_field(r, name, text))
        return webhook_refuse(m, "no time, or several");
    return webhook_time_is_near(c, r, *text, m);
}

void webhook_add_signature(struct webhook_message *m, struct span text, bool is_ed25519)
{
    if (m->signatures_len < WEBHOOK_SIGNATURES_MAX)
        m->signatures[m->signatures_len++] = (struct webhook_signature){text, is_ed25519};
}

void webhook_add_before(struct webhook_message *m, struct span piece)
{
    assert(m->before_len < WEBHOOK_PIECES_MAX);
    m->before[m->before_len++] = piece;
}

void webhook_add_after(struct webhook_message *m, struct span piece)
{
    assert(m->after_len < WEBHOOK_PIECES_MAX);
    m->after[m->after_len++] = piece;
}

bool webhook_read_plain(const struct webhook_request *r, struct span header, struct span prefix,
                        struct webhook_message *m)
{
    struct span value;

    if (!webhook_signature_field(r, header, m, &value))
        return false;
    if (!span_starts_with(value, prefix))
        return webhook_refuse(m, "a signature of another kind");
    webhook_add_signature(m, span_of(value.ptr + prefix.len, value.len - prefix.len), false);
    return true;
}

bool webhook_texts_equal(struct span a, struct span b)
{
    uint8_t digests[2][SHA256_BYTES];

    digest_sha256(a, digests[0]);
    digest_sha256(b, digests[1]);
    bool is_equal = bytes_equal_constant_time(digests[0], digests[1], SHA256_BYTES);
    bytes_wipe(digests, sizeof(digests));
    return is_equal;
}
