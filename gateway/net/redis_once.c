/* hiredis's blocking half; its replies are copied into ours, so that no other file knows it. */
#include "gateway/net/redis_once.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define WORDS_MAX     ((size_t)8 << 20)
#define REDIRECTS_MAX 5

struct redis_once {
    const struct redis_url *url;
    uint32_t timeout_ms;
    redisContext *context;
    redisReply *theirs; /* which the texts of `reply` are part of */
    struct redis_reply reply;
};

static void *refuse(char *error, const char *what, const char *why)
{
    snprintf(error, REDIS_ONCE_ERROR_BYTES, "%s: %.200s", what, why);
    return NULL;
}

static redisContext *connect_to(const struct redis_host *host, uint32_t timeout_ms, char *error)
{
    struct timeval limit = {.tv_sec = timeout_ms / 1000, .tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000};
    redisContext *c = host->name[0] == '/' ? redisConnectUnixWithTimeout(host->name, limit)
                                           : redisConnectWithTimeout(host->name, host->port, limit);

    if (c != NULL && c->err == 0 && redisSetTimeout(c, limit) == REDIS_OK) {
        c->reader->maxbuf = 0; /* a large answer's buffer is kept no longer than needed */
        return c;
    }
    refuse(error, "cannot connect to redis", c == NULL ? "out of memory" : c->errstr);
    if (c != NULL)
        redisFree(c);
    return NULL;
}

static redisReply *ask(redisContext *c, const struct span *words, size_t words_len, char *error)
{
    const char **texts = calloc(words_len, sizeof(*texts));
    size_t *lengths = calloc(words_len, sizeof(*lengths));
    redisReply *reply = NULL;

    if (texts == NULL || lengths == NULL || words_len > WORDS_MAX) {
        refuse(error, "redis cannot be asked", "out of memory");
    } else {
        for (size_t i = 0; i != words_len; i++) {
            texts[i] = words[i].len == 0 ? "" : words[i].ptr;
            lengths[i] = words[i].len;
        }
        reply = redisCommandArgv(c, (int)words_len, texts, lengths);
        if (reply == NULL)
            refuse(error, "redis does not answer", c->err == REDIS_ERR_IO ? strerror(errno) : c->errstr);
    }
    free(texts);
    free(lengths);
    return reply;
}

/* True: the reply is no error. Redis's own errors quote no argument of AUTH and SELECT. */
static bool greet_with(redisContext *c, const struct span *words, size_t words_len, char *error)
{
    redisReply *reply = ask(c, words, words_len, error);
    bool ok = reply != NULL && reply->type != REDIS_REPLY_ERROR;

    if (reply != NULL && !ok)
        refuse(error, "redis refuses", reply->str);
    freeReplyObject(reply);
    return ok;
}

static bool greet(redisContext *c, const struct redis_url *url, char *error)
{
    char digits[16];
    struct span user = secret_reveal(&url->user), password = secret_reveal(&url->password);
    struct span auth[] = {SPAN("AUTH"), user.len > 0 ? user : password, password};

    if (password.len > 0 && !greet_with(c, auth, user.len > 0 ? 3 : 2, error))
        return false;
    snprintf(digits, sizeof(digits), "%u", url->database);
    struct span database[] = {SPAN("SELECT"), span_str(digits)};
    return url->database == 0 || greet_with(c, database, 2, error);
}

static bool master_of(redisContext *sentinel, const struct redis_url *url, struct redis_host *out, char *error)
{
    struct span words[] = {SPAN("SENTINEL"), SPAN("get-master-addr-by-name"), span_str(url->master)};
    redisReply *reply = ask(sentinel, words, 3, error);
    uint64_t port;

    if (reply == NULL)
        return false;
    bool ok = reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
              span_parse_u64(span_str(reply->element[1]->str), &port) && port <= UINT16_MAX &&
              redis_host_set(out, span_str(reply->element[0]->str), (uint16_t)port);
    if (!ok)
        refuse(error, "the sentinel knows no such master", url->master);
    freeReplyObject(reply);
    return ok;
}

static bool find_master(const struct redis_once *r, struct redis_host *out, char *error)
{
    bool is_found = false;

    for (size_t i = 0; !is_found && i != r->url->hosts_len; i++) {
        redisContext *sentinel = connect_to(&r->url->hosts[i], r->timeout_ms, error);
        if (sentinel == NULL)
            continue;
        is_found = master_of(sentinel, r->url, out, error);
        redisFree(sentinel);
    }
    return is_found;
}

