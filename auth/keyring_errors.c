/*
 * What reading a file and reading a row of it share: sentences that name the place of an error, and room for what is
 * kept.
 */
#include "auth/keyring_parse.h"

#include <stdarg.h>
#include <stdio.h>

bool keyring_refuse(const struct keyring_place *at, const char *member, const char *format, ...)
{
    char where[128] = "tenants", what[KEYRING_ERROR_BYTES];
    va_list args;

    if (at->tenant != NULL && at->key_index == KEYRING_NO_INDEX)
        snprintf(where, sizeof(where), "tenants.%s", at->tenant);
    else if (at->tenant != NULL)
        snprintf(where, sizeof(where), "tenants.%s.keys[%zu]", at->tenant, at->key_index);
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    int len = snprintf(at->error, KEYRING_ERROR_BYTES, "%s%s%s: ", where, member[0] == '\0' ? "" : ".", member);
    if (len < KEYRING_ERROR_BYTES)
        snprintf(at->error + len, KEYRING_ERROR_BYTES - (size_t)len, "%s", what);
    return false;
}

bool keyring_refuse_memory(const struct keyring_place *at)
{
    snprintf(at->error, KEYRING_ERROR_BYTES, "out of memory");
    return false;
}

const char *keyring_printable(const char *name, char out[KEYRING_PRINTABLE_BYTES])
{
    size_t len = 0;

    for (; name[len] != '\0' && len < KEYRING_PRINTABLE_BYTES - 4; len++)
        out[len] = name[len] > ' ' && name[len] < 0x7F ? name[len] : '?';
    snprintf(out + len, KEYRING_PRINTABLE_BYTES - len, "%s", name[len] == '\0' ? "" : "...");
    return out;
}

bool keyring_is_name(struct span text, size_t bytes_max)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i], letter = (char)(c | 0x20);
        if (!(letter >= 'a' && letter <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '.' && c != '-')
            return false;
    }
    return text.len >= 1 && text.len <= bytes_max;
}
