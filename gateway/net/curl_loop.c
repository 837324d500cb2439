/*
 * HTTP calls on libcurl's multi interface, driven by our loop: descriptors, the timer, and what enters curl and comes
 * out of it at a turn's end, never from inside curl. With curl_call.c and http_once.c the only user of curl.
 */
#include "gateway/net/curl_parts.h"

#include "gateway/net/loop_fd.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket_ctx);

static void on_fd(int fd, int events, void *ctx)
{
    struct http_client *c = ctx;
    int still, mask = ((events & FD_READABLE) ? CURL_CSELECT_IN : 0) | ((events & FD_WRITABLE) ? CURL_CSELECT_OUT : 0);
    enum stage before = stages_enter(loop_stages(c->loop), STAGE_UPSTREAM);

    curl_multi_socket_action(c->multi, fd, mask, &still);
    stages_enter(loop_stages(c->loop), before);
    loop_mark(c->loop, &c->answers);
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket_ctx)
{
    struct http_client *c = ctx;

    (void)easy;
    (void)socket_ctx;
    if (what == CURL_POLL_REMOVE) { /* before curl closes it, and each time that a connection goes idle */
        loop_fd_unwatch(c->loop, fd);
        return 0;
    }
    int events = ((what & CURL_POLL_IN) ? FD_READABLE : 0) | ((what & CURL_POLL_OUT) ? FD_WRITABLE : 0);
    return loop_fd_watch(c->loop, fd, events, on_fd, c) ? 0 : -1;
}

curl_socket_t curl_loop_open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http_client *c = ctx;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

    (void)purpose;
    if (fd >= 0)
        loop_fd_keep(c->loop, fd);
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

int curl_loop_close_socket(void *ctx, curl_socket_t fd)
{
    struct http_client *c = ctx;

    loop_fd_close(c->loop, fd);
    return 0;
}

static int on_curl_timer(CURLM *multi, long ms, void *ctx)
{
    struct http_client *c = ctx;

    (void)multi;
    if (ms < 0)
        loop_timer_stop(c->loop, &c->timer);
    else
        loop_timer_start(c->loop, &c->timer, (uint64_t)ms * MS_IN_US);
    return 0;
}

static void on_timer(void *ctx)
{
    struct http_client *c = ctx;

    c->is_timer_due = true;
    loop_mark(c->loop, &c->calls);
}

/* A turn's end */

static bool add_starting(struct http_client *c)
{
    bool added = false;

    while (!list_is_empty(&c->starting)) {
        struct http_call *call = LIST_ENTRY(c->starting.next, struct http_call, link);
        list_remove(&call->link);
        call->is_in_multi = curl_multi_add_handle(c->multi, call->easy) == CURLM_OK;
        if (!call->is_in_multi)
            list_append(&c->failed, &call->link);
        added = true;
    }
    return added;
}

static void on_calls(void *ctx)
{
    struct http_client *c = ctx;
    enum stage before = stages_enter(loop_stages(c->loop), STAGE_UPSTREAM);
    int still;

    if (add_starting(c) || c->is_timer_due) {
        c->is_timer_due = false;
        curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &still);
        loop_mark(c->loop, &c->answers);
    }
    stages_enter(loop_stages(c->loop), before);
}

static void hand_out_failed(struct http_client *c)
{
    while (!list_is_empty(&c->failed)) {
        struct http_call *call = LIST_ENTRY(c->failed.next, struct http_call, link);
        list_remove(&call->link);
        curl_call_finish(call, CURLE_FAILED_INIT);
    }
}

static void on_answers(void *ctx)
{
    struct http_client *c = ctx;
    enum stage before = stages_enter(loop_stages(c->loop), STAGE_UPSTREAM);
    CURLMsg *m;
    int left;

    hand_out_failed(c);
    while ((m = curl_multi_info_read(c->multi, &left)) != NULL) {
        struct http_call *call;
        CURLcode code = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        curl_multi_remove_handle(c->multi, call->easy);
        call->is_in_multi = false;
        curl_call_finish(call, code);
    }
    stages_enter(loop_stages(c->loop), before);
}

/* The client's life */

static char *copy_text(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

struct http_client *http_client_new(struct loop *l, const struct http_client_conf *conf)
{
    struct http_client *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return NULL;
    c->loop = l;
    c->conf = *conf;
    c->ca_file = copy_text(conf->ca_file);
    c->proxy = copy_text(conf->proxy);
    list_init(&c->starting);
    list_init(&c->failed);
    list_init(&c->idle);
    timer_init(&c->timer, on_timer, c);
    turn_work_init(&c->calls, TURN_CURL, on_calls, c);
    turn_work_init(&c->answers, TURN_ANSWER, on_answers, c);
    c->multi = curl_multi_init();
    c->tls_sessions = curl_share_init();
    if (c->multi == NULL || c->tls_sessions == NULL || (conf->ca_file != NULL && c->ca_file == NULL)) {
        http_client_free(&c);
        return NULL;
    }
    curl_share_setopt(c->tls_sessions, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)conf->connections_max);
    return c;
}

void http_client_free(struct http_client **c)
{
    struct http_client *gone = *c;

    if (gone == NULL)
        return;
    *c = NULL;
    assert(list_is_empty(&gone->starting) && list_is_empty(&gone->failed));
    while (!list_is_empty(&gone->idle)) {
        struct http_call *call = LIST_ENTRY(gone->idle.next, struct http_call, link);
        list_remove(&call->link);
        curl_call_free(call);
    }
    if (gone->multi != NULL)
        curl_multi_cleanup(gone->multi);
    curl_share_cleanup(gone->tls_sessions);
    loop_timer_stop(gone->loop, &gone->timer);
    turn_work_cancel(&gone->calls);
    turn_work_cancel(&gone->answers);
    free(gone->ca_file);
    free(gone->proxy);
    free(gone);
}