static bool reach(struct redis_once *r, const struct redis_host *host, char *error)
{
    if (r->context != NULL)
        redisFree(r->context);
    r->context = connect_to(host, r->timeout_ms, error);
    return r->context != NULL && greet(r->context, r->url, error);
}

static bool reach_any(struct redis_once *r, char *error)
{
    struct redis_host master;

    if (r->url->is_tls)
        return refuse(error, "redis cannot be asked", "commands do not speak TLS with it") != NULL;
    if (r->url->layout == REDIS_SENTINEL)
        return find_master(r, &master, error) && reach(r, &master, error);
    for (size_t i = 0; i != r->url->hosts_len; i++)
        if (reach(r, &r->url->hosts[i], error))
            return true;
    return false;
}

struct redis_once *redis_once_open(const struct redis_url *url, uint32_t timeout_ms, char error[REDIS_ONCE_ERROR_BYTES])
{
    struct redis_once *r = calloc(1, sizeof(*r));

    if (r == NULL)
        return refuse(error, "redis cannot be asked", "out of memory");
    r->url = url;
    r->timeout_ms = timeout_ms;
    signal(SIGPIPE, SIG_IGN); /* hiredis writes to what may be closed */
    if (!reach_any(r, error))
        redis_once_close(&r);
    return r;
}

static void reply_clear(struct redis_reply *reply)
{
    for (size_t i = 0; i != reply->elements_len; i++)
        reply_clear((struct redis_reply *)&reply->elements[i]);
    free((struct redis_reply *)reply->elements);
    *reply = (struct redis_reply){.type = REDIS_TYPE_NIL};
}

static bool reply_copy(const redisReply *from, struct redis_reply *to)
{
    static const enum redis_type types[] = {
        [REDIS_REPLY_NIL] = REDIS_TYPE_NIL,       [REDIS_REPLY_INTEGER] = REDIS_TYPE_INTEGER,
        [REDIS_REPLY_STATUS] = REDIS_TYPE_STATUS, [REDIS_REPLY_STRING] = REDIS_TYPE_STRING,
        [REDIS_REPLY_ERROR] = REDIS_TYPE_ERROR,   [REDIS_REPLY_ARRAY] = REDIS_TYPE_ARRAY,
    };

    *to = (struct redis_reply){.type = types[from->type], .integer = from->integer};
    if (from->str != NULL)
        to->text = span_of(from->str, (size_t)from->len);
    if (from->type != REDIS_REPLY_ARRAY || from->elements == 0)
        return true;
    struct redis_reply *elements = calloc(from->elements, sizeof(*elements));
    if (elements == NULL)
        return false;
    to->elements = elements;
    to->elements_len = from->elements;
    for (size_t i = 0; i != from->elements; i++)
        if (!reply_copy(from->element[i], &elements[i]))
            return false;
    return true;
}

static void forget_reply(struct redis_once *r)
{
    reply_clear(&r->reply);
    freeReplyObject(r->theirs);
    r->theirs = NULL;
}

/* "MOVED 1234 host:port": the node that has the keys. */
static bool is_redirect(const redisReply *reply, struct redis_host *to)
{
    struct span rest, text = span_of(reply->str, reply->type == REDIS_REPLY_ERROR ? (size_t)reply->len : 0);

    if (!span_starts_with(text, SPAN("MOVED ")))
        return false;
    span_cut(text, ' ', &rest);
    span_cut(rest, ' ', &rest);
    return redis_host_parse(rest, 0, to);
}

const struct redis_reply *redis_once_call(struct redis_once *r, const struct span *words, size_t words_len,
                                          char error[REDIS_ONCE_ERROR_BYTES])
{
    struct redis_host elsewhere;

    for (int i = 0; i <= REDIRECTS_MAX; i++) {
        forget_reply(r);
        if (r->context == NULL || (r->theirs = ask(r->context, words, words_len, error)) == NULL)
            return r->context == NULL ? refuse(error, "redis does not answer", "not connected") : NULL;
        if (!is_redirect(r->theirs, &elsewhere))
            break;
        if (!reach(r, &elsewhere, error))
            return NULL;
    }
    if (r->theirs->type == REDIS_REPLY_ERROR)
        return refuse(error, "redis refuses", r->theirs->str);
    return reply_copy(r->theirs, &r->reply) ? &r->reply : refuse(error, "redis cannot be asked", "out of memory");
}

void redis_once_close(struct redis_once **r)
{
    struct redis_once *closed = *r;

    *r = NULL;
    if (closed == NULL)
        return;
    forget_reply(closed);
    if (closed->context != NULL)
        redisFree(closed->context);
    free(closed);
}
