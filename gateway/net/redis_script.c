/* The two commands differ in their heads only, so the one that is kept is made into the other. */
#include "gateway/net/redis_script.h"

#include "gateway/net/redis_command.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>

#define COMMAND_BYTES_MAX (4u << 20)

struct redis_script_call {
    struct redis_client *client;
    struct loop *loop;
    const struct redis_script *script;
    struct redis_call *call;
    redis_call_cb *cb;
    void *ctx;
    uint64_t until_us;
    struct buf command;
    size_t words_len, head_bytes; /* of the command: what EVALSHA and the digest take */
    struct span route_key;        /* within the command */
};

void redis_script_init(struct redis_script *s, struct span text)
{
    unsigned char digest[20];
    size_t len = sizeof(digest);
    int ok = EVP_Q_digest(NULL, "SHA1", NULL, text.ptr, text.len, digest, &len);

    assert(ok == 1);
    (void)ok;
    s->text = text;
    hex_encode(digest, sizeof(digest), s->sha1_hex);
}

static void append_head(struct buf *out, size_t words_len, struct span verb, struct span script)
{
    redis_command_begin(out, words_len);
    redis_command_word(out, verb);
    redis_command_word(out, script);
}

static bool encode(struct redis_script_call *call, const struct redis_script_words *w)
{
    struct buf *out = &call->command;
    size_t key_at = 0;

    call->words_len = 3 + w->keys_len + w->arguments_len;
    append_head(out, call->words_len, SPAN("EVALSHA"), span_of(call->script->sha1_hex, sizeof(call->script->sha1_hex)));
    call->head_bytes = out->len;
    redis_command_u64(out, w->keys_len);
    for (size_t i = 0; i != w->keys_len; i++) {
        redis_command_word(out, w->keys[i]);
        key_at = i == 0 ? out->len - w->keys[0].len - 2 : key_at; /* CR LF behind it */
    }
    for (size_t i = 0; i != w->arguments_len; i++)
        redis_command_word(out, w->arguments[i]);
    if (!out->failed && w->keys_len != 0)
        call->route_key = span_of(out->ptr + key_at, w->keys[0].len);
    return !out->failed;
}

static void free_call(struct redis_script_call *call)
{
    buf_clear(&call->command);
    free(call);
}

static void on_answer(void *ctx, const struct redis_answer *a);

static bool send_whole(struct redis_script_call *call)
{
    uint64_t now_us = loop_now_us(call->loop);
    uint32_t left_ms = call->until_us > now_us ? (uint32_t)((call->until_us - now_us) / MS_IN_US) : 0;
    struct buf whole;

    if (left_ms == 0)
        return false;
    buf_init(&whole, COMMAND_BYTES_MAX);
    append_head(&whole, call->words_len, SPAN("EVAL"), call->script->text);
    buf_append(&whole, span_of(call->command.ptr + call->head_bytes, call->command.len - call->head_bytes));
    if (!whole.failed)
        call->call = redis_call(call->client, call->route_key, buf_span(&whole), left_ms, on_answer, call);
    buf_clear(&whole);
    return call->call != NULL;
}

static void on_answer(void *ctx, const struct redis_answer *a)
{
    struct redis_script_call *call = ctx;
    bool is_first = call->head_bytes != 0;

    call->call = NULL;
    if (a->error == REDIS_ERROR_NOSCRIPT && is_first && send_whole(call)) {
        call->head_bytes = 0;
        return;
    }
    redis_call_cb *cb = call->cb;
    void *cb_ctx = call->ctx;
    free_call(call);
    cb(cb_ctx, a);
}

struct redis_script_call *redis_script_call(struct redis_client *c, const struct redis_script *s,
                                            const struct redis_script_words *w, uint32_t timeout_ms, redis_call_cb *cb,
                                            void *ctx)
{
    struct redis_script_call *call = malloc(sizeof(*call));

    if (call == NULL)
        return NULL;
    *call = (struct redis_script_call){.client = c, .loop = redis_client_loop(c), .script = s, .cb = cb, .ctx = ctx};
    call->until_us = loop_now_us(call->loop) + (uint64_t)timeout_ms * MS_IN_US;
    buf_init(&call->command, COMMAND_BYTES_MAX);
    if (encode(call, w))
        call->call = redis_call(c, call->route_key, buf_span(&call->command), timeout_ms, on_answer, call);
    if (call->call != NULL)
        return call;
    free_call(call);
    return NULL;
}

void redis_script_cancel(struct redis_script_call **call)
{
    struct redis_script_call *gone = *call;

    *call = NULL;
    if (gone == NULL)
        return;
    redis_cancel(&gone->call);
    free_call(gone);
}
