/*
 * Memory that runs out at a chosen moment: link with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup. Only
 * calls of the project's own code are seen.
 */
#ifndef KGW_TESTS_LIB_FAILING_MEMORY_H
#define KGW_TESTS_LIB_FAILING_MEMORY_H

#include <stdbool.h>

void failing_memory_begin(unsigned nth); /* the nth allocation from now on (1 is the next) fails, once */
bool failing_memory_end(void);           /* true: it did fail; false: there were fewer allocations */

#endif
