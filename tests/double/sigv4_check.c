/*
 * Verifies a header-signed request the way AWS does, with AWS's errors and their order: is there a signature, is it
 * whole, is it of this time and place, is its key known, does it match. Written from AWS's documentation alone.
 */
#include "tests/double/sigv4_check.h"
#include "tests/double/digest.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

enum { WINDOW_SECONDS = 300 };

#define BAD_SIGNATURE "InvalidSignatureException"

struct authorization {
    struct slice credential, signed_headers, signature; /* as they stand in the header */
    struct slice access_key, date, region, service, terminator;
    struct slice time; /* X-Amz-Date */
};

static struct slice take_until(struct slice *rest, char stop)
{
    const char *end = rest->length ? memchr(rest->base, stop, rest->length) : NULL;
    struct slice taken = {rest->base, end ? (size_t)(end - rest->base) : rest->length};
    size_t skip = taken.length + (end != NULL);
    *rest = (struct slice){rest->base + skip, rest->length - skip};
    return taken;
}

static struct slice parameter(struct slice header, const char *name)
{
    while (header.length > 0) {
        struct slice part = take_until(&header, ',');
        while (part.length > 0 && part.base[0] == ' ')
            part.base++, part.length--;
        struct slice key = take_until(&part, '=');
        if (slice_is(key, name))
            return part;
    }
    return (struct slice){NULL, 0};
}

static bool read_authorization(const struct head *head, struct authorization *auth, struct failure *failure)
{
    static const char algorithm[] = "AWS4-HMAC-SHA256 ";
    struct slice header = head_find(head, "authorization");
    if (header.base == NULL)
        return fail(failure, "MissingAuthenticationTokenException", "Missing Authentication Token");
    if (header.length < strlen(algorithm) || memcmp(header.base, algorithm, strlen(algorithm)) != 0)
        return fail(failure, "IncompleteSignatureException", "Unsupported AWS 'algorithm': '%.*s'.", (int)header.length,
                    header.base);
    struct slice rest = {header.base + strlen(algorithm), header.length - strlen(algorithm)};
    auth->credential = parameter(rest, "Credential");
    auth->signed_headers = parameter(rest, "SignedHeaders");
    auth->signature = parameter(rest, "Signature");
    auth->time = head_find(head, "x-amz-date");
    const struct {
        const char *name;
        struct slice value;
    } needed[] = {
        {"Credential", auth->credential}, {"SignedHeaders", auth->signed_headers}, {"Signature", auth->signature}};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (needed[i].value.length == 0)
            return fail(failure, "IncompleteSignatureException", "Authorization header requires '%s' parameter.",
                        needed[i].name);
    }
    if (auth->time.length == 0)
        return fail(failure, "IncompleteSignatureException",
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
    struct slice scope = auth->credential;
    auth->access_key = take_until(&scope, '/');
    auth->date = take_until(&scope, '/');
    auth->region = take_until(&scope, '/');
    auth->service = take_until(&scope, '/');
    auth->terminator = scope;
    return true;
}

static bool check_scope(const struct authorization *auth, const struct sigv4_scope *scope, struct failure *failure)
{
    if (!slice_is(auth->region, scope->region))
        return fail(failure, BAD_SIGNATURE, "Credential should be scoped to a valid region, not '%.*s'. ",
                    (int)auth->region.length, auth->region.base);
    if (!slice_is(auth->service, scope->service))
        return fail(failure, BAD_SIGNATURE, "Credential should be scoped to correct service: '%s'. ", scope->service);
    if (!slice_is(auth->terminator, "aws4_request"))
        return fail(failure, BAD_SIGNATURE,
                    "Credential should be scoped with a valid terminator: 'aws4_request', not '%.*s'. ",
                    (int)auth->terminator.length, auth->terminator.base);
    if (auth->date.length != 8 || auth->time.length < 8 || memcmp(auth->date.base, auth->time.base, 8) != 0)
        return fail(failure, BAD_SIGNATURE,
                    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                    "'%.*s' != '%.8s', from '%.*s'.",
                    (int)auth->date.length, auth->date.base, auth->time.base, (int)auth->time.length, auth->time.base);
    return true;
}

static const char *iso_time(char out[17], time_t at)
{
    struct tm utc;
    gmtime_r(&at, &utc);
    strftime(out, 17, "%Y%m%dT%H%M%SZ", &utc);
    return out;
}

static bool check_time(const struct authorization *auth, time_t now, struct failure *failure)
{
    char text[17] = "", edge[17], own[17];
    struct tm utc = {0};
    if (auth->time.length == 16)
        memcpy(text, auth->time.base, 16);
    const char *end = strptime(text, "%Y%m%dT%H%M%SZ", &utc);
    if (end == NULL || *end != '\0')
        return fail(failure, "IncompleteSignatureException",
                    "Date must be in ISO-8601 'basic format'. Got '%.*s'. See http://en.wikipedia.org/wiki/ISO_8601",
                    (int)auth->time.length, auth->time.base);
    time_t at = timegm(&utc);
    if (at < now - WINDOW_SECONDS)
        return fail(failure, BAD_SIGNATURE, "Signature expired: %s is now earlier than %s (%s - 5 min.)", text,
                    iso_time(edge, now - WINDOW_SECONDS), iso_time(own, now));
    if (at > now + WINDOW_SECONDS)
        return fail(failure, BAD_SIGNATURE, "Signature not yet current: %s is still later than %s (%s + 5 min.)", text,
                    iso_time(edge, now + WINDOW_SECONDS), iso_time(own, now));
    return true;
}

