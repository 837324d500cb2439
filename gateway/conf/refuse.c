/* The sentences of errors, and what a name that nobody knows was probably meant to be. */
#include "gateway/conf/reader.h"

#include <stdarg.h>
#include <stdio.h>

#define NAME_BYTES_MAX 64 /* longer ones are compared no further */

bool conf_refuse(const struct conf_reader *r, const char *prefix, const char *path, const char *format, ...)
{
    va_list args;
    int len = snprintf(r->error, CONF_ERROR_BYTES, "%s%s: ", prefix, path);

    if (len < 0 || len >= CONF_ERROR_BYTES)
        return false;
    va_start(args, format);
    vsnprintf(r->error + len, CONF_ERROR_BYTES - (size_t)len, format, args);
    va_end(args);
    return false;
}

bool conf_refuse_memory(const struct conf_reader *r)
{
    snprintf(r->error, CONF_ERROR_BYTES, "out of memory");
    return false;
}

const char *conf_printable(const char *name, char out[CONF_PRINTABLE_BYTES])
{
    size_t len = 0;

    for (; name[len] != '\0' && len < CONF_PRINTABLE_BYTES - 4; len++)
        out[len] = name[len] > ' ' && name[len] < 0x7F ? name[len] : '?';
    snprintf(out + len, CONF_PRINTABLE_BYTES - len, "%s", name[len] == '\0' ? "" : "...");
    return out;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NAME_BYTES_MAX + 1], a_len = strlen(a), b_len = strlen(b);

    if (a_len > NAME_BYTES_MAX || b_len > NAME_BYTES_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t above = row[j];
            row[j] = least(least(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
            diagonal = above;
        }
    }
    return row[b_len];
}

static void keep_nearer(const char *path, const char *candidate, const char **nearest, size_t *nearest_distance)
{
    size_t d = distance(path, candidate);

    if (d < *nearest_distance) {
        *nearest = candidate;
        *nearest_distance = d;
    }
}

/* NULL if none is near: two slips, or a quarter of the name. A name in the wrong section counts as near. */
static const char *nearest_name(const struct conf_place *place, const char *path)
{
    const char *nearest = NULL, *last = strrchr(path, '.');
    size_t nearest_distance = strlen(path) / 4 + 2;

    last = last == NULL ? path : last + 1;
    for (size_t i = 0; i != place->table->len; i++) {
        const char *candidate = place->table->rows[i].path, *candidate_last = strrchr(candidate, '.');
        keep_nearer(path, candidate, &nearest, &nearest_distance);
        if (candidate_last != NULL && strcmp(candidate_last + 1, last) == 0)
            keep_nearer(last, candidate_last + 1, &nearest, &nearest_distance);
        if (candidate_last != NULL && nearest == candidate_last + 1)
            nearest = candidate;
    }
    for (size_t i = 0; place->others != NULL && place->others[i] != NULL; i++)
        keep_nearer(path, place->others[i], &nearest, &nearest_distance);
    return nearest;
}

/* Part of the gateway's design, not of this version: whoever writes one must not believe that it works. */
static bool is_later(const char *name)
{
    static const char *const later[] = {
        "quota",
        "cors",
        "assume_role",
        "on_redis_failure",
    };

    for (size_t i = 0; i != sizeof(later) / sizeof(later[0]); i++)
        if (strcmp(later[i], name) == 0)
            return true;
    return false;
}

bool conf_refuse_unknown(const struct conf_reader *r, const struct conf_place *place, const char *path)
{
    const char *nearest = nearest_name(place, path), *last = strrchr(path, '.');
    char printable[CONF_PRINTABLE_BYTES];

    if (is_later(last == NULL ? path : last + 1))
        return conf_refuse(r, place->prefix, path, "unknown setting: this version cannot do that yet");
    conf_printable(path, printable);
    if (nearest != NULL)
        return conf_refuse(r, place->prefix, printable, "unknown setting; the nearest is %s%s", place->prefix, nearest);
    return conf_refuse(r, place->prefix, printable, "unknown setting; check-config --reference lists those there are");
}
