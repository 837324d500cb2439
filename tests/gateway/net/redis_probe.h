/*
 * One loop with one Redis client, and calls whose ends are kept to be looked at.
 */
#ifndef KGW_TESTS_GATEWAY_NET_REDIS_PROBE_H
#define KGW_TESTS_GATEWAY_NET_REDIS_PROBE_H

#include "gateway/net/redis_call.h"

#define PROBE_TIMEOUT_MS 1000

struct redis_probe {
    struct loop *loop;
    struct redis_client *client;
    struct redis_url url;
    struct redis_conf conf;
    unsigned ups, downs; /* changes told */
    const char *reason;  /* of the last down */
};

struct redis_asked {
    struct redis_probe *probe;
    struct redis_call *call; /* NULL: ended, or never started */
    unsigned callbacks;
    enum redis_result result;
    enum redis_error error;
    enum redis_type type;
    int64_t integer;
    size_t elements_len;
    char text[256]; /* of the reply, or of its first element */
    uint64_t started_us, took_us;
};

/* Patient defaults: an answer is late after 200 ms, as machines that run tests are. */
void redis_probe_init(struct redis_probe *p, const char *url);
void redis_probe_connect(struct redis_probe *p);               /* after changes of p->conf; does not wait */
void redis_probe_open(struct redis_probe *p, const char *url); /* both, and waits until it is available */
void redis_probe_clear(struct redis_probe *p);

/* Turns the loop until `is_so` says true; false after `limit_ms`. */
bool redis_probe_until(struct redis_probe *p, bool (*is_so)(void *ctx), void *ctx, uint32_t limit_ms);
void redis_probe_wait_available(struct redis_probe *p, bool is_available, uint32_t limit_ms); /* else fails */
void redis_probe_turn(struct redis_probe *p);                                                 /* a few turns */

/* `words` cut at spaces; the second one routes. False: not started. */
bool redis_asked_start(struct redis_probe *p, struct redis_asked *d, const char *words, uint32_t timeout_ms);
/* The same, and to the end. It fails unless that is a reply. */
void redis_probe_ask(struct redis_probe *p, struct redis_asked *d, const char *words);
void redis_asked_wait(struct redis_asked *d);
/* For other calls' callbacks. */
void redis_asked_note(struct redis_asked *d, const struct redis_answer *a);

#endif
