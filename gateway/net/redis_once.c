/* Commands and replies over a wire that blocks: where Redis is, who we are to it, and which node has a key. */
#include "gateway/net/redis_once.h"

#include "gateway/net/redis_command.h"
#include "gateway/net/redis_reader.h"
#include "gateway/net/redis_wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define COMMAND_BYTES_MAX ((size_t)1 << 30)
#define REPLY_BYTES_MAX   ((size_t)1 << 30)
#define READ_BYTES        65536
#define REDIRECTS_MAX     5

struct redis_once {
    const struct redis_url *url;
    struct ssl_ctx_st *tls;
    uint32_t timeout_ms;
    struct redis_wire wire;
    struct redis_reader reader; /* which the last reply is part of */
    char why[REDIS_WIRE_ERROR_BYTES];
};

static void *refuse(char *error, const char *what, const char *why)
{
    snprintf(error, REDIS_ONCE_ERROR_BYTES, "%s: %.*s", what, REDIS_WIRE_ERROR_BYTES, why);
    return NULL;
}

static void *refuse_text(char *error, const char *what, struct span why)
{
    snprintf(error, REDIS_ONCE_ERROR_BYTES, "%s: %.*s", what, (int)(why.len < 200 ? why.len : 200), why.ptr);
    return NULL;
}

static void leave(struct redis_once *r)
{
    redis_wire_close(&r->wire);
    redis_reader_clear(&r->reader);
}

static bool connect_to(struct redis_once *r, const struct redis_host *host, char *error)
{
    leave(r);
    if (!redis_reader_init(&r->reader, REPLY_BYTES_MAX))
        return refuse(error, "cannot connect to redis", "out of memory") != NULL;
    return redis_wire_open(&r->wire, host, r->tls, r->timeout_ms, r->why) ||
           refuse(error, "cannot connect to redis", r->why) != NULL;
}

static bool send_words(struct redis_once *r, const struct span *words, size_t words_len)
{
    struct buf command;

    buf_init(&command, COMMAND_BYTES_MAX);
    redis_command_encode(&command, words, words_len);
    bool ok = !command.failed && redis_wire_send(&r->wire, buf_span(&command), r->why);
    if (command.failed)
        snprintf(r->why, sizeof(r->why), "out of memory");
    buf_wipe_clear(&command);
    return ok;
}

static const struct redis_reply *read_reply(struct redis_once *r)
{
    char bytes[READ_BYTES];
    const struct redis_reply *reply;

    for (;;) {
        enum redis_reading reading = redis_reader_next(&r->reader, &reply);
        if (reading == REDIS_READING_REPLY)
            return reply;
        size_t got = reading == REDIS_READING_BROKEN ? 0 : redis_wire_receive(&r->wire, bytes, sizeof(bytes), r->why);
        if (reading == REDIS_READING_BROKEN)
            snprintf(r->why, sizeof(r->why), "its answer is too large, or not Redis's");
        if (got == 0)
            return NULL;
        if (!redis_reader_feed(&r->reader, span_of(bytes, got))) {
            snprintf(r->why, sizeof(r->why), "out of memory");
            return NULL;
        }
    }
}

/* NULL: the connection is of no use any more, as a late reply would be taken for the next one's. */
static const struct redis_reply *ask(struct redis_once *r, const struct span *words, size_t words_len, char *error)
{
    redis_reader_release(&r->reader);
    const struct redis_reply *reply = send_words(r, words, words_len) ? read_reply(r) : NULL;
    if (reply != NULL)
        return reply;
    leave(r);
    return refuse(error, "redis does not answer", r->why);
}

/* True: the reply is no error. Redis's own errors quote no argument of AUTH and SELECT. */
static bool greet_with(struct redis_once *r, const struct span *words, size_t words_len, char *error)
{
    const struct redis_reply *reply = ask(r, words, words_len, error);
    bool ok = reply != NULL && reply->type != REDIS_TYPE_ERROR;

    if (reply != NULL && !ok)
        refuse_text(error, "redis refuses", reply->text);
    return ok;
}

