/*
 * A redis-server of the test's own, on a unix socket in a folder of the test's own, and just enough of its protocol to
 * send commands one after the other.
 */
#ifndef KGW_TESTS_QUOTA_REDIS_DOOR_H
#define KGW_TESTS_QUOTA_REDIS_DOOR_H

#include "auth/bytes.h"

#include <sys/types.h>

#define REDIS_NUMBERS_MAX 32
#define REDIS_TEXT_BYTES  1024

struct redis_door {
    pid_t server;
    int socket;
    char folder[32];
    /* The last answer. */
    char type; /* ':' one number, '*' numbers, '$' or '+' a text, '-' an error, '0' nothing there */
    int64_t numbers[REDIS_NUMBERS_MAX];
    size_t len;
    char text[REDIS_TEXT_BYTES];
};

void redis_door_open(struct redis_door *r); /* the server takes commands when it returns */
void redis_door_close(struct redis_door *r);
void redis_door_send(struct redis_door *r, const struct span *arguments, size_t len);
void redis_door_command(struct redis_door *r, const char *words); /* divided by single spaces */

#endif
