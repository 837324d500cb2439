/*
 * One loop with one HTTP client, and calls whose ends are kept to be looked at.
 */
#ifndef KGW_TESTS_GATEWAY_NET_PROBE_H
#define KGW_TESTS_GATEWAY_NET_PROBE_H

#include "gateway/net/http_call.h"

struct probe {
    struct loop *loop;
    struct http_client *client;
    size_t waiting; /* calls started by probe_start() that have not ended */
};

struct probed {
    struct probe *probe;
    struct http_call *call; /* NULL once ended */
    unsigned callbacks;
    enum http_result result;
    bool has_reason;
    int status;
    uint64_t took_us;
    struct buf headers, body;
};

void probe_init(struct probe *p, const char *ca_file);
void probe_clear(struct probe *p);

/* A POST of `body` with usual headers, 5 s and 64 KiB; change it before probe_start(). */
struct http_request probe_request(const char *url, struct span body);
void probe_start(struct probe *p, struct probed *d, const struct http_request *r);
void probe_run(struct probe *p); /* until no call waits; aborts after a minute */
/* Both, for one call. */
void probe_ask(struct probe *p, struct probed *d, const struct http_request *r);
void probed_clear(struct probed *d);

#endif
