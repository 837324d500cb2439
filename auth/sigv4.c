/*
 * Stages 2 and 3 of SigV4, and the narrow road of the gateway's own calls, which writes the three stages of its one
 * kind of request straight into a scratch on the stack.
 */
#include "auth/sigv4.h"

#include "auth/utc.h"

#include <assert.h>
#include <stdlib.h>

#define ALGORITHM     "AWS4-HMAC-SHA256"
#define SCRATCH_BYTES 4096
#define FIXED_BYTES   512 /* more than all the literals of one text together */

void sigv4_string_to_sign(struct span date, struct span scope, struct span canonical, struct buf *out)
{
    uint8_t hash[SHA256_BYTES];

    digest_sha256(canonical, hash);
    buf_append(out, SPAN(ALGORITHM "\n"));
    buf_append(out, date);
    buf_append_char(out, '\n');
    buf_append(out, scope);
    buf_append_char(out, '\n');
    buf_append_hex(out, hash, sizeof(hash));
}

void sigv4_signature(const uint8_t signing_key[SHA256_BYTES], struct span string_to_sign,
                     char out[SIGV4_SIGNATURE_BYTES])
{
    uint8_t mac[SHA256_BYTES];

    digest_hmac_sha256(span_of((const char *)signing_key, SHA256_BYTES), string_to_sign, mac);
    hex_encode(mac, sizeof(mac), out);
}

static char *write_digits(char *at, int value, int digits)
{
    for (int i = digits; i > 0; i--) {
        at[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + digits;
}

void sigv4_format_date(int64_t unix_s, char out[SIGV4_DATE_BYTES])
{
    struct utc t = utc_from_unix(unix_s);
    char *at = out;

    assert(utc_is_valid(&t));
    at = write_digits(at, t.year, 4);
    at = write_digits(at, t.month, 2);
    at = write_digits(at, t.day, 2);
    *at++ = 'T';
    at = write_digits(at, t.hour, 2);
    at = write_digits(at, t.minute, 2);
    at = write_digits(at, t.second, 2);
    *at = 'Z';
}

bool sigv4_parse_date(struct span text, int64_t *unix_s)
{
    return utc_parse(text, SPAN("YYYYMMDDThhmmssZ"), unix_s);
}

static char *write_span(char *at, struct span text)
{
    if (text.len > 0)
        memcpy(at, text.ptr, text.len);
    return at + text.len;
}

#define WRITE(at, literal) write_span((at), SPAN(literal))

static char *write_sha256(char *at, struct span bytes)
{
    uint8_t hash[SHA256_BYTES];

    digest_sha256(bytes, hash);
    hex_encode(hash, sizeof(hash), at);
    return at + 2 * sizeof(hash);
}

static struct span post_signed_headers(const struct sigv4_post *p)
{
    return p->security_token.len > 0 ? SPAN("content-type;host;x-amz-date;x-amz-security-token;x-amz-target")
                                     : SPAN("content-type;host;x-amz-date;x-amz-target");
}

static char *write_scope(char *at, const struct sigv4_post *p)
{
    at = write_span(at, span_of(p->date, SIGV4_DAY_BYTES));
    at = WRITE(at, "/");
    at = write_span(at, p->region);
    at = WRITE(at, "/");
    at = write_span(at, p->service);
    return WRITE(at, "/aws4_request");
}

static char *write_canonical(char *at, const struct sigv4_post *p)
{
    at = WRITE(at, "POST\n/\n\ncontent-type:");
    at = write_span(at, p->content_type);
    at = WRITE(at, "\nhost:");
    at = write_span(at, p->host);
    at = WRITE(at, "\nx-amz-date:");
    at = write_span(at, span_of(p->date, SIGV4_DATE_BYTES));
    if (p->security_token.len > 0) {
        at = WRITE(at, "\nx-amz-security-token:");
        at = write_span(at, p->security_token);
    }
    at = WRITE(at, "\nx-amz-target:");
    at = write_span(at, p->target);
    at = WRITE(at, "\n\n");
    at = write_span(at, post_signed_headers(p));
    at = WRITE(at, "\n");
    if (p->body_sha256 == NULL)
        return write_sha256(at, p->body);
    hex_encode(p->body_sha256, SHA256_BYTES, at);
    return at + 2 * SHA256_BYTES;
}

static char *write_string_to_sign(char *at, const struct sigv4_post *p, struct span canonical)
{
    at = WRITE(at, ALGORITHM "\n");
    at = write_span(at, span_of(p->date, SIGV4_DATE_BYTES));
    at = WRITE(at, "\n");
    at = write_scope(at, p);
    at = WRITE(at, "\n");
    return write_sha256(at, canonical);
}

static char *write_authorization(char *at, const struct sigv4_post *p, const char signature[SIGV4_SIGNATURE_BYTES])
{
    at = WRITE(at, ALGORITHM " Credential=");
    at = write_span(at, p->access_key_id);
    at = WRITE(at, "/");
    at = write_scope(at, p);
    at = WRITE(at, ", SignedHeaders=");
    at = write_span(at, post_signed_headers(p));
    at = WRITE(at, ", Signature=");
    return write_span(at, span_of(signature, SIGV4_SIGNATURE_BYTES));
}

static struct span text_between(const char *from, const char *to)
{
    return span_of(from, (size_t)(to - from));
}

/* The string to sign follows the canonical request, the authorization replaces both. */
static void sign_in_scratch(char *scratch, const struct sigv4_post *p, const uint8_t signing_key[SHA256_BYTES],
                            struct buf *authorization)
{
    char signature[SIGV4_SIGNATURE_BYTES];

    char *canonical_end = write_canonical(scratch, p);
    char *end = write_string_to_sign(canonical_end, p, text_between(scratch, canonical_end));
    sigv4_signature(signing_key, text_between(canonical_end, end), signature);
    end = write_authorization(scratch, p, signature);
    buf_append(authorization, text_between(scratch, end));
}

bool sigv4_sign_post(const struct sigv4_post *p, const uint8_t signing_key[SHA256_BYTES], struct buf *authorization)
{
    char on_stack[SCRATCH_BYTES];
    size_t bytes = 2 * FIXED_BYTES + p->content_type.len + p->host.len + p->security_token.len + p->target.len +
                   p->access_key_id.len + 2 * (p->region.len + p->service.len);

    if (bytes <= sizeof(on_stack)) {
        sign_in_scratch(on_stack, p, signing_key, authorization);
        return !authorization->failed;
    }
    char *scratch = malloc(bytes);
    if (scratch == NULL)
        return false;
    sign_in_scratch(scratch, p, signing_key, authorization);
    free(scratch);
    return !authorization->failed;
}
