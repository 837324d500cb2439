/* Secrets are read afresh each time, so that a rotated file or a restarted environment is all it takes. */
#include "gateway/base/secret_source.h"

#include "gateway/base/file_read.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_variable_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i], letter = (char)(c | 0x20);
        if (!(letter >= 'a' && letter <= 'z') && c != '_' && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return name.len > 0;
}

enum secret_source_kind secret_source_parse(struct span source, struct span *rest)
{
    *rest = SPAN("");
    if (span_starts_with(source, SPAN("env:"))) {
        *rest = span_of(source.ptr + 4, source.len - 4);
        return is_variable_name(*rest) ? SECRET_SOURCE_ENVIRONMENT : SECRET_SOURCE_INVALID;
    }
    if (span_starts_with(source, SPAN("file:")) && source.len > 5) {
        *rest = span_of(source.ptr + 5, source.len - 5);
        return SECRET_SOURCE_FILE;
    }
    return SECRET_SOURCE_INVALID;
}

static bool keep(struct span bytes, const char *source, struct secret *out, char *error)
{
    if (bytes.len == 0)
        snprintf(error, SECRET_SOURCE_ERROR_BYTES, "%s is empty", source);
    else if (bytes.len > SECRET_SOURCE_BYTES_MAX)
        snprintf(error, SECRET_SOURCE_ERROR_BYTES, "%s is larger than %d bytes", source, SECRET_SOURCE_BYTES_MAX);
    else if (!secret_set(out, bytes))
        snprintf(error, SECRET_SOURCE_ERROR_BYTES, "out of memory");
    else
        return true;
    return false;
}

static struct span without_line_end(struct span text)
{
    if (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.len--;
    if (text.len > 0 && text.ptr[text.len - 1] == '\r')
        text.len--;
    return text;
}

static bool read_file(const char *path, const char *source, struct secret *out, char *error)
{
    char why[FILE_READ_ERROR_BYTES];
    struct buf text;

    buf_init(&text, SECRET_SOURCE_BYTES_MAX);
    bool ok = file_read(path, &text, why);
    if (!ok)
        snprintf(error, SECRET_SOURCE_ERROR_BYTES, "%.160s %s", source, why);
    else
        ok = keep(without_line_end(buf_span(&text)), source, out, error);
    buf_wipe_clear(&text);
    return ok;
}

bool secret_source_read(const char *source, struct secret *out, char error[SECRET_SOURCE_ERROR_BYTES])
{
    struct span rest;

    switch (secret_source_parse(span_str(source), &rest)) {
    case SECRET_SOURCE_FILE:
        return read_file(rest.ptr, source, out, error);
    case SECRET_SOURCE_ENVIRONMENT: {
        const char *value = getenv(rest.ptr);
        if (value != NULL)
            return keep(span_str(value), source, out, error);
        snprintf(error, SECRET_SOURCE_ERROR_BYTES, "%s is not set", source);
        return false;
    }
    default: /* what stands there may be the secret itself */
        snprintf(error, SECRET_SOURCE_ERROR_BYTES, "a secret's source must be \"env:NAME\" or \"file:PATH\"");
        return false;
    }
}
