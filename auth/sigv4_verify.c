/*
 * Verifies what an AWS SDK signed: reads the Authorization header strictly, then makes the same signature again from
 * the request as it arrived. Every kind of signing that would leave the body or the time out of it is refused.
 */
#include "auth/sigv4.h"

#define SKEW_S_MAX          300
#define HEADERS_MAX         64
#define CANONICAL_BYTES_MAX (256 * 1024)

static bool is_lower_hex(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return true;
}

static bool credential_parse(struct span value, struct sigv4_authorization *out)
{
    struct span rest;

    out->access_key_id = span_cut(value, '/', &out->scope);
    out->date = span_cut(out->scope, '/', &rest);
    out->region = span_cut(rest, '/', &rest);
    out->service = span_cut(rest, '/', &rest);
    return out->access_key_id.len > 0 && out->date.len == SIGV4_DAY_BYTES && out->region.len > 0 &&
           out->service.len > 0 && span_equal(rest, SPAN("aws4_request"));
}

static bool part_parse(struct span part, struct sigv4_authorization *out)
{
    struct span value, name = span_cut(part, '=', &value);

    if (span_equal(name, SPAN("Credential")) && out->access_key_id.len == 0)
        return credential_parse(value, out);
    if (span_equal(name, SPAN("SignedHeaders")) && out->signed_headers.len == 0) {
        out->signed_headers = value;
        return value.len > 0;
    }
    if (span_equal(name, SPAN("Signature")) && out->signature.len == 0) {
        out->signature = value;
        return value.len == SIGV4_SIGNATURE_BYTES && is_lower_hex(value);
    }
    return false;
}

bool sigv4_authorization_parse(struct span value, struct sigv4_authorization *out)
{
    struct span rest, trimmed = span_trim(value);

    *out = (struct sigv4_authorization){0};
    if (!span_equal(span_cut(trimmed, ' ', &rest), SPAN("AWS4-HMAC-SHA256")) || trimmed.ptr[trimmed.len - 1] == ',')
        return false;
    for (int i = 0; i < 3; i++) {
        if (!part_parse(span_trim(span_cut(rest, ',', &rest)), out))
            return false;
    }
    return rest.len == 0;
}

/* The header of this name, if there is exactly one. */
static bool header_once(const struct sigv4_header *headers, size_t len, struct span name, struct span *value)
{
    size_t found = 0;

    for (size_t i = 0; i < len; i++) {
        if (!span_equal_nocase(headers[i].name, name))
            continue;
        *value = span_trim(headers[i].value);
        found++;
    }
    return found == 1;
}

static bool list_has(struct span list, struct span name)
{
    while (list.len > 0) {
        if (span_equal_nocase(span_cut(list, ';', &list), name))
            return true;
    }
    return false;
}

static bool is_lower_case(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] <= ' ' || name.ptr[i] >= 0x7F || (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z'))
            return false;
    }
    return name.len > 0;
}

static bool comes_before(struct span a, struct span b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = memcmp(a.ptr, b.ptr, common);
    return order != 0 ? order < 0 : a.len < b.len;
}

static bool list_is_canonical(struct span list)
{
    struct span before = {0};

    if (list.len == 0 || list.ptr[list.len - 1] == ';')
        return false;
    while (list.len > 0) {
        struct span name = span_cut(list, ';', &list);
        if (!is_lower_case(name) || (before.len > 0 && !comes_before(before, name)))
            return false;
        before = name;
    }
    return true;
}

/* The request's headers that are in the list; false if one of the list is absent or they are too many. */
static bool pick_signed(struct span list, const struct sigv4_header *headers, size_t headers_len,
                        struct sigv4_header picked[HEADERS_MAX], size_t *picked_len)
{
    *picked_len = 0;
    while (list.len > 0) {
        struct span name = span_cut(list, ';', &list);
        size_t before = *picked_len;
        for (size_t i = 0; i < headers_len; i++) {
            if (!span_equal_nocase(headers[i].name, name))
                continue;
            if (*picked_len == HEADERS_MAX)
                return false;
            picked[(*picked_len)++] = headers[i];
        }
        if (*picked_len == before)
            return false;
    }
    return true;
}

static bool is_query_signed(struct span query)
{
    while (query.len > 0) {
        struct span param = span_cut(query, '&', &query);
        if (param.len >= 6 && span_equal_nocase(span_of(param.ptr, 6), SPAN("X-Amz-")))
            return true;
    }
    return false;
}

/* Session tokens are never ours. */
static bool has_session_token(const struct sigv4_header *headers, size_t headers_len)
{
    for (size_t i = 0; i < headers_len; i++) {
        if (span_equal_nocase(headers[i].name, SPAN("x-amz-security-token")))
            return true;
    }
    return false;
}

