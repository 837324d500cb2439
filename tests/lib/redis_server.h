/*
 * Real Redis servers for tests: each on a free port and a unix socket, with a folder of its own that goes with it. They
 * die with the test. Failing to start one aborts.
 */
#ifndef KGW_TESTS_LIB_REDIS_SERVER_H
#define KGW_TESTS_LIB_REDIS_SERVER_H

#include "auth/bytes.h"

#include <sys/types.h>

#define REDIS_SERVER_WORDS_MAX 24

struct redis_server {
    pid_t pid;
    uint16_t port; /* plain, unless the options give --port 0 */
    char folder[64];
    char path[80]; /* of the unix socket; none for a sentinel */
    char url[64];  /* redis://127.0.0.1:PORT */
    const char *password;
    const char *options[REDIS_SERVER_WORDS_MAX + 1];
    bool is_sentinel;
};

uint16_t redis_server_free_port(void);
/* `options`: further words of the command line, NULL-terminated, alive as long as the server; NULL: none. */
void redis_server_start(struct redis_server *s, const char *const *options);
/* A sentinel of one master, "main", at that port; a quorum of 1. */
void redis_server_start_sentinel(struct redis_server *s, uint16_t master_port);
void redis_server_kill(struct redis_server *s);    /* SIGKILL, and waits for its end */
void redis_server_restart(struct redis_server *s); /* on the same port, empty */
void redis_server_freeze(struct redis_server *s);  /* SIGSTOP */
void redis_server_thaw(struct redis_server *s);
void redis_server_clear(struct redis_server *s);

/*
 * One command over the port on a connection of its own, blocking: `words` cut at spaces. The raw reply, as a string to
 * be freed; NULL: no reply.
 */
char *redis_server_ask(const struct redis_server *s, const char *words);
/* The same, until the reply has `part` somewhere; aborts after 20 s. */
void redis_server_wait_for(const struct redis_server *s, const char *words, const char *part);

#endif