static bool greet(struct redis_once *r, char *error)
{
    char digits[16];
    struct span user = secret_reveal(&r->url->user), password = secret_reveal(&r->url->password);
    struct span auth[] = {SPAN("AUTH"), user.len > 0 ? user : password, password};

    if (password.len > 0 && !greet_with(r, auth, user.len > 0 ? 3 : 2, error))
        return false;
    snprintf(digits, sizeof(digits), "%u", r->url->database);
    struct span database[] = {SPAN("SELECT"), span_str(digits)};
    return r->url->database == 0 || greet_with(r, database, 2, error);
}

static bool ask_for_master(struct redis_once *r, struct redis_host *out, char *error)
{
    struct span words[] = {SPAN("SENTINEL"), SPAN("get-master-addr-by-name"), span_str(r->url->master)};
    const struct redis_reply *reply = ask(r, words, 3, error);
    uint64_t port;

    if (reply == NULL)
        return false;
    return (reply->type == REDIS_TYPE_ARRAY && reply->elements_len == 2 &&
            span_parse_u64(reply->elements[1].text, &port) && port <= UINT16_MAX &&
            redis_host_set(out, reply->elements[0].text, (uint16_t)port)) ||
           refuse(error, "the sentinel knows no such master", r->url->master) != NULL;
}

static bool find_master(struct redis_once *r, struct redis_host *out, char *error)
{
    for (size_t i = 0; i != r->url->hosts_len; i++)
        if (connect_to(r, &r->url->hosts[i], error) && ask_for_master(r, out, error))
            return true;
    return false;
}

static bool reach(struct redis_once *r, const struct redis_host *host, char *error)
{
    return connect_to(r, host, error) && greet(r, error);
}

static bool reach_any(struct redis_once *r, char *error)
{
    struct redis_host master;

    if (r->url->is_tls && r->tls == NULL)
        return refuse(error, "redis cannot be asked", "TLS to it was not set up") != NULL;
    if (r->url->layout == REDIS_SENTINEL)
        return find_master(r, &master, error) && reach(r, &master, error);
    for (size_t i = 0; i != r->url->hosts_len; i++)
        if (reach(r, &r->url->hosts[i], error))
            return true;
    return false;
}

struct redis_once *redis_once_open(const struct redis_url *url, struct ssl_ctx_st *tls, uint32_t timeout_ms,
                                   char error[REDIS_ONCE_ERROR_BYTES])
{
    struct redis_once *r = calloc(1, sizeof(*r));

    if (r == NULL)
        return refuse(error, "redis cannot be asked", "out of memory");
    r->url = url;
    r->tls = tls;
    r->timeout_ms = timeout_ms;
    r->wire.fd = -1;
    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes to what may be closed */
    if (!reach_any(r, error))
        redis_once_close(&r);
    return r;
}

/* "MOVED 1234 host:port": the node that has the keys. */
static bool is_redirect(const struct redis_reply *reply, struct redis_host *to)
{
    struct span rest;

    if (reply->type != REDIS_TYPE_ERROR || !span_starts_with(reply->text, SPAN("MOVED ")))
        return false;
    span_cut(reply->text, ' ', &rest);
    span_cut(rest, ' ', &rest);
    return redis_host_parse(rest, 0, to);
}

const struct redis_reply *redis_once_call(struct redis_once *r, const struct span *words, size_t words_len,
                                          char error[REDIS_ONCE_ERROR_BYTES])
{
    const struct redis_reply *reply = NULL;
    struct redis_host elsewhere;

    for (int i = 0; i <= REDIRECTS_MAX; i++) {
        if (r->wire.fd < 0)
            return refuse(error, "redis does not answer", "not connected");
        if ((reply = ask(r, words, words_len, error)) == NULL)
            return NULL;
        if (!is_redirect(reply, &elsewhere))
            break;
        if (!reach(r, &elsewhere, error))
            return NULL;
    }
    return reply->type != REDIS_TYPE_ERROR ? reply : refuse_text(error, "redis refuses", reply->text);
}

void redis_once_close(struct redis_once **r)
{
    struct redis_once *closed = *r;

    *r = NULL;
    if (closed == NULL)
        return;
    leave(closed);
    free(closed);
}