static bool lists(struct slice signed_headers, struct slice name)
{
    while (signed_headers.length > 0) {
        struct slice listed = take_until(&signed_headers, ';');
        if (listed.length == name.length && strncasecmp(listed.base, name.base, name.length) == 0)
            return true;
    }
    return false;
}

/* "You must include the host header and any x-amz-* headers in the request." */
static bool check_signed_headers(const struct head *head, struct slice signed_headers, struct failure *failure)
{
    if (!lists(signed_headers, (struct slice){"host", 4}))
        return fail(failure, BAD_SIGNATURE,
                    "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    for (size_t i = 0; i < head->count; i++) {
        struct slice name = head->headers[i].name;
        if (name.length >= 6 && strncasecmp(name.base, "x-amz-", 6) == 0 && !lists(signed_headers, name))
            return fail(failure, BAD_SIGNATURE, "'%.*s' must be a 'SignedHeader' in the AWS Authorization.",
                        (int)name.length, name.base);
    }
    return true;
}

static struct credential *find_credential(struct credentials *credentials, struct slice access_key, struct slice token)
{
    for (size_t i = 0; i < credentials->count; i++) {
        struct credential *credential = &credentials->list[i];
        if (slice_is(access_key, credential->access_key) && slice_is(token, credential->token))
            return credential;
    }
    return NULL;
}

static void derive_signing_key(struct credential *credential, const struct authorization *auth)
{
    char secret[sizeof credential->secret + 4];
    uint8_t key[32];
    if (memcmp(credential->key_date, auth->date.base, 8) == 0)
        return;
    int length = snprintf(secret, sizeof secret, "AWS4%s", credential->secret);
    digest_hmac_sha256(key, secret, (size_t)length, auth->date.base, auth->date.length);
    digest_hmac_sha256(key, key, 32, auth->region.base, auth->region.length);
    digest_hmac_sha256(key, key, 32, auth->service.base, auth->service.length);
    digest_hmac_sha256(credential->signing_key, key, 32, "aws4_request", 12);
    memcpy(credential->key_date, auth->date.base, 8);
}

static bool check_signature(const struct authorization *auth, struct credential *credential, struct slice canonical,
                            struct failure *failure)
{
    uint8_t hash[32], mac[32];
    struct text to_sign = {0}, wanted = {0};
    size_t key_length = auth->access_key.length + 1;
    digest_sha256(hash, canonical.base, canonical.length);
    text_printf(&to_sign, "AWS4-HMAC-SHA256\n%.*s\n%.*s\n", (int)auth->time.length, auth->time.base,
                (int)(auth->credential.length - key_length), auth->credential.base + key_length);
    text_put_hex(&to_sign, hash, sizeof hash);
    derive_signing_key(credential, auth);
    digest_hmac_sha256(mac, credential->signing_key, 32, to_sign.base, to_sign.length);
    text_put_hex(&wanted, mac, sizeof mac);
    bool match = auth->signature.length == 64 && CRYPTO_memcmp(wanted.base, auth->signature.base, 64) == 0;
    if (!match)
        fail(failure, BAD_SIGNATURE,
             "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
             "Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String "
             "for this request should have been\n'%.*s'\n\nThe String-to-Sign should have been\n'%.*s'\n",
             (int)canonical.length, canonical.base, (int)to_sign.length, to_sign.base);
    text_clear(&to_sign);
    text_clear(&wanted);
    return match;
}

bool sigv4_check(const struct head *head, struct slice body, struct credentials *credentials,
                 const struct sigv4_scope *scope, struct failure *failure)
{
    struct authorization auth;
    struct slice token = head_find(head, "x-amz-security-token");
    if (!read_authorization(head, &auth, failure) || !check_scope(&auth, scope, failure) ||
        !check_time(&auth, scope->now, failure) || !check_signed_headers(head, auth.signed_headers, failure))
        return false;
    if (scope->expired_token != NULL &&
        (strcmp(scope->expired_token, "*") == 0 || slice_is(token, scope->expired_token)))
        return fail(failure, "ExpiredTokenException", "The security token included in the request is expired");
    struct credential *credential = find_credential(credentials, auth.access_key, token);
    if (credential == NULL)
        return fail(failure, "UnrecognizedClientException", "The security token included in the request is invalid.");
    struct text canonical = {0};
    bool ok = sigv4_canonical_request(&canonical, head, auth.signed_headers, body) ||
              fail(failure, BAD_SIGNATURE, "A header that SignedHeaders lists is not in the request.");
    ok = ok && check_signature(&auth, credential, (struct slice){canonical.base, canonical.length}, failure);
    text_clear(&canonical);
    return ok;
}
