/* See failing_memory.h. */
#include "tests/lib/failing_memory.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static unsigned left;
static bool is_on, has_failed;

static bool fails(void)
{
    if (!is_on || left == 0 || --left != 0)
        return false;
    has_failed = true;
    return true;
}

void failing_memory_begin(unsigned nth)
{
    left = nth;
    is_on = true;
    has_failed = false;
}

bool failing_memory_end(void)
{
    is_on = false;
    return has_failed;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}
