/* Credentials from the variables that the AWS SDKs read. */
#include "auth/utc.h"
#include "gateway/creds/creds.h"

#include <stdio.h>
#include <stdlib.h>

static struct aws_creds *refuse(char *error, const char *sentence)
{
    snprintf(error, CREDS_ERROR_BYTES, "%s", sentence);
    return NULL;
}

static bool read_offset(struct span text, int64_t *offset_s)
{
    int64_t clock, midnight;

    *offset_s = 0;
    if (span_equal_nocase(text, SPAN("Z")))
        return true;
    if (text.len != 6 || (text.ptr[0] != '+' && text.ptr[0] != '-'))
        return false;
    char on_a_day[] = "1970-01-01T00:00:00Z";
    memcpy(on_a_day + 11, text.ptr + 1, 5);
    if (!utc_parse(span_str(on_a_day), SPAN("YYYY-MM-DDThh:mm:ssZ"), &clock) ||
        !utc_parse(SPAN("1970-01-01"), SPAN("YYYY-MM-DD"), &midnight))
        return false;
    *offset_s = (text.ptr[0] == '-' ? -1 : 1) * (clock - midnight);
    return true;
}

/* RFC 3339 section 5.6; fractions of a second are passed over. */
static bool read_time(struct span text, int64_t *unix_s)
{
    int64_t offset_s;
    size_t at = 19;

    if (text.len < 20 || !utc_parse(span_of(text.ptr, 19), SPAN("YYYY-MM-DDThh:mm:ss"), unix_s))
        return false;
    if (text.ptr[at] == '.') {
        size_t digits = at + 1;
        for (at = digits; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9'; at++)
            ;
        if (at == digits)
            return false;
    }
    if (!read_offset(span_of(text.ptr + at, text.len - at), &offset_s))
        return false;
    *unix_s -= offset_s;
    return true;
}

static struct aws_creds *fetch(const struct creds_conf *conf, char error[CREDS_ERROR_BYTES])
{
    struct span id = span_str(getenv("AWS_ACCESS_KEY_ID")), secret = span_str(getenv("AWS_SECRET_ACCESS_KEY"));
    struct span token = span_str(getenv("AWS_SESSION_TOKEN")), expires = span_str(getenv("AWS_CREDENTIAL_EXPIRATION"));
    int64_t expires_s = INT64_MAX;

    (void)conf;
    if (id.len == 0)
        return refuse(error, "AWS_ACCESS_KEY_ID is not set, and the configuration has no aws.access_key_id");
    if (secret.len == 0)
        return refuse(error, "AWS_SECRET_ACCESS_KEY is not set, although AWS_ACCESS_KEY_ID is");
    if (expires.len > 0 && !read_time(expires, &expires_s))
        return refuse(error, "AWS_CREDENTIAL_EXPIRATION must be a time as \"2026-01-31T00:00:00Z\"");
    struct aws_creds *c = aws_creds_new(id, secret, token, expires_s);
    return c != NULL ? c
                     : refuse(error, "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN is no credential: "
                                     "must be visible ASCII without spaces");
}

const struct creds_source creds_environment = {"environment", fetch};