/* The body and each chunk of it must be under the signature. */
static bool is_unsupported(struct span query, const struct sigv4_header *headers, size_t headers_len)
{
    for (size_t i = 0; i < headers_len; i++) {
        struct span value = span_trim(headers[i].value);
        if (span_equal_nocase(headers[i].name, SPAN("x-amz-content-sha256")) &&
            (span_starts_with(value, SPAN("UNSIGNED-PAYLOAD")) || span_starts_with(value, SPAN("STREAMING-"))))
            return true;
    }
    return is_query_signed(query);
}

/* What has to hold before any arithmetic. Gives x-amz-date, as text and as a time. */
static bool is_well_formed(const struct sigv4_authorization *a, const struct sigv4_header *headers, size_t headers_len,
                           struct span service, struct span *date, int64_t *signed_s)
{
    static const struct span required[] = {{"host", 4}, {"x-amz-date", 10}, {"x-amz-target", 12}};
    struct span value;

    if (!list_is_canonical(a->signed_headers) || !span_equal(a->service, service))
        return false;
    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        if (!list_has(a->signed_headers, required[i]) || !header_once(headers, headers_len, required[i], &value))
            return false;
    }
    return header_once(headers, headers_len, SPAN("x-amz-date"), date) && sigv4_parse_date(*date, signed_s) &&
           span_equal(a->date, span_of(date->ptr, SIGV4_DAY_BYTES));
}

static bool declared_hash_holds(const struct sigv4_header *headers, size_t headers_len, struct span payload_hash)
{
    for (size_t i = 0; i < headers_len; i++) {
        if (span_equal_nocase(headers[i].name, SPAN("x-amz-content-sha256")) &&
            !span_equal(span_trim(headers[i].value), payload_hash))
            return false;
    }
    return true;
}

static void sign_again(const struct sigv4_authorization *a, struct span date, struct span canonical,
                       struct span signing_secret, struct buf *scratch, char signature[SIGV4_SIGNATURE_BYTES])
{
    uint8_t key[SHA256_BYTES];

    sigv4_string_to_sign(date, a->scope, canonical, scratch);
    sigv4_key_derive(signing_secret, a->date, a->region, a->service, key);
    sigv4_signature(key, buf_span(scratch), signature);
    bytes_wipe(key, sizeof(key));
}

/* Out of memory is a mismatch: what could not be verified was not. */
static bool signature_matches(const struct sigv4_authorization *a, const struct sigv4_request *r, struct span date,
                              struct span signing_secret)
{
    struct buf canonical, scratch;
    char signature[SIGV4_SIGNATURE_BYTES];

    buf_init(&canonical, CANONICAL_BYTES_MAX);
    buf_init(&scratch, CANONICAL_BYTES_MAX);
    bool ok = sigv4_canonical_request(r, &canonical, &scratch);
    if (ok) {
        buf_reset(&scratch);
        sign_again(a, date, buf_span(&canonical), signing_secret, &scratch, signature);
        ok = !scratch.failed && bytes_equal_constant_time(signature, a->signature.ptr, sizeof(signature));
    }
    buf_clear(&canonical);
    buf_clear(&scratch);
    return ok;
}

enum sigv4_verdict sigv4_verify(const struct sigv4_authorization *a, struct span method, struct span path,
                                struct span query, const struct sigv4_header *headers, size_t headers_len,
                                const uint8_t body_sha256[SHA256_BYTES], struct span service,
                                struct span signing_secret, int64_t now_s)
{
    struct sigv4_header picked[HEADERS_MAX];
    struct span date;
    int64_t signed_s;
    char hash[2 * SHA256_BYTES];
    struct sigv4_request r = {.method = method, .path = path, .query = query, .headers = picked};

    if (has_session_token(headers, headers_len))
        return SIGV4_SESSION_TOKEN;
    if (!span_starts_with(path, SPAN("/")) || is_unsupported(query, headers, headers_len) ||
        !is_well_formed(a, headers, headers_len, service, &date, &signed_s) ||
        !pick_signed(a->signed_headers, headers, headers_len, picked, &r.headers_len))
        return SIGV4_MALFORMED;
    hex_encode(body_sha256, SHA256_BYTES, hash);
    r.payload_hash = span_of(hash, sizeof(hash));
    r.normalize_path = true;
    bool ok = signature_matches(a, &r, date, signing_secret);
    if (signed_s < now_s - SKEW_S_MAX)
        return SIGV4_SKEWED_EARLY;
    if (signed_s > now_s + SKEW_S_MAX)
        return SIGV4_SKEWED_LATE;
    return ok && declared_hash_holds(headers, headers_len, r.payload_hash) ? SIGV4_OK : SIGV4_MISMATCH;
}
