/*
 * Internals of the HTTP client on libcurl, shared by curl_loop.c (the multi handle on our loop) and curl_call.c (one
 * call), and by nobody else.
 */
#ifndef KGW_NET_CURL_PARTS_H
#define KGW_NET_CURL_PARTS_H

#include "gateway/net/http_call.h"

#include <curl/curl.h>

#define HEADERS_MAX 12

struct http_client {
    struct loop *loop;
    CURLM *multi;
    CURLSH *tls_sessions;
    char *ca_file, *proxy;
    struct http_client_conf conf;
    struct timer timer;
    struct turn_work calls, answers; /* what is to enter curl, and what has come out */
    struct list starting, failed, idle;
    size_t idle_len;
    bool is_timer_due;
};

struct http_call {
    struct list link;
    struct http_client *client;
    CURL *easy;
    http_call_cb *cb;
    void *ctx;
    char *url;
    CURLU *parsed_url;
    size_t body_bytes, answer_bytes_max;
    unsigned sends;
    bool is_in_multi, has_head;
    bool is_reused; /* the connection of the first send was */
    uint64_t started_us;
    struct curl_slist header_nodes[HEADERS_MAX];
    struct buf header_lines, head, body;
};

/* curl_loop.c: descriptors that curl opens and closes */
curl_socket_t curl_loop_open_socket(void *client, curlsocktype purpose, struct curl_sockaddr *address);
int curl_loop_close_socket(void *client, curl_socket_t fd);

/* curl_call.c */
void curl_call_finish(struct http_call *call,
                      CURLcode code); /* out of the multi handle: calls back, and keeps the handle */
void curl_call_free(struct http_call *call);

#endif
